// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Constants of every kind: a splat, a dense list, a resource blob, booleans, half
// floats; each comes with the artifact.

#map = affine_map<(d0, d1) -> (d0, d1)>
#row = affine_map<(d0, d1) -> (d1)>
func.func @constants(%x: tensor<?x4xf32>) -> (tensor<?x4xf32>, tensor<4xf32>) {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x4xf32>
  %splat = arith.constant dense<0.5> : tensor<4xf32>
  %list = arith.constant dense<[1.0, -2.0, 3.0, -4.0]> : tensor<4xf32>
  %blob = arith.constant dense_resource<offsets> : tensor<4xf32>
  %mask = arith.constant dense<[true, false, true, true]> : tensor<4xi1>
  %halves = arith.constant dense<[0.25, 0.5, 1.0, 65504.0]> : tensor<4xf16>
  %brains = arith.constant dense<[1.0, 2.0, -3.0, 0.5]> : tensor<4xbf16>
  %places = arith.constant dense<[3, 2, 1, 0]> : tensor<4xindex>
  %e = tensor.empty(%n) : tensor<?x4xf32>
  %r = linalg.generic {indexing_maps = [#map, #row, #row, #row, #row, #row, #row, #map], iterator_types = ["parallel", "parallel"]}
      ins(%x, %splat, %list, %mask, %halves, %brains, %places
          : tensor<?x4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xi1>, tensor<4xf16>, tensor<4xbf16>, tensor<4xindex>)
      outs(%e : tensor<?x4xf32>) {
  ^bb0(%a: f32, %s: f32, %l: f32, %m: i1, %h: f16, %b: bf16, %p: index, %o: f32):
    %r0 = arith.mulf %a, %s : f32
    %r1 = arith.addf %r0, %l : f32
    %wide = arith.extf %h : f16 to f32
    %r2 = arith.addf %r1, %wide : f32
    %brain = arith.extf %b : bf16 to f32
    %r3 = arith.mulf %r2, %brain : f32
    %picked = tensor.extract %blob[%p] : tensor<4xf32>
    %r4 = arith.addf %r3, %picked : f32
    %r5 = arith.select %m, %r4, %a : f32
    linalg.yield %r5 : f32
  } -> tensor<?x4xf32>
  return %r, %blob : tensor<?x4xf32>, tensor<4xf32>
}

// The first four bytes give the alignment; the values are 10, 20, 30 and 40.
{-#
  dialect_resources: {
    builtin: {
      offsets: "0x04000000000020410000A0410000F04100002042"
    }
  }
#-}
