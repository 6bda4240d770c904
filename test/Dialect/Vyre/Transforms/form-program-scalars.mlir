// RUN: vyre-opt --vyre-form-program --split-input-file %s | FileCheck %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// A scalar that the device holds is loaded by each body that uses it, as long as nobody
// writes it in between; arithmetic on it moves along. What the host knows stays outside.

// CHECK-LABEL: vyre.program @reload(
// CHECK-SAME:    %[[X:[a-z0-9]+]]: memref<8xf32> {{{[^}]*}}role = input
// CHECK-SAME:    %[[S:[a-z0-9]+]]: memref<f32>
// CHECK-SAME:    %[[A:[a-z0-9]+]]: f32
// CHECK:         %[[TWICE:.+]] = arith.addf %[[A]], %[[A]]
// CHECK:         vyre.stage @loop_0 (%{{.+}}) in (%{{.+}}) reads(%[[S]]
// CHECK-NEXT:      %[[V:.+]] = memref.load %[[S]][]
// CHECK-NEXT:      %[[SCALED:.+]] = arith.mulf %[[V]], %[[TWICE]]
// CHECK:           memref.store %[[SCALED]]
// CHECK:         vyre.stage @loop_1
// CHECK-NEXT:      memref.load %[[S]][]
// CHECK-NEXT:      arith.mulf
// CHECK-NOT:     vyre.stage
func.func @reload(%x: memref<8xf32>, %s: memref<f32>, %a: f32, %y: memref<8xf32>, %z: memref<8xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %v = memref.load %s[] : memref<f32>
  %twice = arith.addf %a, %a : f32
  %scaled = arith.mulf %v, %twice : f32
  scf.parallel (%i) = (%c0) to (%c8) step (%c1) {
    memref.store %scaled, %y[%i] : memref<8xf32>
    scf.reduce
  }
  scf.parallel (%i) = (%c0) to (%c8) step (%c1) {
    memref.store %scaled, %z[%i] : memref<8xf32>
    scf.reduce
  }
  return
}

// -----

// Where a stage overwrites it, a stage of rank 0 keeps the value: for later bodies and
// for the writer's own points, of which one may be ahead of the others.

// CHECK-LABEL: vyre.program @overwritten(
// CHECK-SAME:    %[[X:[a-z0-9]+]]: memref<8xf32>
// CHECK:         %[[T:.+]] = vyre.intermediate() : memref<f32>
// CHECK:         vyre.stage @scalar_0 () in () reads(%[[X]] : memref<8xf32>) writes(%[[T]] : memref<f32>) {
// CHECK-NEXT:      %[[V:.+]] = memref.load %[[X]][%c0
// CHECK-NEXT:      memref.store %[[V]], %[[T]][]
// CHECK:         vyre.stage @loop_1 (%{{.+}}) in (%{{.+}}) reads(%[[T]] : memref<f32>) updates(%[[X]]
// CHECK-NEXT:      memref.load %[[T]][]
// CHECK:         vyre.stage @loop_2 (%{{.+}}) in (%{{.+}}) reads(%[[T]] : memref<f32>)
// CHECK-NEXT:      memref.load %[[T]][]
func.func @overwritten(%x: memref<8xf32>, %y: memref<8xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %s = memref.load %x[%c0] : memref<8xf32>
  scf.parallel (%i) = (%c0) to (%c8) step (%c1) {
    %v = memref.load %x[%i] : memref<8xf32>
    %w = arith.divf %v, %s : f32
    memref.store %w, %x[%i] : memref<8xf32>
    scf.reduce
  }
  scf.parallel (%i) = (%c0) to (%c8) step (%c1) {
    memref.store %s, %y[%i] : memref<8xf32>
    scf.reduce
  }
  return
}

// -----

// Neighbouring accesses share a stage of rank 0 and keep their order. A load between two
// writes may not be repeated elsewhere: later bodies get what it gave.

// CHECK-LABEL: vyre.program @run(
// CHECK-SAME:    %[[X:[a-z0-9]+]]: memref<4xf32>
// CHECK-SAME:    %[[A:[a-z0-9]+]]: f32, %[[I:[a-z0-9]+]]: index
// CHECK-SAME:    %[[Y:[a-z0-9]+]]: memref<4xf32> {{{[^}]*}}role = output
// CHECK:         %[[T:.+]] = vyre.intermediate() : memref<f32>
// CHECK:         vyre.stage @scalar_0 () in () writes(%[[T]] : memref<f32>) updates(%[[X]] : memref<4xf32>) {
// CHECK-NEXT:      memref.store %[[A]], %[[X]][%[[I]]]
// CHECK-NEXT:      %[[V:.+]] = memref.load %[[X]][%c0
// CHECK-NEXT:      memref.store %{{.+}}, %[[X]][%c0
// CHECK-NEXT:      memref.store %[[V]], %[[T]][]
// CHECK:         vyre.stage @loop_1 (%{{.+}}) in (%{{.+}}) reads(%[[T]] : memref<f32>) writes(%[[Y]]
// CHECK-NOT:     vyre.stage
func.func @run(%x: memref<4xf32>, %a: f32, %i: index, %y: memref<4xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %z = arith.constant 0.0 : f32
  memref.store %a, %x[%i] : memref<4xf32>
  %v = memref.load %x[%c0] : memref<4xf32>
  memref.store %z, %x[%c0] : memref<4xf32>
  scf.parallel (%j) = (%c0) to (%c4) step (%c1) {
    memref.store %v, %y[%j] : memref<4xf32>
    scf.reduce
  }
  return
}

