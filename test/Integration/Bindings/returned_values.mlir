// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Returned arguments, views, constants and one value twice: each result is a memory of
// its own.

func.func @values(%x: tensor<?xf32>, %y: tensor<4x6xi16>)
    -> (tensor<?xf32>, tensor<?xf32>, tensor<2x6xi16>, tensor<24xi16>, tensor<3xf64>, tensor<?xf32>, tensor<?xf32>) {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?xf32>
  %e = tensor.empty(%n) : tensor<?xf32>
  %twice = linalg.add ins(%x, %x : tensor<?xf32>, tensor<?xf32>) outs(%e : tensor<?xf32>) -> tensor<?xf32>
  %rows = tensor.extract_slice %y[1, 0] [2, 6] [1, 1] : tensor<4x6xi16> to tensor<2x6xi16>
  %flat = tensor.collapse_shape %y [[0, 1]] : tensor<4x6xi16> into tensor<24xi16>
  %table = arith.constant dense<[1.5, -2.0, 0.25]> : tensor<3xf64>
  return %x, %x, %rows, %flat, %table, %twice, %twice
      : tensor<?xf32>, tensor<?xf32>, tensor<2x6xi16>, tensor<24xi16>, tensor<3xf64>, tensor<?xf32>, tensor<?xf32>
}
