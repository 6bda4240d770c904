// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Control flow inside the body: a loop per element whose trip count depends on the
// data, as in an escape-time fractal.

#map = affine_map<(d0, d1) -> (d0, d1)>
func.func @escape(%re: tensor<?x?xf64>, %im: tensor<?x?xf64>) -> tensor<?x?xi32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = tensor.dim %re, %c0 : tensor<?x?xf64>
  %m = tensor.dim %re, %c1 : tensor<?x?xf64>
  %e = tensor.empty(%n, %m) : tensor<?x?xi32>
  %r = linalg.generic {indexing_maps = [#map, #map, #map], iterator_types = ["parallel", "parallel"]}
      ins(%re, %im : tensor<?x?xf64>, tensor<?x?xf64>) outs(%e : tensor<?x?xi32>) {
  ^bb0(%a: f64, %b: f64, %o: i32):
    %zero = arith.constant 0.0 : f64
    %two = arith.constant 2.0 : f64
    %four = arith.constant 4.0 : f64
    %i0 = arith.constant 0 : i32
    %i1 = arith.constant 1 : i32
    %limit = arith.constant 50 : i32
    %res:3 = scf.while (%x = %zero, %y = %zero, %k = %i0) : (f64, f64, i32) -> (f64, f64, i32) {
      %xx = arith.mulf %x, %x : f64
      %yy = arith.mulf %y, %y : f64
      %length = arith.addf %xx, %yy : f64
      %inside = arith.cmpf ole, %length, %four : f64
      %early = arith.cmpi slt, %k, %limit : i32
      %go = arith.andi %inside, %early : i1
      scf.condition(%go) %x, %y, %k : f64, f64, i32
    } do {
    ^bb0(%x: f64, %y: f64, %k: i32):
      %xx = arith.mulf %x, %x : f64
      %yy = arith.mulf %y, %y : f64
      %difference = arith.subf %xx, %yy : f64
      %nx = arith.addf %difference, %a : f64
      %xy = arith.mulf %x, %y : f64
      %xy2 = arith.mulf %xy, %two : f64
      %ny = arith.addf %xy2, %b : f64
      %nk = arith.addi %k, %i1 : i32
      scf.yield %nx, %ny, %nk : f64, f64, i32
    }
    %odd = arith.andi %res#2, %i1 : i32
    %isOdd = arith.cmpi eq, %odd, %i1 : i32
    %coloured = scf.if %isOdd -> (i32) {
      %negative = arith.subi %i0, %res#2 : i32
      scf.yield %negative : i32
    } else {
      scf.yield %res#2 : i32
    }
    linalg.yield %coloured : i32
  } -> tensor<?x?xi32>
  return %r : tensor<?x?xi32>
}
