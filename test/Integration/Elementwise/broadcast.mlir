// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A row, a column and a single value spread over a matrix, by linalg.broadcast and by
// indexing maps.

#matrix = affine_map<(d0, d1) -> (d0, d1)>
#row = affine_map<(d0, d1) -> (d1)>
#column = affine_map<(d0, d1) -> (d0)>
#none = affine_map<(d0, d1) -> ()>
func.func @broadcast(%row: tensor<?xf32>, %column: tensor<?xf32>, %one: tensor<f32>) -> (tensor<?x?xf32>, tensor<?x4x?xf32>) {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %column, %c0 : tensor<?xf32>
  %m = tensor.dim %row, %c0 : tensor<?xf32>
  %e = tensor.empty(%n, %m) : tensor<?x?xf32>
  %r = linalg.generic {indexing_maps = [#row, #column, #none, #matrix], iterator_types = ["parallel", "parallel"]}
      ins(%row, %column, %one : tensor<?xf32>, tensor<?xf32>, tensor<f32>) outs(%e : tensor<?x?xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32, %o: f32):
    %product = arith.mulf %a, %b : f32
    %sum = arith.addf %product, %c : f32
    linalg.yield %sum : f32
  } -> tensor<?x?xf32>
  %e3 = tensor.empty(%n, %m) : tensor<?x4x?xf32>
  %spread = linalg.broadcast ins(%r : tensor<?x?xf32>) outs(%e3 : tensor<?x4x?xf32>) dimensions = [1]
  return %r, %spread : tensor<?x?xf32>, tensor<?x4x?xf32>
}
