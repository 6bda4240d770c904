// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Scaled dot-product attention of one head: two products with a softmax between them,
// all through intermediates of dynamic size.

#qk = affine_map<(d0, d1, d2) -> (d0, d2)>
#kt = affine_map<(d0, d1, d2) -> (d1, d2)>
#out = affine_map<(d0, d1, d2) -> (d0, d1)>
#id = affine_map<(d0, d1) -> (d0, d1)>
func.func @attention(%q: tensor<?x32xf32>, %k: tensor<?x32xf32>, %v: tensor<?x32xf32>) -> tensor<?x32xf32> {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %scale = arith.constant 0.17677669529663687 : f32
  %n = tensor.dim %q, %c0 : tensor<?x32xf32>
  %m = tensor.dim %k, %c0 : tensor<?x32xf32>
  %e = tensor.empty(%n, %m) : tensor<?x?xf32>
  %i0 = linalg.fill ins(%zero : f32) outs(%e : tensor<?x?xf32>) -> tensor<?x?xf32>
  %scores = linalg.matmul indexing_maps = [#qk, #kt, #out]
      ins(%q, %k : tensor<?x32xf32>, tensor<?x32xf32>) outs(%i0 : tensor<?x?xf32>) -> tensor<?x?xf32>
  %scaled = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%scores : tensor<?x?xf32>) outs(%e : tensor<?x?xf32>) {
  ^bb0(%a: f32, %o: f32):
    %s = arith.mulf %a, %scale : f32
    linalg.yield %s : f32
  } -> tensor<?x?xf32>
  %weights = linalg.softmax dimension(1) ins(%scaled : tensor<?x?xf32>) outs(%e : tensor<?x?xf32>) -> tensor<?x?xf32>
  %f = tensor.empty(%n) : tensor<?x32xf32>
  %i1 = linalg.fill ins(%zero : f32) outs(%f : tensor<?x32xf32>) -> tensor<?x32xf32>
  %r = linalg.matmul ins(%weights, %v : tensor<?x?xf32>, tensor<?x32xf32>) outs(%i1 : tensor<?x32xf32>) -> tensor<?x32xf32>
  return %r : tensor<?x32xf32>
}
