// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Matrix times vector and vector times matrix: one reduces rows, the other columns.

func.func @matvec(%a: tensor<?x?xf32>, %x: tensor<?xf32>, %y: tensor<?xf32>) -> (tensor<?xf32>, tensor<?xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %n = tensor.dim %a, %c0 : tensor<?x?xf32>
  %m = tensor.dim %a, %c1 : tensor<?x?xf32>
  %e = tensor.empty(%n) : tensor<?xf32>
  %f = tensor.empty(%m) : tensor<?xf32>
  %i0 = linalg.fill ins(%zero : f32) outs(%e : tensor<?xf32>) -> tensor<?xf32>
  %i1 = linalg.fill ins(%zero : f32) outs(%f : tensor<?xf32>) -> tensor<?xf32>
  %ax = linalg.matvec ins(%a, %x : tensor<?x?xf32>, tensor<?xf32>) outs(%i0 : tensor<?xf32>) -> tensor<?xf32>
  %ya = linalg.vecmat ins(%y, %a : tensor<?xf32>, tensor<?x?xf32>) outs(%i1 : tensor<?xf32>) -> tensor<?xf32>
  return %ax, %ya : tensor<?xf32>, tensor<?xf32>
}
