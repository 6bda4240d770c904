// RUN: vyre-opt --vyre-form-program --split-input-file %s | FileCheck %s
// RUN: vyre-opt --vyre-form-program --vyre-form-program --split-input-file %s | FileCheck %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// A loop over memrefs becomes a stage, an allocation that is returned an output whose
// extents the host computes.

// CHECK-LABEL: vyre.program @twice(
// CHECK-SAME:    %[[X:[a-z0-9]+]]: memref<?xf32> {vyre.binding = #vyre.binding<slot = 0, role = input, alignment = 16, capacity = 1073741824>}
// CHECK-SAME:    %[[Y:[a-z0-9]+]]: memref<?xf32> {vyre.binding = #vyre.binding<slot = 1, role = output, alignment = 16, capacity = 1073741824>}
// CHECK-SAME:    -> memref<?xf32>
// CHECK:         %[[N:.+]] = memref.dim %[[X]]
// CHECK:         vyre.extents %[[Y]][%[[N]]] : memref<?xf32>
// CHECK:         vyre.stage @loop_0 (%[[I:.+]]) in (%[[N]]) reads(%[[X]] : memref<?xf32>) writes(%[[Y]] : memref<?xf32>) {
// CHECK-NEXT:      %[[V:.+]] = memref.load %[[X]][%[[I]]]
// CHECK-NEXT:      %[[S:.+]] = arith.addf %[[V]], %[[V]]
// CHECK-NEXT:      memref.store %[[S]], %[[Y]][%[[I]]]
// CHECK-NEXT:    }
// CHECK-NEXT:    vyre.return %[[Y]] : memref<?xf32>
func.func @twice(%x: memref<?xf32>) -> memref<?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = memref.dim %x, %c0 : memref<?xf32>
  %y = memref.alloc(%n) : memref<?xf32>
  scf.parallel (%i) = (%c0) to (%n) step (%c1) {
    %v = memref.load %x[%i] : memref<?xf32>
    %s = arith.addf %v, %v : f32
    memref.store %s, %y[%i] : memref<?xf32>
    scf.reduce
  }
  return %y : memref<?xf32>
}

// -----

// A body's index starts at 0 and has step 1. A bound that may be negative is clamped.

// CHECK-LABEL: vyre.program @strided(
// CHECK-SAME:    %[[X:[a-z0-9]+]]: memref<64xf32>
// CHECK-SAME:    %[[FROM:[a-z0-9]+]]: index, %[[TO:[a-z0-9]+]]: index
// CHECK:         %[[C3:.+]] = arith.constant 3 : index
// CHECK:         %[[SPAN:.+]] = arith.subi %[[TO]], %[[FROM]]
// CHECK:         %[[CLAMPED:.+]] = arith.maxsi %[[SPAN]]
// CHECK:         %[[E:.+]] = arith.ceildivsi %[[CLAMPED]], %[[C3]]
// CHECK:         vyre.stage @loop_0 (%[[I:.+]]) in (%[[E]])
// CHECK:           %[[SCALED:.+]] = arith.muli %[[I]], %[[C3]]
// CHECK:           %[[INDEX:.+]] = arith.addi %[[FROM]], %[[SCALED]]
// CHECK:           memref.store %{{.+}}, %[[X]][%[[INDEX]]]
func.func @strided(%x: memref<64xf32>, %from: index, %to: index) {
  %c3 = arith.constant 3 : index
  %z = arith.constant 0.0 : f32
  scf.parallel (%i) = (%from) to (%to) step (%c3) {
    memref.store %z, %x[%i] : memref<64xf32>
    scf.reduce
  }
  return
}

// -----

// Perfectly nested loops share one index space, also around a load that each point may
// repeat. A bound that depends on an outer index keeps its loop in the body.

// CHECK-LABEL: vyre.program @nested(
// CHECK:         vyre.stage @loop_0 (%[[I:.+]], %[[J:.+]]) in (%{{.+}}, %{{.+}})
// CHECK-NEXT:      %[[ROW:.+]] = memref.load %{{.+}}[%[[I]]]
// CHECK-NEXT:      memref.store %[[ROW]], %{{.+}}[%[[I]], %[[J]]]
// CHECK:         vyre.stage @loop_1 (%[[I:.+]]) in (%{{.+}})
// CHECK-NEXT:      scf.parallel (%{{.+}}) = (%[[I]]) to
func.func @nested(%x: memref<4xf32>, %y: memref<4x8xf32>, %t: memref<4x4xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  scf.parallel (%i) = (%c0) to (%c4) step (%c1) {
    %v = memref.load %x[%i] : memref<4xf32>
    %c8 = arith.constant 8 : index
    scf.parallel (%j) = (%c0) to (%c8) step (%c1) {
      memref.store %v, %y[%i, %j] : memref<4x8xf32>
      scf.reduce
    }
    scf.reduce
  }
  scf.parallel (%i) = (%c0) to (%c4) step (%c1) {
    scf.parallel (%j) = (%i) to (%c4) step (%c1) {
      %v = memref.load %x[%j] : memref<4xf32>
      memref.store %v, %t[%i, %j] : memref<4x4xf32>
      scf.reduce
    }
    scf.reduce
  }
  return
}

