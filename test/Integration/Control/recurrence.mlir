// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A number of steps that the caller decides, each over rows in parallel and from what the
// last step left: every row does its steps by itself.

func.func @rows(%x: memref<?x?xi32>, %y: memref<?x?xi32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %three = arith.constant 3 : i32
  %rows = memref.dim %x, %c0 : memref<?x?xi32>
  %steps = memref.dim %x, %c1 : memref<?x?xi32>
  scf.for %t = %c1 to %steps step %c1 {
    %before = arith.subi %t, %c1 : index
    scf.parallel (%r) = (%c0) to (%rows) step (%c1) {
      %old = memref.load %y[%before, %r] : memref<?x?xi32>
      %in = memref.load %x[%r, %t] : memref<?x?xi32>
      %tripled = arith.muli %old, %three : i32
      %new = arith.addi %tripled, %in : i32
      memref.store %new, %y[%t, %r] : memref<?x?xi32>
      scf.reduce
    }
  }
  return
}
