// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Matrix products with enough points for tiles of threads: whole ones and rows and columns
// that end within one, of elements of 2, 4 and 8 bytes, a short row, several matrices, and what
// follows in the same launch.

#x = affine_map<(i, j) -> (i, j)>
#b = affine_map<(i, j) -> (j)>

func.func @whole(%a: tensor<1024x40xf32>, %b: tensor<40x512xf32>) -> tensor<1024x512xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<1024x512xf32>
  %init = linalg.fill ins(%zero : f32) outs(%e : tensor<1024x512xf32>) -> tensor<1024x512xf32>
  %r = linalg.matmul ins(%a, %b : tensor<1024x40xf32>, tensor<40x512xf32>) outs(%init : tensor<1024x512xf32>) -> tensor<1024x512xf32>
  return %r : tensor<1024x512xf32>
}

func.func @edges(%a: tensor<1021x33xf64>, %b: tensor<33x131xf64>, %c: tensor<1021x131xf64>) -> tensor<1021x131xf64> {
  %r = linalg.matmul ins(%a, %b : tensor<1021x33xf64>, tensor<33x131xf64>) outs(%c : tensor<1021x131xf64>) -> tensor<1021x131xf64>
  return %r : tensor<1021x131xf64>
}

func.func @layer(%x: tensor<?x100xf32>, %w: tensor<100x10xf32>, %bias: tensor<10xf32>) -> tensor<?x10xf32> {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %n = tensor.dim %x, %c0 : tensor<?x100xf32>
  %e = tensor.empty(%n) : tensor<?x10xf32>
  %init = linalg.fill ins(%zero : f32) outs(%e : tensor<?x10xf32>) -> tensor<?x10xf32>
  %h = linalg.matmul ins(%x, %w : tensor<?x100xf32>, tensor<100x10xf32>) outs(%init : tensor<?x10xf32>) -> tensor<?x10xf32>
  %r = linalg.generic {indexing_maps = [#x, #b, #x], iterator_types = ["parallel", "parallel"]}
      ins(%h, %bias : tensor<?x10xf32>, tensor<10xf32>) outs(%e : tensor<?x10xf32>) {
  ^bb0(%v: f32, %b: f32, %o: f32):
    %s = arith.addf %v, %b : f32
    %t = arith.maximumf %s, %zero : f32
    linalg.yield %t : f32
  } -> tensor<?x10xf32>
  return %r : tensor<?x10xf32>
}

func.func @whole_f64(%a: tensor<256x32xf64>, %b: tensor<32x1024xf64>, %c: tensor<256x1024xf64>) -> tensor<256x1024xf64> {
  %r = linalg.matmul ins(%a, %b : tensor<256x32xf64>, tensor<32x1024xf64>) outs(%c : tensor<256x1024xf64>) -> tensor<256x1024xf64>
  return %r : tensor<256x1024xf64>
}

func.func @whole_f16(%a: tensor<256x32xf16>, %b: tensor<32x512xf16>, %c: tensor<256x512xf32>) -> tensor<256x512xf32> {
  %r = linalg.matmul ins(%a, %b : tensor<256x32xf16>, tensor<32x512xf16>) outs(%c : tensor<256x512xf32>) -> tensor<256x512xf32>
  return %r : tensor<256x512xf32>
}

func.func @whole_bf16(%a: tensor<1024x32xbf16>, %b: tensor<1024x32xbf16>, %c: tensor<1024x1024xf32>) -> tensor<1024x1024xf32> {
  %r = linalg.matmul indexing_maps = [affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (j, k)>, affine_map<(i, j, k) -> (i, j)>]
      ins(%a, %b : tensor<1024x32xbf16>, tensor<1024x32xbf16>) outs(%c : tensor<1024x1024xf32>) -> tensor<1024x1024xf32>
  return %r : tensor<1024x1024xf32>
}

func.func @batch(%a: tensor<3x130x17xi8>, %b: tensor<3x17x260xi8>) -> tensor<3x130x260xi32> {
  %zero = arith.constant 0 : i32
  %e = tensor.empty() : tensor<3x130x260xi32>
  %init = linalg.fill ins(%zero : i32) outs(%e : tensor<3x130x260xi32>) -> tensor<3x130x260xi32>
  %r = linalg.batch_matmul ins(%a, %b : tensor<3x130x17xi8>, tensor<3x17x260xi8>) outs(%init : tensor<3x130x260xi32>) -> tensor<3x130x260xi32>
  return %r : tensor<3x130x260xi32>
}
