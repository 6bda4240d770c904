// RUN: vyre-opt --vyre-form-program --canonicalize --split-input-file %s | FileCheck %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// What is returned and is no allocation of its own is copied to an output at the end:
// an argument, a second time the same allocation, a view (contiguous then), a constant.
// Result attributes stay.

memref.global "private" constant @table : memref<3xf32> = dense<[1.0, 2.0, 3.0]>

// CHECK-LABEL: vyre.program @copied(
// CHECK-SAME:    %[[X:[a-z0-9]+]]: memref<4x4xf32> {{{[^}]*}}role = input_output
// CHECK-SAME:    %[[A:[a-z0-9]+]]: memref<4x4xf32> {{{[^}]*}}slot = 1, role = output
// CHECK-SAME:    %[[X2:[a-z0-9]+]]: memref<4x4xf32> {{{[^}]*}}slot = 2, role = output
// CHECK-SAME:    %[[A2:[a-z0-9]+]]: memref<4x4xf32> {{{[^}]*}}slot = 3, role = output
// CHECK-SAME:    %[[V:[a-z0-9]+]]: memref<2xf32> {{{[^}]*}}slot = 4, role = output
// CHECK-SAME:    %[[K:[a-z0-9]+]]: memref<3xf32> {{{[^}]*}}slot = 5, role = output
// CHECK-SAME:    -> (memref<4x4xf32>, memref<4x4xf32> {test.note = "kept"}, memref<4x4xf32>, memref<2xf32>, memref<3xf32>)
// CHECK:         vyre.stage @copy_0 {{.*}} reads(%[[X]] : {{.*}} writes(%[[A]] :
// CHECK:         vyre.stage @scalar_1 () in () writes(%[[X]] :
// CHECK:         vyre.stage @copy_2 {{.*}} reads(%[[X]] : {{.*}} writes(%[[X2]] :
// CHECK:         vyre.stage @copy_3 {{.*}} reads(%[[A]] : {{.*}} writes(%[[A2]] :
// CHECK:         vyre.stage @copy_4 (%[[I:.+]]) in {{.*}} reads(%[[X]] : {{.*}} writes(%[[V]] :
// CHECK-NEXT:      %[[VIEW:.+]] = memref.subview %[[X]]
// CHECK-NEXT:      %[[E:.+]] = memref.load %[[VIEW]][%[[I]]]
// CHECK-NEXT:      memref.store %[[E]], %[[V]][%[[I]]]
// CHECK:         vyre.stage @copy_5 {{.*}} writes(%[[K]] :
// CHECK:         vyre.return %[[A]] : memref<4x4xf32>, %[[X2]] : memref<4x4xf32>, %[[A2]] : memref<4x4xf32>, %[[V]] : memref<2xf32>, %[[K]] : memref<3xf32>
func.func @copied(%x: memref<4x4xf32>)
    -> (memref<4x4xf32>, memref<4x4xf32> {test.note = "kept"}, memref<4x4xf32>,
        memref<2xf32, strided<[4], offset: 1>>, memref<3xf32>) {
  %c0 = arith.constant 0 : index
  %z = arith.constant 0.0 : f32
  %a = memref.alloc() : memref<4x4xf32>
  memref.copy %x, %a : memref<4x4xf32> to memref<4x4xf32>
  %v = memref.subview %x[0, 1] [2, 1] [1, 1] : memref<4x4xf32> to memref<2xf32, strided<[4], offset: 1>>
  %k = memref.get_global @table : memref<3xf32>
  memref.store %z, %x[%c0, %c0] : memref<4x4xf32>
  return %a, %x, %a, %v, %k : memref<4x4xf32>, memref<4x4xf32>, memref<4x4xf32>,
      memref<2xf32, strided<[4], offset: 1>>, memref<3xf32>
}

// -----

// Scalars are stored to outputs of rank 0, together: those that the device computes,
// those that the host knows, and arguments.

// CHECK-LABEL: vyre.program @scalars(
// CHECK-SAME:    %[[X:[a-z0-9]+]]: memref<?xf32>
// CHECK-SAME:    %[[S:[a-z0-9]+]]: i8,
// CHECK-SAME:    %[[R0:[a-z0-9]+]]: memref<f32> {{{[^}]*}}role = output
// CHECK-SAME:    %[[R1:[a-z0-9]+]]: memref<index> {{{[^}]*}}role = output
// CHECK-SAME:    %[[R2:[a-z0-9]+]]: memref<i8> {{{[^}]*}}role = output
// CHECK-SAME:    -> (memref<f32>, memref<index>, memref<i8>)
// CHECK:         %[[N:.+]] = memref.dim %[[X]]
// CHECK:         vyre.stage @scalar_0 () in () reads(%[[X]] : memref<?xf32>) writes(%[[R0]], %[[R1]], %[[R2]] :
// CHECK:           %[[V:.+]] = memref.load %[[X]]
// CHECK:           memref.store %[[V]], %[[R0]][]
// CHECK:           memref.store %[[N]], %[[R1]][]
// CHECK:           memref.store %[[S]], %[[R2]][]
// CHECK:         vyre.return %[[R0]] : memref<f32>, %[[R1]] : memref<index>, %[[R2]] : memref<i8>
func.func @scalars(%x: memref<?xf32>, %s: i8) -> (f32, index, i8) {
  %c0 = arith.constant 0 : index
  %n = memref.dim %x, %c0 : memref<?xf32>
  %v = memref.load %x[%c0] : memref<?xf32>
  return %v, %n, %s : f32, index, i8
}

