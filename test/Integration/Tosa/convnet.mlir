// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A small image classifier: conv2d, clamp, max_pool2d, reshape, matmul, reduce_sum and
// a softmax built from tosa operations.

func.func @classify(%image: tensor<2x8x8x3xf32>, %filter: tensor<4x3x3x3xf32>, %bias: tensor<4xf32>, %dense: tensor<1x64x10xf32>)
    -> (tensor<2x10xf32>, tensor<2x1xf32>) {
  %zp = "tosa.const"() <{values = dense<0.0> : tensor<1xf32>}> : () -> tensor<1xf32>
  %shift = "tosa.const"() <{values = dense<0> : tensor<1xi8>}> : () -> tensor<1xi8>
  %c = tosa.conv2d %image, %filter, %bias, %zp, %zp
      {acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 1, 1, 1, 1>, stride = array<i64: 1, 1>}
      : (tensor<2x8x8x3xf32>, tensor<4x3x3x3xf32>, tensor<4xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<2x8x8x4xf32>
  %a = tosa.clamp %c {min_val = 0.0 : f32, max_val = 3.40282347E+38 : f32} : (tensor<2x8x8x4xf32>) -> tensor<2x8x8x4xf32>
  %p = tosa.max_pool2d %a {kernel = array<i64: 2, 2>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 2, 2>}
      : (tensor<2x8x8x4xf32>) -> tensor<2x4x4x4xf32>
  %flat = tosa.const_shape {values = dense<[1, 2, 64]> : tensor<3xindex>} : () -> !tosa.shape<3>
  %f = tosa.reshape %p, %flat : (tensor<2x4x4x4xf32>, !tosa.shape<3>) -> tensor<1x2x64xf32>
  %y3 = tosa.matmul %f, %dense, %zp, %zp : (tensor<1x2x64xf32>, tensor<1x64x10xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x2x10xf32>
  %pair = tosa.const_shape {values = dense<[2, 10]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %y = tosa.reshape %y3, %pair : (tensor<1x2x10xf32>, !tosa.shape<2>) -> tensor<2x10xf32>
  %largest = tosa.reduce_max %y {axis = 1 : i32} : (tensor<2x10xf32>) -> tensor<2x1xf32>
  %moved = tosa.sub %y, %largest : (tensor<2x10xf32>, tensor<2x1xf32>) -> tensor<2x10xf32>
  %powers = tosa.exp %moved : (tensor<2x10xf32>) -> tensor<2x10xf32>
  %sum = tosa.reduce_sum %powers {axis = 1 : i32} : (tensor<2x10xf32>) -> tensor<2x1xf32>
  %inverse = tosa.reciprocal %sum : (tensor<2x1xf32>) -> tensor<2x1xf32>
  %r = tosa.mul %powers, %inverse, %shift : (tensor<2x10xf32>, tensor<2x1xf32>, tensor<1xi8>) -> tensor<2x10xf32>
  return %r, %largest : tensor<2x10xf32>, tensor<2x1xf32>
}
