// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Scalar arguments of several types stay scalars: they are passed by value and not
// uploaded as buffers.

#map = affine_map<(d0) -> (d0)>
func.func @scale(%x: tensor<?xf32>, %factor: f32, %shift: f64, %steps: i32, %on: i1, %half: f16) -> tensor<?xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?xf32>
  %e = tensor.empty(%n) : tensor<?xf32>
  %shift32 = arith.truncf %shift : f64 to f32
  %steps32 = arith.sitofp %steps : i32 to f32
  %half32 = arith.extf %half : f16 to f32
  %r = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel"]}
      ins(%x : tensor<?xf32>) outs(%e : tensor<?xf32>) {
  ^bb0(%a: f32, %o: f32):
    %scaled = arith.mulf %a, %factor : f32
    %shifted = arith.addf %scaled, %shift32 : f32
    %divided = arith.divf %shifted, %steps32 : f32
    %moved = arith.subf %divided, %half32 : f32
    %chosen = arith.select %on, %moved, %a : f32
    linalg.yield %chosen : f32
  } -> tensor<?xf32>
  return %r : tensor<?xf32>
}
