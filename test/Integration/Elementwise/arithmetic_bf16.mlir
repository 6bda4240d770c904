// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Each bf16 operation rounds by itself, to nearest, ties to even, on both backends;
// neither has native bf16 arithmetic everywhere.

#map = affine_map<(d0) -> (d0)>
func.func @arithmetic(%x: tensor<?xbf16>, %y: tensor<?xbf16>) -> (tensor<?xbf16>, tensor<?xf32>) {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?xbf16>
  %e = tensor.empty(%n) : tensor<?xbf16>
  %f = tensor.empty(%n) : tensor<?xf32>
  %r:2 = linalg.generic {indexing_maps = [#map, #map, #map, #map], iterator_types = ["parallel"]}
      ins(%x, %y : tensor<?xbf16>, tensor<?xbf16>)
      outs(%e, %f : tensor<?xbf16>, tensor<?xf32>) {
  ^bb0(%a: bf16, %b: bf16, %o0: bf16, %o1: f32):
    %product = arith.mulf %a, %b : bf16
    %sum = arith.addf %product, %a : bf16
    %wide = arith.extf %sum : bf16 to f32
    %half = arith.constant 0.3 : f32
    %scaled = arith.mulf %wide, %half : f32
    %narrow = arith.truncf %scaled : f32 to bf16
    linalg.yield %narrow, %wide : bf16, f32
  } -> (tensor<?xbf16>, tensor<?xf32>)
  return %r#0, %r#1 : tensor<?xbf16>, tensor<?xf32>
}
