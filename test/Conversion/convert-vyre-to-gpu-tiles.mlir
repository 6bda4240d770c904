// RUN: vyre-opt %s -split-input-file -convert-vyre-to-gpu | FileCheck %s -enable-var-scope
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Points that share what a sequential loop loads are a tile of a thread. 1024 x 512
// points leave enough threads of 4 x 4: one loop carries 16 sums, loads four elements
// of each factor, those of a row as one vector, and the block's threads are 8 x 16. 60 steps are no
// multiple of what a block would load together.

// CHECK-LABEL: gpu.module @product_matmul
// CHECK-SAME:    vyre.points_per_block = 2048 : i64
// CHECK:         known_block_size = array<i32: 128, 1, 1>
// CHECK:         scf.if
// CHECK:         %[[R:.+]]:16 = scf.for
// CHECK:           vector.load %{{.+}} {alignment = 16 : i64} : memref<60x512xf32>, vector<4xf32>
// CHECK:           scf.yield
// CHECK-NOT:     memref.store
// CHECK-COUNT-4: vector.store %{{.+}} {alignment = 16 : i64} : memref<1024x512xf32>, vector<4xf32>
vyre.program @product(%a: memref<1024x60xf32> {vyre.binding = #vyre.binding<slot = 0, role = input, alignment = 16>}, %b: memref<60x512xf32> {vyre.binding = #vyre.binding<slot = 1, role = input, alignment = 16>}, %c: memref<1024x512xf32> {vyre.binding = #vyre.binding<slot = 2, role = output, alignment = 16>}) -> memref<1024x512xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %rows = arith.constant 1024 : index
  %columns = arith.constant 512 : index
  %inner = arith.constant 60 : index
  vyre.launch @matmul {
    vyre.stage @matmul (%i, %j) in (%rows, %columns) reads(%a, %b : memref<1024x60xf32>, memref<60x512xf32>) writes(%c : memref<1024x512xf32>) {
      %sum = scf.for %k = %c0 to %inner step %c1 iter_args(%t = %zero) -> (f32) {
        %v = memref.load %a[%i, %k] : memref<1024x60xf32>
        %w = memref.load %b[%k, %j] : memref<60x512xf32>
        %p = arith.mulf %v, %w : f32
        %s = arith.addf %t, %p : f32
        scf.yield %s : f32
      }
      memref.store %sum, %c[%i, %j] : memref<1024x512xf32>
    }
  }
  vyre.return %c : memref<1024x512xf32>
}

// -----

// Of extents that are not known, a thread takes 2 x 4 points; those beyond an edge are
// that of the edge once more, and nothing is a vector.

// CHECK-LABEL: gpu.module @edges_matmul
// CHECK-SAME:    vyre.points_per_block = 256 : i64
// CHECK-COUNT-4: arith.minui
// CHECK:         %{{.+}}:8 = scf.for
// CHECK-NOT:     vector.load
// CHECK-COUNT-8: memref.store
vyre.program @edges(%a: memref<?x?xf32> {vyre.binding = #vyre.binding<slot = 0, role = input, alignment = 16, capacity = 1048576>}, %b: memref<?x?xf32> {vyre.binding = #vyre.binding<slot = 1, role = input, alignment = 16, capacity = 1048576>}, %c: memref<?x?xf32> {vyre.binding = #vyre.binding<slot = 2, role = output, alignment = 16, capacity = 1048576>}) -> memref<?x?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %rows = memref.dim %a, %c0 : memref<?x?xf32>
  %inner = memref.dim %a, %c1 : memref<?x?xf32>
  %columns = memref.dim %b, %c1 : memref<?x?xf32>
  vyre.extents %c[%rows, %columns] : memref<?x?xf32>
  vyre.launch @matmul {
    vyre.stage @matmul (%i, %j) in (%rows, %columns) reads(%a, %b : memref<?x?xf32>, memref<?x?xf32>) writes(%c : memref<?x?xf32>) {
      %sum = scf.for %k = %c0 to %inner step %c1 iter_args(%t = %zero) -> (f32) {
        %v = memref.load %a[%i, %k] : memref<?x?xf32>
        %w = memref.load %b[%k, %j] : memref<?x?xf32>
        %p = arith.mulf %v, %w : f32
        %s = arith.addf %t, %p : f32
        scf.yield %s : f32
      }
      memref.store %sum, %c[%i, %j] : memref<?x?xf32>
    }
  }
  vyre.return %c : memref<?x?xf32>
}

// -----

// A loop whose end is another for each point is no loop of a tile: a thread has a point.

// CHECK-LABEL: gpu.module @triangle_sums
// CHECK:         scf.for
// CHECK:           %{{.+}} = scf.for {{.*}} -> (f32) {
vyre.program @triangle(%x: memref<512xf32> {vyre.binding = #vyre.binding<slot = 0, role = input, alignment = 16>}, %s: memref<1024x512xf32> {vyre.binding = #vyre.binding<slot = 1, role = output, alignment = 16>}) -> memref<1024x512xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %rows = arith.constant 1024 : index
  %columns = arith.constant 512 : index
  vyre.launch @sums {
    vyre.stage @sums (%i, %j) in (%rows, %columns) reads(%x : memref<512xf32>) writes(%s : memref<1024x512xf32>) {
      %sum = scf.for %k = %c0 to %j step %c1 iter_args(%t = %zero) -> (f32) {
        %v = memref.load %x[%k] : memref<512xf32>
        %n = arith.addf %t, %v : f32
        scf.yield %n : f32
      }
      memref.store %sum, %s[%i, %j] : memref<1024x512xf32>
    }
  }
  vyre.return %s : memref<1024x512xf32>
}
