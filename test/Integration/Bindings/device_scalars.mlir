// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Scalars that are loaded from memory outside of all loops: used by several loops, also
// after they were overwritten, by the loop that overwrites them, and for a result.

func.func @normalize(%x: memref<?xf32>, %y: memref<?xf32>) -> (f32, f32) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = memref.dim %x, %c0 : memref<?xf32>
  %first = memref.load %x[%c0] : memref<?xf32>
  %second = memref.load %x[%c1] : memref<?xf32>
  %product = arith.mulf %first, %second : f32
  scf.parallel (%i) = (%c0) to (%n) step (%c1) {
    %v = memref.load %x[%i] : memref<?xf32>
    %w = arith.divf %v, %first : f32
    memref.store %w, %x[%i] : memref<?xf32>
    scf.reduce
  }
  memref.store %product, %x[%c0] : memref<?xf32>
  %third = memref.load %x[%c0] : memref<?xf32>
  memref.store %second, %x[%c0] : memref<?xf32>
  scf.parallel (%i) = (%c0) to (%n) step (%c1) {
    %v = memref.load %x[%i] : memref<?xf32>
    %w = arith.mulf %v, %product : f32
    %u = arith.addf %w, %third : f32
    memref.store %u, %y[%i] : memref<?xf32>
    scf.reduce
  }
  return %product, %third : f32, f32
}
