// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// tosa's reductions over first, middle and last dimensions, and argmax.

func.func @reductions(%x: tensor<5x4x?xf32>, %k: tensor<5x4x?xi32>, %b: tensor<5x4xi1>)
    -> (tensor<5x1x?xf32>, tensor<1x4x?xf32>, tensor<5x4x1xi32>, tensor<5x1xi1>, tensor<1x4xi1>, tensor<5x?xi32>) {
  %r0 = tosa.reduce_max %x {axis = 1 : i32} : (tensor<5x4x?xf32>) -> tensor<5x1x?xf32>
  %r1 = tosa.reduce_min %x {axis = 0 : i32} : (tensor<5x4x?xf32>) -> tensor<1x4x?xf32>
  %r2 = tosa.reduce_sum %k {axis = 2 : i32} : (tensor<5x4x?xi32>) -> tensor<5x4x1xi32>
  %r3 = tosa.reduce_all %b {axis = 1 : i32} : (tensor<5x4xi1>) -> tensor<5x1xi1>
  %r4 = tosa.reduce_any %b {axis = 0 : i32} : (tensor<5x4xi1>) -> tensor<1x4xi1>
  %r5 = tosa.argmax %x {axis = 1 : i32} : (tensor<5x4x?xf32>) -> tensor<5x?xi32>
  return %r0, %r1, %r2, %r3, %r4, %r5
      : tensor<5x1x?xf32>, tensor<1x4x?xf32>, tensor<5x4x1xi32>, tensor<5x1xi1>, tensor<1x4xi1>, tensor<5x?xi32>
}
