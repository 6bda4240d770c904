// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The two kinds of minimum and maximum differ for NaN: minimumf gives it on, minnumf
// prefers the number. Every ordered and unordered comparison sees NaN too.

#map = affine_map<(d0) -> (d0)>
func.func @extremes(%x: tensor<?xf32>, %y: tensor<?xf32>)
    -> (tensor<?xf32>, tensor<?xf32>, tensor<?xf32>, tensor<?xf32>, tensor<?xi32>) {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?xf32>
  %e = tensor.empty(%n) : tensor<?xf32>
  %i = tensor.empty(%n) : tensor<?xi32>
  %r:5 = linalg.generic {
      indexing_maps = [#map, #map, #map, #map, #map, #map, #map], iterator_types = ["parallel"]}
      ins(%x, %y : tensor<?xf32>, tensor<?xf32>)
      outs(%e, %e, %e, %e, %i : tensor<?xf32>, tensor<?xf32>, tensor<?xf32>, tensor<?xf32>, tensor<?xi32>) {
  ^bb0(%a: f32, %b: f32, %o0: f32, %o1: f32, %o2: f32, %o3: f32, %o4: i32):
    %r0 = arith.minimumf %a, %b : f32
    %r1 = arith.maximumf %a, %b : f32
    %r2 = arith.minnumf %a, %b : f32
    %r3 = arith.maxnumf %a, %b : f32
    %oge = arith.cmpf oge, %a, %b : f32
    %ult = arith.cmpf ult, %a, %b : f32
    %ueq = arith.cmpf ueq, %a, %b : f32
    %one = arith.cmpf one, %a, %b : f32
    %b0 = arith.extui %oge : i1 to i32
    %b1 = arith.extui %ult : i1 to i32
    %b2 = arith.extui %ueq : i1 to i32
    %b3 = arith.extui %one : i1 to i32
    %c2 = arith.constant 2 : i32
    %s0 = arith.muli %b0, %c2 : i32
    %s1 = arith.addi %s0, %b1 : i32
    %s2 = arith.muli %s1, %c2 : i32
    %s3 = arith.addi %s2, %b2 : i32
    %s4 = arith.muli %s3, %c2 : i32
    %s5 = arith.addi %s4, %b3 : i32
    linalg.yield %r0, %r1, %r2, %r3, %s5 : f32, f32, f32, f32, i32
  } -> (tensor<?xf32>, tensor<?xf32>, tensor<?xf32>, tensor<?xf32>, tensor<?xi32>)
  return %r#0, %r#1, %r#2, %r#3, %r#4
      : tensor<?xf32>, tensor<?xf32>, tensor<?xf32>, tensor<?xf32>, tensor<?xi32>
}
