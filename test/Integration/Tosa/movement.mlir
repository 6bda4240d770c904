// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// tosa's data movement: pad, concat, slice, transpose, reverse, tile, gather.

func.func @movement(%x: tensor<4x6xf32>, %places: tensor<2x5xi32>, %table: tensor<2x7x3xf32>)
    -> (tensor<7x7xf32>, tensor<4x9xf32>, tensor<6x4xf32>, tensor<4x6xf32>, tensor<8x6xf32>, tensor<2x5x3xf32>) {
  %amounts = tosa.const_shape {values = dense<[1, 2, 0, 1]> : tensor<4xindex>} : () -> !tosa.shape<4>
  %filler = "tosa.const"() <{values = dense<-1.0> : tensor<1xf32>}> : () -> tensor<1xf32>
  %padded = tosa.pad %x, %amounts, %filler : (tensor<4x6xf32>, !tosa.shape<4>, tensor<1xf32>) -> tensor<7x7xf32>
  %start = tosa.const_shape {values = dense<[0, 2]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %size = tosa.const_shape {values = dense<[4, 3]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %window = tosa.slice %x, %start, %size : (tensor<4x6xf32>, !tosa.shape<2>, !tosa.shape<2>) -> tensor<4x3xf32>
  %joined = tosa.concat %window, %x {axis = 1 : i32} : (tensor<4x3xf32>, tensor<4x6xf32>) -> tensor<4x9xf32>
  %turned = tosa.transpose %x {perms = array<i32: 1, 0>} : (tensor<4x6xf32>) -> tensor<6x4xf32>
  %reversed = tosa.reverse %x {axis = 1 : i32} : (tensor<4x6xf32>) -> tensor<4x6xf32>
  %times = tosa.const_shape {values = dense<[2, 1]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %tiled = tosa.tile %x, %times : (tensor<4x6xf32>, !tosa.shape<2>) -> tensor<8x6xf32>
  %gathered = tosa.gather %table, %places : (tensor<2x7x3xf32>, tensor<2x5xi32>) -> tensor<2x5x3xf32>
  return %padded, %joined, %turned, %reversed, %tiled, %gathered
      : tensor<7x7xf32>, tensor<4x9xf32>, tensor<6x4xf32>, tensor<4x6xf32>, tensor<8x6xf32>, tensor<2x5x3xf32>
}
