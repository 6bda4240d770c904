// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A returned allocation becomes an output binding, one that stays inside becomes an
// intermediate.

func.func @norms(%x: memref<?x4xf64>) -> memref<?xf64> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %zero = arith.constant 0.0 : f64
  %n = memref.dim %x, %c0 : memref<?x4xf64>
  %squares = memref.alloc(%n) : memref<?x4xf64>
  %r = memref.alloc(%n) : memref<?xf64>
  scf.parallel (%i, %j) = (%c0, %c0) to (%n, %c4) step (%c1, %c1) {
    %a = memref.load %x[%i, %j] : memref<?x4xf64>
    %s = arith.mulf %a, %a : f64
    memref.store %s, %squares[%i, %j] : memref<?x4xf64>
    scf.reduce
  }
  scf.parallel (%i) = (%c0) to (%n) step (%c1) {
    %sum = scf.for %j = %c0 to %c4 step %c1 iter_args(%t = %zero) -> (f64) {
      %s = memref.load %squares[%i, %j] : memref<?x4xf64>
      %u = arith.addf %t, %s : f64
      scf.yield %u : f64
    }
    %root = math.sqrt %sum : f64
    memref.store %root, %r[%i] : memref<?xf64>
    scf.reduce
  }
  memref.dealloc %squares : memref<?x4xf64>
  return %r : memref<?xf64>
}
