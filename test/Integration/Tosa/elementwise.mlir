// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// tosa's elementwise operations that are exact, with broadcasting of extents of one.

func.func @elementwise(%x: tensor<?x8xf32>, %y: tensor<1x8xf32>, %k: tensor<?x8xi32>)
    -> (tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xi32>, tensor<?x8xi1>) {
  %shift = "tosa.const"() <{values = dense<0> : tensor<1xi8>}> : () -> tensor<1xi8>
  %zp = "tosa.const"() <{values = dense<0.0> : tensor<1xf32>}> : () -> tensor<1xf32>
  %a = tosa.abs %x : (tensor<?x8xf32>) -> tensor<?x8xf32>
  %b = tosa.maximum %a, %y : (tensor<?x8xf32>, tensor<1x8xf32>) -> tensor<?x8xf32>
  %c = tosa.floor %b : (tensor<?x8xf32>) -> tensor<?x8xf32>
  %d = tosa.sub %b, %c : (tensor<?x8xf32>, tensor<?x8xf32>) -> tensor<?x8xf32>
  %negated = tosa.negate %x, %zp, %zp : (tensor<?x8xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<?x8xf32>
  %greater = tosa.greater %x, %y : (tensor<?x8xf32>, tensor<1x8xf32>) -> tensor<?x8xi1>
  %chosen = tosa.select %greater, %negated, %d : (tensor<?x8xi1>, tensor<?x8xf32>, tensor<?x8xf32>) -> tensor<?x8xf32>
  %two = "tosa.const"() <{values = dense<2> : tensor<1x1xi32>}> : () -> tensor<1x1xi32>
  %k1 = tosa.arithmetic_right_shift %k, %two {round = false} : (tensor<?x8xi32>, tensor<1x1xi32>) -> tensor<?x8xi32>
  %k2 = tosa.bitwise_xor %k1, %k : (tensor<?x8xi32>, tensor<?x8xi32>) -> tensor<?x8xi32>
  %k3 = tosa.mul %k2, %two, %shift : (tensor<?x8xi32>, tensor<1x1xi32>, tensor<1xi8>) -> tensor<?x8xi32>
  %equal = tosa.equal %k2, %k : (tensor<?x8xi32>, tensor<?x8xi32>) -> tensor<?x8xi1>
  %either = tosa.logical_or %equal, %greater : (tensor<?x8xi1>, tensor<?x8xi1>) -> tensor<?x8xi1>
  return %d, %chosen, %k3, %either : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xi32>, tensor<?x8xi1>
}
