// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Branches that may run side by side and meet at the end, each a chain of two launches with
// intermediates of their own in the arena.

vyre.program @branches(
    %x: memref<?xi32> {vyre.binding = #vyre.binding<slot = 0, role = input, capacity = 4194304>},
    %y: memref<?xi32> {vyre.binding = #vyre.binding<slot = 1, role = output, capacity = 4194304>})
    -> memref<?xi32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = memref.dim %x, %c0 : memref<?xi32>
  vyre.extents %y[%n] : memref<?xi32>
  %s0 = vyre.intermediate(%n) : memref<?xi32>
  %t0 = vyre.intermediate(%n) : memref<?xi32>
  vyre.launch @add0 {
    vyre.stage @add0 (%i) in (%n) reads(%x : memref<?xi32>) writes(%s0 : memref<?xi32>) {
      %k = arith.constant 1 : i32
      %v = memref.load %x[%i] : memref<?xi32>
      %w = arith.addi %v, %k : i32
      %last = arith.subi %n, %c1 : index
      %j = arith.subi %last, %i : index
      memref.store %w, %s0[%j] : memref<?xi32>
    }
  }
  vyre.launch @multiply0 {
    vyre.stage @multiply0 (%i) in (%n) reads(%s0 : memref<?xi32>) writes(%t0 : memref<?xi32>) {
      %k = arith.constant 3 : i32
      %last = arith.subi %n, %c1 : index
      %j = arith.subi %last, %i : index
      %v = memref.load %s0[%j] : memref<?xi32>
      %w = arith.muli %v, %k : i32
      memref.store %w, %t0[%i] : memref<?xi32>
    }
  }
  %s1 = vyre.intermediate(%n) : memref<?xi32>
  %t1 = vyre.intermediate(%n) : memref<?xi32>
  vyre.launch @add1 {
    vyre.stage @add1 (%i) in (%n) reads(%x : memref<?xi32>) writes(%s1 : memref<?xi32>) {
      %k = arith.constant 2 : i32
      %v = memref.load %x[%i] : memref<?xi32>
      %w = arith.addi %v, %k : i32
      %last = arith.subi %n, %c1 : index
      %j = arith.subi %last, %i : index
      memref.store %w, %s1[%j] : memref<?xi32>
    }
  }
  vyre.launch @multiply1 {
    vyre.stage @multiply1 (%i) in (%n) reads(%s1 : memref<?xi32>) writes(%t1 : memref<?xi32>) {
      %k = arith.constant 5 : i32
      %last = arith.subi %n, %c1 : index
      %j = arith.subi %last, %i : index
      %v = memref.load %s1[%j] : memref<?xi32>
      %w = arith.muli %v, %k : i32
      memref.store %w, %t1[%i] : memref<?xi32>
    }
  }
  %s2 = vyre.intermediate(%n) : memref<?xi32>
  %t2 = vyre.intermediate(%n) : memref<?xi32>
  vyre.launch @add2 {
    vyre.stage @add2 (%i) in (%n) reads(%x : memref<?xi32>) writes(%s2 : memref<?xi32>) {
      %k = arith.constant 3 : i32
      %v = memref.load %x[%i] : memref<?xi32>
      %w = arith.addi %v, %k : i32
      %last = arith.subi %n, %c1 : index
      %j = arith.subi %last, %i : index
      memref.store %w, %s2[%j] : memref<?xi32>
    }
  }
  vyre.launch @multiply2 {
    vyre.stage @multiply2 (%i) in (%n) reads(%s2 : memref<?xi32>) writes(%t2 : memref<?xi32>) {
      %k = arith.constant 7 : i32
      %last = arith.subi %n, %c1 : index
      %j = arith.subi %last, %i : index
      %v = memref.load %s2[%j] : memref<?xi32>
      %w = arith.muli %v, %k : i32
      memref.store %w, %t2[%i] : memref<?xi32>
    }
  }
  %s3 = vyre.intermediate(%n) : memref<?xi32>
  %t3 = vyre.intermediate(%n) : memref<?xi32>
  vyre.launch @add3 {
    vyre.stage @add3 (%i) in (%n) reads(%x : memref<?xi32>) writes(%s3 : memref<?xi32>) {
      %k = arith.constant 4 : i32
      %v = memref.load %x[%i] : memref<?xi32>
      %w = arith.addi %v, %k : i32
      %last = arith.subi %n, %c1 : index
      %j = arith.subi %last, %i : index
      memref.store %w, %s3[%j] : memref<?xi32>
    }
  }
  vyre.launch @multiply3 {
    vyre.stage @multiply3 (%i) in (%n) reads(%s3 : memref<?xi32>) writes(%t3 : memref<?xi32>) {
      %k = arith.constant 9 : i32
      %last = arith.subi %n, %c1 : index
      %j = arith.subi %last, %i : index
      %v = memref.load %s3[%j] : memref<?xi32>
      %w = arith.muli %v, %k : i32
      memref.store %w, %t3[%i] : memref<?xi32>
    }
  }
  vyre.launch @join {
    vyre.stage @join (%i) in (%n) reads(%t0, %t1, %t2, %t3 : memref<?xi32>, memref<?xi32>, memref<?xi32>, memref<?xi32>) writes(%y : memref<?xi32>) {
      %last = arith.subi %n, %c1 : index
      %j = arith.subi %last, %i : index
      %a = memref.load %t0[%j] : memref<?xi32>
      %b = memref.load %t1[%j] : memref<?xi32>
      %c = memref.load %t2[%j] : memref<?xi32>
      %d = memref.load %t3[%j] : memref<?xi32>
      %e = arith.xori %a, %b : i32
      %f = arith.xori %c, %d : i32
      %g = arith.addi %e, %f : i32
      memref.store %g, %y[%i] : memref<?xi32>
    }
  }
  vyre.return %y : memref<?xi32>
}
