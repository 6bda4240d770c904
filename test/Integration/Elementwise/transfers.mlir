// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Vector transfers: tiles that hang over the edge are padded and cut off, and rows are
// read against their order. Constants in a body may be vectors and narrow integers.

func.func @rows(%x: memref<?xf32>, %y: memref<?xf32>) {
  %c0 = arith.constant 0 : index
  %c4 = arith.constant 4 : index
  %nine = arith.constant 9.0 : f32
  %weights = arith.constant dense<[1.0, 2.0, 3.0, 4.0]> : vector<4xf32>
  %n = memref.dim %y, %c0 : memref<?xf32>
  scf.parallel (%i) = (%c0) to (%n) step (%c4) {
    %v = vector.transfer_read %x[%i], %nine : memref<?xf32>, vector<4xf32>
    %w = arith.mulf %v, %weights : vector<4xf32>
    vector.transfer_write %w, %y[%i] : vector<4xf32>, memref<?xf32>
    scf.reduce
  }
  return
}

func.func @tiles(%x: memref<?x?xi32>, %y: memref<?x?xi32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c4 = arith.constant 4 : index
  %zero = arith.constant 0 : i32
  %m = memref.dim %y, %c0 : memref<?x?xi32>
  %n = memref.dim %y, %c1 : memref<?x?xi32>
  scf.parallel (%i, %j) = (%c0, %c0) to (%m, %n) step (%c4, %c2) {
    // x[j + b, i + a] at a, b
    %v = vector.transfer_read %x[%j, %i], %zero {permutation_map = affine_map<(d0, d1) -> (d1, d0)>} : memref<?x?xi32>, vector<4x2xi32>
    vector.transfer_write %v, %y[%i, %j] : vector<4x2xi32>, memref<?x?xi32>
    scf.reduce
  }
  return
}

func.func @nibbles(%x: memref<?xi8>, %y: memref<?xi8>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = memref.dim %x, %c0 : memref<?xi8>
  scf.parallel (%i) = (%c0) to (%n) step (%c1) {
    %three = arith.constant 3 : i4
    %v = memref.load %x[%i] : memref<?xi8>
    %low = arith.trunci %v : i8 to i4
    %sum = arith.addi %low, %three : i4
    %r = arith.extui %sum : i4 to i8
    memref.store %r, %y[%i] : memref<?xi8>
    scf.reduce
  }
  return
}
