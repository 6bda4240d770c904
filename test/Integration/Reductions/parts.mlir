// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Long reductions over few points, which are computed in parts: all elements, in rows and
// in one dimension; columns; from an output that is not neutral; largest and smallest.

func.func @all(%x: tensor<300x1000xf32>, %start: tensor<f32>) -> tensor<f32> {
  %r = linalg.reduce { arith.addf } ins(%x : tensor<300x1000xf32>) outs(%start : tensor<f32>) dimensions = [0, 1]
  return %r : tensor<f32>
}

func.func @dot(%x: tensor<294912xf32>, %y: tensor<294912xf32>) -> tensor<f32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<f32>
  %init = linalg.fill ins(%zero : f32) outs(%e : tensor<f32>) -> tensor<f32>
  %r = linalg.dot ins(%x, %y : tensor<294912xf32>, tensor<294912xf32>) outs(%init : tensor<f32>) -> tensor<f32>
  return %r : tensor<f32>
}

func.func @columns(%x: tensor<1200x7xi32>, %start: tensor<7xi32>) -> tensor<7xi32> {
  %r = linalg.reduce { arith.addi } ins(%x : tensor<1200x7xi32>) outs(%start : tensor<7xi32>) dimensions = [0]
  return %r : tensor<7xi32>
}

func.func @smallest(%x: tensor<2048x40xf32>, %start: tensor<40xf32>) -> tensor<40xf32> {
  %r = linalg.reduce { arith.minimumf } ins(%x : tensor<2048x40xf32>) outs(%start : tensor<40xf32>) dimensions = [0]
  return %r : tensor<40xf32>
}
