// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A running sum along each row: a sequential loop inside a parallel one, whose order
// must be kept.

func.func @scan(%x: memref<?x?xf32>, %out: memref<?x?xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %n = memref.dim %out, %c0 : memref<?x?xf32>
  %m = memref.dim %out, %c1 : memref<?x?xf32>
  scf.parallel (%i) = (%c0) to (%n) step (%c1) {
    %end = scf.for %j = %c0 to %m step %c1 iter_args(%s = %zero) -> (f32) {
      %a = memref.load %x[%i, %j] : memref<?x?xf32>
      %t = arith.addf %s, %a : f32
      memref.store %t, %out[%i, %j] : memref<?x?xf32>
      scf.yield %t : f32
    }
    scf.reduce
  }
  return
}
