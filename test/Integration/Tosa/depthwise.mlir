// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A depthwise convolution and an average over windows, for a dynamic batch.

func.func @depthwise(%image: tensor<?x7x9x3xf32>, %filter: tensor<3x3x3x2xf32>, %bias: tensor<6xf32>) -> (tensor<?x5x7x6xf32>, tensor<?x3x4x3xf32>) {
  %zp = "tosa.const"() <{values = dense<0.0> : tensor<1xf32>}> : () -> tensor<1xf32>
  %d = tosa.depthwise_conv2d %image, %filter, %bias, %zp, %zp
      {acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>}
      : (tensor<?x7x9x3xf32>, tensor<3x3x3x2xf32>, tensor<6xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<?x5x7x6xf32>
  %p = tosa.avg_pool2d %image, %zp, %zp
      {acc_type = f32, kernel = array<i64: 3, 3>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 2, 2>}
      : (tensor<?x7x9x3xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<?x3x4x3xf32>
  return %d, %p : tensor<?x5x7x6xf32>, tensor<?x3x4x3xf32>
}