// -----

// A load in the outer loop of what the inner one writes may not be repeated.

// CHECK-LABEL: vyre.program @not_nested(
// CHECK:         vyre.stage @loop_0 (%[[I:.+]]) in (%{{.+}})
// CHECK-NEXT:      memref.load
// CHECK-NEXT:      scf.parallel
func.func @not_nested(%x: memref<4x8xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %c8 = arith.constant 8 : index
  scf.parallel (%i) = (%c0) to (%c4) step (%c1) {
    %v = memref.load %x[%i, %c0] : memref<4x8xf32>
    scf.parallel (%j) = (%c0) to (%c8) step (%c1) {
      memref.store %v, %x[%i, %j] : memref<4x8xf32>
      scf.reduce
    }
    scf.reduce
  }
  return
}

// -----

// A copy is a stage over the extents of its views; memory that the function allocates
// is an intermediate, a global a constant, what is freed is forgotten.

memref.global "private" constant @table : memref<8xf32> = dense<2.0>

// CHECK-LABEL: vyre.program @copies(
// CHECK-SAME:    %[[X:[a-z0-9]+]]: memref<?x8xf32>
// CHECK:         %[[K:.+]] = vyre.constant dense<2.000000e+00> : tensor<8xf32> as memref<8xf32>
// CHECK:         %[[T:.+]] = vyre.intermediate(%[[N:.+]]) : memref<?x8xf32>
// CHECK:         vyre.stage @copy_0 (%[[I:.+]], %[[J:.+]]) in (%[[N]], %{{.+}}) reads(%[[X]] : memref<?x8xf32>) writes(%[[T]] : memref<?x8xf32>)
// CHECK:           %[[V:.+]] = memref.subview %[[T]][0, 2] [%[[N]], 4] [1, 1]
// CHECK:           memref.store %{{.+}}, %[[V]][%[[I]], %[[J]]]
// CHECK:         vyre.stage @copy_1 (%[[J:.+]]) in (%{{.+}}) reads(%[[K]] : memref<8xf32>) writes(%[[T]] : memref<?x8xf32>)
// CHECK-NOT:     dealloc
func.func @copies(%x: memref<?x8xf32>) {
  %c0 = arith.constant 0 : index
  %n = memref.dim %x, %c0 : memref<?x8xf32>
  %t = memref.alloc(%n) : memref<?x8xf32>
  %from = memref.subview %x[0, 0] [%n, 4] [1, 1] : memref<?x8xf32> to memref<?x4xf32, strided<[8, 1]>>
  %to = memref.subview %t[0, 2] [%n, 4] [1, 1] : memref<?x8xf32> to memref<?x4xf32, strided<[8, 1], offset: 2>>
  memref.copy %from, %to : memref<?x4xf32, strided<[8, 1]>> to memref<?x4xf32, strided<[8, 1], offset: 2>>
  %k = memref.get_global @table : memref<8xf32>
  %row = memref.subview %t[0, 0] [1, 8] [1, 1] : memref<?x8xf32> to memref<8xf32, strided<[1]>>
  memref.copy %k, %row : memref<8xf32> to memref<8xf32, strided<[1]>>
  memref.dealloc %t : memref<?x8xf32>
  return
}

// -----

// Private callees are inlined; functions that run programs are host code and stay, as
// programs do.

// CHECK-NOT:   func.func private
// CHECK-LABEL: vyre.program @caller(
// CHECK:         vyre.stage @loop_0
// CHECK-LABEL: func.func @host(
// CHECK:         vyre.dispatch @formed
// CHECK-LABEL: vyre.program @formed(
func.func private @callee(%x: memref<4xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %z = arith.constant 0.0 : f32
  scf.parallel (%i) = (%c0) to (%c4) step (%c1) {
    memref.store %z, %x[%i] : memref<4xf32>
    scf.reduce
  }
  return
}
func.func @caller(%x: memref<4xf32>) {
  call @callee(%x) : (memref<4xf32>) -> ()
  return
}
func.func @host(%x: memref<4xf32>) {
  vyre.dispatch @formed(%x) : memref<4xf32>
  return
}
vyre.program @formed(%x: memref<4xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>}) {
  vyre.return
}

// -----

// Affine loops are lowered first; what only index arithmetic needs becomes arithmetic.

// CHECK-LABEL: vyre.program @affine(
// CHECK:         %[[E:.+]] = arith.addi
// CHECK:         vyre.intermediate(%[[E]])
// CHECK:         vyre.stage @loop_0 (%{{.+}}, %{{.+}})
func.func @affine(%x: memref<8x8xf32>, %n: index) {
  %e = affine.apply affine_map<()[s0] -> (s0 + 5)>()[%n]
  %t = memref.alloc(%e) : memref<?xf32>
  affine.parallel (%i, %j) = (0, 0) to (8, 8) {
    %v = affine.load %x[%j, %i] : memref<8x8xf32>
    affine.store %v, %t[%i] : memref<?xf32>
  }
  return
}

// -----

// A program without any work is one, too.

// CHECK-LABEL: vyre.program @nothing() {
// CHECK-NEXT:    vyre.return
func.func @nothing() {
  return
}
