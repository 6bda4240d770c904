// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// linalg.dot, and a float product: a reduction whose combination is not a sum.

func.func @dot(%x: tensor<?xf32>, %y: tensor<?xf32>) -> (tensor<f32>, tensor<f32>) {
  %zero = arith.constant dense<0.0> : tensor<f32>
  %one = arith.constant dense<1.0> : tensor<f32>
  %r = linalg.dot ins(%x, %y : tensor<?xf32>, tensor<?xf32>) outs(%zero : tensor<f32>) -> tensor<f32>
  %p = linalg.reduce { arith.mulf } ins(%y : tensor<?xf32>) outs(%one : tensor<f32>) dimensions = [0]
  return %r, %p : tensor<f32>, tensor<f32>
}
