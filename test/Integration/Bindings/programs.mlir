// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Several public functions in one file, each a program of the artifact, with a private
// one that is inlined into both.

func.func private @square(%x: tensor<?xf32>) -> tensor<?xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?xf32>
  %e = tensor.empty(%n) : tensor<?xf32>
  %r = linalg.mul ins(%x, %x : tensor<?xf32>, tensor<?xf32>) outs(%e : tensor<?xf32>) -> tensor<?xf32>
  return %r : tensor<?xf32>
}

func.func @fourth(%x: tensor<?xf32>) -> tensor<?xf32> {
  %a = call @square(%x) : (tensor<?xf32>) -> tensor<?xf32>
  %b = call @square(%a) : (tensor<?xf32>) -> tensor<?xf32>
  return %b : tensor<?xf32>
}

func.func @squares(%x: tensor<?xf32>, %y: tensor<?xf32>) -> (tensor<?xf32>, tensor<?xf32>) {
  %a = call @square(%x) : (tensor<?xf32>) -> tensor<?xf32>
  %b = call @square(%y) : (tensor<?xf32>) -> tensor<?xf32>
  return %a, %b : tensor<?xf32>, tensor<?xf32>
}
