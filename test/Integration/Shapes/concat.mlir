// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Concatenation along the first and along the last dimension, of static and dynamic
// parts, and of a tensor with itself.

func.func @concat(%x: tensor<?x3xf32>, %y: tensor<?x3xf32>, %z: tensor<2x4xi16>) -> (tensor<?x3xf32>, tensor<2x8xi16>) {
  %rows = tensor.concat dim(0) %x, %y, %x : (tensor<?x3xf32>, tensor<?x3xf32>, tensor<?x3xf32>) -> tensor<?x3xf32>
  %columns = tensor.concat dim(1) %z, %z : (tensor<2x4xi16>, tensor<2x4xi16>) -> tensor<2x8xi16>
  return %rows, %columns : tensor<?x3xf32>, tensor<2x8xi16>
}
