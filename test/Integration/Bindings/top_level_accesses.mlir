// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Loads and stores outside any loop, on rank 0 and at constant places: each is a stage
// of one point.

func.func @points(%x: memref<?xf32>, %at: index, %out: memref<f32>, %first: memref<1xf32>, %twice: memref<f32>) {
  %c0 = arith.constant 0 : index
  %a = memref.load %x[%at] : memref<?xf32>
  %b = memref.load %x[%c0] : memref<?xf32>
  %sum = arith.addf %a, %b : f32
  memref.store %sum, %out[] : memref<f32>
  memref.store %a, %first[%c0] : memref<1xf32>
  %again = memref.load %out[] : memref<f32>
  %doubled = arith.addf %again, %again : f32
  memref.store %doubled, %twice[] : memref<f32>
  return
}
