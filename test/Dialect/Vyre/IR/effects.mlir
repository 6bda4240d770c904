// RUN: vyre-opt %s --cse -split-input-file | FileCheck %s --check-prefixes=CHECK,CSE
// RUN: vyre-opt %s --loop-invariant-code-motion -split-input-file | FileCheck %s --check-prefixes=CHECK,LICM
// RUN: vyre-opt %s --remove-dead-values --canonicalize -split-input-file | FileCheck %s --check-prefixes=CHECK,DCE
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Upstream's passes trust the effects that the ops declare: they clean up around
// stages and never change what a program does.

// Two intermediates are two memories, two constants are one.
// CHECK-LABEL: vyre.program @memory
// CSE-COUNT-2: vyre.intermediate
// CSE-COUNT-1: vyre.constant
// CSE-NOT: vyre.constant
// CSE: vyre.stage @a (%{{.*}}) in (%{{.*}}) reads(%[[W:.*]] : memref<4xf32>) writes(%{{.*}} : memref<4xf32>)
// CSE: vyre.stage @b (%{{.*}}) in (%{{.*}}) reads(%[[W]] : memref<4xf32>) writes(%{{.*}} : memref<4xf32>)
vyre.program @memory() {
  %c4 = arith.constant 4 : index
  %s = vyre.intermediate() : memref<4xf32>
  %t = vyre.intermediate() : memref<4xf32>
  %v = vyre.constant dense<1.0> : tensor<4xf32> as memref<4xf32>
  %w = vyre.constant dense<1.0> : tensor<4xf32> as memref<4xf32>
  vyre.stage @a (%i) in (%c4) reads(%v : memref<4xf32>) writes(%s : memref<4xf32>) {
    %0 = memref.load %v[%i] : memref<4xf32>
    memref.store %0, %s[%i] : memref<4xf32>
  }
  vyre.stage @b (%i) in (%c4) reads(%w : memref<4xf32>) writes(%t : memref<4xf32>) {
    %0 = memref.load %w[%i] : memref<4xf32>
    memref.store %0, %t[%i] : memref<4xf32>
  }
  vyre.return
}

// -----

// Equal sizes are one value, also across stages; equal stages stay two.
// CHECK-LABEL: vyre.program @sizes
// CSE: %[[N:.*]] = arith.muli
// CSE-NOT: arith.muli
// CSE: vyre.stage @a (%{{.*}}) in (%[[N]])
// CSE: vyre.stage @b (%{{.*}}) in (%[[N]])
vyre.program @sizes(%m: index,
    %x: memref<?xf32> {vyre.binding = #vyre.binding<slot = 0, role = input_output, capacity = 64>}) {
  %n = arith.muli %m, %m : index
  vyre.stage @a (%i) in (%n) updates(%x : memref<?xf32>) {
    %0 = memref.load %x[%i] : memref<?xf32>
    %1 = arith.addf %0, %0 : f32
    memref.store %1, %x[%i] : memref<?xf32>
  }
  %k = arith.muli %m, %m : index
  vyre.stage @b (%i) in (%k) updates(%x : memref<?xf32>) {
    %0 = memref.load %x[%i] : memref<?xf32>
    %1 = arith.addf %0, %0 : f32
    memref.store %1, %x[%i] : memref<?xf32>
  }
  vyre.return
}

// -----

// In a body, a load is repeated after a store and merged where there is none.
// CHECK-LABEL: vyre.program @loads
// CSE: vyre.stage @a
// CSE-COUNT-2: memref.load
// CSE-NOT: memref.load
// CSE: vyre.return
vyre.program @loads(
    %x: memref<4xf32> {vyre.binding = #vyre.binding<slot = 0, role = input_output>},
    %y: memref<4xf32> {vyre.binding = #vyre.binding<slot = 1, role = input_output>}) {
  %c4 = arith.constant 4 : index
  vyre.stage @a (%i) in (%c4) updates(%x, %y : memref<4xf32>, memref<4xf32>) {
    %0 = memref.load %x[%i] : memref<4xf32>
    %1 = memref.load %x[%i] : memref<4xf32>
    %2 = arith.addf %0, %1 : f32
    memref.store %2, %x[%i] : memref<4xf32>
    %3 = memref.load %x[%i] : memref<4xf32>
    memref.store %3, %y[%i] : memref<4xf32>
  }
  vyre.return
}

// -----

// What is the same at every point leaves the loop, not the stage: the host runs
// what stands outside.
// CHECK-LABEL: vyre.program @invariant
// LICM: vyre.stage @a
// LICM: %[[V:.*]] = arith.mulf
// LICM-NEXT: scf.for
// LICM-NEXT: memref.store %[[V]]
vyre.program @invariant(%f: f32,
    %x: memref<4xf32> {vyre.binding = #vyre.binding<slot = 0, role = input_output>}) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  vyre.stage @a () in () writes(%x : memref<4xf32>) {
    scf.for %i = %c0 to %c4 step %c1 {
      %0 = arith.mulf %f, %f : f32
      memref.store %0, %x[%i] : memref<4xf32>
    }
  }
  vyre.return
}

// -----

vyre.program @step(
    %s: memref<4xf32> {vyre.binding = #vyre.binding<slot = 0, role = state>},
    %x: memref<4xf32> {vyre.binding = #vyre.binding<slot = 1, role = input>},
    %y: memref<4xf32> {vyre.binding = #vyre.binding<slot = 2, role = output>}) {
  vyre.return
}

// Dispatches do something each time, also where their operands are the same, and
// what they write is read anew. What they only read is not.
// CHECK-LABEL: func.func @host
// CHECK: %[[X:.*]] = memref.load %arg0
// CHECK: %[[Y:.*]] = memref.load %arg1
// CHECK: scf.for
// CHECK-COUNT-2: vyre.dispatch @step
// CSE: memref.load %arg1
// CSE-NOT: memref.load %arg0
// CSE: return
func.func @host(%x: memref<4xf32>, %y: memref<4xf32>, %n: index) -> (f32, f32, f32, f32) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %0 = memref.load %x[%c0] : memref<4xf32>
  %1 = memref.load %y[%c0] : memref<4xf32>
  scf.for %i = %c0 to %n step %c1 {
    vyre.dispatch @step(%x, %y) : memref<4xf32>, memref<4xf32>
    vyre.dispatch @step(%x, %y) : memref<4xf32>, memref<4xf32>
  }
  %2 = memref.load %x[%c0] : memref<4xf32>
  %3 = memref.load %y[%c0] : memref<4xf32>
  return %0, %1, %2, %3 : f32, f32, f32, f32
}

// -----

// A program stays as it is where nothing is dead.
// CHECK-LABEL: vyre.program @live
// DCE: vyre.stage @a {{.*}} writes(
// DCE: vyre.stage @b {{.*}} reads(
vyre.program @live(
    %y: memref<4xf32> {vyre.binding = #vyre.binding<slot = 0, role = output>}) -> memref<4xf32> {
  %c4 = arith.constant 4 : index
  %f = arith.constant 1.0 : f32
  %t = vyre.intermediate() : memref<4xf32>
  vyre.stage @a (%i) in (%c4) writes(%t : memref<4xf32>) {
    memref.store %f, %t[%i] : memref<4xf32>
  }
  vyre.stage @b (%i) in (%c4) reads(%t : memref<4xf32>) writes(%y : memref<4xf32>) {
    %0 = memref.load %t[%i] : memref<4xf32>
    memref.store %0, %y[%i] : memref<4xf32>
  }
  vyre.return %y : memref<4xf32>
}
