// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Extents of zero, static and dynamic, before, between and behind others: nothing is
// launched, and the results have the right shapes.

#map = affine_map<(d0, d1, d2) -> (d0, d1, d2)>
func.func @empty(%x: tensor<?x0x3xf32>, %y: tensor<2x?x?xi32>) -> (tensor<?x0x3xf32>, tensor<2x?x?xi32>, tensor<0xf64>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %n = tensor.dim %x, %c0 : tensor<?x0x3xf32>
  %m = tensor.dim %y, %c1 : tensor<2x?x?xi32>
  %k = tensor.dim %y, %c2 : tensor<2x?x?xi32>
  %e = tensor.empty(%n) : tensor<?x0x3xf32>
  %sum = linalg.add ins(%x, %x : tensor<?x0x3xf32>, tensor<?x0x3xf32>) outs(%e : tensor<?x0x3xf32>) -> tensor<?x0x3xf32>
  %f = tensor.empty(%m, %k) : tensor<2x?x?xi32>
  %twice = linalg.add ins(%y, %y : tensor<2x?x?xi32>, tensor<2x?x?xi32>) outs(%f : tensor<2x?x?xi32>) -> tensor<2x?x?xi32>
  %value = arith.constant 1.0 : f64
  %g = tensor.empty() : tensor<0xf64>
  %none = linalg.fill ins(%value : f64) outs(%g : tensor<0xf64>) -> tensor<0xf64>
  return %sum, %twice, %none : tensor<?x0x3xf32>, tensor<2x?x?xi32>, tensor<0xf64>
}
