// RUN: vyre-opt --vyre-form-program=default-capacity=4096 --split-input-file %s | FileCheck %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// An argument that nobody writes is an input. One that the first stage to touch it
// writes as a whole is an output, in whatever order of indices; a later read does not
// change that.

// CHECK-LABEL: vyre.program @outputs(
// CHECK-SAME:    memref<4x8xf32> {vyre.binding = #vyre.binding<slot = 0, role = input, alignment = 16>}
// CHECK-SAME:    memref<8x4xf32> {vyre.binding = #vyre.binding<slot = 1, role = output, alignment = 16>}
// CHECK-SAME:    memref<32xf32> {vyre.binding = #vyre.binding<slot = 2, role = output, alignment = 16>}
// CHECK-SAME:    memref<1xf32> {vyre.binding = #vyre.binding<slot = 3, role = output, alignment = 16>}
func.func @outputs(%x: memref<4x8xf32>, %transposed: memref<8x4xf32>, %flat: memref<32xf32>, %one: memref<1xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %c8 = arith.constant 8 : index
  %view = memref.expand_shape %flat [[0, 1]] output_shape [4, 8] : memref<32xf32> into memref<4x8xf32>
  scf.parallel (%i, %j) = (%c0, %c0) to (%c4, %c8) step (%c1, %c1) {
    %v = memref.load %x[%i, %j] : memref<4x8xf32>
    memref.store %v, %transposed[%j, %i] : memref<8x4xf32>
    memref.store %v, %view[%i, %j] : memref<4x8xf32>
    scf.reduce
  }
  %w = memref.load %transposed[%c0, %c0] : memref<8x4xf32>
  memref.store %w, %one[%c0] : memref<1xf32>
  return
}

// -----

// What is not proved to be written as a whole keeps its former contents: a part, a
// diagonal, under a condition, after a read, of unknown extent.

// CHECK-LABEL: vyre.program @updates(
// CHECK-SAME:    memref<8xf32> {vyre.binding = #vyre.binding<slot = 0, role = input_output, alignment = 16>}
// CHECK-SAME:    memref<4x4xf32> {vyre.binding = #vyre.binding<slot = 1, role = input_output, alignment = 16>}
// CHECK-SAME:    memref<4xf32> {vyre.binding = #vyre.binding<slot = 2, role = input_output, alignment = 16>}
// CHECK-SAME:    memref<4xf32> {vyre.binding = #vyre.binding<slot = 3, role = input_output, alignment = 16>}
// CHECK-SAME:    memref<?xf32> {vyre.binding = #vyre.binding<slot = 4, role = input_output, alignment = 16, capacity = 4096>}
func.func @updates(%part: memref<8xf32>, %diagonal: memref<4x4xf32>, %sometimes: memref<4xf32>,
                   %read: memref<4xf32>, %unknown: memref<?xf32>, %c: i1) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  scf.parallel (%i) = (%c0) to (%c4) step (%c1) {
    %v = memref.load %read[%i] : memref<4xf32>
    memref.store %v, %part[%i] : memref<8xf32>
    memref.store %v, %diagonal[%i, %i] : memref<4x4xf32>
    scf.if %c {
      memref.store %v, %sometimes[%i] : memref<4xf32>
    }
    memref.store %v, %unknown[%i] : memref<?xf32>
    scf.reduce
  }
  scf.parallel (%i) = (%c0) to (%c4) step (%c1) {
    %v = memref.load %part[%i] : memref<8xf32>
    memref.store %v, %read[%i] : memref<4xf32>
    scf.reduce
  }
  return
}

// -----

// Of a dynamic argument the extents that the loops run to are its own, in any order; or
// those of something that a structured op has in the same shape, which becomes a
// requirement. A loop over the extents of something else writes a part.

