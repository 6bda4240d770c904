// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A copy between parts of one buffer reads all before it writes any, where they overlap;
// where they are apart it is one stage.

func.func @shift(%x: memref<?xf32>, %by: index) {
  %c0 = arith.constant 0 : index
  %n = memref.dim %x, %c0 : memref<?xf32>
  %rest = arith.subi %n, %by : index
  %from = memref.subview %x[0] [%rest] [1] : memref<?xf32> to memref<?xf32, strided<[1]>>
  %to = memref.subview %x[%by] [%rest] [1] : memref<?xf32> to memref<?xf32, strided<[1], offset: ?>>
  memref.copy %from, %to : memref<?xf32, strided<[1]>> to memref<?xf32, strided<[1], offset: ?>>
  return
}

func.func @halves(%x: memref<64xf32>) {
  %from = memref.subview %x[0] [32] [1] : memref<64xf32> to memref<32xf32, strided<[1]>>
  %to = memref.subview %x[32] [32] [1] : memref<64xf32> to memref<32xf32, strided<[1], offset: 32>>
  memref.copy %from, %to : memref<32xf32, strided<[1]>> to memref<32xf32, strided<[1], offset: 32>>
  return
}
