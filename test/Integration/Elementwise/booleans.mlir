// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// i1 as an element type: it takes a byte in memory, comparisons make it, and it can be
// an input.

#map = affine_map<(d0) -> (d0)>
func.func @booleans(%x: tensor<?xf32>, %y: tensor<?xf32>, %mask: tensor<?xi1>) -> (tensor<?xi1>, tensor<?xi1>, tensor<?xf32>) {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?xf32>
  %b = tensor.empty(%n) : tensor<?xi1>
  %f = tensor.empty(%n) : tensor<?xf32>
  %r:3 = linalg.generic {indexing_maps = [#map, #map, #map, #map, #map, #map], iterator_types = ["parallel"]}
      ins(%x, %y, %mask : tensor<?xf32>, tensor<?xf32>, tensor<?xi1>)
      outs(%b, %b, %f : tensor<?xi1>, tensor<?xi1>, tensor<?xf32>) {
  ^bb0(%a: f32, %c: f32, %m: i1, %o0: i1, %o1: i1, %o2: f32):
    %less = arith.cmpf olt, %a, %c : f32
    %unordered = arith.cmpf uno, %a, %c : f32
    %different = arith.cmpf une, %a, %c : f32
    %either = arith.ori %less, %unordered : i1
    %masked = arith.andi %different, %m : i1
    %true = arith.constant true
    %flipped = arith.xori %masked, %true : i1
    %chosen = arith.select %m, %a, %c : f32
    linalg.yield %either, %flipped, %chosen : i1, i1, f32
  } -> (tensor<?xi1>, tensor<?xi1>, tensor<?xf32>)
  return %r#0, %r#1, %r#2 : tensor<?xi1>, tensor<?xi1>, tensor<?xf32>
}
