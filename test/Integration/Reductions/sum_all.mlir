// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Everything summed into one value: no parallel dimension is left.

func.func @sum(%x: tensor<?x?xf64>, %k: tensor<300xi32>) -> (tensor<f64>, tensor<i32>) {
  %zero = arith.constant 0.0 : f64
  %e = tensor.empty() : tensor<f64>
  %init = linalg.fill ins(%zero : f64) outs(%e : tensor<f64>) -> tensor<f64>
  %r = linalg.reduce { arith.addf } ins(%x : tensor<?x?xf64>) outs(%init : tensor<f64>) dimensions = [0, 1]
  %start = arith.constant dense<1000> : tensor<i32>
  %s = linalg.reduce { arith.addi } ins(%k : tensor<300xi32>) outs(%start : tensor<i32>) dimensions = [0]
  return %r, %s : tensor<f64>, tensor<i32>
}
