// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Data in tiles: packed with padding and unpacked again, a product of packed factors, and
// contractions whose maps say what is transposed.

func.func @pack(%x: tensor<13x9xf32>, %padding: f32) -> tensor<4x3x4x3xf32> {
  %e = tensor.empty() : tensor<4x3x4x3xf32>
  %r = linalg.pack %x padding_value(%padding : f32) inner_dims_pos = [0, 1] inner_tiles = [4, 3]
      into %e : tensor<13x9xf32> -> tensor<4x3x4x3xf32>
  return %r : tensor<4x3x4x3xf32>
}

func.func @unpack(%x: tensor<4x3x4x3xf32>) -> tensor<13x9xf32> {
  %e = tensor.empty() : tensor<13x9xf32>
  %r = linalg.unpack %x inner_dims_pos = [0, 1] inner_tiles = [4, 3] into %e : tensor<4x3x4x3xf32> -> tensor<13x9xf32>
  return %r : tensor<13x9xf32>
}

func.func @tiles(%x: tensor<2x3x4x2xf32>, %y: tensor<5x3x6x2xf32>, %z: tensor<2x5x4x6xf32>) -> tensor<2x5x4x6xf32> {
  %r = linalg.mmt4d ins(%x, %y : tensor<2x3x4x2xf32>, tensor<5x3x6x2xf32>) outs(%z : tensor<2x5x4x6xf32>) -> tensor<2x5x4x6xf32>
  return %r : tensor<2x5x4x6xf32>
}

#x = affine_map<(b, m, n, k) -> (b, m, k)>
#y = affine_map<(b, m, n, k) -> (k, b, n)>
#z = affine_map<(b, m, n, k) -> (m, n)>
func.func @contract(%x: tensor<2x3x4xf32>, %y: tensor<4x2x5xf32>, %z: tensor<3x5xf32>) -> tensor<3x5xf32> {
  %r = linalg.contract indexing_maps = [#x, #y, #z]
      ins(%x, %y : tensor<2x3x4xf32>, tensor<4x2x5xf32>) outs(%z : tensor<3x5xf32>) -> tensor<3x5xf32>
  return %r : tensor<3x5xf32>
}

func.func @zero_points(%x: tensor<4x3xi8>, %y: tensor<3x5xi8>, %a: i32, %b: i32, %z: tensor<4x5xi32>) -> tensor<4x5xi32> {
  %r = linalg.quantized_matmul ins(%x, %y, %a, %b : tensor<4x3xi8>, tensor<3x5xi8>, i32, i32) outs(%z : tensor<4x5xi32>) -> tensor<4x5xi32>
  return %r : tensor<4x5xi32>
}
