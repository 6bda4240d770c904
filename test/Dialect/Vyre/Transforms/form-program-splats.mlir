// RUN: vyre-opt %s --vyre-form-program | FileCheck %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A constant of one value is a number and no memory, however it is looked at.

memref.global "private" constant @half : memref<1024xf32> = dense<0.5>
memref.global "private" constant @ramp : memref<4xf32> = dense<[0.0, 1.0, 2.0, 3.0]>
memref.global "private" constant @eight : memref<index> = dense<8>
memref.global "private" constant @truth : memref<2x2xi1> = dense<true>

// CHECK-LABEL: vyre.program @splat
// CHECK-NOT:     vyre.constant
// CHECK:         vyre.stage @loop_0 (%[[I:.*]]) in (%{{.*}}) updates(%[[X:.*]] : memref<1024xf32>) {
// CHECK:           %[[V:.*]] = memref.load %[[X]][%[[I]]]
// CHECK:           %[[HALF:.*]] = arith.constant 5.000000e-01 : f32
// CHECK:           arith.mulf %[[V]], %[[HALF]]
func.func @splat(%x: memref<1024xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c1024 = arith.constant 1024 : index
  %half = memref.get_global @half : memref<1024xf32>
  scf.parallel (%i) = (%c0) to (%c1024) step (%c1) {
    %v = memref.load %x[%i] : memref<1024xf32>
    %h = memref.load %half[%i] : memref<1024xf32>
    %p = arith.mulf %v, %h : f32
    memref.store %p, %x[%i] : memref<1024xf32>
  }
  return
}

// Through a view, and of truth values; a number of steps that the host now knows.
// CHECK-LABEL: vyre.program @views
// CHECK-NOT:     vyre.constant
// CHECK-DAG:     %[[N:.*]] = arith.constant 8 : index
// CHECK:         vyre.stage @loop_0 (%{{.*}}) in (%[[N]])
// CHECK-NOT:       memref.load
// CHECK:           arith.constant true
func.func @views(%y: memref<8xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %eight = memref.get_global @eight : memref<index>
  %n = memref.load %eight[] : memref<index>
  %half = memref.get_global @half : memref<1024xf32>
  %rows = memref.expand_shape %half [[0, 1]] output_shape [128, 8] : memref<1024xf32> into memref<128x8xf32>
  %truth = memref.get_global @truth : memref<2x2xi1>
  scf.parallel (%i) = (%c0) to (%n) step (%c1) {
    %t = memref.load %truth[%c1, %c0] : memref<2x2xi1>
    %h = memref.load %rows[%c1, %i] : memref<128x8xf32>
    %s = arith.select %t, %h, %zero : f32
    memref.store %s, %y[%i] : memref<8xf32>
  }
  return
}

// Other constants stay memory, and so does one that is used as a whole.
// CHECK-LABEL: vyre.program @memory
// CHECK-DAG:     vyre.constant dense<[0.000000e+00, 1.000000e+00, 2.000000e+00, 3.000000e+00]>
// CHECK-DAG:     vyre.constant dense<5.000000e-01>
func.func @memory(%x: memref<4xf32>, %y: memref<1024xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %ramp = memref.get_global @ramp : memref<4xf32>
  %half = memref.get_global @half : memref<1024xf32>
  memref.copy %half, %y : memref<1024xf32> to memref<1024xf32>
  scf.parallel (%i) = (%c0) to (%c4) step (%c1) {
    %r = memref.load %ramp[%i] : memref<4xf32>
    memref.store %r, %x[%i] : memref<4xf32>
  }
  return
}
