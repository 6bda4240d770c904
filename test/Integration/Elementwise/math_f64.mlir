// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Transcendental functions in f64.

#map = affine_map<(d0) -> (d0)>
func.func @transcendental(%x: tensor<512xf64>) -> (tensor<512xf64>, tensor<512xf64>, tensor<512xf64>, tensor<512xf64>) {
  %e = tensor.empty() : tensor<512xf64>
  %r:4 = linalg.generic {indexing_maps = [#map, #map, #map, #map, #map], iterator_types = ["parallel"]}
      ins(%x : tensor<512xf64>)
      outs(%e, %e, %e, %e : tensor<512xf64>, tensor<512xf64>, tensor<512xf64>, tensor<512xf64>) {
  ^bb0(%a: f64, %o0: f64, %o1: f64, %o2: f64, %o3: f64):
    %r0 = math.exp %a : f64
    %r1 = math.cos %a : f64
    %r2 = math.atan %a : f64
    %magnitude = math.absf %a : f64
    %r3 = math.log1p %magnitude : f64
    linalg.yield %r0, %r1, %r2, %r3 : f64, f64, f64, f64
  } -> (tensor<512xf64>, tensor<512xf64>, tensor<512xf64>, tensor<512xf64>)
  return %r#0, %r#1, %r#2, %r#3 : tensor<512xf64>, tensor<512xf64>, tensor<512xf64>, tensor<512xf64>
}
