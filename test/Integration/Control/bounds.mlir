// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Parallel loops whose lower bounds and steps are not 0 and 1, and whose upper bounds
// are expressions over extents and scalars.

func.func @strided(%x: memref<?xi32>, %from: index, %stride: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c7 = arith.constant 7 : i32
  %n = memref.dim %x, %c0 : memref<?xi32>
  %half = arith.divsi %n, %c2 : index
  scf.parallel (%i) = (%from) to (%n) step (%stride) {
    %a = memref.load %x[%i] : memref<?xi32>
    %b = arith.muli %a, %c7 : i32
    memref.store %b, %x[%i] : memref<?xi32>
    scf.reduce
  }
  scf.parallel (%i) = (%c1) to (%half) step (%c2) {
    %a = memref.load %x[%i] : memref<?xi32>
    %b = arith.subi %a, %c7 : i32
    memref.store %b, %x[%i] : memref<?xi32>
    scf.reduce
  }
  return
}
