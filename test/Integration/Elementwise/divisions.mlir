// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Integer divisions that the source leaves undefined: no backend traps, and both give the
// same. By zero the quotient is the dividend and the remainder is zero; the least integer
// by -1 wraps to itself.

func.func @divisions(%x: tensor<?xi32>, %y: tensor<?xi32>)
    -> (tensor<?xi32>, tensor<?xi32>, tensor<?xi32>, tensor<?xi32>, tensor<?xi32>, tensor<?xi32>) {
  %0 = arith.divsi %x, %y : tensor<?xi32>
  %1 = arith.remsi %x, %y : tensor<?xi32>
  %2 = arith.divui %x, %y : tensor<?xi32>
  %3 = arith.remui %x, %y : tensor<?xi32>
  %4 = arith.floordivsi %x, %y : tensor<?xi32>
  %5 = arith.ceildivsi %x, %y : tensor<?xi32>
  return %0, %1, %2, %3, %4, %5
      : tensor<?xi32>, tensor<?xi32>, tensor<?xi32>, tensor<?xi32>, tensor<?xi32>, tensor<?xi32>
}
