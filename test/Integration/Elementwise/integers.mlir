// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Signed arithmetic in every integer width, with the wrap-around of two's complement.

#map = affine_map<(d0) -> (d0)>
func.func @integers(%a8: tensor<?xi8>, %a16: tensor<?xi16>, %a32: tensor<?xi32>, %a64: tensor<?xi64>)
    -> (tensor<?xi8>, tensor<?xi16>, tensor<?xi32>, tensor<?xi64>) {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %a8, %c0 : tensor<?xi8>
  %e8 = tensor.empty(%n) : tensor<?xi8>
  %e16 = tensor.empty(%n) : tensor<?xi16>
  %e32 = tensor.empty(%n) : tensor<?xi32>
  %e64 = tensor.empty(%n) : tensor<?xi64>
  %r:4 = linalg.generic {
      indexing_maps = [#map, #map, #map, #map, #map, #map, #map, #map], iterator_types = ["parallel"]}
      ins(%a8, %a16, %a32, %a64 : tensor<?xi8>, tensor<?xi16>, tensor<?xi32>, tensor<?xi64>)
      outs(%e8, %e16, %e32, %e64 : tensor<?xi8>, tensor<?xi16>, tensor<?xi32>, tensor<?xi64>) {
  ^bb0(%b: i8, %h: i16, %w: i32, %d: i64, %o0: i8, %o1: i16, %o2: i32, %o3: i64):
    %c7 = arith.constant 7 : i8
    %b1 = arith.muli %b, %b : i8
    %b2 = arith.divsi %b1, %c7 : i8
    %b3 = arith.subi %b2, %b : i8
    %c3 = arith.constant 3 : i16
    %h1 = arith.shli %h, %c3 : i16
    %h2 = arith.shrsi %h, %c3 : i16
    %h3 = arith.xori %h1, %h2 : i16
    %c1000 = arith.constant 1000 : i32
    %w1 = arith.remsi %w, %c1000 : i32
    %w2 = arith.muli %w, %w1 : i32
    %w3 = arith.maxsi %w2, %w : i32
    %c12345 = arith.constant -12345 : i64
    %d1 = arith.muli %d, %c12345 : i64
    %d2 = arith.addi %d1, %d : i64
    %d3 = arith.minsi %d2, %d : i64
    linalg.yield %b3, %h3, %w3, %d3 : i8, i16, i32, i64
  } -> (tensor<?xi8>, tensor<?xi16>, tensor<?xi32>, tensor<?xi64>)
  return %r#0, %r#1, %r#2, %r#3 : tensor<?xi8>, tensor<?xi16>, tensor<?xi32>, tensor<?xi64>
}
