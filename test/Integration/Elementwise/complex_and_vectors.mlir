// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Complex numbers and vectors inside of a body; the arguments stay real and scalar.

func.func @square(%re: tensor<?xf32>, %im: tensor<?xf32>) -> (tensor<?xf32>, tensor<?xf32>) {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %re, %c0 : tensor<?xf32>
  %e = tensor.empty(%n) : tensor<?xf32>
  %0:2 = linalg.generic {
      indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>,
                       affine_map<(i) -> (i)>, affine_map<(i) -> (i)>],
      iterator_types = ["parallel"]}
      ins(%re, %im : tensor<?xf32>, tensor<?xf32>) outs(%e, %e : tensor<?xf32>, tensor<?xf32>) {
  ^bb0(%x: f32, %y: f32, %a: f32, %b: f32):
    %z = complex.create %x, %y : complex<f32>
    %w = complex.mul %z, %z : complex<f32>
    %u = complex.re %w : complex<f32>
    %v = complex.im %w : complex<f32>
    linalg.yield %u, %v : f32, f32
  } -> (tensor<?xf32>, tensor<?xf32>)
  return %0#0, %0#1 : tensor<?xf32>, tensor<?xf32>
}

func.func @fours(%x: memref<64xf32>, %y: memref<64xf32>) {
  %c0 = arith.constant 0 : index
  %c4 = arith.constant 4 : index
  %c64 = arith.constant 64 : index
  scf.parallel (%i) = (%c0) to (%c64) step (%c4) {
    %v = vector.load %x[%i] : memref<64xf32>, vector<4xf32>
    %w = arith.addf %v, %v : vector<4xf32>
    vector.store %w, %y[%i] : memref<64xf32>, vector<4xf32>
    scf.reduce
  }
  return
}
