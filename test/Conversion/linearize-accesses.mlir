// RUN: vyre-opt %s --vyre-linearize-accesses | FileCheck %s
// RUN: vyre-opt %s --vyre-linearize-accesses --expand-strided-metadata --lower-affine --canonicalize \
// RUN:   --finalize-memref-to-llvm --convert-arith-to-llvm --convert-func-to-llvm \
// RUN:   --reconcile-unrealized-casts | FileCheck %s --check-prefix=LLVM
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Accesses through views whose strides are, or may be, negative.

// CHECK-LABEL: func.func @negative
// CHECK-SAME: %[[A:.*]]: memref<4xf32>, %[[I:.*]]: index
// CHECK: %[[VIEW:.*]] = memref.reinterpret_cast %[[A]]
// CHECK: %[[BASE:.*]], %[[OFFSET:.*]], %{{.*}}, %[[STRIDE:.*]] = memref.extract_strided_metadata %[[VIEW]]
// CHECK: %[[STEP:.*]] = arith.muli %[[I]], %[[STRIDE]] : index
// CHECK: %[[PLACE:.*]] = arith.addi %[[OFFSET]], %[[STEP]] : index
// CHECK: %[[SIZE:.*]] = arith.addi %[[PLACE]], %{{.*}} : index
// CHECK: %[[UP_TO:.*]] = memref.reinterpret_cast %[[BASE]] to offset: [0], sizes: [%[[SIZE]]], strides: [1] : memref<f32> to memref<?xf32>
// CHECK: memref.load %[[UP_TO]][%[[PLACE]]] : memref<?xf32>
//
// What may not wrap is the place alone: 3 - i, not -i.
// LLVM-LABEL: llvm.func @negative
// LLVM: %[[PLACE:.*]] = llvm.sub %{{.*}}, %{{.*}} : i64
// LLVM: llvm.getelementptr inbounds|nuw %{{.*}}[%[[PLACE]]]
func.func @negative(%a: memref<4xf32>, %i: index) -> f32 {
  %v = memref.reinterpret_cast %a to offset: [3], sizes: [4], strides: [-1]
      : memref<4xf32> to memref<4xf32, strided<[-1], offset: 3>>
  %x = memref.load %v[%i] : memref<4xf32, strided<[-1], offset: 3>>
  return %x : f32
}

// CHECK-LABEL: func.func @stored
// CHECK: memref.store %{{.*}}, %{{.*}}[%{{.*}}] : memref<?xf32>
func.func @stored(%a: memref<6x8xf32>, %i: index, %x: f32) {
  %v = memref.subview %a[5, 0] [6, 8] [-1, 1]
      : memref<6x8xf32> to memref<6x8xf32, strided<[-8, 1], offset: 40>>
  memref.store %x, %v[%i, %i] : memref<6x8xf32, strided<[-8, 1], offset: 40>>
  return
}

// A stride that is a value may be negative, also where a cast, a further view
// or a branch lies between.
// CHECK-LABEL: func.func @dynamic
// CHECK-COUNT-3: memref.load %{{.*}}[%{{.*}}] : memref<?xf32>
// CHECK-NOT: memref.load
func.func @dynamic(%a: memref<?x?xf32>, %s: index, %n: index, %i: index, %c: i1) -> (f32, f32, f32) {
  %v = memref.subview %a[%i, 0] [%n, %n] [%s, 1] : memref<?x?xf32> to memref<?x?xf32, strided<[?, 1], offset: ?>>
  %x = memref.load %v[%i, %i] : memref<?x?xf32, strided<[?, 1], offset: ?>>
  %u = memref.subview %v[1, 0] [%n, %n] [2, 1]
      : memref<?x?xf32, strided<[?, 1], offset: ?>> to memref<?x?xf32, strided<[?, 1], offset: ?>>
  %w = memref.cast %u : memref<?x?xf32, strided<[?, 1], offset: ?>> to memref<?x?xf32, strided<[?, ?], offset: ?>>
  %y = memref.load %w[%i, %i] : memref<?x?xf32, strided<[?, ?], offset: ?>>
  %e = arith.select %c, %v, %u : memref<?x?xf32, strided<[?, 1], offset: ?>>
  %z = memref.load %e[%i, %i] : memref<?x?xf32, strided<[?, 1], offset: ?>>
  return %x, %y, %z : f32, f32, f32
}

// Strides that are products of sizes are not negative.
// CHECK-LABEL: func.func @forwards
// CHECK-NOT: extract_strided_metadata
// CHECK: return
func.func @forwards(%a: memref<?x?xf32>, %n: index, %i: index) -> (f32, f32, f32) {
  %v = memref.subview %a[%i, 0] [%n, %n] [1, 2] : memref<?x?xf32> to memref<?x?xf32, strided<[?, 2], offset: ?>>
  %x = memref.load %v[%i, %i] : memref<?x?xf32, strided<[?, 2], offset: ?>>
  %t = memref.transpose %a (j, k) -> (k, j) : memref<?x?xf32> to memref<?x?xf32, strided<[1, ?]>>
  %y = memref.load %t[%i, %i] : memref<?x?xf32, strided<[1, ?]>>
  %z = memref.load %a[%i, %i] : memref<?x?xf32>
  return %x, %y, %z : f32, f32, f32
}
