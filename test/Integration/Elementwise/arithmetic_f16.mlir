// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Each f16 operation rounds by itself: the results are those of arithmetic in f16, not
// of a chain computed in f32 and rounded once.

#map = affine_map<(d0) -> (d0)>
func.func @arithmetic(%x: tensor<1023xf16>, %y: tensor<1023xf16>) -> (tensor<1023xf16>, tensor<1023xf16>) {
  %e = tensor.empty() : tensor<1023xf16>
  %r:2 = linalg.generic {indexing_maps = [#map, #map, #map, #map], iterator_types = ["parallel"]}
      ins(%x, %y : tensor<1023xf16>, tensor<1023xf16>)
      outs(%e, %e : tensor<1023xf16>, tensor<1023xf16>) {
  ^bb0(%a: f16, %b: f16, %o0: f16, %o1: f16):
    %product = arith.mulf %a, %b : f16
    %sum = arith.addf %product, %a : f16
    %difference = arith.subf %sum, %b : f16
    %quotient = arith.divf %a, %b : f16
    linalg.yield %difference, %quotient : f16, f16
  } -> (tensor<1023xf16>, tensor<1023xf16>)
  return %r#0, %r#1 : tensor<1023xf16>, tensor<1023xf16>
}
