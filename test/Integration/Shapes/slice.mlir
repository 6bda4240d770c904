// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Slices with offsets, sizes and strides, constant and from arguments, also one that
// drops a dimension.

func.func @slice(%x: tensor<?x10xf32>, %first: index, %count: index) -> (tensor<?x4xf32>, tensor<?xf32>, tensor<3xf32>) {
  %window = tensor.extract_slice %x[%first, 1] [%count, 4] [2, 2] : tensor<?x10xf32> to tensor<?x4xf32>
  %column = tensor.extract_slice %x[%first, 9] [%count, 1] [1, 1] : tensor<?x10xf32> to tensor<?xf32>
  %row = tensor.extract_slice %x[0, 2] [1, 3] [1, 3] : tensor<?x10xf32> to tensor<3xf32>
  return %window, %column, %row : tensor<?x4xf32>, tensor<?xf32>, tensor<3xf32>
}
