// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A product added to a matrix that is an argument: the argument is a value and must
// keep its contents.

func.func @accumulate(%a: tensor<8x16xf64>, %b: tensor<16x4xf64>, %c: tensor<8x4xf64>) -> (tensor<8x4xf64>, tensor<8x4xf64>) {
  %r = linalg.matmul ins(%a, %b : tensor<8x16xf64>, tensor<16x4xf64>) outs(%c : tensor<8x4xf64>) -> tensor<8x4xf64>
  return %r, %c : tensor<8x4xf64>, tensor<8x4xf64>
}
