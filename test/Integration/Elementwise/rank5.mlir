// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A rank above what a grid has dimensions, static and dynamic extents mixed.

#map = affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d2, d3, d4)>
#outer = affine_map<(d0, d1, d2, d3, d4) -> (d1, d3)>
func.func @rank5(%x: tensor<?x3x?x5x?xf32>, %y: tensor<3x5xf32>) -> tensor<?x3x?x5x?xf32> {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %c4 = arith.constant 4 : index
  %n = tensor.dim %x, %c0 : tensor<?x3x?x5x?xf32>
  %m = tensor.dim %x, %c2 : tensor<?x3x?x5x?xf32>
  %k = tensor.dim %x, %c4 : tensor<?x3x?x5x?xf32>
  %e = tensor.empty(%n, %m, %k) : tensor<?x3x?x5x?xf32>
  %r = linalg.generic {indexing_maps = [#map, #outer, #map],
      iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel"]}
      ins(%x, %y : tensor<?x3x?x5x?xf32>, tensor<3x5xf32>) outs(%e : tensor<?x3x?x5x?xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %sum = arith.addf %a, %b : f32
    linalg.yield %sum : f32
  } -> tensor<?x3x?x5x?xf32>
  return %r : tensor<?x3x?x5x?xf32>
}
