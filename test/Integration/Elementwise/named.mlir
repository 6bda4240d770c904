// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Elementwise operations by name, linalg.map and linalg.elementwise: other spellings of
// the same loops.

func.func @named(%x: tensor<?x8xf32>, %y: tensor<?x8xf32>) -> (tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>) {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x8xf32>
  %e = tensor.empty(%n) : tensor<?x8xf32>
  %magnitude = linalg.abs ins(%y : tensor<?x8xf32>) outs(%e : tensor<?x8xf32>) -> tensor<?x8xf32>
  %root = linalg.sqrt ins(%magnitude : tensor<?x8xf32>) outs(%e : tensor<?x8xf32>) -> tensor<?x8xf32>
  %quotient = linalg.div ins(%x, %root : tensor<?x8xf32>, tensor<?x8xf32>) outs(%e : tensor<?x8xf32>) -> tensor<?x8xf32>
  %mapped = linalg.map { arith.subf } ins(%quotient, %x : tensor<?x8xf32>, tensor<?x8xf32>) outs(%e : tensor<?x8xf32>)
  %squared = linalg.map ins(%mapped : tensor<?x8xf32>) outs(%e : tensor<?x8xf32>)
    (%a: f32, %o: f32) {
      %s = arith.mulf %a, %a : f32
      linalg.yield %s : f32
    }
  %sum = linalg.elementwise kind=#linalg.elementwise_kind<add>
      ins(%squared, %y : tensor<?x8xf32>, tensor<?x8xf32>) outs(%e : tensor<?x8xf32>) -> tensor<?x8xf32>
  return %root, %mapped, %sum : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
}
