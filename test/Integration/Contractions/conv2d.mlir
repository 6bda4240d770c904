// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A convolution over images, channels last, with stride and dilation, the batch and the
// image's extents dynamic.

func.func @conv(%image: tensor<?x?x?x3xf32>, %filter: tensor<3x3x3x8xf32>, %h: index, %w: index) -> tensor<?x?x?x8xf32> {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %n = tensor.dim %image, %c0 : tensor<?x?x?x3xf32>
  %e = tensor.empty(%n, %h, %w) : tensor<?x?x?x8xf32>
  %init = linalg.fill ins(%zero : f32) outs(%e : tensor<?x?x?x8xf32>) -> tensor<?x?x?x8xf32>
  %r = linalg.conv_2d_nhwc_hwcf {dilations = dense<[1, 2]> : tensor<2xi64>, strides = dense<[2, 1]> : tensor<2xi64>}
      ins(%image, %filter : tensor<?x?x?x3xf32>, tensor<3x3x3x8xf32>)
      outs(%init : tensor<?x?x?x8xf32>) -> tensor<?x?x?x8xf32>
  return %r : tensor<?x?x?x8xf32>
}