// -----

// A reduction keeps its form in the body. Its result is too dear to be computed again by
// each point, so it goes through memory. Each reduction has a stage of its own.

// CHECK-LABEL: vyre.program @reductions(
// CHECK-DAG:     %[[S:.+]] = vyre.intermediate() : memref<f32>
// CHECK:         vyre.stage @reduce_0 () in () {{.*}} writes(%[[S]] : memref<f32>)
// CHECK-NEXT:      %[[SUM:.+]] = scf.parallel {{.*}} init
// CHECK:           memref.store %[[SUM]], %[[S]][]
// CHECK:         vyre.stage @reduce_1 () in ()
// CHECK-NEXT:      scf.parallel
// CHECK:         vyre.stage @loop_2
// CHECK-NEXT:      %[[TOTAL:.+]] = memref.load %[[S]][]
// CHECK:           arith.divf %{{.+}}, %[[TOTAL]]
func.func @reductions(%x: memref<?xf32>, %most: memref<f32>, %y: memref<?xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %z = arith.constant 0.0 : f32
  %n = memref.dim %x, %c0 : memref<?xf32>
  %sum = scf.parallel (%i) = (%c0) to (%n) step (%c1) init (%z) -> f32 {
    %v = memref.load %x[%i] : memref<?xf32>
    scf.reduce(%v : f32) {
    ^bb0(%a: f32, %b: f32):
      %s = arith.addf %a, %b : f32
      scf.reduce.return %s : f32
    }
  }
  %max = scf.parallel (%i) = (%c0) to (%n) step (%c1) init (%z) -> f32 {
    %v = memref.load %x[%i] : memref<?xf32>
    scf.reduce(%v : f32) {
    ^bb0(%a: f32, %b: f32):
      %s = arith.maximumf %a, %b : f32
      scf.reduce.return %s : f32
    }
  }
  memref.store %max, %most[] : memref<f32>
  scf.parallel (%i) = (%c0) to (%n) step (%c1) {
    %v = memref.load %x[%i] : memref<?xf32>
    %w = arith.divf %v, %sum : f32
    memref.store %w, %y[%i] : memref<?xf32>
    scf.reduce
  }
  return
}

// -----

// Views and values that are no scalars move into the bodies. Memory that a point
// allocates is its own.

// CHECK-LABEL: vyre.program @views(
// CHECK-SAME:    %[[X:[a-z0-9]+]]: memref<64xf32>
// CHECK-SAME:    %[[AT:[a-z0-9]+]]: memref<index>
// CHECK-NOT:     memref.subview
// CHECK:         vyre.stage @loop_0 (%{{.+}}) in (%{{.+}}) reads(%[[AT]] : memref<index>) updates(%[[X]] : memref<64xf32>) {
// CHECK:           %[[OFFSET:.+]] = memref.load %[[AT]][]
// CHECK:           %[[V:.+]] = memref.subview %[[X]][%[[OFFSET]]]
// CHECK:           memref.alloca() : memref<4xf32>
// CHECK:           vector.load %[[V]]
// CHECK-NOT:       dealloc
func.func @views(%x: memref<64xf32>, %at: memref<index>) {
  %c0 = arith.constant 0 : index
  %c4 = arith.constant 4 : index
  %c16 = arith.constant 16 : index
  %two = arith.constant dense<2.0> : vector<4xf32>
  %offset = memref.load %at[] : memref<index>
  %v = memref.subview %x[%offset] [16] [1] : memref<64xf32> to memref<16xf32, strided<[1], offset: ?>>
  scf.parallel (%i) = (%c0) to (%c16) step (%c4) {
    %t = memref.alloc() : memref<4xf32>
    %e = vector.load %v[%i] : memref<16xf32, strided<[1], offset: ?>>, vector<4xf32>
    %f = arith.mulf %e, %two : vector<4xf32>
    vector.store %f, %t[%c0] : memref<4xf32>, vector<4xf32>
    %g = vector.load %t[%c0] : memref<4xf32>, vector<4xf32>
    vector.store %g, %v[%i] : memref<16xf32, strided<[1], offset: ?>>, vector<4xf32>
    memref.dealloc %t : memref<4xf32>
    scf.reduce
  }
  return
}
