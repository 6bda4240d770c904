// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Views with negative strides: read, written, in both dimensions, and with a
// stride that is an argument.

func.func @read(%x: memref<6x80xf32>, %y: memref<6x80xf32>) {
  %v = memref.subview %x[5, 0] [6, 80] [-1, 1] : memref<6x80xf32> to memref<6x80xf32, strided<[-80, 1], offset: 400>>
  memref.copy %v, %y : memref<6x80xf32, strided<[-80, 1], offset: 400>> to memref<6x80xf32>
  return
}

func.func @cast(%x: memref<300xi32>, %y: memref<300xi32>) {
  %v = memref.reinterpret_cast %x to offset: [299], sizes: [300], strides: [-1]
      : memref<300xi32> to memref<300xi32, strided<[-1], offset: 299>>
  linalg.map ins(%v : memref<300xi32, strided<[-1], offset: 299>>) outs(%y : memref<300xi32>)
    (%a: i32, %old: i32) {
      %b = arith.addi %a, %a : i32
      linalg.yield %b : i32
    }
  return
}

func.func @written(%x: memref<5x7xf64>, %y: memref<5x7xf64>) {
  %v = memref.subview %y[4, 6] [5, 7] [-1, -1] : memref<5x7xf64> to memref<5x7xf64, strided<[-7, -1], offset: 34>>
  memref.copy %x, %v : memref<5x7xf64> to memref<5x7xf64, strided<[-7, -1], offset: 34>>
  return
}

func.func @stepped(%x: memref<?xf32>, %first: index, %step: index, %y: memref<?xf32>) {
  %c0 = arith.constant 0 : index
  %n = memref.dim %y, %c0 : memref<?xf32>
  %v = memref.subview %x[%first] [%n] [%step] : memref<?xf32> to memref<?xf32, strided<[?], offset: ?>>
  memref.copy %v, %y : memref<?xf32, strided<[?], offset: ?>> to memref<?xf32>
  return
}
