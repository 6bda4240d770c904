// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Maximum and sum over windows of an image.

func.func @pooling(%image: tensor<?x9x9x4xf32>) -> (tensor<?x4x4x4xf32>, tensor<?x8x8x4xf32>) {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %low = arith.constant 0xFF800000 : f32
  %n = tensor.dim %image, %c0 : tensor<?x9x9x4xf32>
  %w3 = tensor.empty() : tensor<3x3xf32>
  %w2 = tensor.empty() : tensor<2x2xf32>
  %e = tensor.empty(%n) : tensor<?x4x4x4xf32>
  %f = tensor.empty(%n) : tensor<?x8x8x4xf32>
  %i0 = linalg.fill ins(%low : f32) outs(%e : tensor<?x4x4x4xf32>) -> tensor<?x4x4x4xf32>
  %i1 = linalg.fill ins(%zero : f32) outs(%f : tensor<?x8x8x4xf32>) -> tensor<?x8x8x4xf32>
  %largest = linalg.pooling_nhwc_max {dilations = dense<1> : tensor<2xi64>, strides = dense<2> : tensor<2xi64>}
      ins(%image, %w3 : tensor<?x9x9x4xf32>, tensor<3x3xf32>) outs(%i0 : tensor<?x4x4x4xf32>) -> tensor<?x4x4x4xf32>
  %total = linalg.pooling_nhwc_sum {dilations = dense<1> : tensor<2xi64>, strides = dense<1> : tensor<2xi64>}
      ins(%image, %w2 : tensor<?x9x9x4xf32>, tensor<2x2xf32>) outs(%i1 : tensor<?x8x8x4xf32>) -> tensor<?x8x8x4xf32>
  return %largest, %total : tensor<?x4x4x4xf32>, tensor<?x8x8x4xf32>
}
