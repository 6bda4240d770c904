// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Constants of one value, as front ends broadcast scalars: of several types, added,
// compared with, sliced, and returned as they are.

func.func @splats(%x: tensor<64x48xf32>, %n: tensor<64xi8>)
    -> (tensor<64x48xf32>, tensor<64xi8>, tensor<5xf32>) {
  %third = arith.constant dense<0.333333343> : tensor<64x48xf32>
  %zero = arith.constant dense<0.0> : tensor<64x48xf32>
  %three = arith.constant dense<3> : tensor<64xi8>
  %wide = arith.constant dense<-1.5> : tensor<64x8xf32>
  %e = tensor.empty() : tensor<64x48xf32>
  %scaled = linalg.mul ins(%x, %third : tensor<64x48xf32>, tensor<64x48xf32>) outs(%e : tensor<64x48xf32>) -> tensor<64x48xf32>
  %relu = linalg.max ins(%scaled, %zero : tensor<64x48xf32>, tensor<64x48xf32>) outs(%e : tensor<64x48xf32>) -> tensor<64x48xf32>
  %b = tensor.empty() : tensor<64xi8>
  %sum = linalg.add ins(%n, %three : tensor<64xi8>, tensor<64xi8>) outs(%b : tensor<64xi8>) -> tensor<64xi8>
  %row = tensor.extract_slice %wide[3, 1] [1, 5] [1, 1] : tensor<64x8xf32> to tensor<5xf32>
  return %relu, %sum, %row : tensor<64x48xf32>, tensor<64xi8>, tensor<5xf32>
}
