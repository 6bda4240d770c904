// RUN: %run-case %s
// RUN: vyre-compile %s --emit=plan | FileCheck %s
// RUN: vyre-compile %s --targets=cpu -o %t.vyre
// RUN: not vyre-run %t.vyre --program=scale --device=cpu --fill=1 --shape=0=2x3 --shape=1=2x4 --shape=2=2 --in=3=1 2>&1 | FileCheck %s --check-prefix=LARGER
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Memref arguments of dynamic shape that are wholly written before any read: outputs,
// whose extents the caller states and whose old contents are not uploaded. One that a
// later op reads is still one; a loop over another's extents may write a part. Where a
// structured op takes shapes to agree, memory that is larger is refused.

// LARGER: error: program 'scale': extent 1 of what stage 'generic_0' writes as all of argument 1, is 3, expected at least 4

// CHECK-LABEL: program @scale
// CHECK: arg1: output memref<?x?xf32>
// CHECK: arg2: output memref<?xf32>
#matrix = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (i)>
func.func @scale(%x: memref<?x?xf32>, %scaled: memref<?x?xf32>, %sums: memref<?xf32>, %factor: f32) {
  %zero = arith.constant 0.0 : f32
  linalg.generic {indexing_maps = [#matrix, #matrix], iterator_types = ["parallel", "parallel"]}
      ins(%x : memref<?x?xf32>) outs(%scaled : memref<?x?xf32>) {
  ^bb0(%a: f32, %o: f32):
    %b = arith.mulf %a, %factor : f32
    linalg.yield %b : f32
  }
  linalg.fill ins(%zero : f32) outs(%sums : memref<?xf32>)
  linalg.generic {indexing_maps = [#matrix, #row], iterator_types = ["parallel", "reduction"]}
      ins(%scaled : memref<?x?xf32>) outs(%sums : memref<?xf32>) {
  ^bb0(%a: f32, %sum: f32):
    %b = arith.addf %sum, %a : f32
    linalg.yield %b : f32
  }
  return
}

// CHECK-LABEL: program @prefix
// CHECK: arg1: input_output memref<?xf32>
func.func @prefix(%x: memref<?xf32>, %y: memref<?xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = memref.dim %x, %c0 : memref<?xf32>
  scf.parallel (%i) = (%c0) to (%n) step (%c1) {
    %v = memref.load %x[%i] : memref<?xf32>
    memref.store %v, %y[%i] : memref<?xf32>
    scf.reduce
  }
  return
}
