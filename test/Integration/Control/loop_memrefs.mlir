// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A loop with constant bounds around parallel loops over memory: a smoothing that goes
// back and forth between two buffers, where no step may begin before the last has
// ended.

func.func @smooth(%x: memref<?xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %half = arith.constant 0.5 : f32
  %n = memref.dim %x, %c0 : memref<?xf32>
  %last = arith.subi %n, %c1 : index
  %t = memref.alloc(%n) : memref<?xf32>
  scf.for %step = %c0 to %c3 step %c1 {
    scf.parallel (%i) = (%c0) to (%n) step (%c1) {
      %next = arith.addi %i, %c1 : index
      %right = arith.minsi %next, %last : index
      %a = memref.load %x[%i] : memref<?xf32>
      %b = memref.load %x[%right] : memref<?xf32>
      %sum = arith.addf %a, %b : f32
      %mean = arith.mulf %sum, %half : f32
      memref.store %mean, %t[%i] : memref<?xf32>
      scf.reduce
    }
    scf.parallel (%i) = (%c0) to (%n) step (%c1) {
      %a = memref.load %t[%i] : memref<?xf32>
      memref.store %a, %x[%i] : memref<?xf32>
      scf.reduce
    }
  }
  memref.dealloc %t : memref<?xf32>
  return
}
