// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Few long rows, which GPUs with clusters compute by a cluster of blocks each: of two blocks
// and of four; sums and what follows them in the same kernel; rows that do not end with a
// round of all threads; several results of one loop; values of 8 bytes; one row alone.

func.func @normalized(%x: tensor<3x20000xf32>) -> tensor<3x20000xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<3xf32>
  %init = linalg.fill ins(%zero : f32) outs(%e : tensor<3xf32>) -> tensor<3xf32>
  %sum = linalg.reduce { arith.addf } ins(%x : tensor<3x20000xf32>) outs(%init : tensor<3xf32>) dimensions = [1]
  %squares = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>, affine_map<(i, j) -> (i)>],
      iterator_types = ["parallel", "reduction"]}
      ins(%x, %sum : tensor<3x20000xf32>, tensor<3xf32>) outs(%init : tensor<3xf32>) {
  ^bb0(%a: f32, %s: f32, %o: f32):
    %n = arith.constant 20000.0 : f32
    %mean = arith.divf %s, %n : f32
    %difference = arith.subf %a, %mean : f32
    %square = arith.mulf %difference, %difference : f32
    %next = arith.addf %o, %square : f32
    linalg.yield %next : f32
  } -> tensor<3xf32>
  %out = tensor.empty() : tensor<3x20000xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>, affine_map<(i, j) -> (i)>, affine_map<(i, j) -> (i, j)>],
      iterator_types = ["parallel", "parallel"]}
      ins(%x, %sum, %squares : tensor<3x20000xf32>, tensor<3xf32>, tensor<3xf32>) outs(%out : tensor<3x20000xf32>) {
  ^bb0(%a: f32, %s: f32, %q: f32, %o: f32):
    %n = arith.constant 20000.0 : f32
    %mean = arith.divf %s, %n : f32
    %variance = arith.divf %q, %n : f32
    %deviation = math.sqrt %variance : f32
    %difference = arith.subf %a, %mean : f32
    %normal = arith.divf %difference, %deviation : f32
    linalg.yield %normal : f32
  } -> tensor<3x20000xf32>
  return %r : tensor<3x20000xf32>
}

func.func @sums(%x: tensor<34x16389xf32>, %start: tensor<34xf32>) -> tensor<34xf32> {
  %r = linalg.reduce { arith.addf } ins(%x : tensor<34x16389xf32>) outs(%start : tensor<34xf32>) dimensions = [1]
  return %r : tensor<34xf32>
}

func.func @wide(%x: tensor<3x16389xi64>) -> tensor<3xi64> {
  %zero = arith.constant 0 : i64
  %e = tensor.empty() : tensor<3xi64>
  %init = linalg.fill ins(%zero : i64) outs(%e : tensor<3xi64>) -> tensor<3xi64>
  %r = linalg.reduce { arith.addi } ins(%x : tensor<3x16389xi64>) outs(%init : tensor<3xi64>) dimensions = [1]
  return %r : tensor<3xi64>
}

func.func @extremes(%x: tensor<2x30001xf32>) -> (tensor<2xf32>, tensor<2xf32>) {
  %infinity = arith.constant 0x7F800000 : f32
  %minus = arith.constant 0xFF800000 : f32
  %e = tensor.empty() : tensor<2xf32>
  %high = linalg.fill ins(%minus : f32) outs(%e : tensor<2xf32>) -> tensor<2xf32>
  %low = linalg.fill ins(%infinity : f32) outs(%e : tensor<2xf32>) -> tensor<2xf32>
  %r:2 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>, affine_map<(i, j) -> (i)>],
      iterator_types = ["parallel", "reduction"]}
      ins(%x : tensor<2x30001xf32>) outs(%high, %low : tensor<2xf32>, tensor<2xf32>) {
  ^bb0(%a: f32, %h: f32, %l: f32):
    %highest = arith.maximumf %h, %a : f32
    %lowest = arith.minimumf %l, %a : f32
    linalg.yield %highest, %lowest : f32, f32
  } -> (tensor<2xf32>, tensor<2xf32>)
  return %r#0, %r#1 : tensor<2xf32>, tensor<2xf32>
}

func.func @softmax(%x: tensor<1x65536xf32>) -> tensor<1x65536xf32> {
  %e = tensor.empty() : tensor<1x65536xf32>
  %r = linalg.softmax dimension(1) ins(%x : tensor<1x65536xf32>) outs(%e : tensor<1x65536xf32>) -> tensor<1x65536xf32>
  return %r : tensor<1x65536xf32>
}
