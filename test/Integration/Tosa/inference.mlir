// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What networks from TFLite are made of besides: transposed and volume convolutions,
// tables, resizing, and casts that round and saturate.

func.func @transposed(%x: tensor<1x4x4x2xf32>, %w: tensor<3x3x3x2xf32>, %b: tensor<3xf32>) -> tensor<1x10x10x3xf32> {
  %zero = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %r = tosa.transpose_conv2d %x, %w, %b, %zero, %zero {acc_type = f32, out_pad = array<i64: 1, 0, 0, 1>, stride = array<i64: 2, 2>} : (tensor<1x4x4x2xf32>, tensor<3x3x3x2xf32>, tensor<3xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x10x10x3xf32>
  return %r : tensor<1x10x10x3xf32>
}

func.func @volume(%x: tensor<1x5x4x6x2xf32>, %w: tensor<3x2x2x2x2xf32>, %b: tensor<3xf32>) -> tensor<1x4x3x5x3xf32> {
  %zero = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %r = tosa.conv3d %x, %w, %b, %zero, %zero {acc_type = f32, pad = array<i64: 0, 0, 0, 0, 0, 0>, stride = array<i64: 1, 1, 1>, dilation = array<i64: 1, 1, 1>} : (tensor<1x5x4x6x2xf32>, tensor<3x2x2x2x2xf32>, tensor<3xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x4x3x5x3xf32>
  return %r : tensor<1x4x3x5x3xf32>
}

func.func @tables(%x: tensor<?xi8>, %t: tensor<256xi8>, %y: tensor<?xi16>, %u: tensor<513xi16>) -> (tensor<?xi8>, tensor<?xi32>) {
  %r = tosa.table %x, %t : (tensor<?xi8>, tensor<256xi8>) -> tensor<?xi8>
  %s = tosa.table %y, %u : (tensor<?xi16>, tensor<513xi16>) -> tensor<?xi32>
  return %r, %s : tensor<?xi8>, tensor<?xi32>
}

func.func @resize(%x: tensor<?x3x3x2xf32>, %y: tensor<1x3x3x2xi8>) -> (tensor<?x5x5x2xf32>, tensor<?x5x5x2xf32>, tensor<1x5x5x2xi32>) {
  %scale = tosa.const_shape {values = dense<[2, 1, 2, 1]> : tensor<4xindex>} : () -> !tosa.shape<4>
  %zero = tosa.const_shape {values = dense<[0, 0]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %0 = tosa.resize %x, %scale, %zero, %zero {mode = NEAREST_NEIGHBOR} : (tensor<?x3x3x2xf32>, !tosa.shape<4>, !tosa.shape<2>, !tosa.shape<2>) -> tensor<?x5x5x2xf32>
  %1 = tosa.resize %x, %scale, %zero, %zero {mode = BILINEAR} : (tensor<?x3x3x2xf32>, !tosa.shape<4>, !tosa.shape<2>, !tosa.shape<2>) -> tensor<?x5x5x2xf32>
  %2 = tosa.resize %y, %scale, %zero, %zero {mode = BILINEAR} : (tensor<1x3x3x2xi8>, !tosa.shape<4>, !tosa.shape<2>, !tosa.shape<2>) -> tensor<1x5x5x2xi32>
  return %0, %1, %2 : tensor<?x5x5x2xf32>, tensor<?x5x5x2xf32>, tensor<1x5x5x2xi32>
}

func.func @integers(%x: tensor<?xi32>, %y: tensor<?xi32>, %f: tensor<?xf32>) -> (tensor<?xi32>, tensor<?xi32>, tensor<?xi32>, tensor<?xi8>) {
  %0 = tosa.clz %x : (tensor<?xi32>) -> tensor<?xi32>
  %1 = tosa.intdiv %x, %y : (tensor<?xi32>, tensor<?xi32>) -> tensor<?xi32>
  %2 = tosa.arithmetic_right_shift %x, %y {round = true} : (tensor<?xi32>, tensor<?xi32>) -> tensor<?xi32>
  %3 = tosa.cast %f : (tensor<?xf32>) -> tensor<?xi8>
  return %0, %1, %2, %3 : tensor<?xi32>, tensor<?xi32>, tensor<?xi32>, tensor<?xi8>
}
