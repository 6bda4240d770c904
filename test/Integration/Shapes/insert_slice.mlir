// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A slice written into a copy of an argument: the argument itself, a value, must stay
// as it was.

func.func @insert(%x: tensor<?x6xf32>, %patch: tensor<2x3xf32>, %row: index) -> (tensor<?x6xf32>, tensor<?x6xf32>) {
  %patched = tensor.insert_slice %patch into %x[%row, 1] [2, 3] [1, 2] : tensor<2x3xf32> into tensor<?x6xf32>
  return %patched, %x : tensor<?x6xf32>, tensor<?x6xf32>
}
