// RUN: %run-case %s --option=--verify-launches
// RUN: %run-case %s --option=--fuse=off
// RUN: vyre-compile %s --emit=plan -o - | FileCheck %s --check-prefix=PLAN
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Pieces that networks are made of: how many launches each is, and that these are right.

#i = affine_map<(d0, d1) -> (d0, d1)>
#r = affine_map<(d0, d1) -> (d0)>
#c = affine_map<(d0, d1) -> (d1)>
#s = affine_map<(d0, d1) -> ()>

// Two layers: the second product needs whole rows of the first.
// PLAN: program @gelu_mlp: {{[0-9]+}} stages in 2 launches,
func.func @gelu_mlp(%x: tensor<16x32xf32>, %w1: tensor<32x64xf32>, %b1: tensor<64xf32>, %w2: tensor<64x32xf32>, %b2: tensor<32xf32>) -> tensor<16x32xf32> {
  %z = arith.constant 0.0 : f32
  %e0 = tensor.empty() : tensor<16x64xf32>
  %f0 = linalg.fill ins(%z : f32) outs(%e0 : tensor<16x64xf32>) -> tensor<16x64xf32>
  %m0 = linalg.matmul ins(%x, %w1 : tensor<16x32xf32>, tensor<32x64xf32>) outs(%f0 : tensor<16x64xf32>) -> tensor<16x64xf32>
  %h = linalg.generic {indexing_maps = [#i, #c, #i], iterator_types = ["parallel", "parallel"]} ins(%m0, %b1 : tensor<16x64xf32>, tensor<64xf32>) outs(%e0 : tensor<16x64xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %0 = arith.addf %a, %b : f32
    linalg.yield %0 : f32
  } -> tensor<16x64xf32>
  %g = linalg.generic {indexing_maps = [#i, #i], iterator_types = ["parallel", "parallel"]} ins(%h : tensor<16x64xf32>) outs(%e0 : tensor<16x64xf32>) {
  ^bb0(%a: f32, %o: f32):
    %c1 = arith.constant 0.707106769 : f32
    %one = arith.constant 1.0 : f32
    %half = arith.constant 0.5 : f32
    %1 = arith.mulf %a, %c1 : f32
    %2 = math.erf %1 : f32
    %3 = arith.addf %2, %one : f32
    %4 = arith.mulf %a, %half : f32
    %5 = arith.mulf %4, %3 : f32
    linalg.yield %5 : f32
  } -> tensor<16x64xf32>
  %e1 = tensor.empty() : tensor<16x32xf32>
  %f1 = linalg.fill ins(%z : f32) outs(%e1 : tensor<16x32xf32>) -> tensor<16x32xf32>
  %m1 = linalg.matmul ins(%g, %w2 : tensor<16x64xf32>, tensor<64x32xf32>) outs(%f1 : tensor<16x32xf32>) -> tensor<16x32xf32>
  %y = linalg.generic {indexing_maps = [#i, #c, #i], iterator_types = ["parallel", "parallel"]} ins(%m1, %b2 : tensor<16x32xf32>, tensor<32xf32>) outs(%e1 : tensor<16x32xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %0 = arith.addf %a, %b : f32
    linalg.yield %0 : f32
  } -> tensor<16x32xf32>
  return %y : tensor<16x32xf32>
}

#bi = affine_map<(n, c, h, w) -> (n, c, h, w)>
#bc = affine_map<(n, c, h, w) -> (c)>

// A batch norm at inference: the deviation is computed for channels first.
// PLAN: program @batchnorm: {{[0-9]+}} stages in 1 launch,
func.func @batchnorm(%x: tensor<2x3x4x5xf32>, %m: tensor<3xf32>, %v: tensor<3xf32>, %g: tensor<3xf32>, %b: tensor<3xf32>) -> tensor<2x3x4x5xf32> {
  %eps = arith.constant 1.0e-5 : f32
  %e3 = tensor.empty() : tensor<3xf32>
  %inv = linalg.generic {indexing_maps = [affine_map<(c) -> (c)>, affine_map<(c) -> (c)>], iterator_types = ["parallel"]} ins(%v : tensor<3xf32>) outs(%e3 : tensor<3xf32>) {
  ^bb0(%a: f32, %o: f32):
    %0 = arith.addf %a, %eps : f32
    %1 = math.rsqrt %0 : f32
    linalg.yield %1 : f32
  } -> tensor<3xf32>
  %e = tensor.empty() : tensor<2x3x4x5xf32>
  %0 = linalg.generic {indexing_maps = [#bi, #bc, #bi], iterator_types = ["parallel","parallel","parallel","parallel"]} ins(%x, %m : tensor<2x3x4x5xf32>, tensor<3xf32>) outs(%e : tensor<2x3x4x5xf32>) {
  ^bb0(%a: f32, %b0: f32, %o: f32):
    %q = arith.subf %a, %b0 : f32
    linalg.yield %q : f32
  } -> tensor<2x3x4x5xf32>
  %1 = linalg.generic {indexing_maps = [#bi, #bc, #bi], iterator_types = ["parallel","parallel","parallel","parallel"]} ins(%0, %inv : tensor<2x3x4x5xf32>, tensor<3xf32>) outs(%e : tensor<2x3x4x5xf32>) {
  ^bb0(%a: f32, %b0: f32, %o: f32):
    %q = arith.mulf %a, %b0 : f32
    linalg.yield %q : f32
  } -> tensor<2x3x4x5xf32>
  %2 = linalg.generic {indexing_maps = [#bi, #bc, #bc, #bi], iterator_types = ["parallel","parallel","parallel","parallel"]} ins(%1, %g, %b : tensor<2x3x4x5xf32>, tensor<3xf32>, tensor<3xf32>) outs(%e : tensor<2x3x4x5xf32>) {
  ^bb0(%a: f32, %b0: f32, %b1: f32, %o: f32):
    %q = arith.mulf %a, %b0 : f32
    %q1 = arith.addf %q, %b1 : f32
    linalg.yield %q1 : f32
  } -> tensor<2x3x4x5xf32>
  return %2 : tensor<2x3x4x5xf32>
}

// A convolution with bias and activation, channels last.
// PLAN: program @conv_nhwc: {{[0-9]+}} stages in 1 launch,
func.func @conv_nhwc(%x: tensor<1x8x8x3xf32>, %w: tensor<3x3x3x4xf32>, %b: tensor<4xf32>) -> tensor<1x6x6x4xf32> {
  %z = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<1x6x6x4xf32>
  %f = linalg.fill ins(%z : f32) outs(%e : tensor<1x6x6x4xf32>) -> tensor<1x6x6x4xf32>
  %c = linalg.conv_2d_nhwc_hwcf ins(%x, %w : tensor<1x8x8x3xf32>, tensor<3x3x3x4xf32>) outs(%f : tensor<1x6x6x4xf32>) -> tensor<1x6x6x4xf32>
  %bb = linalg.broadcast ins(%b : tensor<4xf32>) outs(%e : tensor<1x6x6x4xf32>) dimensions = [0,1,2]
  %a = linalg.add ins(%c, %bb : tensor<1x6x6x4xf32>, tensor<1x6x6x4xf32>) outs(%e : tensor<1x6x6x4xf32>) -> tensor<1x6x6x4xf32>
  %m = linalg.max ins(%a, %f : tensor<1x6x6x4xf32>, tensor<1x6x6x4xf32>) outs(%e : tensor<1x6x6x4xf32>) -> tensor<1x6x6x4xf32>
  return %m : tensor<1x6x6x4xf32>
}

// The same with the channels first; it starts from the bias.
// PLAN: program @conv_nchw: {{[0-9]+}} stages in 1 launch,
func.func @conv_nchw(%x: tensor<2x3x8x8xf32>, %w: tensor<4x3x3x3xf32>, %b: tensor<4xf32>) -> tensor<2x4x6x6xf32> {
  %z = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<2x4x6x6xf32>
  %f = linalg.broadcast ins(%b : tensor<4xf32>) outs(%e : tensor<2x4x6x6xf32>) dimensions = [0,2,3]
  %c = linalg.conv_2d_nchw_fchw ins(%x, %w : tensor<2x3x8x8xf32>, tensor<4x3x3x3xf32>) outs(%f : tensor<2x4x6x6xf32>) -> tensor<2x4x6x6xf32>
  %m = linalg.generic {indexing_maps = [#bi, #bi], iterator_types = ["parallel","parallel","parallel","parallel"]} ins(%c : tensor<2x4x6x6xf32>) outs(%e : tensor<2x4x6x6xf32>) {
  ^bb0(%a: f32, %o: f32):
    %q = arith.maximumf %a, %z : f32
    linalg.yield %q : f32
  } -> tensor<2x4x6x6xf32>
  return %m : tensor<2x4x6x6xf32>
}

// A residual connection and an RMS norm of rows; any number of them.
// PLAN: program @residual_rms: {{[0-9]+}} stages in 1 launch,
func.func @residual_rms(%x: tensor<?x64xf32>, %res: tensor<?x64xf32>, %g: tensor<64xf32>) -> tensor<?x64xf32> {
  %c0 = arith.constant 0 : index
  %z = arith.constant 0.0 : f32
  %n = arith.constant 64.0 : f32
  %eps = arith.constant 1.0e-5 : f32
  %d = tensor.dim %x, %c0 : tensor<?x64xf32>
  %e = tensor.empty(%d) : tensor<?x64xf32>
  %er = tensor.empty(%d) : tensor<?xf32>
  %h = linalg.add ins(%x, %res : tensor<?x64xf32>, tensor<?x64xf32>) outs(%e : tensor<?x64xf32>) -> tensor<?x64xf32>
  %q = linalg.mul ins(%h, %h : tensor<?x64xf32>, tensor<?x64xf32>) outs(%e : tensor<?x64xf32>) -> tensor<?x64xf32>
  %f = linalg.fill ins(%z : f32) outs(%er : tensor<?xf32>) -> tensor<?xf32>
  %sum = linalg.reduce {arith.addf} ins(%q : tensor<?x64xf32>) outs(%f : tensor<?xf32>) dimensions = [1]
  %rs = linalg.generic {indexing_maps = [affine_map<(c) -> (c)>, affine_map<(c) -> (c)>], iterator_types = ["parallel"]} ins(%sum : tensor<?xf32>) outs(%er : tensor<?xf32>) {
  ^bb0(%a: f32, %o: f32):
    %0 = arith.divf %a, %n : f32
    %1 = arith.addf %0, %eps : f32
    %2 = math.rsqrt %1 : f32
    linalg.yield %2 : f32
  } -> tensor<?xf32>
  %y = linalg.generic {indexing_maps = [#i, #r, #c, #i], iterator_types = ["parallel", "parallel"]} ins(%h, %rs, %g : tensor<?x64xf32>, tensor<?xf32>, tensor<64xf32>) outs(%e : tensor<?x64xf32>) {
  ^bb0(%a: f32, %b: f32, %w: f32, %o: f32):
    %0 = arith.mulf %a, %b : f32
    %1 = arith.mulf %0, %w : f32
    linalg.yield %1 : f32
  } -> tensor<?x64xf32>
  return %y : tensor<?x64xf32>
}

// A rotary embedding: both halves of a row are made of both.
// PLAN: program @rotary: {{[0-9]+}} stages in 1 launch,
func.func @rotary(%x: tensor<16x64xf32>, %cos: tensor<16x32xf32>, %sin: tensor<16x32xf32>) -> tensor<16x64xf32> {
  %a = tensor.extract_slice %x[0, 0] [16, 32] [1, 1] : tensor<16x64xf32> to tensor<16x32xf32>
  %b = tensor.extract_slice %x[0, 32] [16, 32] [1, 1] : tensor<16x64xf32> to tensor<16x32xf32>
  %e = tensor.empty() : tensor<16x32xf32>
  %ac = linalg.mul ins(%a, %cos : tensor<16x32xf32>, tensor<16x32xf32>) outs(%e : tensor<16x32xf32>) -> tensor<16x32xf32>
  %bs = linalg.mul ins(%b, %sin : tensor<16x32xf32>, tensor<16x32xf32>) outs(%e : tensor<16x32xf32>) -> tensor<16x32xf32>
  %l = linalg.sub ins(%ac, %bs : tensor<16x32xf32>, tensor<16x32xf32>) outs(%e : tensor<16x32xf32>) -> tensor<16x32xf32>
  %bc = linalg.mul ins(%b, %cos : tensor<16x32xf32>, tensor<16x32xf32>) outs(%e : tensor<16x32xf32>) -> tensor<16x32xf32>
  %as = linalg.mul ins(%a, %sin : tensor<16x32xf32>, tensor<16x32xf32>) outs(%e : tensor<16x32xf32>) -> tensor<16x32xf32>
  %h = linalg.add ins(%bc, %as : tensor<16x32xf32>, tensor<16x32xf32>) outs(%e : tensor<16x32xf32>) -> tensor<16x32xf32>
  %y = tensor.concat dim(1) %l, %h : (tensor<16x32xf32>, tensor<16x32xf32>) -> tensor<16x64xf32>
  return %y : tensor<16x64xf32>
}

// The mean over rows waits for all of them.
// PLAN: program @cross_entropy: {{[0-9]+}} stages in 2 launches,
func.func @cross_entropy(%x: tensor<16x32xf32>, %label: tensor<16xi32>) -> tensor<f32> {
  %z = arith.constant 0.0 : f32
  %ninf = arith.constant 0xFF800000 : f32
  %n = arith.constant 16.0 : f32
  %e = tensor.empty() : tensor<16x32xf32>
  %er = tensor.empty() : tensor<16xf32>
  %e0 = tensor.empty() : tensor<f32>
  %fm = linalg.fill ins(%ninf : f32) outs(%er : tensor<16xf32>) -> tensor<16xf32>
  %m = linalg.reduce {arith.maximumf} ins(%x : tensor<16x32xf32>) outs(%fm : tensor<16xf32>) dimensions = [1]
  %ex = linalg.generic {indexing_maps = [#i, #r, #i], iterator_types = ["parallel", "parallel"]} ins(%x, %m : tensor<16x32xf32>, tensor<16xf32>) outs(%e : tensor<16x32xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %0 = arith.subf %a, %b : f32
    %1 = math.exp %0 : f32
    linalg.yield %1 : f32
  } -> tensor<16x32xf32>
  %fs = linalg.fill ins(%z : f32) outs(%er : tensor<16xf32>) -> tensor<16xf32>
  %s = linalg.reduce {arith.addf} ins(%ex : tensor<16x32xf32>) outs(%fs : tensor<16xf32>) dimensions = [1]
  %nll = linalg.generic {indexing_maps = [affine_map<(c) -> (c)>, affine_map<(c) -> (c)>, affine_map<(c) -> (c)>, affine_map<(c) -> (c)>], iterator_types = ["parallel"]} ins(%s, %m, %label : tensor<16xf32>, tensor<16xf32>, tensor<16xi32>) outs(%er : tensor<16xf32>) {
  ^bb0(%a: f32, %b: f32, %l: i32, %o: f32):
    %i = linalg.index 0 : index
    %c31 = arith.constant 31 : i32
    %lm = arith.andi %l, %c31 : i32
    %j = arith.index_castui %lm : i32 to index
    %v = tensor.extract %x[%i, %j] : tensor<16x32xf32>
    %0 = math.log %a : f32
    %1 = arith.addf %0, %b : f32
    %2 = arith.subf %1, %v : f32
    linalg.yield %2 : f32
  } -> tensor<16xf32>
  %f0 = linalg.fill ins(%z : f32) outs(%e0 : tensor<f32>) -> tensor<f32>
  %t = linalg.reduce {arith.addf} ins(%nll : tensor<16xf32>) outs(%f0 : tensor<f32>) dimensions = [0]
  %y = linalg.generic {indexing_maps = [affine_map<() -> ()>, affine_map<() -> ()>], iterator_types = []} ins(%t : tensor<f32>) outs(%e0 : tensor<f32>) {
  ^bb0(%a: f32, %o: f32):
    %0 = arith.divf %a, %n : f32
    linalg.yield %0 : f32
  } -> tensor<f32>
  return %y : tensor<f32>
}

// A group norm: the rows that it reduces are no rows of the result.
// PLAN: program @group_norm: {{[0-9]+}} stages in 1 launch,
func.func @group_norm(%x: tensor<2x8x4x4xf32>, %g: tensor<8xf32>) -> tensor<2x8x4x4xf32> {
  %z = arith.constant 0.0 : f32
  %n = arith.constant 64.0 : f32
  %eps = arith.constant 1.0e-5 : f32
  %e3 = tensor.expand_shape %x [[0],[1,2],[3],[4]] output_shape [2,2,4,4,4] : tensor<2x8x4x4xf32> into tensor<2x2x4x4x4xf32>
  %r = tensor.collapse_shape %e3 [[0,1],[2,3,4]] : tensor<2x2x4x4x4xf32> into tensor<4x64xf32>
  %e = tensor.empty() : tensor<4x64xf32>
  %er = tensor.empty() : tensor<4xf32>
  %f = linalg.fill ins(%z : f32) outs(%er : tensor<4xf32>) -> tensor<4xf32>
  %sum = linalg.reduce {arith.addf} ins(%r : tensor<4x64xf32>) outs(%f : tensor<4xf32>) dimensions = [1]
  %d = linalg.generic {indexing_maps = [#i, #r, #i], iterator_types = ["parallel", "parallel"]} ins(%r, %sum : tensor<4x64xf32>, tensor<4xf32>) outs(%e : tensor<4x64xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %0 = arith.divf %b, %n : f32
    %1 = arith.subf %a, %0 : f32
    linalg.yield %1 : f32
  } -> tensor<4x64xf32>
  %sq = linalg.mul ins(%d, %d : tensor<4x64xf32>, tensor<4x64xf32>) outs(%e : tensor<4x64xf32>) -> tensor<4x64xf32>
  %v = linalg.reduce {arith.addf} ins(%sq : tensor<4x64xf32>) outs(%f : tensor<4xf32>) dimensions = [1]
  %y = linalg.generic {indexing_maps = [#i, #r, #i], iterator_types = ["parallel", "parallel"]} ins(%d, %v : tensor<4x64xf32>, tensor<4xf32>) outs(%e : tensor<4x64xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %0 = arith.divf %b, %n : f32
    %1 = arith.addf %0, %eps : f32
    %2 = math.rsqrt %1 : f32
    %3 = arith.mulf %a, %2 : f32
    linalg.yield %3 : f32
  } -> tensor<4x64xf32>
  %x1 = tensor.expand_shape %y [[0,1],[2,3,4]] output_shape [2,2,4,4,4] : tensor<4x64xf32> into tensor<2x2x4x4x4xf32>
  %x2 = tensor.collapse_shape %x1 [[0],[1,2],[3],[4]] : tensor<2x2x4x4x4xf32> into tensor<2x8x4x4xf32>
  %o = tensor.empty() : tensor<2x8x4x4xf32>
  %w = linalg.generic {indexing_maps = [#bi, #bc, #bi], iterator_types = ["parallel","parallel","parallel","parallel"]} ins(%x2, %g : tensor<2x8x4x4xf32>, tensor<8xf32>) outs(%o : tensor<2x8x4x4xf32>) {
  ^bb0(%a: f32, %b0: f32, %oo: f32):
    %q = arith.mulf %a, %b0 : f32
    linalg.yield %q : f32
  } -> tensor<2x8x4x4xf32>
  return %w : tensor<2x8x4x4xf32>
}

// Widened, added, and rounded to eight bits again.
// PLAN: program @quantized: {{[0-9]+}} stages in 1 launch,
func.func @quantized(%a: tensor<64xi8>, %b: tensor<64xi8>) -> tensor<64xi8> {
  %e = tensor.empty() : tensor<64xf32>
  %ei = tensor.empty() : tensor<64xi8>
  %sa = arith.constant 0.25 : f32
  %hi = arith.constant 127.0 : f32
  %lo = arith.constant -128.0 : f32
  %fa = linalg.generic {indexing_maps = [affine_map<(c) -> (c)>, affine_map<(c) -> (c)>], iterator_types = ["parallel"]} ins(%a : tensor<64xi8>) outs(%e : tensor<64xf32>) {
  ^bb0(%v: i8, %o: f32):
    %0 = arith.sitofp %v : i8 to f32
    %1 = arith.mulf %0, %sa : f32
    linalg.yield %1 : f32
  } -> tensor<64xf32>
  %fb = linalg.generic {indexing_maps = [affine_map<(c) -> (c)>, affine_map<(c) -> (c)>], iterator_types = ["parallel"]} ins(%b : tensor<64xi8>) outs(%e : tensor<64xf32>) {
  ^bb0(%v: i8, %o: f32):
    %0 = arith.sitofp %v : i8 to f32
    %1 = arith.mulf %0, %sa : f32
    linalg.yield %1 : f32
  } -> tensor<64xf32>
  %s = linalg.add ins(%fa, %fb : tensor<64xf32>, tensor<64xf32>) outs(%e : tensor<64xf32>) -> tensor<64xf32>
  %q = linalg.generic {indexing_maps = [affine_map<(c) -> (c)>, affine_map<(c) -> (c)>], iterator_types = ["parallel"]} ins(%s : tensor<64xf32>) outs(%ei : tensor<64xi8>) {
  ^bb0(%v: f32, %o: i8):
    %0 = arith.divf %v, %sa : f32
    %1 = math.roundeven %0 : f32
    %2 = arith.minimumf %1, %hi : f32
    %3 = arith.maximumf %2, %lo : f32
    %4 = arith.fptosi %3 : f32 to i8
    linalg.yield %4 : i8
  } -> tensor<64xi8>
  return %q : tensor<64xi8>
}

// A maximum over windows, and its activation.
// PLAN: program @pool_relu: {{[0-9]+}} stages in 1 launch,
func.func @pool_relu(%x: tensor<1x8x8x4xf32>) -> tensor<1x4x4x4xf32> {
  %ninf = arith.constant 0xFF800000 : f32
  %z = arith.constant 0.0 : f32
  %k = tensor.empty() : tensor<2x2xf32>
  %e = tensor.empty() : tensor<1x4x4x4xf32>
  %f = linalg.fill ins(%ninf : f32) outs(%e : tensor<1x4x4x4xf32>) -> tensor<1x4x4x4xf32>
  %p = linalg.pooling_nhwc_max {strides = dense<2> : tensor<2xi64>} ins(%x, %k : tensor<1x8x8x4xf32>, tensor<2x2xf32>) outs(%f : tensor<1x4x4x4xf32>) -> tensor<1x4x4x4xf32>
  %m = linalg.generic {indexing_maps = [#bi, #bi], iterator_types = ["parallel","parallel","parallel","parallel"]} ins(%p : tensor<1x4x4x4xf32>) outs(%e : tensor<1x4x4x4xf32>) {
  ^bb0(%a: f32, %o: f32):
    %q = arith.maximumf %a, %z : f32
    linalg.yield %q : f32
  } -> tensor<1x4x4x4xf32>
  return %m : tensor<1x4x4x4xf32>
}

// Steps of AdamW in place: one launch for each tensor.
// PLAN: program @adamw: {{[0-9]+}} stages in 2 launches,
func.func @adamw(%p: memref<64xf32>, %g: memref<64xf32>, %m: memref<64xf32>, %v: memref<64xf32>, %p2: memref<4x8xf32>, %g2: memref<4x8xf32>, %m2: memref<4x8xf32>, %v2: memref<4x8xf32>) {
  %b1 = arith.constant 0.9 : f32
  %nb1 = arith.constant 0.1 : f32
  %b2 = arith.constant 0.999 : f32
  %nb2 = arith.constant 0.001 : f32
  %lr = arith.constant 0.01 : f32
  %eps = arith.constant 1.0e-8 : f32
  %wd = arith.constant 0.9999 : f32
  linalg.generic {indexing_maps = [affine_map<(c) -> (c)>, affine_map<(c) -> (c)>], iterator_types = ["parallel"]} ins(%g : memref<64xf32>) outs(%m : memref<64xf32>) {
  ^bb0(%a: f32, %o: f32):
    %0 = arith.mulf %o, %b1 : f32
    %1 = arith.mulf %a, %nb1 : f32
    %2 = arith.addf %0, %1 : f32
    linalg.yield %2 : f32
  }
  linalg.generic {indexing_maps = [affine_map<(c) -> (c)>, affine_map<(c) -> (c)>], iterator_types = ["parallel"]} ins(%g : memref<64xf32>) outs(%v : memref<64xf32>) {
  ^bb0(%a: f32, %o: f32):
    %s = arith.mulf %a, %a : f32
    %0 = arith.mulf %o, %b2 : f32
    %1 = arith.mulf %s, %nb2 : f32
    %2 = arith.addf %0, %1 : f32
    linalg.yield %2 : f32
  }
  linalg.generic {indexing_maps = [affine_map<(c) -> (c)>, affine_map<(c) -> (c)>, affine_map<(c) -> (c)>], iterator_types = ["parallel"]} ins(%m, %v : memref<64xf32>, memref<64xf32>) outs(%p : memref<64xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %s = math.sqrt %b : f32
    %0 = arith.addf %s, %eps : f32
    %1 = arith.divf %a, %0 : f32
    %2 = arith.mulf %1, %lr : f32
    %3 = arith.mulf %o, %wd : f32
    %4 = arith.subf %3, %2 : f32
    linalg.yield %4 : f32
  }
  linalg.generic {indexing_maps = [#i, #i], iterator_types = ["parallel", "parallel"]} ins(%g2 : memref<4x8xf32>) outs(%m2 : memref<4x8xf32>) {
  ^bb0(%a: f32, %o: f32):
    %0 = arith.mulf %o, %b1 : f32
    %1 = arith.mulf %a, %nb1 : f32
    %2 = arith.addf %0, %1 : f32
    linalg.yield %2 : f32
  }
  linalg.generic {indexing_maps = [#i, #i], iterator_types = ["parallel", "parallel"]} ins(%g2 : memref<4x8xf32>) outs(%v2 : memref<4x8xf32>) {
  ^bb0(%a: f32, %o: f32):
    %s = arith.mulf %a, %a : f32
    %0 = arith.mulf %o, %b2 : f32
    %1 = arith.mulf %s, %nb2 : f32
    %2 = arith.addf %0, %1 : f32
    linalg.yield %2 : f32
  }
  linalg.generic {indexing_maps = [#i, #i, #i], iterator_types = ["parallel", "parallel"]} ins(%m2, %v2 : memref<4x8xf32>, memref<4x8xf32>) outs(%p2 : memref<4x8xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %s = math.sqrt %b : f32
    %0 = arith.addf %s, %eps : f32
    %1 = arith.divf %a, %0 : f32
    %2 = arith.mulf %1, %lr : f32
    %3 = arith.mulf %o, %wd : f32
    %4 = arith.subf %3, %2 : f32
    linalg.yield %4 : f32
  }
  return
}

// Rows that are looked up, and their means taken away.
// PLAN: program @embedding: {{[0-9]+}} stages in 1 launch,
func.func @embedding(%t: tensor<100x64xf32>, %ids: tensor<16xi32>) -> tensor<16x64xf32> {
  %z = arith.constant 0.0 : f32
  %n = arith.constant 64.0 : f32
  %e = tensor.empty() : tensor<16x64xf32>
  %er = tensor.empty() : tensor<16xf32>
  %h = linalg.generic {indexing_maps = [#r, #i], iterator_types = ["parallel", "parallel"]} ins(%ids : tensor<16xi32>) outs(%e : tensor<16x64xf32>) {
  ^bb0(%l: i32, %o: f32):
    %c63 = arith.constant 63 : i32
    %lm = arith.andi %l, %c63 : i32
    %j = linalg.index 1 : index
    %r = arith.index_castui %lm : i32 to index
    %v = tensor.extract %t[%r, %j] : tensor<100x64xf32>
    linalg.yield %v : f32
  } -> tensor<16x64xf32>
  %f = linalg.fill ins(%z : f32) outs(%er : tensor<16xf32>) -> tensor<16xf32>
  %sum = linalg.reduce {arith.addf} ins(%h : tensor<16x64xf32>) outs(%f : tensor<16xf32>) dimensions = [1]
  %y = linalg.generic {indexing_maps = [#i, #r, #i], iterator_types = ["parallel", "parallel"]} ins(%h, %sum : tensor<16x64xf32>, tensor<16xf32>) outs(%e : tensor<16x64xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %0 = arith.divf %b, %n : f32
    %1 = arith.subf %a, %0 : f32
    linalg.yield %1 : f32
  } -> tensor<16x64xf32>
  return %y : tensor<16x64xf32>
}

// Rows with a single one, scaled.
// PLAN: program @one_hot: {{[0-9]+}} stages in 1 launch,
func.func @one_hot(%ids: tensor<16xi32>, %w: tensor<32xf32>) -> tensor<16x32xf32> {
  %e = tensor.empty() : tensor<16x32xf32>
  %one = arith.constant 1.0 : f32
  %z = arith.constant 0.0 : f32
  %h = linalg.generic {indexing_maps = [#r, #i], iterator_types = ["parallel", "parallel"]} ins(%ids : tensor<16xi32>) outs(%e : tensor<16x32xf32>) {
  ^bb0(%l: i32, %o: f32):
    %j = linalg.index 1 : index
    %ji = arith.index_cast %j : index to i32
    %c31 = arith.constant 31 : i32
    %lm = arith.andi %l, %c31 : i32
    %c = arith.cmpi eq, %ji, %lm : i32
    %v = arith.select %c, %one, %z : f32
    linalg.yield %v : f32
  } -> tensor<16x32xf32>
  %y = linalg.generic {indexing_maps = [#i, #c, #i], iterator_types = ["parallel", "parallel"]} ins(%h, %w : tensor<16x32xf32>, tensor<32xf32>) outs(%e : tensor<16x32xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %1 = arith.mulf %a, %b : f32
    linalg.yield %1 : f32
  } -> tensor<16x32xf32>
  return %y : tensor<16x32xf32>
}

// A border, and a convolution that reads across it.
// PLAN: program @pad_conv: {{[0-9]+}} stages in 3 launches,
func.func @pad_conv(%x: tensor<1x8x8x3xf32>, %w: tensor<3x3x3x4xf32>) -> tensor<1x8x8x4xf32> {
  %z = arith.constant 0.0 : f32
  %p = tensor.pad %x low[0,1,1,0] high[0,1,1,0] {
  ^bb0(%a: index, %b: index, %c: index, %d: index):
    tensor.yield %z : f32
  } : tensor<1x8x8x3xf32> to tensor<1x10x10x3xf32>
  %e = tensor.empty() : tensor<1x8x8x4xf32>
  %f = linalg.fill ins(%z : f32) outs(%e : tensor<1x8x8x4xf32>) -> tensor<1x8x8x4xf32>
  %c = linalg.conv_2d_nhwc_hwcf ins(%p, %w : tensor<1x10x10x3xf32>, tensor<3x3x3x4xf32>) outs(%f : tensor<1x8x8x4xf32>) -> tensor<1x8x8x4xf32>
  %m = linalg.generic {indexing_maps = [#bi, #bi], iterator_types = ["parallel","parallel","parallel","parallel"]} ins(%c : tensor<1x8x8x4xf32>) outs(%e : tensor<1x8x8x4xf32>) {
  ^bb0(%a: f32, %o: f32):
    %q = arith.maximumf %a, %z : f32
    linalg.yield %q : f32
  } -> tensor<1x8x8x4xf32>
  return %m : tensor<1x8x8x4xf32>
}

// A softmax over the leading dimension.
// PLAN: program @softmax_columns: {{[0-9]+}} stages in 1 launch,
func.func @softmax_columns(%x: tensor<32x16xf32>) -> tensor<32x16xf32> {
  %e = tensor.empty() : tensor<32x16xf32>
  %y = linalg.softmax dimension(0) ins(%x : tensor<32x16xf32>) outs(%e : tensor<32x16xf32>) -> tensor<32x16xf32>
  return %y : tensor<32x16xf32>
}

// Two halves, and what takes both: neither is over the points of the whole.
// PLAN: program @concat_halves: {{[0-9]+}} stages in 2 launches,
func.func @concat_halves(%x: tensor<16x32xf32>, %y: tensor<16x32xf32>) -> tensor<16x64xf32> {
  %e = tensor.empty() : tensor<16x32xf32>
  %a = linalg.add ins(%x, %x : tensor<16x32xf32>, tensor<16x32xf32>) outs(%e : tensor<16x32xf32>) -> tensor<16x32xf32>
  %b = linalg.negf ins(%y : tensor<16x32xf32>) outs(%e : tensor<16x32xf32>) -> tensor<16x32xf32>
  %c = tensor.concat dim(1) %a, %b : (tensor<16x32xf32>, tensor<16x32xf32>) -> tensor<16x64xf32>
  %e2 = tensor.empty() : tensor<16x64xf32>
  %d = linalg.square ins(%c : tensor<16x64xf32>) outs(%e2 : tensor<16x64xf32>) -> tensor<16x64xf32>
  return %d : tensor<16x64xf32>
}

// Sums of the leading elements of each row.
// PLAN: program @cumsum: {{[0-9]+}} stages in 1 launch,
func.func @cumsum(%x: tensor<16x32xf32>) -> tensor<16x32xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  %z = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<16x32xf32>
  %er = tensor.empty() : tensor<16xf32>
  %sq = linalg.square ins(%x : tensor<16x32xf32>) outs(%e : tensor<16x32xf32>) -> tensor<16x32xf32>
  %f = linalg.fill ins(%z : f32) outs(%er : tensor<16xf32>) -> tensor<16xf32>
  %r:2 = scf.for %j = %c0 to %c32 step %c1 iter_args(%out = %e, %acc = %f) -> (tensor<16x32xf32>, tensor<16xf32>) {
    %col = tensor.extract_slice %sq[0, %j] [16, 1] [1, 1] : tensor<16x32xf32> to tensor<16xf32>
    %s = linalg.add ins(%acc, %col : tensor<16xf32>, tensor<16xf32>) outs(%acc : tensor<16xf32>) -> tensor<16xf32>
    %o = tensor.insert_slice %s into %out[0, %j] [16, 1] [1, 1] : tensor<16xf32> into tensor<16x32xf32>
    scf.yield %o, %s : tensor<16x32xf32>, tensor<16xf32>
  }
  return %r#0 : tensor<16x32xf32>
}
