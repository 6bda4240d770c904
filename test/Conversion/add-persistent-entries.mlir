// An entry that waits on the device beside each kernel of a marked module.
// RUN: vyre-opt %s --split-input-file --verify-diagnostics \
// RUN:   --pass-pipeline='builtin.module(gpu.module(vyre-add-persistent-entries))' | FileCheck %s -enable-var-scope

// The body is the kernel's, without what holds of a kernel's parameters alone: the host
// writes buffers between dispatches.
// CHECK-LABEL: gpu.module @marked {
// CHECK: llvm.func @f(%{{.*}}: !llvm.ptr {llvm.align = 16 : i64, llvm.noalias, llvm.readonly}, %{{.*}}: i64)
// CHECK-SAME: nvvm.kernel
// CHECK: llvm.mlir.global internal @f$persistent_values() {addr_space = 3 : i32, alignment = 8 : i64} : !llvm.array<9 x i64>
// CHECK: llvm.func internal @f$persistent_body(%{{.*}}: !llvm.ptr {llvm.align = 16 : i64}, %{{.*}}: i64)
// CHECK-SAME: always_inline
// CHECK-NOT: nvvm.kernel
// CHECK: llvm.func @f$persistent(%[[control:.*]]: !llvm.ptr, %[[number:.*]]: i64) attributes {nvvm.kernel, nvvm.maxntid = array<i32: 1024, 1, 1>} {
// The number of the last dispatch that was done.
// CHECK: %[[done:.*]] = llvm.getelementptr %[[control]][64]
// CHECK: llvm.load %[[done]] atomic monotonic
// The doorbell, and what the host wrote before it rang.
// CHECK: %[[bell:.*]] = llvm.getelementptr %[[control]][0]
// CHECK: llvm.load %[[bell]] atomic acquire
// CHECK: nvvm.read.ptx.sreg.globaltimer
// CHECK: nvvm.barrier0
// The values, where they changed.
// CHECK: llvm.getelementptr %[[control]][128]
// CHECK: nvvm.barrier0
// What goes up, four words of a thread at once.
// CHECK-COUNT-4: llvm.load %{{.*}} {alignment = 16 : i64} : !llvm.ptr -> vector<4xi32>
// CHECK-COUNT-4: llvm.store %{{.*}} {alignment = 16 : i64} : vector<4xi32>, !llvm.ptr
// CHECK: nvvm.barrier0
// CHECK: %[[pointer:.*]] = llvm.inttoptr
// CHECK: llvm.call @f$persistent_body(%[[pointer]], %{{.*}})
// CHECK-NEXT: nvvm.barrier0
// What comes down.
// CHECK-COUNT-4: llvm.load %{{.*}} {alignment = 16 : i64} : !llvm.ptr -> vector<4xi32>
// All threads are done before it says so.
// CHECK: nvvm.barrier0
// CHECK: llvm.store %{{.*}}, %[[done]] atomic release
// CHECK: %[[left:.*]] = llvm.getelementptr %[[control]][68]
// CHECK: llvm.store %{{.*}}, %[[left]] atomic release
gpu.module @marked attributes {vyre.persistent} {
  llvm.func @f(%x: !llvm.ptr {llvm.align = 16 : i64, llvm.noalias, llvm.readonly}, %n: i64)
      attributes {nvvm.kernel, nvvm.maxntid = array<i32: 64, 1, 1>} {
    llvm.return
  }
  // No kernel.
  // CHECK: llvm.func @helper()
  // CHECK-NOT: helper$persistent
  llvm.func @helper() {
    llvm.return
  }
}

// -----

// CHECK-LABEL: gpu.module @unmarked
// CHECK-NOT: $persistent
gpu.module @unmarked {
  llvm.func @f(%x: !llvm.ptr) attributes {nvvm.kernel} {
    llvm.return
  }
}

// -----

// A control block has room for pointers and integers.
gpu.module @other attributes {vyre.persistent} {
  // expected-error @below {{has parameter 1 of type 'f32', expected a pointer or an i64 of a persistent kernel}}
  llvm.func @f(%x: !llvm.ptr, %s: f32) attributes {nvvm.kernel} {
    llvm.return
  }
}

// -----

