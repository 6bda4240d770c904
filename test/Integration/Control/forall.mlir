// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// scf.forall over tiles of a tensor, each of which writes its own slice of the result.

func.func @tiles(%x: tensor<64x48xf32>) -> tensor<64x48xf32> {
  %e = tensor.empty() : tensor<64x48xf32>
  %r = scf.forall (%i, %j) in (4, 3) shared_outs(%out = %e) -> (tensor<64x48xf32>) {
    %row = affine.apply affine_map<(d0) -> (d0 * 16)>(%i)
    %column = affine.apply affine_map<(d0) -> (d0 * 16)>(%j)
    %tile = tensor.extract_slice %x[%row, %column] [16, 16] [1, 1] : tensor<64x48xf32> to tensor<16x16xf32>
    %target = tensor.extract_slice %out[%row, %column] [16, 16] [1, 1] : tensor<64x48xf32> to tensor<16x16xf32>
    %square = linalg.mul ins(%tile, %tile : tensor<16x16xf32>, tensor<16x16xf32>)
        outs(%target : tensor<16x16xf32>) -> tensor<16x16xf32>
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %square into %out[%row, %column] [16, 16] [1, 1]
          : tensor<16x16xf32> into tensor<64x48xf32>
    }
  }
  return %r : tensor<64x48xf32>
}
