// RUN: vyre-opt %s -convert-vyre-to-gpu=max-pointers=1 | FileCheck %s --check-prefix=TABLE
// RUN: vyre-opt %s -convert-vyre-to-gpu=max-pointers=2 | FileCheck %s --check-prefix=PLAIN
// RUN: vyre-opt %s -pass-pipeline='builtin.module(convert-vyre-to-gpu{max-pointers=1},gpu.module(vyre-load-kernel-pointers,expand-strided-metadata,convert-scf-to-cf,convert-gpu-to-nvvm{index-bitwidth=32 use-bare-ptr-memref-call-conv=1},reconcile-unrealized-casts,canonicalize,cse))' | FileCheck %s --check-prefix=CODE

// A kernel of more buffers than that says how many pointers are to come from memory; all
// are gone from its parameters in the end, and the scalars stay.
// TABLE: gpu.module @p_double attributes {{.*}}vyre.pointer_table = 2 : i64
// TABLE: gpu.func @p_double(%{{[^:]*}}: memref<f32> {{[^)]*}}, %{{[^:]*}}: memref<f32> {{[^)]*}}, %{{[^:]*}}: i64,
// PLAIN-NOT: vyre.pointer_table
// CODE: llvm.func @p_double(%[[POINTERS:[^:]*]]: !llvm.ptr {llvm.align = 8 : i64, llvm.noalias, llvm.readonly}, %{{[^:]*}}: i64, %{{[^:]*}}: i64)
// CODE: llvm.load %{{.*}} : !llvm.ptr -> i64
// CODE: llvm.inttoptr
// CODE-NOT: unrealized_conversion_cast
vyre.program @p(%n: index, %x: memref<?xf32> {vyre.binding = #vyre.binding<slot = 0, role = input, capacity = 4096>}, %y: memref<?xf32> {vyre.binding = #vyre.binding<slot = 1, role = output, capacity = 4096>}) -> memref<?xf32> {
  vyre.extents %y[%n] : memref<?xf32>
  vyre.launch @double {
    vyre.stage @double (%i) in (%n) reads(%x : memref<?xf32>) writes(%y : memref<?xf32>) {
      %v = memref.load %x[%i] : memref<?xf32>
      %w = arith.addf %v, %v : f32
      memref.store %w, %y[%i] : memref<?xf32>
    }
  }
  vyre.return %y : memref<?xf32>
}
