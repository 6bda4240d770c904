// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// + - * / and sqrt in f64, where a GPU has no faster but inexact form to fall back to.

#map = affine_map<(d0, d1) -> (d0, d1)>
func.func @arithmetic(%x: tensor<?x17xf64>, %y: tensor<?x17xf64>) -> tensor<?x17xf64> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x17xf64>
  %e = tensor.empty(%n) : tensor<?x17xf64>
  %r = linalg.generic {indexing_maps = [#map, #map, #map], iterator_types = ["parallel", "parallel"]}
      ins(%x, %y : tensor<?x17xf64>, tensor<?x17xf64>) outs(%e : tensor<?x17xf64>) {
  ^bb0(%a: f64, %b: f64, %o: f64):
    %third = arith.constant 0.33333333333333331 : f64
    %scaled = arith.mulf %a, %third : f64
    %sum = arith.addf %scaled, %b : f64
    %magnitude = math.absf %sum : f64
    %root = math.sqrt %magnitude : f64
    %quotient = arith.divf %a, %root : f64
    %rest = arith.subf %quotient, %b : f64
    linalg.yield %rest : f64
  } -> tensor<?x17xf64>
  return %r : tensor<?x17xf64>
}
