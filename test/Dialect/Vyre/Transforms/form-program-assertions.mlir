// RUN: vyre-opt %s --split-input-file --vyre-form-program | FileCheck %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Assertions on sizes become requirements, and what is written as a whole is required
// to be.

// CHECK-LABEL: vyre.program @comparisons(
// CHECK-SAME:    %[[M:[a-z0-9]+]]: index, %[[N:[a-z0-9]+]]: index, %[[K:[a-z0-9]+]]: i64
// CHECK:       vyre.require "same" %[[M]] at_least %[[N]]
// CHECK-NEXT:  vyre.require "same" %[[N]] at_least %[[M]]
// CHECK:       %[[NEXT:.*]] = arith.addi %[[M]], %{{.*}} : index
// CHECK-NEXT:  vyre.require "below" %[[N]] at_least %[[NEXT]]
// CHECK:       %[[COUNT:.*]] = arith.index_cast %[[K]] : i64 to index
// CHECK:       vyre.require "both" %[[COUNT]] at_least %{{.*}}
// CHECK:       vyre.require "both" %{{.*}} at_least %{{.*}}
// CHECK:       %[[HOLDS:.*]] = arith.select %{{.*}}, %[[C1:[a-z0-9_]+]], %{{.*}} : index
// CHECK-NEXT:  vyre.require "either" %[[HOLDS]] at_least %[[C1]]
// CHECK-NOT:   cf.assert
func.func @comparisons(%m: index, %n: index, %k: i64) {
  %c2 = arith.constant 2 : i64
  %c7 = arith.constant 7 : i64
  %same = arith.cmpi eq, %m, %n : index
  cf.assert %same, "same"
  %below = arith.cmpi slt, %m, %n : index
  cf.assert %below, "below"
  %low = arith.cmpi sge, %k, %c2 : i64
  %high = arith.cmpi sle, %k, %c7 : i64
  %both = arith.andi %low, %high : i1
  cf.assert %both, "both"
  %either = arith.ori %same, %low : i1
  cf.assert %either, "either"
  return
}

// -----

// Messages are put on one line, and there always is one.
// CHECK-LABEL: vyre.program @messages(
// CHECK:       vyre.require "two  lines" %{{.*}} at_least
// CHECK:       vyre.require "what the source asserts" %{{.*}} at_least
func.func @messages(%m: index, %n: index) {
  %more = arith.cmpi sge, %m, %n : index
  cf.assert %more, "two\0D\0Alines\0A"
  %less = arith.cmpi sge, %n, %m : index
  cf.assert %less, ""
  return
}

// -----

// An assertion that does not depend on the point stands before the stage.
// CHECK-LABEL: vyre.program @invariant(
// CHECK-SAME:    %[[N:[a-z0-9]+]]: index, %[[X:.*]]: memref<8xf32>
// CHECK:       %[[PAIRS:.*]] = arith.divsi %[[N]], %{{.*}} : index
// CHECK:       vyre.require "pairs" %{{.*}} at_least %{{.*}}
// CHECK:       vyre.stage
// CHECK-NOT:   cf.assert
func.func @invariant(%n: index, %x: memref<8xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c8 = arith.constant 8 : index
  %zero = arith.constant 0.0 : f32
  scf.parallel (%i) = (%c0) to (%c8) step (%c1) {
    scf.for %j = %c0 to %c2 step %c1 {
      %pairs = arith.divsi %n, %c2 : index
      %twice = arith.muli %pairs, %c2 : index
      %is_even = arith.cmpi eq, %twice, %n : index
      cf.assert %is_even, "pairs"
      memref.store %zero, %x[%i] : memref<8xf32>
    }
    scf.reduce
  }
  return
}

// -----

// The points are those of one operand, the result is as large as the other: none of it
// may be left as it was found.
// CHECK-LABEL: vyre.program @whole(
// CHECK-SAME:    %[[X:[a-z0-9]+]]: memref<?xf32> {{.*}}slot = 0,{{.*}} %[[Y:[a-z0-9]+]]: memref<?xf32> {{{.*}}slot = 1,
// CHECK:       %[[M:.*]] = memref.dim %[[X]], %{{.*}}
// CHECK:       vyre.extents
// CHECK:       %[[N:.*]] = memref.dim %[[Y]], %{{.*}}
// CHECK:       vyre.require "extent 0 of what stage 'exp_0' writes as all of its result" %[[M]] at_least %[[N]]
// CHECK-NEXT:  vyre.stage @exp_0
// CHECK-NOT:   vyre.require
// CHECK:       vyre.stage @same_1
func.func @whole(%x: memref<?xf32>, %y: memref<?xf32>) -> (memref<?xf32>, memref<?xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %m = memref.dim %x, %c0 : memref<?xf32>
  %n = memref.dim %y, %c0 : memref<?xf32>
  %r = memref.alloc(%n) : memref<?xf32>
  %s = memref.alloc(%m) : memref<?xf32>
  scf.parallel (%i) = (%c0) to (%m) step (%c1) {
    %v = memref.load %x[%i] : memref<?xf32>
    memref.store %v, %r[%i] : memref<?xf32>
    scf.reduce
  } {vyre.covers, vyre.stage_name = "exp"}
  scf.parallel (%i) = (%c0) to (%m) step (%c1) {
    %v = memref.load %x[%i] : memref<?xf32>
    memref.store %v, %s[%i] : memref<?xf32>
    scf.reduce
  } {vyre.covers, vyre.stage_name = "same"}
  return %r, %s : memref<?xf32>, memref<?xf32>
}
