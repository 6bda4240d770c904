// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Products whose tiles a block of threads loads its operands for: tiles of 32 x 32 points,
// as they are and of transposed operands in a batch, of 32 x 64 and of 64 x 64.

func.func @layer(%x: tensor<256x48xf32>, %w: tensor<48x256xf32>, %bias: tensor<256xf32>) -> tensor<256x256xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<256x256xf32>
  %init = linalg.fill ins(%zero : f32) outs(%e : tensor<256x256xf32>) -> tensor<256x256xf32>
  %product = linalg.matmul ins(%x, %w : tensor<256x48xf32>, tensor<48x256xf32>)
      outs(%init : tensor<256x256xf32>) -> tensor<256x256xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (j)>,
                                        affine_map<(i, j) -> (i, j)>],
                       iterator_types = ["parallel", "parallel"]}
      ins(%product, %bias : tensor<256x256xf32>, tensor<256xf32>) outs(%e : tensor<256x256xf32>) {
  ^bb0(%p: f32, %b: f32, %o: f32):
    %sum = arith.addf %p, %b : f32
    %positive = arith.maximumf %sum, %zero : f32
    linalg.yield %positive : f32
  } -> tensor<256x256xf32>
  return %r : tensor<256x256xf32>
}

func.func @transposed(%a: tensor<4x32x128xi32>, %b: tensor<4x128x32xi32>, %c: tensor<4x128x128xi32>) -> tensor<4x128x128xi32> {
  %r = linalg.generic {indexing_maps = [affine_map<(n, i, j, k) -> (n, k, i)>,
                                        affine_map<(n, i, j, k) -> (n, j, k)>,
                                        affine_map<(n, i, j, k) -> (n, i, j)>],
                       iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%a, %b : tensor<4x32x128xi32>, tensor<4x128x32xi32>) outs(%c : tensor<4x128x128xi32>) {
  ^bb0(%x: i32, %y: i32, %o: i32):
    %product = arith.muli %x, %y : i32
    %sum = arith.addi %o, %product : i32
    linalg.yield %sum : i32
  } -> tensor<4x128x128xi32>
  return %r : tensor<4x128x128xi32>
}

func.func @medium(%a: tensor<512x32xi32>, %b: tensor<32x1024xi32>) -> (tensor<i32>, tensor<i32>) {
  %zero = arith.constant 0 : i32
  %e = tensor.empty() : tensor<512x1024xi32>
  %init = linalg.fill ins(%zero : i32) outs(%e : tensor<512x1024xi32>) -> tensor<512x1024xi32>
  %c = linalg.matmul ins(%a, %b : tensor<512x32xi32>, tensor<32x1024xi32>)
      outs(%init : tensor<512x1024xi32>) -> tensor<512x1024xi32>
  %esum = tensor.empty() : tensor<i32>
  %isum = linalg.fill ins(%zero : i32) outs(%esum : tensor<i32>) -> tensor<i32>
  %sum = linalg.reduce { arith.addi } ins(%c : tensor<512x1024xi32>)
      outs(%isum : tensor<i32>) dimensions = [0, 1]
  %exor = tensor.empty() : tensor<i32>
  %ixor = linalg.fill ins(%zero : i32) outs(%exor : tensor<i32>) -> tensor<i32>
  %xor = linalg.reduce { arith.xori } ins(%c : tensor<512x1024xi32>)
      outs(%ixor : tensor<i32>) dimensions = [0, 1]
  return %sum, %xor : tensor<i32>, tensor<i32>
}

func.func @large(%a: tensor<1024x16xi32>, %b: tensor<16x1024xi32>) -> (tensor<i32>, tensor<i32>) {
  %zero = arith.constant 0 : i32
  %e = tensor.empty() : tensor<1024x1024xi32>
  %init = linalg.fill ins(%zero : i32) outs(%e : tensor<1024x1024xi32>) -> tensor<1024x1024xi32>
  %c = linalg.matmul ins(%a, %b : tensor<1024x16xi32>, tensor<16x1024xi32>)
      outs(%init : tensor<1024x1024xi32>) -> tensor<1024x1024xi32>
  %esum = tensor.empty() : tensor<i32>
  %isum = linalg.fill ins(%zero : i32) outs(%esum : tensor<i32>) -> tensor<i32>
  %sum = linalg.reduce { arith.addi } ins(%c : tensor<1024x1024xi32>)
      outs(%isum : tensor<i32>) dimensions = [0, 1]
  %exor = tensor.empty() : tensor<i32>
  %ixor = linalg.fill ins(%zero : i32) outs(%exor : tensor<i32>) -> tensor<i32>
  %xor = linalg.reduce { arith.xori } ins(%c : tensor<1024x1024xi32>)
      outs(%ixor : tensor<i32>) dimensions = [0, 1]
  return %sum, %xor : tensor<i32>, tensor<i32>
}
