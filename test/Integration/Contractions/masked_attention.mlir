// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// An attention over a sequence of any length whose mask says which keys count, as
// front ends write it; and the position of a maximum beside its value.

#scores = affine_map<(b, i, j) -> (b, i, j)>
#keys = affine_map<(b, i, j) -> (b, j)>
func.func @masked(%q: tensor<?x?x16xf32>, %k: tensor<?x?x16xf32>, %v: tensor<?x?x16xf32>, %mask: tensor<?x?xi1>) -> tensor<?x?x16xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %scale = arith.constant 0.25 : f32
  %out = arith.constant -1.0e9 : f32
  %b = tensor.dim %q, %c0 : tensor<?x?x16xf32>
  %sq = tensor.dim %q, %c1 : tensor<?x?x16xf32>
  %sk = tensor.dim %k, %c1 : tensor<?x?x16xf32>
  %se = tensor.empty(%b, %sq, %sk) : tensor<?x?x?xf32>
  %si = linalg.fill ins(%zero : f32) outs(%se : tensor<?x?x?xf32>) -> tensor<?x?x?xf32>
  %te = tensor.empty(%b, %sk) : tensor<?x16x?xf32>
  %kt = linalg.transpose ins(%k : tensor<?x?x16xf32>) outs(%te : tensor<?x16x?xf32>) permutation = [0, 2, 1]
  %s = linalg.batch_matmul ins(%q, %kt : tensor<?x?x16xf32>, tensor<?x16x?xf32>) outs(%si : tensor<?x?x?xf32>) -> tensor<?x?x?xf32>
  %ms = linalg.generic {indexing_maps = [#scores, #keys, #scores], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%s, %mask : tensor<?x?x?xf32>, tensor<?x?xi1>) outs(%se : tensor<?x?x?xf32>) {
  ^bb0(%x: f32, %counts: i1, %o: f32):
    %y = arith.mulf %x, %scale : f32
    %r = arith.select %counts, %y, %out : f32
    linalg.yield %r : f32
  } -> tensor<?x?x?xf32>
  %p = linalg.softmax dimension(2) ins(%ms : tensor<?x?x?xf32>) outs(%se : tensor<?x?x?xf32>) -> tensor<?x?x?xf32>
  %oe = tensor.empty(%b, %sq) : tensor<?x?x16xf32>
  %oi = linalg.fill ins(%zero : f32) outs(%oe : tensor<?x?x16xf32>) -> tensor<?x?x16xf32>
  %r = linalg.batch_matmul ins(%p, %v : tensor<?x?x?xf32>, tensor<?x?x16xf32>) outs(%oi : tensor<?x?x16xf32>) -> tensor<?x?x16xf32>
  return %r : tensor<?x?x16xf32>
}

#x = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (i)>
func.func @maximum(%x: tensor<?x?xf32>) -> (tensor<?xf32>, tensor<?xi64>) {
  %c0 = arith.constant 0 : index
  %first = arith.constant 0 : i64
  %least = arith.constant 0xFF800000 : f32
  %n = tensor.dim %x, %c0 : tensor<?x?xf32>
  %ve = tensor.empty(%n) : tensor<?xf32>
  %ie = tensor.empty(%n) : tensor<?xi64>
  %vi = linalg.fill ins(%least : f32) outs(%ve : tensor<?xf32>) -> tensor<?xf32>
  %ii = linalg.fill ins(%first : i64) outs(%ie : tensor<?xi64>) -> tensor<?xi64>
  %r:2 = linalg.generic {indexing_maps = [#x, #row, #row], iterator_types = ["parallel", "reduction"]}
      ins(%x : tensor<?x?xf32>) outs(%vi, %ii : tensor<?xf32>, tensor<?xi64>) {
  ^bb0(%v: f32, %max: f32, %at: i64):
    %j = linalg.index 1 : index
    %here = arith.index_cast %j : index to i64
    %larger = arith.maximumf %v, %max : f32
    %is_larger = arith.cmpf ogt, %v, %max : f32
    %place = arith.select %is_larger, %here, %at : i64
    linalg.yield %larger, %place : f32, i64
  } -> (tensor<?xf32>, tensor<?xi64>)
  return %r#0, %r#1 : tensor<?xf32>, tensor<?xi64>
}
