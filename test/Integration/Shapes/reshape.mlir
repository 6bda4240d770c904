// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Views that change the shape and not the bytes: collapse, expand, and both with a
// computation between.

func.func @reshape(%x: tensor<?x6xf32>) -> (tensor<?xf32>, tensor<?x2x3xf32>) {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x6xf32>
  %flat = tensor.collapse_shape %x [[0, 1]] : tensor<?x6xf32> into tensor<?xf32>
  %length = tensor.dim %flat, %c0 : tensor<?xf32>
  %e = tensor.empty(%length) : tensor<?xf32>
  %twice = linalg.add ins(%flat, %flat : tensor<?xf32>, tensor<?xf32>) outs(%e : tensor<?xf32>) -> tensor<?xf32>
  %cubes = tensor.expand_shape %x [[0], [1, 2]] output_shape [%n, 2, 3] : tensor<?x6xf32> into tensor<?x2x3xf32>
  return %twice, %cubes : tensor<?xf32>, tensor<?x2x3xf32>
}
