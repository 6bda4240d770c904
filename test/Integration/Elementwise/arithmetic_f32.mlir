// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Everything that both backends must compute bit for bit in f32: + - * / sqrt, fma,
// abs, negation, minimum and maximum; infinities, signed zeros, subnormals and NaN
// included.

#map = affine_map<(d0) -> (d0)>
func.func @arithmetic(%x: tensor<?xf32>, %y: tensor<?xf32>) -> (tensor<?xf32>, tensor<?xf32>, tensor<?xf32>) {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?xf32>
  %e = tensor.empty(%n) : tensor<?xf32>
  %r:3 = linalg.generic {indexing_maps = [#map, #map, #map, #map, #map], iterator_types = ["parallel"]}
      ins(%x, %y : tensor<?xf32>, tensor<?xf32>)
      outs(%e, %e, %e : tensor<?xf32>, tensor<?xf32>, tensor<?xf32>) {
  ^bb0(%a: f32, %b: f32, %o0: f32, %o1: f32, %o2: f32):
    %sum = arith.addf %a, %b : f32
    %difference = arith.subf %a, %b : f32
    %product = arith.mulf %sum, %difference : f32
    %quotient = arith.divf %product, %b : f32
    %magnitude = math.absf %a : f32
    %root = math.sqrt %magnitude : f32
    %negated = arith.negf %root : f32
    %fused = math.fma %a, %b, %negated : f32
    %low = arith.minimumf %a, %b : f32
    %high = arith.maximumf %a, %b : f32
    %spread = arith.subf %high, %low : f32
    linalg.yield %quotient, %fused, %spread : f32, f32, f32
  } -> (tensor<?xf32>, tensor<?xf32>, tensor<?xf32>)
  return %r#0, %r#1, %r#2 : tensor<?xf32>, tensor<?xf32>, tensor<?xf32>
}
