// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The bits of a tensor as another type, as tensors and in memory.

func.func @bits(%x: tensor<?x3xf32>) -> tensor<?x3xi32> {
  %0 = tensor.bitcast %x : tensor<?x3xf32> to tensor<?x3xi32>
  return %0 : tensor<?x3xi32>
}
