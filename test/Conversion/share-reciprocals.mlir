// RUN: vyre-opt %s --vyre-share-reciprocals --split-input-file | FileCheck %s --enable-var-scope
// RUN: vyre-opt %s --vyre-share-reciprocals --vyre-share-reciprocals --split-input-file | FileCheck %s --enable-var-scope --check-prefix=TWICE
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Four divisions by one value: a reciprocal in two parts, one test of exponents, four
// operations a quotient; and the divisions as they were.
// CHECK-LABEL: func.func @four
// CHECK-SAME:    (%[[D:.*]]: f32, %[[X0:.*]]: f32, %[[X1:.*]]: f32, %[[X2:.*]]: f32, %[[X3:.*]]: f32)
// CHECK:         %[[ONE:.*]] = arith.constant 1.0
// CHECK:         %[[MINUS:.*]] = arith.negf %[[D]]
// CHECK:         %[[ESTIMATE:.*]] = nvvm.rcp.approx.ftz.f %[[D]]
// CHECK:         %[[ERROR:.*]] = math.fma %[[MINUS]], %[[ESTIMATE]], %[[ONE]]
// CHECK:         %[[HIGH:.*]] = math.fma %[[ESTIMATE]], %[[ERROR]], %[[ESTIMATE]]
// CHECK:         %[[REST:.*]] = math.fma %[[MINUS]], %[[HIGH]], %[[ONE]]
// CHECK:         %[[LOW:.*]] = arith.mulf %[[REST]], %[[HIGH]]
// CHECK:         %[[D_BITS:.*]] = arith.bitcast %[[D]] : f32 to i32
// CHECK:         %[[D_TWICE:.*]] = arith.shli %[[D_BITS]]
// CHECK:         %[[D_LEAST:.*]] = arith.constant 1728053248 : i32
// CHECK:         %[[D_DISTANCE:.*]] = arith.subi %[[D_TWICE]], %[[D_LEAST]]
// CHECK:         arith.cmpi ule, %[[D_DISTANCE]]
// CHECK:         %[[ONES:.*]] = arith.constant 8388607 : i32
// CHECK:         arith.cmpi ne, %{{.*}}, %[[ONES]]
// CHECK-COUNT-3: arith.maxui
// CHECK:         arith.cmpi ule
// CHECK:         %[[Q:.*]]:4 = scf.if
// CHECK-NEXT:      %[[PART:.*]] = arith.mulf %[[X0]], %[[LOW]]
// CHECK-NEXT:      %[[NEAR:.*]] = math.fma %[[X0]], %[[HIGH]], %[[PART]]
// CHECK-NEXT:      %[[OFF:.*]] = math.fma %[[NEAR]], %[[MINUS]], %[[X0]]
// CHECK-NEXT:      %[[Q0:.*]] = math.fma %[[OFF]], %[[HIGH]], %[[NEAR]]
// CHECK:           scf.yield %[[Q0]]
// CHECK:         else
// CHECK-NEXT:      %[[D0:.*]] = arith.divf %[[X0]], %[[D]]
// CHECK-NEXT:      %[[D1:.*]] = arith.divf %[[X1]], %[[D]]
// CHECK-NEXT:      %[[D2:.*]] = arith.divf %[[X2]], %[[D]]
// CHECK-NEXT:      %[[D3:.*]] = arith.divf %[[X3]], %[[D]]
// CHECK-NEXT:      scf.yield %[[D0]], %[[D1]], %[[D2]], %[[D3]]
// CHECK:         return %[[Q]]#0, %[[Q]]#1, %[[Q]]#2, %[[Q]]#3
//
// The divisions that are left are left by a second run.
// TWICE-LABEL: func.func @four
// TWICE:         scf.if
// TWICE:         else
// TWICE-NOT:     scf.if
// TWICE:         return
func.func @four(%d: f32, %x0: f32, %x1: f32, %x2: f32, %x3: f32) -> (f32, f32, f32, f32) {
  %q0 = arith.divf %x0, %d : f32
  %q1 = arith.divf %x1, %d : f32
  %q2 = arith.divf %x2, %d : f32
  %q3 = arith.divf %x3, %d : f32
  return %q0, %q1, %q2, %q3 : f32, f32, f32, f32
}

