// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// index as an element type, as a scalar argument, and as the position of the element.

#map = affine_map<(d0, d1) -> (d0, d1)>
func.func @positions(%x: tensor<?x?xindex>, %bias: index) -> (tensor<?x?xindex>, tensor<?x?xi32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = tensor.dim %x, %c0 : tensor<?x?xindex>
  %m = tensor.dim %x, %c1 : tensor<?x?xindex>
  %e = tensor.empty(%n, %m) : tensor<?x?xindex>
  %e32 = tensor.empty(%n, %m) : tensor<?x?xi32>
  %r:2 = linalg.generic {indexing_maps = [#map, #map, #map], iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<?x?xindex>) outs(%e, %e32 : tensor<?x?xindex>, tensor<?x?xi32>) {
  ^bb0(%a: index, %o0: index, %o1: i32):
    %row = linalg.index 0 : index
    %column = linalg.index 1 : index
    %start = arith.muli %row, %m : index
    %place = arith.addi %start, %column : index
    %sum = arith.addi %a, %place : index
    %biased = arith.addi %sum, %bias : index
    %narrow = arith.index_cast %place : index to i32
    linalg.yield %biased, %narrow : index, i32
  } -> (tensor<?x?xindex>, tensor<?x?xi32>)
  return %r#0, %r#1 : tensor<?x?xindex>, tensor<?x?xi32>
}
