// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A convolution that keeps channels apart, and a one-dimensional one.

func.func @depthwise(%image: tensor<1x10x12x6xf32>, %filter: tensor<3x3x6xf32>, %signal: tensor<100xf32>, %taps: tensor<7xf32>)
    -> (tensor<1x8x10x6xf32>, tensor<94xf32>) {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<1x8x10x6xf32>
  %init = linalg.fill ins(%zero : f32) outs(%e : tensor<1x8x10x6xf32>) -> tensor<1x8x10x6xf32>
  %r = linalg.depthwise_conv_2d_nhwc_hwc {dilations = dense<1> : tensor<2xi64>, strides = dense<1> : tensor<2xi64>}
      ins(%image, %filter : tensor<1x10x12x6xf32>, tensor<3x3x6xf32>)
      outs(%init : tensor<1x8x10x6xf32>) -> tensor<1x8x10x6xf32>
  %f = tensor.empty() : tensor<94xf32>
  %init1 = linalg.fill ins(%zero : f32) outs(%f : tensor<94xf32>) -> tensor<94xf32>
  %s = linalg.conv_1d ins(%signal, %taps : tensor<100xf32>, tensor<7xf32>) outs(%init1 : tensor<94xf32>) -> tensor<94xf32>
  return %r, %s : tensor<1x8x10x6xf32>, tensor<94xf32>
}
