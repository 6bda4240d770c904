// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Convolutions of other layouts and ranks: channels first with strides and dilations,
// groups, volumes; and one whose extents the caller decides.

func.func @channels_first(%x: tensor<2x3x11x9xf32>, %w: tensor<5x3x3x3xf32>) -> tensor<2x5x4x3xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<2x5x4x3xf32>
  %init = linalg.fill ins(%zero : f32) outs(%e : tensor<2x5x4x3xf32>) -> tensor<2x5x4x3xf32>
  %r = linalg.conv_2d_nchw_fchw {dilations = dense<2> : tensor<2xi64>, strides = dense<2> : tensor<2xi64>}
      ins(%x, %w : tensor<2x3x11x9xf32>, tensor<5x3x3x3xf32>) outs(%init : tensor<2x5x4x3xf32>) -> tensor<2x5x4x3xf32>
  return %r : tensor<2x5x4x3xf32>
}

func.func @groups(%x: tensor<1x2x3x6x6xf32>, %w: tensor<2x4x3x3x3xf32>) -> tensor<1x2x4x4x4xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<1x2x4x4x4xf32>
  %init = linalg.fill ins(%zero : f32) outs(%e : tensor<1x2x4x4x4xf32>) -> tensor<1x2x4x4x4xf32>
  %r = linalg.conv_2d_ngchw_gfchw {dilations = dense<1> : tensor<2xi64>, strides = dense<1> : tensor<2xi64>}
      ins(%x, %w : tensor<1x2x3x6x6xf32>, tensor<2x4x3x3x3xf32>) outs(%init : tensor<1x2x4x4x4xf32>) -> tensor<1x2x4x4x4xf32>
  return %r : tensor<1x2x4x4x4xf32>
}

func.func @volume(%x: tensor<1x5x4x6x2xf32>, %w: tensor<2x2x2x2x3xf32>) -> tensor<1x4x3x5x3xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<1x4x3x5x3xf32>
  %init = linalg.fill ins(%zero : f32) outs(%e : tensor<1x4x3x5x3xf32>) -> tensor<1x4x3x5x3xf32>
  %r = linalg.conv_3d_ndhwc_dhwcf {dilations = dense<1> : tensor<3xi64>, strides = dense<1> : tensor<3xi64>}
      ins(%x, %w : tensor<1x5x4x6x2xf32>, tensor<2x2x2x2x3xf32>) outs(%init : tensor<1x4x3x5x3xf32>) -> tensor<1x4x3x5x3xf32>
  return %r : tensor<1x4x3x5x3xf32>
}

func.func @sequence(%x: tensor<?x?x3xf32>, %w: tensor<4x3x5xf32>, %n: index, %m: index) -> tensor<?x?x5xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty(%n, %m) : tensor<?x?x5xf32>
  %init = linalg.fill ins(%zero : f32) outs(%e : tensor<?x?x5xf32>) -> tensor<?x?x5xf32>
  %r = linalg.conv_1d_nwc_wcf {dilations = dense<1> : tensor<1xi64>, strides = dense<1> : tensor<1xi64>}
      ins(%x, %w : tensor<?x?x3xf32>, tensor<4x3x5xf32>) outs(%init : tensor<?x?x5xf32>) -> tensor<?x?x5xf32>
  return %r : tensor<?x?x5xf32>
}
