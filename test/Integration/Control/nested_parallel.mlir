// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Parallel loops in parallel loops, and two of them after each other in one body.

func.func @nested(%x: memref<12x35xf32>, %a: memref<12x35xf32>, %b: memref<12x35xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = arith.constant 12 : index
  %m = arith.constant 35 : index
  scf.parallel (%i) = (%c0) to (%n) step (%c1) {
    scf.parallel (%j) = (%c0) to (%m) step (%c1) {
      %v = memref.load %x[%i, %j] : memref<12x35xf32>
      %w = arith.addf %v, %v : f32
      memref.store %w, %a[%i, %j] : memref<12x35xf32>
      scf.reduce
    }
    scf.parallel (%j) = (%c0) to (%m) step (%c1) {
      %v = memref.load %a[%i, %c0] : memref<12x35xf32>
      %u = memref.load %x[%i, %j] : memref<12x35xf32>
      %w = arith.mulf %u, %v : f32
      memref.store %w, %b[%i, %j] : memref<12x35xf32>
      scf.reduce
    }
    scf.reduce
  }
  return
}
