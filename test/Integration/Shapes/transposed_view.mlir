// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// memref.transpose: read, written, copied, returned, and one of another.

func.func @read(%x: memref<3x?xf32>, %y: memref<?x3xf32>) {
  %t = memref.transpose %x (i, j) -> (j, i) : memref<3x?xf32> to memref<?x3xf32, strided<[1, ?]>>
  memref.copy %t, %y : memref<?x3xf32, strided<[1, ?]>> to memref<?x3xf32>
  return
}

func.func @written(%x: memref<4x5x6xi32>, %y: memref<6x4x5xi32>) {
  %t = memref.transpose %y (i, j, k) -> (j, k, i) : memref<6x4x5xi32> to memref<4x5x6xi32, strided<[5, 1, 20]>>
  linalg.map ins(%x : memref<4x5x6xi32>) outs(%t : memref<4x5x6xi32, strided<[5, 1, 20]>>)
    (%a: i32, %b: i32) {
      %c = arith.addi %a, %a : i32
      linalg.yield %c : i32
    }
  return
}

func.func @returned(%x: memref<?x?xf32>) -> memref<?x?xf32, strided<[1, ?]>> {
  %t = memref.transpose %x (i, j) -> (j, i) : memref<?x?xf32> to memref<?x?xf32, strided<[1, ?]>>
  return %t : memref<?x?xf32, strided<[1, ?]>>
}

func.func @twice(%x: memref<2x3x4xi32>, %y: memref<4x2x3xi32>) {
  %t = memref.transpose %x (i, j, k) -> (j, k, i) : memref<2x3x4xi32> to memref<3x4x2xi32, strided<[4, 1, 12]>>
  %u = memref.transpose %t (i, j, k) -> (j, k, i) : memref<3x4x2xi32, strided<[4, 1, 12]>> to memref<4x2x3xi32, strided<[1, 12, 4]>>
  memref.copy %u, %y : memref<4x2x3xi32, strided<[1, 12, 4]>> to memref<4x2x3xi32>
  return
}
