// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Long reductions over few points, which are computed in parts: all elements, in rows and
// in one dimension; columns; from an output that is not neutral; largest and smallest. Of
// extents that only a dispatch knows: none, less than a part, whole parts, and some more; of
// several such extents, of columns, and of rows that are updated in the same launch.

func.func @all(%x: tensor<300x1000xf32>, %start: tensor<f32>) -> tensor<f32> {
  %r = linalg.reduce { arith.addf } ins(%x : tensor<300x1000xf32>) outs(%start : tensor<f32>) dimensions = [0, 1]
  return %r : tensor<f32>
}

func.func @dot(%x: tensor<294912xf32>, %y: tensor<294912xf32>) -> tensor<f32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<f32>
  %init = linalg.fill ins(%zero : f32) outs(%e : tensor<f32>) -> tensor<f32>
  %r = linalg.dot ins(%x, %y : tensor<294912xf32>, tensor<294912xf32>) outs(%init : tensor<f32>) -> tensor<f32>
  return %r : tensor<f32>
}

func.func @columns(%x: tensor<1200x7xi32>, %start: tensor<7xi32>) -> tensor<7xi32> {
  %r = linalg.reduce { arith.addi } ins(%x : tensor<1200x7xi32>) outs(%start : tensor<7xi32>) dimensions = [0]
  return %r : tensor<7xi32>
}

func.func @smallest(%x: tensor<2048x40xf32>, %start: tensor<40xf32>) -> tensor<40xf32> {
  %r = linalg.reduce { arith.minimumf } ins(%x : tensor<2048x40xf32>) outs(%start : tensor<40xf32>) dimensions = [0]
  return %r : tensor<40xf32>
}

func.func @unknown(%x: tensor<?xf32>, %start: tensor<f32>) -> tensor<f32> {
  %r = linalg.reduce { arith.addf } ins(%x : tensor<?xf32>) outs(%start : tensor<f32>) dimensions = [0]
  return %r : tensor<f32>
}

func.func @unknown_rows(%x: tensor<?x600xi32>) -> tensor<i32> {
  %start = arith.constant dense<7> : tensor<i32>
  %r = linalg.reduce { arith.addi } ins(%x : tensor<?x600xi32>) outs(%start : tensor<i32>) dimensions = [0, 1]
  return %r : tensor<i32>
}

func.func @unknown_matrix(%x: tensor<?x?xi32>) -> tensor<i32> {
  %start = arith.constant dense<7> : tensor<i32>
  %r = linalg.reduce { arith.addi } ins(%x : tensor<?x?xi32>) outs(%start : tensor<i32>) dimensions = [0, 1]
  return %r : tensor<i32>
}

func.func @channels(%x: tensor<?x?x?x5xi32>, %start: tensor<5xi32>) -> tensor<5xi32> {
  %r = linalg.reduce { arith.addi } ins(%x : tensor<?x?x?x5xi32>) outs(%start : tensor<5xi32>) dimensions = [0, 1, 2]
  return %r : tensor<5xi32>
}

func.func @wide_columns(%x: tensor<500x3000xf64>, %start: tensor<3000xf64>) -> tensor<3000xf64> {
  %r = linalg.reduce { arith.addf } ins(%x : tensor<500x3000xf64>) outs(%start : tensor<3000xf64>) dimensions = [0]
  return %r : tensor<3000xf64>
}

func.func @updated(%x: memref<?x?xi32>, %s: memref<?xi32>) {
  linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
      outs(%x : memref<?x?xi32>) {
  ^bb0(%v: i32):
    %w = arith.addi %v, %v : i32
    linalg.yield %w : i32
  }
  linalg.reduce { arith.addi } ins(%x : memref<?x?xi32>) outs(%s : memref<?xi32>) dimensions = [1]
  return
}

func.func @unknown_columns(%x: tensor<3x?xf32>, %y: tensor<3x?xf32>) -> tensor<3xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<3xf32>
  %init = linalg.fill ins(%zero : f32) outs(%e : tensor<3xf32>) -> tensor<3xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>],
      iterator_types = ["parallel", "reduction"]}
      ins(%x, %y : tensor<3x?xf32>, tensor<3x?xf32>) outs(%init : tensor<3xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %d = arith.subf %a, %b : f32
    %q = arith.mulf %d, %d : f32
    %n = arith.addf %o, %q : f32
    linalg.yield %n : f32
  } -> tensor<3xf32>
  return %r : tensor<3xf32>
}
