// RUN: vyre-opt %s --canonicalize -split-input-file | FileCheck %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Canonicalization makes a program say no more than it does.

// An intermediate that nothing uses goes; one that is used stays.
// CHECK-LABEL: vyre.program @unused
// CHECK: %[[T:.*]] = vyre.intermediate(%{{.*}}) : memref<?xf32>
// CHECK-NEXT: vyre.stage @a {{.*}} writes(%[[T]] : memref<?xf32>)
// CHECK-NOT: vyre.intermediate
// CHECK-NOT: vyre.constant
vyre.program @unused(%n: index) {
  %0 = vyre.intermediate(%n) : memref<?xf32>
  %1 = vyre.intermediate(%n) : memref<?xf32>
  %2 = vyre.constant dense<1.0> : tensor<4xf32> as memref<4xf32>
  vyre.stage @a (%i) in (%n) writes(%1 : memref<?xf32>) {
    %c = arith.constant 0.0 : f32
    memref.store %c, %1[%i] : memref<?xf32>
  }
  vyre.return
}

// -----

// A dimension of an intermediate is the extent that it was made with. One that is
// out of range is left to whoever may say so.
// CHECK-LABEL: vyre.program @dims
// CHECK-SAME: (%[[M:.*]]: index, %[[N:.*]]: index,
// CHECK: vyre.stage @a (%{{.*}}, %{{.*}}, %{{.*}}) in (%[[M]], %c4, %[[N]])
// CHECK: vyre.stage @b (%{{.*}}) in (%[[M]])
vyre.program @dims(%m: index, %n: index,
    %y: memref<?x4x?xf32> {vyre.binding = #vyre.binding<slot = 0, role = input_output, capacity = 4096>}) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %t = vyre.intermediate(%m, %n) : memref<?x4x?xf32>
  %d0 = memref.dim %t, %c0 : memref<?x4x?xf32>
  %d1 = memref.dim %t, %c1 : memref<?x4x?xf32>
  %d2 = memref.dim %t, %c2 : memref<?x4x?xf32>
  vyre.stage @a (%i, %j, %k) in (%d0, %d1, %d2) writes(%t : memref<?x4x?xf32>) {
    %v = arith.constant 1.0 : f32
    memref.store %v, %t[%i, %j, %k] : memref<?x4x?xf32>
  }
  // Inside a body as well.
  vyre.stage @b (%i) in (%d0) reads(%t : memref<?x4x?xf32>) updates(%y : memref<?x4x?xf32>) {
    %d = memref.dim %t, %c2 : memref<?x4x?xf32>
    // CHECK: scf.for %{{.*}} = %{{.*}} to %[[N]]
    scf.for %k = %c0 to %d step %c1 {
      %v = memref.load %t[%i, %c0, %k] : memref<?x4x?xf32>
      %w = memref.load %y[%i, %c0, %k] : memref<?x4x?xf32>
      %s = arith.addf %v, %w : f32
      memref.store %s, %y[%i, %c0, %k] : memref<?x4x?xf32>
    }
  }
  vyre.return
}

// -----

// Declared accesses become what the body does.
// CHECK-LABEL: vyre.program @tighten
// CHECK-SAME: %[[X:[^ ]*]]: memref<4xf32> {{{[^}]*}}}, %[[Y:[^ ]*]]: memref<4xf32> {{{[^}]*}}}, %[[Z:[^ ]*]]: memref<4xf32>
vyre.program @tighten(
    %x: memref<4xf32> {vyre.binding = #vyre.binding<slot = 0, role = input_output>},
    %y: memref<4xf32> {vyre.binding = #vyre.binding<slot = 1, role = input_output>},
    %z: memref<4xf32> {vyre.binding = #vyre.binding<slot = 2, role = input_output>}) {
  %c4 = arith.constant 4 : index
  // CHECK: vyre.stage @halves {{.*}} reads(%[[X]] : memref<4xf32>) writes(%[[Y]] : memref<4xf32>) {
  vyre.stage @halves (%i) in (%c4) updates(%x, %y, %z : memref<4xf32>, memref<4xf32>, memref<4xf32>) {
    %v = memref.load %x[%i] : memref<4xf32>
    memref.store %v, %y[%i] : memref<4xf32>
  }
  // CHECK: vyre.stage @exact {{.*}} reads(%[[X]] : memref<4xf32>) updates(%[[Y]] : memref<4xf32>) {
  vyre.stage @exact (%i) in (%c4) reads(%x : memref<4xf32>) updates(%y : memref<4xf32>) {
    %v = memref.load %x[%i] : memref<4xf32>
    %w = memref.load %y[%i] : memref<4xf32>
    %s = arith.addf %v, %w : f32
    memref.store %s, %y[%i] : memref<4xf32>
  }
  vyre.return
}

// -----

// A stage that writes nothing goes, and with it a launch that held no other.
// Extents that only it used go too.
// CHECK-LABEL: vyre.program @dead
// CHECK-NEXT: vyre.return
vyre.program @dead(%n: index,
    %x: memref<4xf32> {vyre.binding = #vyre.binding<slot = 0, role = input_output>}) {
  %m = arith.addi %n, %n : index
  vyre.stage @a (%i) in (%m) reads(%x : memref<4xf32>) {
    %v = memref.load %x[%i] : memref<4xf32>
  }
  vyre.launch @b {
    vyre.stage @b (%i) in (%m) updates(%x : memref<4xf32>) {
      %v = memref.load %x[%i] : memref<4xf32>
    }
  }
  vyre.return
}

// -----

// An opaque stage is taken at its word: what it declares is kept, and without a
// write it does nothing.
gpu.module @kernels {
  gpu.func @k(%x: !llvm.ptr) kernel {
    gpu.return
  }
}
// CHECK-LABEL: vyre.program @opaque
// CHECK-NEXT: vyre.opaque_stage @writes
// CHECK-NEXT: vyre.return
vyre.program @opaque(%n: index,
    %x: memref<4xf32> {vyre.binding = #vyre.binding<slot = 0, role = input_output>}) {
  vyre.opaque_stage @reads @kernels::@k grid(%n, %n, %n) block(1, 1, 1) reads(%x : memref<4xf32>)
  vyre.opaque_stage @writes @kernels::@k grid(%n, %n, %n) block(1, 1, 1) updates(%x : memref<4xf32>)
  vyre.return
}

// -----

// What says something about a result stays.
// CHECK-LABEL: vyre.program @facts
// CHECK-NEXT: vyre.extents
// CHECK-NEXT: vyre.return %{{.*}} count(
vyre.program @facts(%n: index, %k: index,
    %y: memref<?xf32> {vyre.binding = #vyre.binding<slot = 0, role = output, capacity = 4096>})
    -> memref<?xf32> {
  vyre.extents %y[%n] : memref<?xf32>
  vyre.return %y count(%k : index) : memref<?xf32>
}
