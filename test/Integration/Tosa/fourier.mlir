// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// tosa.fft2d and rfft2d: sums of sines at indices that the index dialect computes.

func.func @complex(%re: tensor<2x4x8xf32>, %im: tensor<2x4x8xf32>)
    -> (tensor<2x4x8xf32>, tensor<2x4x8xf32>) {
  %0, %1 = tosa.fft2d %re, %im {inverse = false}
      : (tensor<2x4x8xf32>, tensor<2x4x8xf32>) -> (tensor<2x4x8xf32>, tensor<2x4x8xf32>)
  return %0, %1 : tensor<2x4x8xf32>, tensor<2x4x8xf32>
}

func.func @real(%x: tensor<2x4x8xf32>) -> (tensor<2x4x5xf32>, tensor<2x4x5xf32>) {
  %0, %1 = tosa.rfft2d %x : (tensor<2x4x8xf32>) -> (tensor<2x4x5xf32>, tensor<2x4x5xf32>)
  return %0, %1 : tensor<2x4x5xf32>, tensor<2x4x5xf32>
}
