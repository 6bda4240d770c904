// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// linalg on memrefs in place of tensors, with a subview, a strided copy and an
// allocation.

func.func @blocks(%x: memref<8x30xf32>, %out: memref<4x30xf32>) {
  %even = memref.subview %x[0, 0] [4, 30] [2, 1] : memref<8x30xf32> to memref<4x30xf32, strided<[60, 1]>>
  %odd = memref.subview %x[1, 0] [4, 30] [2, 1] : memref<8x30xf32> to memref<4x30xf32, strided<[60, 1], offset: 30>>
  %t = memref.alloc() : memref<4x30xf32>
  memref.copy %even, %t : memref<4x30xf32, strided<[60, 1]>> to memref<4x30xf32>
  linalg.mul ins(%t, %odd : memref<4x30xf32>, memref<4x30xf32, strided<[60, 1], offset: 30>>) outs(%out : memref<4x30xf32>)
  memref.dealloc %t : memref<4x30xf32>
  return
}
