// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// An int8 network: conv2d, max_pool2d and matmul on i8 with zero points, summed in i32,
// and rescaled to i8 per channel and per tensor. Exact.

func.func @quantized(%image: tensor<1x8x8x2xi8>, %filter: tensor<4x3x3x2xi8>, %bias: tensor<4xi32>, %dense: tensor<1x36x6xi8>) -> (tensor<1x1x6xi8>, tensor<1x6x6x4xi8>) {
  %zpImage = "tosa.const"() <{values = dense<3> : tensor<1xi8>}> : () -> tensor<1xi8>
  %zp0 = "tosa.const"() <{values = dense<0> : tensor<1xi8>}> : () -> tensor<1xi8>
  %zp32 = "tosa.const"() <{values = dense<0> : tensor<1xi32>}> : () -> tensor<1xi32>
  %zpHidden = "tosa.const"() <{values = dense<-5> : tensor<1xi8>}> : () -> tensor<1xi8>
  %c = tosa.conv2d %image, %filter, %bias, %zpImage, %zp0
      {acc_type = i32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>}
      : (tensor<1x8x8x2xi8>, tensor<4x3x3x2xi8>, tensor<4xi32>, tensor<1xi8>, tensor<1xi8>) -> tensor<1x6x6x4xi32>
  %m4 = "tosa.const"() <{values = dense<[1073741824, 1288490189, 1503238554, 2040109466]> : tensor<4xi32>}> : () -> tensor<4xi32>
  %s4 = "tosa.const"() <{values = dense<[38, 37, 38, 39]> : tensor<4xi8>}> : () -> tensor<4xi8>
  %h = tosa.rescale %c, %m4, %s4, %zp32, %zpHidden
      {scale32 = true, rounding_mode = SINGLE_ROUND, per_channel = true, input_unsigned = false, output_unsigned = false}
      : (tensor<1x6x6x4xi32>, tensor<4xi32>, tensor<4xi8>, tensor<1xi32>, tensor<1xi8>) -> tensor<1x6x6x4xi8>
  %p = tosa.max_pool2d %h {kernel = array<i64: 2, 2>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 2, 2>}
      : (tensor<1x6x6x4xi8>) -> tensor<1x3x3x4xi8>
  %flat = tosa.const_shape {values = dense<[1, 1, 36]> : tensor<3xindex>} : () -> !tosa.shape<3>
  %f = tosa.reshape %p, %flat : (tensor<1x3x3x4xi8>, !tosa.shape<3>) -> tensor<1x1x36xi8>
  %y = tosa.matmul %f, %dense, %zpHidden, %zp0 : (tensor<1x1x36xi8>, tensor<1x36x6xi8>, tensor<1xi8>, tensor<1xi8>) -> tensor<1x1x6xi32>
  %m1 = "tosa.const"() <{values = dense<1717986918> : tensor<1xi32>}> : () -> tensor<1xi32>
  %s1 = "tosa.const"() <{values = dense<41> : tensor<1xi8>}> : () -> tensor<1xi8>
  %r = tosa.rescale %y, %m1, %s1, %zp32, %zp0
      {scale32 = true, rounding_mode = SINGLE_ROUND, per_channel = false, input_unsigned = false, output_unsigned = false}
      : (tensor<1x1x6xi32>, tensor<1xi32>, tensor<1xi8>, tensor<1xi32>, tensor<1xi8>) -> tensor<1x1x6xi8>
  return %r, %h : tensor<1x1x6xi8>, tensor<1x6x6x4xi8>
}
