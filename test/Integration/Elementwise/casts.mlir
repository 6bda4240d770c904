// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Conversions between the types: widening, narrowing with rounding, to and from signed
// and unsigned integers, and the same bits read as another type.

#map = affine_map<(d0) -> (d0)>
func.func @casts(%d: tensor<?xf64>, %i: tensor<?xi32>)
    -> (tensor<?xf32>, tensor<?xf16>, tensor<?xi16>, tensor<?xf32>, tensor<?xf64>, tensor<?xi32>, tensor<?xi8>) {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %d, %c0 : tensor<?xf64>
  %ef32 = tensor.empty(%n) : tensor<?xf32>
  %ef16 = tensor.empty(%n) : tensor<?xf16>
  %ef64 = tensor.empty(%n) : tensor<?xf64>
  %ei8 = tensor.empty(%n) : tensor<?xi8>
  %ei16 = tensor.empty(%n) : tensor<?xi16>
  %ei32 = tensor.empty(%n) : tensor<?xi32>
  %r:7 = linalg.generic {
      indexing_maps = [#map, #map, #map, #map, #map, #map, #map, #map, #map], iterator_types = ["parallel"]}
      ins(%d, %i : tensor<?xf64>, tensor<?xi32>)
      outs(%ef32, %ef16, %ei16, %ef32, %ef64, %ei32, %ei8
           : tensor<?xf32>, tensor<?xf16>, tensor<?xi16>, tensor<?xf32>, tensor<?xf64>, tensor<?xi32>, tensor<?xi8>) {
  ^bb0(%a: f64, %b: i32, %o0: f32, %o1: f16, %o2: i16, %o3: f32, %o4: f64, %o5: i32, %o6: i8):
    %f32 = arith.truncf %a : f64 to f32
    %f16 = arith.truncf %f32 : f32 to f16
    %i16 = arith.fptosi %a : f64 to i16
    %signed = arith.sitofp %b : i32 to f32
    %unsigned = arith.uitofp %b : i32 to f64
    %bits = arith.bitcast %f32 : f32 to i32
    %i8 = arith.trunci %b : i32 to i8
    linalg.yield %f32, %f16, %i16, %signed, %unsigned, %bits, %i8 : f32, f16, i16, f32, f64, i32, i8
  } -> (tensor<?xf32>, tensor<?xf16>, tensor<?xi16>, tensor<?xf32>, tensor<?xf64>, tensor<?xi32>, tensor<?xi8>)
  return %r#0, %r#1, %r#2, %r#3, %r#4, %r#5, %r#6
      : tensor<?xf32>, tensor<?xf16>, tensor<?xi16>, tensor<?xf32>, tensor<?xf64>, tensor<?xi32>, tensor<?xi8>
}
