// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// linalg on memrefs in place of tensors, with a subview, a strided copy and an
// allocation.

func.func @blocks(%x: memref<8x?xf32>, %out: memref<4x?xf32>) {
  %c1 = arith.constant 1 : index
  %m = memref.dim %x, %c1 : memref<8x?xf32>
  %even = memref.subview %x[0, 0] [4, %m] [2, 1] : memref<8x?xf32> to memref<4x?xf32, strided<[?, 1]>>
  %odd = memref.subview %x[1, 0] [4, %m] [2, 1] : memref<8x?xf32> to memref<4x?xf32, strided<[?, 1], offset: ?>>
  %t = memref.alloc(%m) : memref<4x?xf32>
  memref.copy %even, %t : memref<4x?xf32, strided<[?, 1]>> to memref<4x?xf32>
  linalg.mul ins(%t, %odd : memref<4x?xf32>, memref<4x?xf32, strided<[?, 1], offset: ?>>) outs(%out : memref<4x?xf32>)
  memref.dealloc %t : memref<4x?xf32>
  return
}
