// RUN: vyre-opt %s | FileCheck %s
// RUN: vyre-opt %s > %t.once
// RUN: vyre-opt %t.once | diff %t.once -
// RUN: vyre-opt --mlir-print-op-generic %s | vyre-opt | diff %t.once -
// RUN: vyre-opt --emit-bytecode %s | vyre-opt | diff %t.once -
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Every op in every form that its syntax has: printed and parsed again, in the
// custom form, the generic form and bytecode, it stays the same.

// All that a binding can say, and all roles.
// CHECK-LABEL: vyre.program @bindings(
// CHECK-SAME: %{{.*}}: memref<4xf32> {vyre.binding = #vyre.binding<slot = 3, role = input>},
// CHECK-SAME: %{{.*}}: memref<?x2xi8> {vyre.binding = #vyre.binding<slot = 0, role = input_output, alignment = 64, capacity = 4096>},
// CHECK-SAME: %{{.*}}: memref<8xindex> {vyre.binding = #vyre.binding<slot = 1, role = shared>},
// CHECK-SAME: %{{.*}}: memref<2xf64> {vyre.binding = #vyre.binding<slot = 2, role = state, initial = dense<[1.000000e+00, 2.000000e+00]> : tensor<2xf64>>},
// CHECK-SAME: %{{.*}}: memref<f16> {test.hint, vyre.binding = #vyre.binding<slot = 2147483647, role = output>},
// CHECK-SAME: %{{.*}}: i1, %{{.*}}: bf16, %{{.*}}: index)
// CHECK-SAME: -> (memref<f16> {test.hint = 1 : i64})
// CHECK-SAME: attributes {test.origin = "here"}
vyre.program @bindings(
    %in: memref<4xf32> {vyre.binding = #vyre.binding<slot = 3, role = input>},
    %inout: memref<?x2xi8> {vyre.binding = #vyre.binding<slot = 0, role = input_output, alignment = 64, capacity = 4096>},
    %shared: memref<8xindex> {vyre.binding = #vyre.binding<slot = 1, role = shared>},
    %state: memref<2xf64> {vyre.binding = #vyre.binding<slot = 2, role = state, initial = dense<[1.0, 2.0]> : tensor<2xf64>>},
    %out: memref<f16> {test.hint, vyre.binding = #vyre.binding<slot = 2147483647, role = output>},
    %flag: i1, %scale: bf16, %n: index)
    -> (memref<f16> {test.hint = 1}) attributes {test.origin = "here"} {
  vyre.return %out : memref<f16>
}

// Nothing at all is a program too, and may be private.
// CHECK-LABEL: vyre.program private @nothing() {
// CHECK-NEXT: vyre.return
vyre.program private @nothing() {
  vyre.return
}

// A name may hold any character.
// CHECK-LABEL: vyre.program @"a b\22"()
// CHECK: vyre.stage @"1 + 1" () in () {
vyre.program @"a b\22"() {
  vyre.stage @"1 + 1" () in () {
  }
  vyre.return
}

// CHECK-LABEL: vyre.program @memory
vyre.program @memory(%n: index,
    %y: memref<?x3x?xf32> {vyre.binding = #vyre.binding<slot = 0, role = output, capacity = 4096>},
    %s: memref<f32> {vyre.binding = #vyre.binding<slot = 1, role = output>})
    -> (memref<?x3x?xf32>, memref<f32>) {
  // CHECK: %[[N:.*]] = arith.addi
  %m = arith.addi %n, %n : index
  // CHECK: vyre.extents %{{.*}}[%{{.*}}, %[[N]]] : memref<?x3x?xf32>
  vyre.extents %y[%n, %m] : memref<?x3x?xf32>
  // CHECK: vyre.intermediate(%[[N]]) : memref<4x?xi32>
  %a = vyre.intermediate(%m) : memref<4x?xi32>
  // CHECK: vyre.intermediate() {test.name = "b"} : memref<i1>
  %b = vyre.intermediate() {test.name = "b"} : memref<i1>
  // CHECK: vyre.constant dense<[1, 2]> : tensor<2xi64> as memref<2xi64>
  %c = vyre.constant dense<[1, 2]> : tensor<2xi64> as memref<2xi64>
  // CHECK: vyre.constant dense_resource<table> : tensor<2xf32> as memref<2xf32> {test.name = "d"}
  %d = vyre.constant dense_resource<table> : tensor<2xf32> as memref<2xf32> {test.name = "d"}
  // CHECK: vyre.constant dense<true> : tensor<0x2xi1> as memref<0x2xi1>
  %e = vyre.constant dense<true> : tensor<0x2xi1> as memref<0x2xi1>
  vyre.return %y : memref<?x3x?xf32>, %s : memref<f32>
}

// Indices, buffers and attributes of stages, each there or not.
// CHECK-LABEL: vyre.program @stages
vyre.program @stages(%n: index,
    %x: memref<4x4xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>},
    %y: memref<4x4xf32> {vyre.binding = #vyre.binding<slot = 1, role = input_output>},
    %z: memref<4x4xf32> {vyre.binding = #vyre.binding<slot = 2, role = input_output>}) {
  %c4 = arith.constant 4 : index
  // CHECK: vyre.stage @empty () in () {
  // CHECK-NEXT: }
  vyre.stage @empty () in () {
  }
  // CHECK: vyre.stage @all (%[[I:.*]], %[[J:.*]]) in (%{{.*}}, %{{.*}}) reads(%[[X:.*]] : memref<4x4xf32>) writes(%[[Y:.*]] : memref<4x4xf32>) updates(%[[Z:.*]] : memref<4x4xf32>) host_boundary attributes {layout_hash = -7 : i64, scratch_bytes = 8 : i64, test.more} {
  vyre.stage @all (%i, %j) in (%c4, %n) reads(%x : memref<4x4xf32>)
      writes(%y : memref<4x4xf32>) updates(%z : memref<4x4xf32>) host_boundary
      attributes {layout_hash = -7, scratch_bytes = 8, test.more} {
    // CHECK-NEXT: memref.load %[[X]][%[[I]], %[[J]]]
    %0 = memref.load %x[%i, %j] : memref<4x4xf32>
    %1 = memref.load %z[%i, %j] : memref<4x4xf32>
    memref.store %0, %z[%i, %j] : memref<4x4xf32>
    memref.store %1, %y[%i, %j] : memref<4x4xf32>
  }
  // Two buffers in one list; the terminator may be written and is not printed.
  // CHECK: vyre.stage @two (%{{.*}}) in (%{{.*}}) updates(%{{.*}}, %{{.*}} : memref<4x4xf32>, memref<4x4xf32>) {
  // CHECK-NEXT: }
  vyre.stage @two (%i) in (%n) updates(%y, %z : memref<4x4xf32>, memref<4x4xf32>) {
    vyre.yield
  }
  // A terminator with attributes is.
  // CHECK: vyre.stage @kept
  vyre.stage @kept () in () {
    vyre.yield
  }
  // The body's own memory, views of a buffer and loops count as what they touch.
  // CHECK: vyre.stage @body
  vyre.stage @body (%i) in (%n) reads(%x : memref<4x4xf32>) writes(%y : memref<4x4xf32>) {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %own = memref.alloca() : memref<4xf32>
    %row = memref.subview %x[%i, 0] [1, 4] [1, 1] : memref<4x4xf32> to memref<4xf32, strided<[1], offset: ?>>
    scf.for %k = %c0 to %c4 step %c1 {
      %0 = memref.load %row[%k] : memref<4xf32, strided<[1], offset: ?>>
      memref.store %0, %own[%k] : memref<4xf32>
    }
    %1 = memref.load %own[%c0] : memref<4xf32>
    memref.store %1, %y[%i, %i] : memref<4x4xf32>
  }
  vyre.return
}

// CHECK-LABEL: vyre.program @launches
vyre.program @launches(%n: index,
    %x: memref<4xf32> {vyre.binding = #vyre.binding<slot = 0, role = input_output>}) {
  %c4 = arith.constant 4 : index
  // CHECK: vyre.launch @plain {
  // CHECK-NEXT: vyre.stage @a
  vyre.launch @plain {
    vyre.stage @a (%i) in (%c4) updates(%x : memref<4xf32>) {
    }
  }
  // CHECK: vyre.launch @full kernel @m::@k cpu @f attributes {test.more} {
  // CHECK-NEXT: vyre.stage @b
  // CHECK: vyre.stage @c
  vyre.launch @full kernel @m::@k cpu @f attributes {test.more} {
    vyre.stage @b (%i) in (%c4) reads(%x : memref<4xf32>) {
    }
    vyre.stage @c (%i) in (%c4) updates(%x : memref<4xf32>) {
    }
  }
  // CHECK: vyre.launch @only_cpu cpu @f {
  vyre.launch @only_cpu cpu @f {
    vyre.stage @d () in () {
    }
  }
  vyre.return
}

gpu.module @kernels {
  gpu.func @small(%x: !llvm.ptr) kernel {
    gpu.return
  }
  gpu.func @large(%x: !llvm.ptr, %y: !llvm.ptr, %z: !llvm.ptr, %n: i64, %h: f16, %b: i1) kernel {
    gpu.return
  }
}

// CHECK-LABEL: vyre.program @opaque
vyre.program @opaque(%n: index, %h: f16, %b: i1,
    %x: memref<4xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>},
    %y: memref<4xf32> {vyre.binding = #vyre.binding<slot = 1, role = input_output>},
    %z: memref<4xf32> {vyre.binding = #vyre.binding<slot = 2, role = input_output>},
    %s: memref<64xf32> {vyre.binding = #vyre.binding<slot = 3, role = shared>}) {
  // CHECK: vyre.opaque_stage @small @kernels::@small grid(%[[N:.*]], %[[N]], %[[N]]) block(32, 1, 1) reads(%{{.*}} : memref<4xf32>){{$}}
  vyre.opaque_stage @small @kernels::@small grid(%n, %n, %n) block(32, 1, 1)
      reads(%x : memref<4xf32>)
  vyre.launch @alone {
    // CHECK: vyre.opaque_stage @large @kernels::@large grid(%[[N]], %[[N]], %[[N]]) block(8, 8, 16) cluster(2, 2, 4) dynamic_shared(%[[N]]) reads(%{{.*}} : memref<4xf32>) writes(%{{.*}} : memref<4xf32>) updates(%{{.*}} : memref<4xf32>) shared(%{{.*}} : memref<64xf32>) params(%{{.*}}, %{{.*}}, %{{.*}} : index, f16, i1) {host_boundary, scratch_bytes = 16 : i64}
    vyre.opaque_stage @large @kernels::@large grid(%n, %n, %n) block(8, 8, 16)
        cluster(2, 2, 4) dynamic_shared(%n) reads(%x : memref<4xf32>)
        writes(%y : memref<4xf32>) updates(%z : memref<4xf32>)
        shared(%s : memref<64xf32>) params(%n, %h, %b : index, f16, i1)
        {host_boundary, scratch_bytes = 16}
  }
  vyre.return
}

// Results with counts of both kinds, and without.
// CHECK-LABEL: vyre.program @counts
// CHECK: vyre.return %[[A:.*]] : memref<8xf32>, %[[B:.*]] count(%[[N:.*]] : index) : memref<8xf32>, %[[C:.*]] count(%[[K:.*]] : memref<1xi32>) : memref<8xf32>, %[[K]] : memref<1xi32> {test.more}
vyre.program @counts(%n: index,
    %a: memref<8xf32> {vyre.binding = #vyre.binding<slot = 0, role = output>},
    %b: memref<8xf32> {vyre.binding = #vyre.binding<slot = 1, role = output>},
    %c: memref<8xf32> {vyre.binding = #vyre.binding<slot = 2, role = output>},
    %k: memref<1xi32> {vyre.binding = #vyre.binding<slot = 3, role = output>})
    -> (memref<8xf32>, memref<8xf32>, memref<8xf32>, memref<1xi32>) {
  %c1 = arith.constant 1 : index
  vyre.stage @count (%i) in (%c1) writes(%k : memref<1xi32>) {
    %v = arith.index_cast %n : index to i32
    memref.store %v, %k[%i] : memref<1xi32>
  }
  vyre.return %a : memref<8xf32>, %b count(%n : index) : memref<8xf32>,
      %c count(%k : memref<1xi32>) : memref<8xf32>, %k : memref<1xi32> {test.more}
}

// Host code passes what the caller owns: not shared memory, not state.
// CHECK-LABEL: func.func @host
func.func @host(%a: memref<4xf32>, %b: memref<?x2xi8>, %d: memref<f16>, %flag: i1, %scale: bf16, %n: index) {
  // CHECK: vyre.dispatch @nothing(){{$}}
  vyre.dispatch @nothing()
  // CHECK: vyre.dispatch @bindings(%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}) {test.more} : memref<4xf32>, memref<?x2xi8>, memref<f16>, i1, bf16, index
  vyre.dispatch @bindings(%a, %b, %d, %flag, %scale, %n) {test.more}
      : memref<4xf32>, memref<?x2xi8>, memref<f16>, i1, bf16, index
  return
}

// A function may carry bindings as wishes.
// CHECK-LABEL: func.func @wish(%{{.*}}: memref<4xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>})
func.func @wish(%x: memref<4xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>}) {
  return
}

{-#
  dialect_resources: {
    builtin: {
      table: "0x040000000000803F00000040"
    }
  }
#-}

// What a program requires, and how its results come back: in all three ways, and with
// what is optional.
// CHECK-LABEL: vyre.program @results(
vyre.program @results(
    %a: memref<f32> {vyre.binding = #vyre.binding<slot = 0, role = output>},
    %b: memref<4096xi32> {vyre.binding = #vyre.binding<slot = 1, role = output>},
    %c: memref<?xf32> {vyre.binding = #vyre.binding<slot = 2, role = output, capacity = 1024>},
    %n: index) -> (memref<f32>, memref<4096xi32>, memref<?xf32>) {
  %c8 = arith.constant 8 : index
  // CHECK: vyre.extents %[[C:.*]][%[[N:.*]]] : memref<?xf32>
  vyre.extents %c[%n] : memref<?xf32>
  // CHECK: vyre.require "what \22n\22 is" %[[N]] at_least %{{.*}} {test.more}
  vyre.require "what \22n\22 is" %n at_least %c8 {test.more}
  // CHECK: vyre.readback slab(%{{.*}} : memref<f32>) direct(%{{.*}} : memref<4096xi32>) late(%[[C]] : memref<?xf32>) {direct_bytes = 17408 : i64, full_bytes = 17412 : i64, max_record_bytes = 4096 : i64, max_slab_bytes = 8192 : i64, offsets = array<i64: 0>, record_alignment = 16 : i64, slab_bytes = 4 : i64}
  vyre.readback slab(%a : memref<f32>) direct(%b : memref<4096xi32>) late(%c : memref<?xf32>)
      {direct_bytes = 17408 : i64, full_bytes = 17412 : i64, max_record_bytes = 4096 : i64,
       max_slab_bytes = 8192 : i64, offsets = array<i64: 0>, record_alignment = 16 : i64, slab_bytes = 4 : i64}
  vyre.return %a : memref<f32>, %b : memref<4096xi32>, %c : memref<?xf32>
}
