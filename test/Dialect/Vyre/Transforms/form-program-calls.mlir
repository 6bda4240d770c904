// RUN: vyre-opt %s --vyre-form-program | FileCheck %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Calls of external functions with vyre.call become stages, by what their declarations
// say.

// CHECK: func.func private @sort(
func.func private @sort(
    memref<?xf32> {bufferization.access = "read"},
    memref<?xf32> {bufferization.access = "write"}, index)
    -> memref<?xf32> attributes {vyre.call = #vyre.call<scratch_bytes = 64, no_capture = true>}
// The order is that of the accesses; the function's own is told by 'order'.
func.func private @mixed(
    memref<4xf32> {bufferization.access = "write"}, f32,
    memref<4xf32>, memref<4xf32> {bufferization.access = "read"},
    memref<4xf32> {bufferization.access = "none"}, i1)
    attributes {vyre.call = #vyre.call<host_boundary = true>}
func.func private @quiet() attributes {vyre.call = #vyre.call}

// What a call returns is what it writes, and is wholly written.
// CHECK-LABEL: vyre.program @result(
// CHECK-SAME: %[[X:[a-z0-9]+]]: memref<?xf32> {vyre.binding = #vyre.binding<slot = 0, role = input,
// CHECK-SAME: %[[Y:[a-z0-9]+]]: memref<?xf32> {vyre.binding = #vyre.binding<slot = 1, role = output,
func.func @result(%x: memref<?xf32>, %n: index) -> memref<?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  // CHECK: %[[D:.*]] = memref.dim %[[X]]
  %d = memref.dim %x, %c0 : memref<?xf32>
  // CHECK: vyre.extents %[[Y]][%[[D]]]
  %y = memref.alloc(%d) : memref<?xf32>
  // CHECK: %[[S:.*]] = vyre.intermediate() : memref<64xi8>
  // CHECK: vyre.call_stage @sort_0 @sort reads(%[[X]] : memref<?xf32>) writes(%[[Y]] : memref<?xf32>) scratch(%[[S]] : memref<64xi8>) params(%{{.*}} : index) {no_capture}
  %r = call @sort(%x, %y, %n) : (memref<?xf32>, memref<?xf32>, index) -> memref<?xf32>
  %e = memref.dim %r, %c0 : memref<?xf32>
  // CHECK: vyre.stage @loop_1 (%{{.*}}) in (%[[D]]) updates(%[[Y]] : memref<?xf32>)
  scf.parallel (%i) = (%c0) to (%e) step (%c1) {
    %v = memref.load %r[%i] : memref<?xf32>
    %w = arith.addf %v, %v : f32
    memref.store %w, %r[%i] : memref<?xf32>
  }
  // CHECK: vyre.return %[[Y]]
  return %r : memref<?xf32>
}

// An argument that a call only writes is an output; one of which nothing is said is
// read and written.
// CHECK-LABEL: vyre.program @roles(
// CHECK-SAME: %[[A:[a-z0-9]+]]: memref<4xf32> {vyre.binding = #vyre.binding<slot = 0, role = output,
// CHECK-SAME: %[[B:[a-z0-9]+]]: memref<4xf32> {vyre.binding = #vyre.binding<slot = 1, role = input_output,
// CHECK-SAME: %[[C:[a-z0-9]+]]: memref<4xf32> {vyre.binding = #vyre.binding<slot = 2, role = input,
// CHECK-SAME: %[[F:[a-z0-9]+]]: f32, %[[G:[a-z0-9]+]]: i1)
func.func @roles(%a: memref<4xf32>, %b: memref<4xf32>, %c: memref<4xf32>, %f: f32, %g: i1) {
  // CHECK: vyre.call_stage @mixed_0 @mixed reads(%[[C]] : memref<4xf32>) writes(%[[A]] : memref<4xf32>) updates(%[[B]] : memref<4xf32>) params(%[[F]], %[[G]] : f32, i1) {host_boundary, order = array<i32: 1, 2, 0, 0>}
  call @mixed(%a, %f, %b, %c, %c, %g) : (memref<4xf32>, f32, memref<4xf32>, memref<4xf32>, memref<4xf32>, i1) -> ()
  return
}

// One buffer in several places is named once, with all that is done to it.
// CHECK-LABEL: vyre.program @same(
// CHECK-SAME: %[[A:[a-z0-9]+]]: memref<4xf32> {vyre.binding = #vyre.binding<slot = 0, role = input_output,
func.func @same(%a: memref<4xf32>, %f: f32, %g: i1) {
  // CHECK: vyre.call_stage @mixed_0 @mixed updates(%[[A]] : memref<4xf32>) params({{.*}}) {host_boundary, order = array<i32: 0, 0, 0, 0>}
  call @mixed(%a, %f, %a, %a, %a, %g) : (memref<4xf32>, f32, memref<4xf32>, memref<4xf32>, memref<4xf32>, i1) -> ()
  return
}

// Casts are seen through; a view is copied, there and back as the access asks for.
// CHECK-LABEL: vyre.program @views(
// CHECK-SAME: %[[A:[a-z0-9]+]]: memref<2x3xf32>
// CHECK-SAME: %[[B:[a-z0-9]+]]: memref<6xf32>
func.func @views(%a: memref<2x3xf32>, %b: memref<6xf32>, %n: index) {
  %v = memref.collapse_shape %a [[0, 1]] : memref<2x3xf32> into memref<6xf32>
  %c = memref.cast %v : memref<6xf32> to memref<?xf32>
  %d = memref.cast %b : memref<6xf32> to memref<?xf32>
  // CHECK: %[[T:.*]] = vyre.intermediate() : memref<6xf32>
  // CHECK: vyre.stage @copy_0 {{.*}} reads(%[[A]] : memref<2x3xf32>) writes(%[[T]] : memref<6xf32>)
  // CHECK: vyre.call_stage @sort_1 @sort reads(%[[T]] : memref<6xf32>) writes(%[[B]] : memref<6xf32>)
  %r = call @sort(%c, %d, %n) : (memref<?xf32>, memref<?xf32>, index) -> memref<?xf32>
  // CHECK: %[[U:.*]] = vyre.intermediate() : memref<6xf32>
  // CHECK: vyre.call_stage @sort_2 @sort reads(%[[B]] : memref<6xf32>) writes(%[[U]] : memref<6xf32>)
  // CHECK: vyre.stage @copy_3 {{.*}} reads(%[[U]] : memref<6xf32>) writes(%[[A]] : memref<2x3xf32>)
  %s = call @sort(%d, %c, %n) : (memref<?xf32>, memref<?xf32>, index) -> memref<?xf32>
  return
}

// A loop around calls is unrolled.
// CHECK-LABEL: vyre.program @loop
// CHECK: vyre.call_stage @sort_0
// CHECK: vyre.call_stage @sort_1
// CHECK-NOT: vyre.call_stage
func.func @loop(%x: memref<?xf32>, %y: memref<?xf32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  scf.for %i = %c0 to %c2 step %c1 {
    %r = func.call @sort(%x, %y, %i) : (memref<?xf32>, memref<?xf32>, index) -> memref<?xf32>
  }
  return
}

// A scalar that was loaded before a call writes where it was loaded from goes through
// memory.
// CHECK-LABEL: vyre.program @overwritten(
// CHECK-SAME: %[[A:[a-z0-9]+]]: memref<4xf32>
// CHECK: %[[T:.*]] = vyre.intermediate() : memref<f32>
// CHECK: vyre.stage @scalar_0 () in () reads(%[[A]] : memref<4xf32>) writes(%[[T]] : memref<f32>)
// CHECK: vyre.call_stage @mixed_1
// CHECK: vyre.stage @loop_2 {{.*}} reads({{.*}}%[[T]]
func.func @overwritten(%a: memref<4xf32>, %b: memref<4xf32>, %c: memref<4xf32>, %f: f32, %g: i1) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %v = memref.load %a[%c0] : memref<4xf32>
  call @mixed(%a, %f, %b, %c, %c, %g) : (memref<4xf32>, f32, memref<4xf32>, memref<4xf32>, memref<4xf32>, i1) -> ()
  scf.parallel (%i) = (%c0) to (%c4) step (%c1) {
    memref.store %v, %b[%i] : memref<4xf32>
  }
  return
}

// A call of nothing is kept: it may do something on the host.
// CHECK-LABEL: vyre.program @nothing
// CHECK: vyre.call_stage @quiet_0 @quiet
func.func @nothing() {
  call @quiet() : () -> ()
  return
}