// CHECK-LABEL: vyre.program @dynamic(
// CHECK-SAME:    %[[X:[a-z0-9]+]]: memref<?x?xf32> {vyre.binding = #vyre.binding<slot = 0, role = input,
// CHECK-SAME:    %[[OWN:[a-z0-9]+]]: memref<?x?xf32> {vyre.binding = #vyre.binding<slot = 1, role = output,
// CHECK-SAME:    %[[ALIKE:[a-z0-9]+]]: memref<?x?xf32> {vyre.binding = #vyre.binding<slot = 2, role = output,
// CHECK-SAME:    %[[PART:[a-z0-9]+]]: memref<?xf32> {vyre.binding = #vyre.binding<slot = 3, role = input_output,
// CHECK-DAG:     %[[C0:.+]] = arith.constant 0 : index
// CHECK-DAG:     %[[C1:.+]] = arith.constant 1 : index
// CHECK:         %[[M:.+]] = memref.dim %[[X]], %[[C0]]
// CHECK:         %[[N:.+]] = memref.dim %[[X]], %[[C1]]
// CHECK:         %[[ROWS:.+]] = memref.dim %[[ALIKE]], %[[C0]]
// CHECK:         vyre.require "extent 0 of what stage 'generic_1' writes as all of argument 2" %[[M]] at_least %[[ROWS]]
// CHECK:         %[[COLUMNS:.+]] = memref.dim %[[ALIKE]], %[[C1]]
// CHECK:         vyre.require "extent 1 of what stage 'generic_1' writes as all of argument 2" %[[N]] at_least %[[COLUMNS]]
// CHECK-NOT:     vyre.require
// CHECK-NOT:     vyre.covers
// CHECK:         vyre.return
func.func @dynamic(%x: memref<?x?xf32>, %own: memref<?x?xf32>, %alike: memref<?x?xf32>, %part: memref<?xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %z = arith.constant 0.0 : f32
  %rows = memref.dim %own, %c0 : memref<?x?xf32>
  %columns = memref.dim %own, %c1 : memref<?x?xf32>
  scf.parallel (%j, %i) = (%c0, %c0) to (%columns, %rows) step (%c1, %c1) {
    memref.store %z, %own[%i, %j] : memref<?x?xf32>
    scf.reduce
  }
  %m = memref.dim %x, %c0 : memref<?x?xf32>
  %n = memref.dim %x, %c1 : memref<?x?xf32>
  scf.parallel (%i, %j) = (%c0, %c0) to (%m, %n) step (%c1, %c1) {
    %v = memref.load %x[%i, %j] : memref<?x?xf32>
    memref.store %v, %alike[%i, %j] : memref<?x?xf32>
    scf.reduce
  } {vyre.covers, vyre.stage_name = "generic"}
  scf.parallel (%i) = (%c0) to (%m) step (%c1) {
    memref.store %z, %part[%i] : memref<?xf32>
    scf.reduce
  }
  return
}

// -----

// Who says that it is an output is believed; the caller says how large.

// CHECK-LABEL: vyre.program @promised(
// CHECK-SAME:    memref<?xf32> {vyre.binding = #vyre.binding<slot = 0, role = output, capacity = 64>}
func.func @promised(%x: memref<?xf32> {vyre.binding = #vyre.binding<slot = 0, role = output, capacity = 64>}) {
  %c0 = arith.constant 0 : index
  %z = arith.constant 0.0 : f32
  memref.store %z, %x[%c0] : memref<?xf32>
  return
}

// -----

// A binding that an argument carries already is kept; the others get slots that are
// free, in order. Attributes of other dialects stay.

// CHECK-LABEL: vyre.program @stated(
// CHECK-SAME:    memref<?xf32> {test.note = "kept", vyre.binding = #vyre.binding<slot = 1, role = input_output, alignment = 64, capacity = 640>}
// CHECK-SAME:    %{{[a-z0-9]+}}: i32 {test.note = "scalar"}
// CHECK-SAME:    memref<4xf32> {vyre.binding = #vyre.binding<slot = 0, role = input, alignment = 16>}
// CHECK-SAME:    memref<4xi32> {vyre.binding = #vyre.binding<slot = 2, role = state>}
// CHECK-SAME:    memref<4xf32> {vyre.binding = #vyre.binding<slot = 3, role = output, alignment = 16>}
func.func @stated(
    %x: memref<?xf32> {test.note = "kept", vyre.binding = #vyre.binding<slot = 1, role = input_output, alignment = 64, capacity = 640>},
    %s: i32 {test.note = "scalar"}, %y: memref<4xf32>,
    %state: memref<4xi32> {vyre.binding = #vyre.binding<slot = 2, role = state>}) -> memref<4xf32> {
  return %y : memref<4xf32>
}
