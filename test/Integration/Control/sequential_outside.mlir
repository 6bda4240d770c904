// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Sequential loops around parallel ones, as upstream lowers reductions over leading
// dimensions: interchanged where points are independent, for any number of iterations.

func.func @sums(%x: memref<?x?x?xf64>, %leading: memref<?xf64>, %middle: memref<?x?xf64>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %n = memref.dim %x, %c0 : memref<?x?x?xf64>
  %m = memref.dim %x, %c1 : memref<?x?x?xf64>
  %k = memref.dim %x, %c2 : memref<?x?x?xf64>
  scf.for %a = %c0 to %n step %c1 {
    scf.for %b = %c0 to %m step %c1 {
      scf.parallel (%j) = (%c0) to (%k) step (%c1) {
        %v = memref.load %x[%a, %b, %j] : memref<?x?x?xf64>
        %old = memref.load %leading[%j] : memref<?xf64>
        %new = arith.addf %old, %v : f64
        memref.store %new, %leading[%j] : memref<?xf64>
        scf.reduce
      }
    }
  }
  scf.parallel (%a) = (%c0) to (%n) step (%c1) {
    scf.for %b = %c0 to %m step %c1 {
      scf.parallel (%j) = (%c0) to (%k) step (%c1) {
        %v = memref.load %x[%a, %b, %j] : memref<?x?x?xf64>
        %old = memref.load %middle[%a, %j] : memref<?x?xf64>
        %new = arith.addf %old, %v : f64
        memref.store %new, %middle[%a, %j] : memref<?x?xf64>
        scf.reduce
      }
    }
    scf.reduce
  }
  return
}
