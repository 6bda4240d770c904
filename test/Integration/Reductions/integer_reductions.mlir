// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Reductions whose order cannot matter, so that their results are exact: products,
// minimum, maximum, and, or, xor, over each width.

func.func @reductions(%a: tensor<?x?xi32>, %b: tensor<?x?xi64>, %c: tensor<?x?xi8>, %d: tensor<?x?xi1>)
    -> (tensor<?xi32>, tensor<?xi64>, tensor<?xi8>, tensor<?xi1>, tensor<?xi1>, tensor<?xi32>) {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %a, %c0 : tensor<?x?xi32>
  %low32 = arith.constant -2147483648 : i32
  %one64 = arith.constant 1 : i64
  %ones8 = arith.constant -1 : i8
  %true = arith.constant true
  %false = arith.constant false
  %zero32 = arith.constant 0 : i32
  %e32 = tensor.empty(%n) : tensor<?xi32>
  %e64 = tensor.empty(%n) : tensor<?xi64>
  %e8 = tensor.empty(%n) : tensor<?xi8>
  %e1 = tensor.empty(%n) : tensor<?xi1>
  %i0 = linalg.fill ins(%low32 : i32) outs(%e32 : tensor<?xi32>) -> tensor<?xi32>
  %i1 = linalg.fill ins(%one64 : i64) outs(%e64 : tensor<?xi64>) -> tensor<?xi64>
  %i2 = linalg.fill ins(%ones8 : i8) outs(%e8 : tensor<?xi8>) -> tensor<?xi8>
  %i3 = linalg.fill ins(%true : i1) outs(%e1 : tensor<?xi1>) -> tensor<?xi1>
  %i4 = linalg.fill ins(%false : i1) outs(%e1 : tensor<?xi1>) -> tensor<?xi1>
  %i5 = linalg.fill ins(%zero32 : i32) outs(%e32 : tensor<?xi32>) -> tensor<?xi32>
  %r0 = linalg.reduce { arith.maxsi } ins(%a : tensor<?x?xi32>) outs(%i0 : tensor<?xi32>) dimensions = [1]
  %r1 = linalg.reduce { arith.muli } ins(%b : tensor<?x?xi64>) outs(%i1 : tensor<?xi64>) dimensions = [1]
  %r2 = linalg.reduce { arith.minui } ins(%c : tensor<?x?xi8>) outs(%i2 : tensor<?xi8>) dimensions = [1]
  %r3 = linalg.reduce { arith.andi } ins(%d : tensor<?x?xi1>) outs(%i3 : tensor<?xi1>) dimensions = [1]
  %r4 = linalg.reduce { arith.ori } ins(%d : tensor<?x?xi1>) outs(%i4 : tensor<?xi1>) dimensions = [1]
  %r5 = linalg.reduce { arith.xori } ins(%a : tensor<?x?xi32>) outs(%i5 : tensor<?xi32>) dimensions = [1]
  return %r0, %r1, %r2, %r3, %r4, %r5
      : tensor<?xi32>, tensor<?xi64>, tensor<?xi8>, tensor<?xi1>, tensor<?xi1>, tensor<?xi32>
}
