// RUN: %run-case %s --option=--verify-launches
// RUN: %run-case %s --option=--fuse=off
// RUN: vyre-opt %s -pass-pipeline='builtin.module(vyre-input-pipeline,vyre.program(vyre-fuse-launches,vyre-form-launches,vyre-merge-stages))' --remarks-filter='vyre-(fuse|merge).*' -o /dev/null 2>&1 | FileCheck %s --implicit-check-not=Missed
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What works on rows: each function is one launch, and keeps no intermediate in memory.

#matrix = affine_map<(d0, d1) -> (d0, d1)>
#row = affine_map<(d0, d1) -> (d0)>
#column = affine_map<(d0, d1) -> (d1)>

// CHECK: [Passed] fused {{.*}} Function=softmax | {{.*}} Stages=6
// CHECK: [Passed] merged {{.*}} Function=softmax | {{.*}} IntermediatesErased=3,
func.func @softmax(%x: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %m = tensor.dim %x, %c0 : tensor<?x?xf32>
  %n = tensor.dim %x, %c1 : tensor<?x?xf32>
  %e = tensor.empty(%m, %n) : tensor<?x?xf32>
  %r = linalg.softmax dimension(1) ins(%x : tensor<?x?xf32>) outs(%e : tensor<?x?xf32>) -> tensor<?x?xf32>
  return %r : tensor<?x?xf32>
}

// CHECK: [Passed] fused {{.*}} Function=layerNorm | {{.*}} Stages=5
// CHECK: [Passed] merged {{.*}} Function=layerNorm | {{.*}} IntermediatesErased=2,
func.func @layerNorm(%x: tensor<64x96xf32>, %gain: tensor<96xf32>, %bias: tensor<96xf32>) -> tensor<64x96xf32> {
  %zero = arith.constant 0.0 : f32
  %epsilon = arith.constant 1.0e-5 : f32
  %count = arith.constant 96.0 : f32
  %e = tensor.empty() : tensor<64xf32>
  %init = linalg.fill ins(%zero : f32) outs(%e : tensor<64xf32>) -> tensor<64xf32>
  %sum = linalg.reduce { arith.addf } ins(%x : tensor<64x96xf32>) outs(%init : tensor<64xf32>) dimensions = [1]
  %squares = linalg.generic {indexing_maps = [#matrix, #row, #row], iterator_types = ["parallel", "reduction"]}
      ins(%x, %sum : tensor<64x96xf32>, tensor<64xf32>) outs(%init : tensor<64xf32>) {
  ^bb0(%a: f32, %s: f32, %o: f32):
    %mean = arith.divf %s, %count : f32
    %difference = arith.subf %a, %mean : f32
    %square = arith.mulf %difference, %difference : f32
    %next = arith.addf %o, %square : f32
    linalg.yield %next : f32
  } -> tensor<64xf32>
  %out = tensor.empty() : tensor<64x96xf32>
  %r = linalg.generic {indexing_maps = [#matrix, #row, #row, #column, #column, #matrix], iterator_types = ["parallel", "parallel"]}
      ins(%x, %sum, %squares, %gain, %bias : tensor<64x96xf32>, tensor<64xf32>, tensor<64xf32>, tensor<96xf32>, tensor<96xf32>)
      outs(%out : tensor<64x96xf32>) {
  ^bb0(%a: f32, %s: f32, %q: f32, %g: f32, %b: f32, %o: f32):
    %mean = arith.divf %s, %count : f32
    %variance = arith.divf %q, %count : f32
    %guarded = arith.addf %variance, %epsilon : f32
    %deviation = math.sqrt %guarded : f32
    %difference = arith.subf %a, %mean : f32
    %normal = arith.divf %difference, %deviation : f32
    %scaled = arith.mulf %normal, %g : f32
    %shifted = arith.addf %scaled, %b : f32
    linalg.yield %shifted : f32
  } -> tensor<64x96xf32>
  return %r : tensor<64x96xf32>
}

// CHECK: [Passed] fused {{.*}} Function=rmsNorm | {{.*}} Stages=3
// CHECK: [Passed] merged {{.*}} Function=rmsNorm | {{.*}} IntermediatesErased=1,
func.func @rmsNorm(%x: tensor<?x?xf32>, %gain: tensor<?xf32>) -> tensor<?x?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %epsilon = arith.constant 1.0e-5 : f32
  %m = tensor.dim %x, %c0 : tensor<?x?xf32>
  %n = tensor.dim %x, %c1 : tensor<?x?xf32>
  %ni = arith.index_cast %n : index to i64
  %count = arith.sitofp %ni : i64 to f32
  %e = tensor.empty(%m) : tensor<?xf32>
  %init = linalg.fill ins(%zero : f32) outs(%e : tensor<?xf32>) -> tensor<?xf32>
  %squares = linalg.generic {indexing_maps = [#matrix, #row], iterator_types = ["parallel", "reduction"]}
      ins(%x : tensor<?x?xf32>) outs(%init : tensor<?xf32>) {
  ^bb0(%a: f32, %o: f32):
    %square = arith.mulf %a, %a : f32
    %next = arith.addf %o, %square : f32
    linalg.yield %next : f32
  } -> tensor<?xf32>
  %out = tensor.empty(%m, %n) : tensor<?x?xf32>
  %r = linalg.generic {indexing_maps = [#matrix, #row, #column, #matrix], iterator_types = ["parallel", "parallel"]}
      ins(%x, %squares, %gain : tensor<?x?xf32>, tensor<?xf32>, tensor<?xf32>) outs(%out : tensor<?x?xf32>) {
  ^bb0(%a: f32, %q: f32, %g: f32, %o: f32):
    %mean = arith.divf %q, %count : f32
    %guarded = arith.addf %mean, %epsilon : f32
    %root = math.sqrt %guarded : f32
    %normal = arith.divf %a, %root : f32
    %scaled = arith.mulf %normal, %g : f32
    linalg.yield %scaled : f32
  } -> tensor<?x?xf32>
  return %r : tensor<?x?xf32>
}

// CHECK: [Passed] fused {{.*}} Function=dense | {{.*}} Stages=3
// CHECK: [Passed] merged {{.*}} Function=dense | {{.*}} IntermediatesErased=1,
func.func @dense(%x: tensor<?x48xf32>, %w: tensor<48x32xf32>, %bias: tensor<32xf32>) -> tensor<?x32xf32> {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %m = tensor.dim %x, %c0 : tensor<?x48xf32>
  %e = tensor.empty(%m) : tensor<?x32xf32>
  %init = linalg.fill ins(%zero : f32) outs(%e : tensor<?x32xf32>) -> tensor<?x32xf32>
  %product = linalg.matmul ins(%x, %w : tensor<?x48xf32>, tensor<48x32xf32>) outs(%init : tensor<?x32xf32>) -> tensor<?x32xf32>
  %r = linalg.generic {indexing_maps = [#matrix, #column, #matrix], iterator_types = ["parallel", "parallel"]}
      ins(%product, %bias : tensor<?x32xf32>, tensor<32xf32>) outs(%e : tensor<?x32xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %sum = arith.addf %a, %b : f32
    %positive = arith.maximumf %sum, %zero : f32
    linalg.yield %positive : f32
  } -> tensor<?x32xf32>
  return %r : tensor<?x32xf32>
}
