// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Minimum and maximum of floats: exact in any order, and NaN wins over numbers.

func.func @extremes(%x: tensor<?x?xf32>) -> (tensor<?xf32>, tensor<?xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = tensor.dim %x, %c0 : tensor<?x?xf32>
  %m = tensor.dim %x, %c1 : tensor<?x?xf32>
  %low = arith.constant 0xFF800000 : f32
  %high = arith.constant 0x7F800000 : f32
  %e = tensor.empty(%n) : tensor<?xf32>
  %f = tensor.empty(%m) : tensor<?xf32>
  %i0 = linalg.fill ins(%low : f32) outs(%e : tensor<?xf32>) -> tensor<?xf32>
  %i1 = linalg.fill ins(%high : f32) outs(%f : tensor<?xf32>) -> tensor<?xf32>
  %r0 = linalg.reduce { arith.maximumf } ins(%x : tensor<?x?xf32>) outs(%i0 : tensor<?xf32>) dimensions = [1]
  %r1 = linalg.reduce { arith.minimumf } ins(%x : tensor<?x?xf32>) outs(%i1 : tensor<?xf32>) dimensions = [0]
  return %r0, %r1 : tensor<?xf32>, tensor<?xf32>
}
