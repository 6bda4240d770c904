// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Results made from nothing but scalars: tensor.generate, tensor.splat and linalg.fill,
// whose extents are arguments.

func.func @generate(%n: index, %m: index, %value: f32) -> (tensor<?x?xi64>, tensor<?xf32>, tensor<3x?xf32>) {
  %table = tensor.generate %n, %m {
  ^bb0(%i: index, %j: index):
    %product = arith.muli %i, %j : index
    %wide = arith.index_cast %product : index to i64
    tensor.yield %wide : i64
  } : tensor<?x?xi64>
  %splat = tensor.splat %value[%n] : tensor<?xf32>
  %e = tensor.empty(%m) : tensor<3x?xf32>
  %filled = linalg.fill ins(%value : f32) outs(%e : tensor<3x?xf32>) -> tensor<3x?xf32>
  return %table, %splat, %filled : tensor<?x?xi64>, tensor<?xf32>, tensor<3x?xf32>
}
