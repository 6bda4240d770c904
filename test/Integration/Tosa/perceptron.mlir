// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Two dense layers and a softmax built from tosa operations, over a dynamic batch.

func.func @perceptron(%x: tensor<1x?x12xf32>, %w1: tensor<1x12x20xf32>, %b1: tensor<1x1x20xf32>, %w2: tensor<1x20x5xf32>) -> tensor<1x?x5xf32> {
  %zp = "tosa.const"() <{values = dense<0.0> : tensor<1xf32>}> : () -> tensor<1xf32>
  %shift = "tosa.const"() <{values = dense<0> : tensor<1xi8>}> : () -> tensor<1xi8>
  %h0 = tosa.matmul %x, %w1, %zp, %zp : (tensor<1x?x12xf32>, tensor<1x12x20xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x?x20xf32>
  %h1 = tosa.add %h0, %b1 : (tensor<1x?x20xf32>, tensor<1x1x20xf32>) -> tensor<1x?x20xf32>
  %h2 = tosa.clamp %h1 {min_val = 0.0 : f32, max_val = 6.0 : f32} : (tensor<1x?x20xf32>) -> tensor<1x?x20xf32>
  %y = tosa.matmul %h2, %w2, %zp, %zp : (tensor<1x?x20xf32>, tensor<1x20x5xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x?x5xf32>
  %largest = tosa.reduce_max %y {axis = 2 : i32} : (tensor<1x?x5xf32>) -> tensor<1x?x1xf32>
  %moved = tosa.sub %y, %largest : (tensor<1x?x5xf32>, tensor<1x?x1xf32>) -> tensor<1x?x5xf32>
  %powers = tosa.exp %moved : (tensor<1x?x5xf32>) -> tensor<1x?x5xf32>
  %sum = tosa.reduce_sum %powers {axis = 2 : i32} : (tensor<1x?x5xf32>) -> tensor<1x?x1xf32>
  %inverse = tosa.reciprocal %sum : (tensor<1x?x1xf32>) -> tensor<1x?x1xf32>
  %r = tosa.mul %powers, %inverse, %shift : (tensor<1x?x5xf32>, tensor<1x?x1xf32>, tensor<1xi8>) -> tensor<1x?x5xf32>
  return %r : tensor<1x?x5xf32>
}
