// RUN: vyre-opt %s --split-input-file --vyre-require-bounds | FileCheck %s
// RUN: vyre-opt %s --split-input-file --vyre-require-bounds --vyre-require-bounds | FileCheck %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What keeps accesses inside of their buffers, where sizes of different origin meet.

// The space is that of %x and the output, so that only %y needs anything; an empty
// space needs nothing.
// CHECK-LABEL: vyre.program @add(
// CHECK-SAME:    %[[X:.*]]: memref<?xf32> {{.*}}, %[[Y:.*]]: memref<?xf32> {{.*}}, %{{.*}}: memref<?xf32>
// CHECK-NOT:   vyre.require
// CHECK:       vyre.stage @add
// CHECK-DAG:   %[[NEEDED:.*]] = memref.dim %[[X]]
// CHECK-DAG:   %[[FOUND:.*]] = memref.dim %[[Y]]
// CHECK:       %[[IS_NOT_EMPTY:.*]] = arith.cmpi sgt
// CHECK-NEXT:  %[[LEAST:.*]] = arith.select %[[IS_NOT_EMPTY]], %[[NEEDED]], %[[FOUND]]
// CHECK-NEXT:  vyre.require "extent 0 of argument 1, which stage 'add' reads" %[[FOUND]] at_least %[[LEAST]]
// CHECK-NEXT:  vyre.return
vyre.program @add(
    %x: memref<?xf32> {vyre.binding = #vyre.binding<slot = 0, role = input, capacity = 4096>},
    %y: memref<?xf32> {vyre.binding = #vyre.binding<slot = 1, role = input, capacity = 4096>},
    %z: memref<?xf32> {vyre.binding = #vyre.binding<slot = 2, role = output, capacity = 4096>})
    -> memref<?xf32> {
  %c0 = arith.constant 0 : index
  %n = memref.dim %x, %c0 : memref<?xf32>
  vyre.extents %z[%n] : memref<?xf32>
  vyre.stage @add (%i) in (%n) reads(%x, %y : memref<?xf32>, memref<?xf32>) writes(%z : memref<?xf32>) {
    %a = memref.load %x[%i] : memref<?xf32>
    %b = memref.load %y[%i] : memref<?xf32>
    %c = arith.addf %a, %b : f32
    memref.store %c, %z[%i] : memref<?xf32>
  }
  vyre.return %z : memref<?xf32>
}

// -----

// A window of three, a loop with a scalar bound, and a negative offset.
// CHECK-LABEL: vyre.program @window(
// CHECK-SAME:    %{{.*}}: memref<?xf32> {{.*}}, %[[W:.*]]: memref<?xf32>
// CHECK:       vyre.stage @sum
// CHECK-NOT:   vyre.require "extent 0 of argument 0
// CHECK:       vyre.require "the smallest index into dimension 0 of argument 0, which stage 'sum' reads"
// CHECK:       vyre.require "extent 0 of argument 1, which stage 'sum' reads"
// CHECK-NOT:   vyre.require
vyre.program @window(
    %x: memref<?xf32> {vyre.binding = #vyre.binding<slot = 0, role = input, capacity = 4096>},
    %w: memref<?xf32> {vyre.binding = #vyre.binding<slot = 1, role = input, capacity = 4096>},
    %taps: index,
    %z: memref<?xf32> {vyre.binding = #vyre.binding<slot = 2, role = output, capacity = 4096>})
    -> memref<?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %n = memref.dim %x, %c0 : memref<?xf32>
  vyre.extents %z[%n] : memref<?xf32>
  vyre.stage @sum (%i) in (%n) reads(%x, %w : memref<?xf32>, memref<?xf32>) writes(%z : memref<?xf32>) {
    %sum = scf.for %t = %c0 to %taps step %c1 iter_args(%old = %zero) -> f32 {
      %k = arith.subi %i, %t : index
      %a = memref.load %x[%k] : memref<?xf32>
      %b = memref.load %w[%t] : memref<?xf32>
      %p = arith.mulf %a, %b : f32
      %new = arith.addf %old, %p : f32
      scf.yield %new : f32
    }
    memref.store %sum, %z[%i] : memref<?xf32>
  }
  vyre.return %z : memref<?xf32>
}

// -----

// What is under a condition, or at an index from memory, needs nothing.
// CHECK-LABEL: vyre.program @unknown(
// CHECK-NOT:   vyre.require
vyre.program @unknown(
    %x: memref<?xi32> {vyre.binding = #vyre.binding<slot = 0, role = input, capacity = 4096>},
    %at: memref<?xindex> {vyre.binding = #vyre.binding<slot = 1, role = input, capacity = 4096>},
    %z: memref<?xi32> {vyre.binding = #vyre.binding<slot = 2, role = output, capacity = 4096>})
    -> memref<?xi32> {
  %c0 = arith.constant 0 : index
  %n = memref.dim %at, %c0 : memref<?xindex>
  %m = memref.dim %x, %c0 : memref<?xi32>
  vyre.extents %z[%n] : memref<?xi32>
  vyre.stage @gather (%i) in (%n) reads(%x, %at : memref<?xi32>, memref<?xindex>) writes(%z : memref<?xi32>) {
    %k = memref.load %at[%i] : memref<?xindex>
    %v = memref.load %x[%k] : memref<?xi32>
    memref.store %v, %z[%i] : memref<?xi32>
  }
  vyre.stage @guarded (%i) in (%n) reads(%x : memref<?xi32>) updates(%z : memref<?xi32>) {
    %inside = arith.cmpi slt, %i, %m : index
    scf.if %inside {
      %v = memref.load %x[%i] : memref<?xi32>
      memref.store %v, %z[%i] : memref<?xi32>
    }
  }
  vyre.return %z : memref<?xi32>
}