// -----

// What stays: three divisions; those of another type; by a power of two; with leave to
// multiply by the reciprocal.
// CHECK-LABEL: func.func @others
// CHECK-NOT:     nvvm.rcp
// CHECK-NOT:     scf.if
// CHECK:         return
func.func @others(%d: f32, %e: f64, %x: f32, %y: f64) {
  %four = arith.constant 4.0 : f32
  %a0 = arith.divf %x, %d : f32
  %a1 = arith.divf %x, %d : f32
  %a2 = arith.divf %x, %d : f32
  %b0 = arith.divf %y, %e : f64
  %b1 = arith.divf %y, %e : f64
  %b2 = arith.divf %y, %e : f64
  %b3 = arith.divf %y, %e : f64
  %c0 = arith.divf %x, %four : f32
  %c1 = arith.divf %x, %four : f32
  %c2 = arith.divf %x, %four : f32
  %c3 = arith.divf %x, %four : f32
  %d0 = arith.divf %x, %d fastmath<arcp> : f32
  %d1 = arith.divf %x, %d fastmath<arcp> : f32
  return
}

// -----

// A result that is needed before the last division, here in a loop, ends a group: both
// groups have the same reciprocal.
// CHECK-LABEL: func.func @between
// CHECK:         nvvm.rcp
// CHECK:         %[[A:.*]]:4 = scf.if
// CHECK:         scf.for
// CHECK-NEXT:      memref.store %[[A]]#1
// CHECK-NOT:     nvvm.rcp
// CHECK:         %[[B:.*]]:4 = scf.if
// CHECK:         return %[[B]]#0
func.func @between(%d: f32, %x: f32, %m: memref<4xf32>) -> f32 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %a0 = arith.divf %x, %d : f32
  %a1 = arith.divf %x, %d : f32
  %a2 = arith.divf %x, %d : f32
  %a3 = arith.divf %x, %d : f32
  scf.for %i = %c0 to %c4 step %c1 {
    memref.store %a1, %m[%i] : memref<4xf32>
  }
  %b0 = arith.divf %x, %d : f32
  %b1 = arith.divf %x, %d : f32
  %b2 = arith.divf %x, %d : f32
  %b3 = arith.divf %x, %d : f32
  return %b0 : f32
}

// -----

// A quotient of a quotient is in no group with it; too few are in none.
// CHECK-LABEL: func.func @chain
// CHECK-NOT:     scf.if
// CHECK:         return
func.func @chain(%d: f32, %x: f32) -> f32 {
  %0 = arith.divf %x, %d : f32
  %1 = arith.divf %0, %d : f32
  %2 = arith.divf %1, %d : f32
  %3 = arith.divf %2, %d : f32
  return %3 : f32
}

// -----

// The reciprocal of a value that a loop carries is computed where the value is.
// CHECK-LABEL: func.func @carried
// CHECK:         scf.for {{.*}} iter_args(%[[D:.*]] = %{{.*}})
// CHECK:           nvvm.rcp.approx.ftz.f %[[D]]
// CHECK:           scf.if
func.func @carried(%x: f32, %n: index) -> f32 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%d = %x) -> f32 {
    %a0 = arith.divf %x, %d : f32
    %a1 = arith.divf %x, %d : f32
    %a2 = arith.divf %x, %d : f32
    %a3 = arith.divf %x, %d : f32
    %s0 = arith.addf %a0, %a1 : f32
    %s1 = arith.addf %a2, %a3 : f32
    %s = arith.addf %s0, %s1 : f32
    scf.yield %s : f32
  }
  return %r : f32
}
