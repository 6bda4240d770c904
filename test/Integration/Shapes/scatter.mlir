// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Rows and elements that go to places which are read from memory: tensor.scatter, and
// tosa.scatter.

func.func @rows(%x: tensor<?x5xf32>, %d: tensor<?x5xf32>, %i: tensor<?x1xi32>) -> tensor<?x5xf32> {
  %r = tensor.scatter %x into %d[%i] scatter_dims([0]) unique
      : (tensor<?x5xf32>, tensor<?x5xf32>, tensor<?x1xi32>) -> tensor<?x5xf32>
  return %r : tensor<?x5xf32>
}

func.func @elements(%x: tensor<6xf64>, %d: tensor<4x7xf64>, %i: tensor<6x2xindex>) -> tensor<4x7xf64> {
  %r = tensor.scatter %x into %d[%i] scatter_dims([0, 1]) unique
      : (tensor<6xf64>, tensor<4x7xf64>, tensor<6x2xindex>) -> tensor<4x7xf64>
  return %r : tensor<4x7xf64>
}

func.func @batches(%d: tensor<3x40x5xi16>, %i: tensor<3x26xi32>, %x: tensor<3x26x5xi16>) -> tensor<3x40x5xi16> {
  %r = tosa.scatter %d, %i, %x : (tensor<3x40x5xi16>, tensor<3x26xi32>, tensor<3x26x5xi16>) -> tensor<3x40x5xi16>
  return %r : tensor<3x40x5xi16>
}
