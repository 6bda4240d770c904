// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A memref argument that is read and written, and one that is written in part: both
// keep what is not written.

func.func @update(%x: memref<?xf32>, %y: memref<100xi32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c10 = arith.constant 10 : index
  %c90 = arith.constant 90 : index
  %n = memref.dim %x, %c0 : memref<?xf32>
  scf.parallel (%i) = (%c0) to (%n) step (%c1) {
    %a = memref.load %x[%i] : memref<?xf32>
    %b = arith.addf %a, %a : f32
    memref.store %b, %x[%i] : memref<?xf32>
    scf.reduce
  }
  scf.parallel (%i) = (%c10) to (%c90) step (%c1) {
    %v = arith.index_cast %i : index to i32
    memref.store %v, %y[%i] : memref<100xi32>
    scf.reduce
  }
  return
}
