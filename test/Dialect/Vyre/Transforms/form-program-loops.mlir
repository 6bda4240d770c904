// RUN: vyre-opt --vyre-form-program --canonicalize --split-input-file %s | FileCheck %s
// RUN: not vyre-opt "--vyre-form-program=max-unroll=3" --split-input-file %s 2>&1 \
// RUN:   | FileCheck %s --check-prefix=LIMIT
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Upstream lowers a reduction over leading dimensions to sequential loops around a
// parallel one. Where the points are independent, they change places: the number of
// iterations need not be known.

// CHECK-LABEL: vyre.program @leading(
// CHECK:         vyre.stage @loop_0 (%[[J:.+]]) in (%{{.+}}) reads(%[[X:.+]] : {{.*}}) updates(%[[S:.+]] :
// CHECK:           scf.for %[[A:.+]] =
// CHECK:             scf.for %[[B:.+]] =
// CHECK:               memref.load %[[X]][%[[A]], %[[B]], %[[J]]]
// CHECK:               memref.load %[[S]][%[[J]]]
// CHECK:               memref.store %{{.+}}, %[[S]][%[[J]]]
func.func @leading(%x: memref<?x?x?xf32>, %s: memref<?xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %n = memref.dim %x, %c0 : memref<?x?x?xf32>
  %m = memref.dim %x, %c1 : memref<?x?x?xf32>
  %k = memref.dim %x, %c2 : memref<?x?x?xf32>
  scf.for %a = %c0 to %n step %c1 {
    scf.for %b = %c0 to %m step %c1 {
      scf.parallel (%j) = (%c0) to (%k) step (%c1) {
        %v = memref.load %x[%a, %b, %j] : memref<?x?x?xf32>
        %old = memref.load %s[%j] : memref<?xf32>
        %new = arith.addf %old, %v : f32
        memref.store %new, %s[%j] : memref<?xf32>
        scf.reduce
      }
    }
  }
  return
}

// -----

// Each row reads what its own last step left: in both accesses the row is the index into
// dimension 1, whatever the other index is.

// CHECK-LABEL: vyre.program @recurrence(
// CHECK:         vyre.stage @loop_0 (%[[J:.+]]) in (%{{.+}}) updates(%[[S:.+]] :
// CHECK:           scf.for %[[T:.+]] =
// CHECK:             %[[BEFORE:.+]] = arith.subi %[[T]]
// CHECK:             memref.load %[[S]][%[[BEFORE]], %[[J]]]
// CHECK:             memref.store %{{.+}}, %[[S]][%[[T]], %[[J]]]
func.func @recurrence(%s: memref<?x?xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = memref.dim %s, %c0 : memref<?x?xf32>
  %m = memref.dim %s, %c1 : memref<?x?xf32>
  scf.for %t = %c1 to %n step %c1 {
    %before = arith.subi %t, %c1 : index
    scf.parallel (%j) = (%c0) to (%m) step (%c1) {
      %old = memref.load %s[%before, %j] : memref<?x?xf32>
      %new = arith.addf %old, %old : f32
      memref.store %new, %s[%t, %j] : memref<?x?xf32>
      scf.reduce
    }
  }
  return
}

// -----

// The same in a parallel loop: both parallel loops become the space.

// CHECK-LABEL: vyre.program @middle(
// CHECK:         vyre.stage @loop_0 (%{{.+}}, %{{.+}}) in (%{{.+}}, %{{.+}})
// CHECK-NEXT:      scf.for
func.func @middle(%x: memref<?x?x?xf32>, %s: memref<?x?xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %n = memref.dim %x, %c0 : memref<?x?x?xf32>
  %m = memref.dim %x, %c1 : memref<?x?x?xf32>
  %k = memref.dim %x, %c2 : memref<?x?x?xf32>
  scf.parallel (%i) = (%c0) to (%n) step (%c1) {
    scf.for %b = %c0 to %m step %c1 {
      scf.parallel (%j) = (%c0) to (%k) step (%c1) {
        %v = memref.load %x[%i, %b, %j] : memref<?x?x?xf32>
        %old = memref.load %s[%i, %j] : memref<?x?xf32>
        %new = arith.addf %old, %v : f32
        memref.store %new, %s[%i, %j] : memref<?x?xf32>
        scf.reduce
      }
    }
    scf.reduce
  }
  return
}

// -----

// A point that reads what another one wrote in the iteration before keeps the order:
// the loop is unrolled, its counter a constant in each copy. The limit counts copies.

