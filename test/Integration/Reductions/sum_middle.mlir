// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Reductions over a dimension between others, and over the outer and inner ones around
// a kept one.

func.func @sum(%x: tensor<?x?x?xf32>) -> (tensor<?x?xf32>, tensor<?xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %zero = arith.constant 0.0 : f32
  %n = tensor.dim %x, %c0 : tensor<?x?x?xf32>
  %m = tensor.dim %x, %c1 : tensor<?x?x?xf32>
  %k = tensor.dim %x, %c2 : tensor<?x?x?xf32>
  %e = tensor.empty(%n, %k) : tensor<?x?xf32>
  %f = tensor.empty(%m) : tensor<?xf32>
  %i0 = linalg.fill ins(%zero : f32) outs(%e : tensor<?x?xf32>) -> tensor<?x?xf32>
  %i1 = linalg.fill ins(%zero : f32) outs(%f : tensor<?xf32>) -> tensor<?xf32>
  %r0 = linalg.reduce { arith.addf } ins(%x : tensor<?x?x?xf32>) outs(%i0 : tensor<?x?xf32>) dimensions = [1]
  %r1 = linalg.reduce { arith.addf } ins(%x : tensor<?x?x?xf32>) outs(%i1 : tensor<?xf32>) dimensions = [0, 2]
  return %r0, %r1 : tensor<?x?xf32>, tensor<?xf32>
}
