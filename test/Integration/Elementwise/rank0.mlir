// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Tensors of rank 0: one value, one point of the index space.

func.func @rank0(%x: tensor<f32>, %y: tensor<f32>, %k: tensor<i64>) -> (tensor<f32>, tensor<i64>) {
  %e = tensor.empty() : tensor<f32>
  %sum = linalg.add ins(%x, %y : tensor<f32>, tensor<f32>) outs(%e : tensor<f32>) -> tensor<f32>
  %product = linalg.mul ins(%sum, %x : tensor<f32>, tensor<f32>) outs(%e : tensor<f32>) -> tensor<f32>
  %value = tensor.extract %k[] : tensor<i64>
  %two = arith.constant 2 : i64
  %twice = arith.muli %value, %two : i64
  %result = tensor.from_elements %twice : tensor<i64>
  return %product, %result : tensor<f32>, tensor<i64>
}
