// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Programs that launch nothing, in an artifact without a kernel, and their results.

func.func @nothing() {
  return
}

func.func @empty(%x: tensor<0x1099511627776xf32>) -> tensor<0x1099511627776xf32> {
  %0 = arith.addf %x, %x : tensor<0x1099511627776xf32>
  return %0 : tensor<0x1099511627776xf32>
}
