// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Sums of f16 and bf16 values accumulated in f32, and narrowed at the end.

#matrix = affine_map<(d0, d1) -> (d0, d1)>
#row = affine_map<(d0, d1) -> (d0)>
#vector = affine_map<(d0) -> (d0)>
func.func @sums(%x: tensor<?x64xf16>, %y: tensor<?x64xbf16>) -> (tensor<?xf32>, tensor<?xbf16>) {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %n = tensor.dim %x, %c0 : tensor<?x64xf16>
  %e = tensor.empty(%n) : tensor<?xf32>
  %f = tensor.empty(%n) : tensor<?xbf16>
  %init = linalg.fill ins(%zero : f32) outs(%e : tensor<?xf32>) -> tensor<?xf32>
  %r:2 = linalg.generic {indexing_maps = [#matrix, #matrix, #row, #row], iterator_types = ["parallel", "reduction"]}
      ins(%x, %y : tensor<?x64xf16>, tensor<?x64xbf16>) outs(%init, %init : tensor<?xf32>, tensor<?xf32>) {
  ^bb0(%a: f16, %b: bf16, %s: f32, %t: f32):
    %wa = arith.extf %a : f16 to f32
    %wb = arith.extf %b : bf16 to f32
    %ns = arith.addf %s, %wa : f32
    %nt = arith.addf %t, %wb : f32
    linalg.yield %ns, %nt : f32, f32
  } -> (tensor<?xf32>, tensor<?xf32>)
  %narrow = linalg.generic {indexing_maps = [#vector, #vector], iterator_types = ["parallel"]}
      ins(%r#1 : tensor<?xf32>) outs(%f : tensor<?xbf16>) {
  ^bb0(%t: f32, %o: bf16):
    %v = arith.truncf %t : f32 to bf16
    linalg.yield %v : bf16
  } -> tensor<?xbf16>
  return %r#0, %narrow : tensor<?xf32>, tensor<?xbf16>
}