// Threads that have nothing in common: the entry's block is four of the kernel's.
// CHECK-LABEL: gpu.module @independent {
// CHECK: llvm.func internal @f$persistent_body(
// CHECK: %[[real:.*]] = nvvm.read.ptx.sreg.tid.x
// CHECK: %[[size:.*]] = llvm.mlir.constant(256 : i32)
// CHECK: %[[thread:.*]] = llvm.urem %[[real]], %[[size]]
// CHECK: %[[again:.*]] = nvvm.read.ptx.sreg.tid.x
// CHECK: %[[divisor:.*]] = llvm.mlir.constant(256 : i32)
// CHECK: %[[block:.*]] = llvm.udiv %[[again]], %[[divisor]]
// CHECK: %[[threads:.*]] = llvm.mlir.constant(256 : i32)
// CHECK: %[[blocks:.*]] = llvm.mlir.constant(4 : i32)
// CHECK: llvm.call @use(%[[thread]], %[[block]], %[[threads]], %[[blocks]])
// CHECK-NOT: sreg.ctaid
// CHECK: llvm.func @f$persistent(
// CHECK-SAME: nvvm.maxntid = array<i32: 1024, 1, 1>
// The entry's own threads are all of them.
// CHECK: nvvm.read.ptx.sreg.tid.x
// CHECK-NOT: urem
gpu.module @independent attributes {vyre.persistent} {
  llvm.func @use(i32, i32, i32, i32)
  llvm.func @f(%x: !llvm.ptr) attributes {nvvm.kernel, nvvm.maxntid = array<i32: 256, 1, 1>} {
    %thread = nvvm.read.ptx.sreg.tid.x : i32
    %block = nvvm.read.ptx.sreg.ctaid.x : i32
    %threads = nvvm.read.ptx.sreg.ntid.x : i32
    %blocks = nvvm.read.ptx.sreg.nctaid.x : i32
    llvm.call @use(%thread, %block, %threads, %blocks) : (i32, i32, i32, i32) -> ()
    llvm.return
  }
}

// -----

// A barrier, workgroup memory, a call of what is here, a block of no whole warps, and a number of
// blocks for each processor: the block is the kernel's.
// CHECK-LABEL: gpu.module @together {
// CHECK: llvm.func @barrier$persistent(
// CHECK-SAME: nvvm.maxntid = array<i32: 256, 1, 1>
// CHECK: llvm.func @shared$persistent(
// CHECK-SAME: nvvm.maxntid = array<i32: 256, 1, 1>
// CHECK: llvm.func @calls$persistent(
// CHECK-SAME: nvvm.maxntid = array<i32: 256, 1, 1>
// CHECK: llvm.func @small$persistent(
// CHECK-SAME: nvvm.maxntid = array<i32: 48, 1, 1>
// CHECK: llvm.func @several$persistent(
// CHECK-SAME: nvvm.maxntid = array<i32: 256, 1, 1>
gpu.module @together attributes {vyre.persistent} {
  llvm.mlir.global internal @memory() {addr_space = 3 : i32} : !llvm.array<32 x i32>
  llvm.func @barrier() attributes {nvvm.kernel, nvvm.maxntid = array<i32: 256, 1, 1>} {
    nvvm.barrier0
    llvm.return
  }
  llvm.func @shared(%n: i64) attributes {nvvm.kernel, nvvm.maxntid = array<i32: 256, 1, 1>} {
    %memory = llvm.mlir.addressof @memory : !llvm.ptr<3>
    llvm.store %n, %memory : i64, !llvm.ptr<3>
    llvm.return
  }
  llvm.func @calls() attributes {nvvm.kernel, nvvm.maxntid = array<i32: 256, 1, 1>} {
    llvm.call @helper() : () -> ()
    llvm.return
  }
  llvm.func @small() attributes {nvvm.kernel, nvvm.maxntid = array<i32: 48, 1, 1>} {
    llvm.return
  }
  llvm.func @several()
      attributes {nvvm.kernel, nvvm.maxntid = array<i32: 256, 1, 1>, nvvm.minctasm = 4 : i32} {
    llvm.return
  }
  llvm.func @helper() {
    nvvm.barrier0
    llvm.return
  }
}
