// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Padding by constant and by run-time amounts, with a value that is constant or an
// argument: the result's extents are expressions over extents and scalars.

func.func @pad(%x: tensor<?x5xf32>, %low: index, %high: index, %value: f32) -> (tensor<?x8xf32>, tensor<?x?xf32>) {
  %zero = arith.constant 0.0 : f32
  %fixed = tensor.pad %x low[0, 1] high[2, 2] {
  ^bb0(%i: index, %j: index):
    tensor.yield %zero : f32
  } : tensor<?x5xf32> to tensor<?x8xf32>
  %free = tensor.pad %x low[%low, 0] high[0, %high] {
  ^bb0(%i: index, %j: index):
    tensor.yield %value : f32
  } : tensor<?x5xf32> to tensor<?x?xf32>
  return %fixed, %free : tensor<?x8xf32>, tensor<?x?xf32>
}
