// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Dimensions permuted: of a matrix whose sides are no multiple of a tile, and of a
// tensor of rank 4.

func.func @transpose(%x: tensor<?x?xf32>, %y: tensor<2x3x4x5xi8>) -> (tensor<?x?xf32>, tensor<5x2x4x3xi8>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = tensor.dim %x, %c0 : tensor<?x?xf32>
  %m = tensor.dim %x, %c1 : tensor<?x?xf32>
  %e = tensor.empty(%m, %n) : tensor<?x?xf32>
  %t = linalg.transpose ins(%x : tensor<?x?xf32>) outs(%e : tensor<?x?xf32>) permutation = [1, 0]
  %e4 = tensor.empty() : tensor<5x2x4x3xi8>
  %p = linalg.transpose ins(%y : tensor<2x3x4x5xi8>) outs(%e4 : tensor<5x2x4x3xi8>) permutation = [3, 0, 2, 1]
  return %t, %p : tensor<?x?xf32>, tensor<5x2x4x3xi8>
}
