// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A row is read three times, for its mean, its variance and its result: sums and a pass
// over the same row.

#matrix = affine_map<(d0, d1) -> (d0, d1)>
#row = affine_map<(d0, d1) -> (d0)>
#column = affine_map<(d0, d1) -> (d1)>
func.func @layerNorm(%x: tensor<?x?xf32>, %gain: tensor<?xf32>) -> tensor<?x?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %epsilon = arith.constant 1.0e-5 : f32
  %n = tensor.dim %x, %c0 : tensor<?x?xf32>
  %m = tensor.dim %x, %c1 : tensor<?x?xf32>
  %mi = arith.index_cast %m : index to i64
  %count = arith.sitofp %mi : i64 to f32
  %e = tensor.empty(%n) : tensor<?xf32>
  %init = linalg.fill ins(%zero : f32) outs(%e : tensor<?xf32>) -> tensor<?xf32>
  %sum = linalg.reduce { arith.addf } ins(%x : tensor<?x?xf32>) outs(%init : tensor<?xf32>) dimensions = [1]
  %squares = linalg.generic {indexing_maps = [#matrix, #row, #row], iterator_types = ["parallel", "reduction"]}
      ins(%x, %sum : tensor<?x?xf32>, tensor<?xf32>) outs(%init : tensor<?xf32>) {
  ^bb0(%a: f32, %s: f32, %o: f32):
    %mean = arith.divf %s, %count : f32
    %difference = arith.subf %a, %mean : f32
    %square = arith.mulf %difference, %difference : f32
    %total = arith.addf %o, %square : f32
    linalg.yield %total : f32
  } -> tensor<?xf32>
  %em = tensor.empty(%n, %m) : tensor<?x?xf32>
  %r = linalg.generic {indexing_maps = [#matrix, #row, #row, #column, #matrix],
      iterator_types = ["parallel", "parallel"]}
      ins(%x, %sum, %squares, %gain : tensor<?x?xf32>, tensor<?xf32>, tensor<?xf32>, tensor<?xf32>)
      outs(%em : tensor<?x?xf32>) {
  ^bb0(%a: f32, %s: f32, %q: f32, %g: f32, %o: f32):
    %mean = arith.divf %s, %count : f32
    %variance = arith.divf %q, %count : f32
    %stable = arith.addf %variance, %epsilon : f32
    %deviation = math.sqrt %stable : f32
    %difference = arith.subf %a, %mean : f32
    %normal = arith.divf %difference, %deviation : f32
    %scaled = arith.mulf %normal, %g : f32
    linalg.yield %scaled : f32
  } -> tensor<?x?xf32>
  return %r : tensor<?x?xf32>
}