// -----

// A cast that only forgets an extent costs no copy.

// CHECK-LABEL: vyre.program @cast(
// CHECK-SAME:    %[[A:[a-z0-9]+]]: memref<4xf32> {{{[^}]*}}role = output
// CHECK-SAME:    -> memref<4xf32>
// CHECK:         vyre.stage @scalar_0
// CHECK-NOT:     vyre.stage
// CHECK:         vyre.return %[[A]]
func.func @cast() -> memref<?xf32> {
  %c0 = arith.constant 0 : index
  %z = arith.constant 0.0 : f32
  %a = memref.alloc() : memref<4xf32>
  memref.store %z, %a[%c0] : memref<4xf32>
  %c = memref.cast %a : memref<4xf32> to memref<?xf32>
  return %c : memref<?xf32>
}

// -----

// The extents of a result are arithmetic on those of the inputs, by way of views, casts
// and unsigned or affine arithmetic.

// CHECK-LABEL: vyre.program @extents(
// CHECK-SAME:    %[[X:[a-z0-9]+]]: memref<?x6xf32>
// CHECK-SAME:    %[[N:[a-z0-9]+]]: index, %[[K:[a-z0-9]+]]: index
// CHECK-SAME:    %[[A:[a-z0-9]+]]: memref<?x?xf32>
// CHECK-SAME:    %[[B:[a-z0-9]+]]: memref<?xf32>
// CHECK-DAG:     %[[C6:.+]] = arith.constant 6 : index
// CHECK-DAG:     %[[D:.+]] = memref.dim %[[X]], %{{.+}}
// CHECK-DAG:     %[[FLAT:.+]] = arith.muli %[[D]], %[[C6]]
// CHECK-DAG:     %[[HALF:.+]] = arith.divsi %[[FLAT]], %{{.+}}
// CHECK-DAG:     %[[IS:.+]] = arith.cmpi eq, %[[K]], %{{.+}}
// CHECK-DAG:     %[[PICKED:.+]] = arith.select %[[IS]], %[[C6]], %[[D]]
// CHECK-DAG:     vyre.extents %[[A]][%[[HALF]], %[[N]]]
// CHECK-DAG:     vyre.extents %[[B]][%[[PICKED]]]
func.func @extents(%x: memref<?x6xf32>, %n: index, %k: index) -> (memref<?x?xf32>, memref<?xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %flat = memref.collapse_shape %x [[0, 1]] : memref<?x6xf32> into memref<?xf32>
  %length = memref.dim %flat, %c0 : memref<?xf32>
  %half = arith.divui %length, %c2 : index
  %a = memref.alloc(%half, %n) : memref<?x?xf32>
  %any = memref.dim %x, %k : memref<?x6xf32>
  %b = memref.alloc(%any) : memref<?xf32>
  return %a, %b : memref<?x?xf32>, memref<?xf32>
}

// -----

// The extent of several dimensions in one is the product of all of theirs, however many.

// CHECK-LABEL: vyre.program @many_in_one(
// CHECK-SAME:    %[[X:.+]]: memref<?x?x?x5xf32>
// CHECK-DAG:     %[[D0:.+]] = memref.dim %[[X]], %c0
// CHECK-DAG:     %[[D1:.+]] = memref.dim %[[X]], %c1
// CHECK-DAG:     %[[D2:.+]] = memref.dim %[[X]], %c2
// CHECK-DAG:     %[[A:.+]] = arith.muli %[[D0]], %[[D1]]
// CHECK-DAG:     %[[B:.+]] = arith.muli %[[A]], %[[D2]]
// CHECK:         vyre.extents %{{.+}}[%[[B]]]
func.func @many_in_one(%x: memref<?x?x?x5xf32>) -> memref<?xf32> {
  %c0 = arith.constant 0 : index
  %flat = memref.collapse_shape %x [[0, 1, 2], [3]] : memref<?x?x?x5xf32> into memref<?x5xf32>
  %length = memref.dim %flat, %c0 : memref<?x5xf32>
  %a = memref.alloc(%length) : memref<?xf32>
  return %a : memref<?xf32>
}
