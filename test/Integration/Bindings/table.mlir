// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A constant of many elements, given as a dense list by an affine formula at compile
// time.

#map = affine_map<(d0) -> (d0)>
func.func @tables(%rows: tensor<?xi32>) -> tensor<?xi32> {
  %c0 = arith.constant 0 : index
  %table = arith.constant dense<[7, 61, 13, 89, 2, 97, 41, 5, 83, 29, 71, 17, 53, 3, 37, 11]> : tensor<16xi32>
  %n = tensor.dim %rows, %c0 : tensor<?xi32>
  %e = tensor.empty(%n) : tensor<?xi32>
  %r = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel"]}
      ins(%rows : tensor<?xi32>) outs(%e : tensor<?xi32>) {
  ^bb0(%row: i32, %o: i32):
    %mask = arith.constant 15 : i32
    %low = arith.andi %row, %mask : i32
    %i = arith.index_castui %low : i32 to index
    %value = tensor.extract %table[%i] : tensor<16xi32>
    %sum = arith.addi %value, %row : i32
    linalg.yield %sum : i32
  } -> tensor<?xi32>
  return %r : tensor<?xi32>
}