// CHECK-LABEL: vyre.program @jacobi(
// CHECK:         vyre.stage @loop_0
// CHECK:         vyre.stage @loop_1
// CHECK:         vyre.stage @loop_2
// CHECK:         vyre.stage @loop_3
// CHECK:         vyre.stage @loop_4
// CHECK-NOT:     vyre.stage
// LIMIT: error: 'scf.for' op runs stages 2 times in a loop that was unrolled 2 times, expected at most 3 copies in all
// LIMIT: note: fix: raise the option max-unroll
func.func @jacobi(%x: memref<64xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %c8 = arith.constant 8 : index
  scf.for %a = %c0 to %c2 step %c1 {
    scf.for %b = %a to %c3 step %c2 {
      scf.parallel (%i) = (%c0) to (%c8) step (%c1) {
        %j = arith.addi %i, %b : index
        %v = memref.load %x[%j] : memref<64xf32>
        memref.store %v, %x[%i] : memref<64xf32>
        scf.reduce
      }
    }
    scf.for %b = %c0 to %c1 step %c1 {
      scf.parallel (%i) = (%c0) to (%c8) step (%c1) {
        %j = arith.addi %i, %c1 : index
        %v = memref.load %x[%j] : memref<64xf32>
        memref.store %v, %x[%i] : memref<64xf32>
        scf.reduce
      }
    }
  }
  return
}

// -----

// Buffers that a loop exchanges are known once it is unrolled; a loop that runs never
// leaves its initial values.

// CHECK-LABEL: vyre.program @exchange(
// CHECK-SAME:    %[[X:[a-z0-9]+]]: memref<4xf32>
// CHECK-SAME:    %[[Y:[a-z0-9]+]]: memref<4xf32>
// CHECK-SAME:    %[[R:[a-z0-9]+]]: memref<4xf32>
// CHECK:         vyre.stage @copy_0 {{.*}} reads(%[[X]] : {{.*}} writes(%[[Y]] :
// CHECK:         vyre.stage @copy_1 {{.*}} reads(%[[Y]] : {{.*}} writes(%[[X]] :
// CHECK:         vyre.stage @copy_2 {{.*}} reads(%[[X]] : {{.*}} writes(%[[Y]] :
// CHECK:         vyre.stage @copy_3 {{.*}} reads(%[[Y]] : {{.*}} writes(%[[R]] :
func.func @exchange(%x: memref<4xf32>, %y: memref<4xf32>) -> memref<4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %r:2 = scf.for %i = %c0 to %c3 step %c1 iter_args(%a = %x, %b = %y) -> (memref<4xf32>, memref<4xf32>) {
    memref.copy %a, %b : memref<4xf32> to memref<4xf32>
    scf.yield %b, %a : memref<4xf32>, memref<4xf32>
  }
  %s:2 = scf.for %i = %c3 to %c0 step %c1 iter_args(%a = %r#0, %b = %r#1) -> (memref<4xf32>, memref<4xf32>) {
    memref.copy %a, %b : memref<4xf32> to memref<4xf32>
    scf.yield %b, %a : memref<4xf32>, memref<4xf32>
  }
  return %s#0 : memref<4xf32>
}

// -----

// A sequential loop without parallel work runs in one point.

// CHECK-LABEL: vyre.program @scan(
// CHECK:         vyre.stage @scalar_0 () in () {{.*}}
// CHECK-NEXT:      %[[SUM:.+]] = scf.for
// CHECK:             memref.store
// CHECK:           memref.store %[[SUM]]
func.func @scan(%x: memref<?xf32>, %y: memref<?xf32>) -> f32 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %z = arith.constant 0.0 : f32
  %n = memref.dim %x, %c0 : memref<?xf32>
  %s = scf.for %i = %c0 to %n step %c1 iter_args(%before = %z) -> f32 {
    %v = memref.load %x[%i] : memref<?xf32>
    %now = arith.addf %before, %v : f32
    memref.store %now, %y[%i] : memref<?xf32>
    scf.yield %now : f32
  }
  return %s : f32
}

// -----

// A copy in a parallel loop is a parallel loop too.

// CHECK-LABEL: vyre.program @rows(
// CHECK:         vyre.stage @loop_0 (%[[I:.+]], %[[J:.+]]) in (%{{.+}}, %{{.+}})
// CHECK:           memref.load %{{.+}}[%[[I]]] : memref<4xindex>
// CHECK:           memref.load %{{.+}}[%[[J]]]
func.func @rows(%x: memref<9x8xf32>, %which: memref<4xindex>, %y: memref<4x8xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  scf.parallel (%i) = (%c0) to (%c4) step (%c1) {
    %w = memref.load %which[%i] : memref<4xindex>
    %from = memref.subview %x[%w, 0] [1, 8] [1, 1] : memref<9x8xf32> to memref<8xf32, strided<[1], offset: ?>>
    %to = memref.subview %y[%i, 0] [1, 8] [1, 1] : memref<4x8xf32> to memref<8xf32, strided<[1], offset: ?>>
    memref.copy %from, %to : memref<8xf32, strided<[1], offset: ?>> to memref<8xf32, strided<[1], offset: ?>>
    scf.reduce
  }
  return
}
