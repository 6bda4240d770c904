// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The same bits read as unsigned numbers: division, remainder, shift, comparison,
// extension, and counting bits.

#map = affine_map<(d0) -> (d0)>
func.func @unsigned(%x: tensor<?xi32>, %y: tensor<?xi32>) -> (tensor<?xi32>, tensor<?xi64>, tensor<?xi32>) {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?xi32>
  %e = tensor.empty(%n) : tensor<?xi32>
  %e64 = tensor.empty(%n) : tensor<?xi64>
  %r:3 = linalg.generic {indexing_maps = [#map, #map, #map, #map, #map], iterator_types = ["parallel"]}
      ins(%x, %y : tensor<?xi32>, tensor<?xi32>)
      outs(%e, %e64, %e : tensor<?xi32>, tensor<?xi64>, tensor<?xi32>) {
  ^bb0(%a: i32, %b: i32, %o0: i32, %o1: i64, %o2: i32):
    %c11 = arith.constant 11 : i32
    %quotient = arith.divui %a, %c11 : i32
    %remainder = arith.remui %b, %c11 : i32
    %least = arith.minui %a, %b : i32
    %shifted = arith.shrui %least, %c11 : i32
    %s0 = arith.addi %quotient, %remainder : i32
    %s1 = arith.addi %s0, %shifted : i32
    %wa = arith.extui %a : i32 to i64
    %wb = arith.extui %b : i32 to i64
    %wide = arith.muli %wa, %wb : i64
    %ones = math.ctpop %a : i32
    %zeros = math.ctlz %b : i32
    %counted = arith.addi %ones, %zeros : i32
    linalg.yield %s1, %wide, %counted : i32, i64, i32
  } -> (tensor<?xi32>, tensor<?xi64>, tensor<?xi32>)
  return %r#0, %r#1, %r#2 : tensor<?xi32>, tensor<?xi64>, tensor<?xi32>
}
