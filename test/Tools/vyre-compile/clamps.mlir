// RUN: vyre-compile %s --targets=cpu -o %t.vyre
// RUN: vyre-run %t.vyre --device cpu --program min --fill 1 --shape arg0=5 --in arg1=4 --shape arg2=9
// RUN: vyre-run %t.vyre --device cpu --program min --fill 1 --shape arg0=5 --in arg1=50 --shape arg2=2
// RUN: not vyre-run %t.vyre --device cpu --program min --fill 1 --shape arg0=5 --in arg1=5 --shape arg2=9 2>&1 | FileCheck %s --check-prefix=MIN
// RUN: not vyre-run %t.vyre --device cpu --program min --fill 1 --shape arg0=5 --in arg1=-1 --shape arg2=2 2>&1 | FileCheck %s --check-prefix=MIN-LESS
// RUN: vyre-run %t.vyre --device cpu --program edge --fill 1 --shape arg0=5 --in arg1=7 --shape arg2=20
// RUN: vyre-run %t.vyre --device cpu --program edge --fill 1 --shape arg0=0 --in arg1=7 --shape arg2=0
// RUN: not vyre-run %t.vyre --device cpu --program edge --fill 1 --shape arg0=0 --in arg1=7 --shape arg2=20 2>&1 | FileCheck %s --check-prefix=EDGE
// RUN: vyre-run %t.vyre --device cpu --program mirror --fill 1 --shape arg0=5 --shape arg1=9
// RUN: not vyre-run %t.vyre --device cpu --program mirror --fill 1 --shape arg0=5 --shape arg1=10 2>&1 | FileCheck %s --check-prefix=MIRROR
// RUN: vyre-run %t.vyre --device cpu --program first --fill 1 --shape arg0=5 --shape arg1=6
// RUN: vyre-run %t.vyre --device cpu --program first --fill 1 --shape arg0=0 --shape arg1=0
// RUN: not vyre-run %t.vyre --device cpu --program first --fill 1 --shape arg0=5 --shape arg1=7 2>&1 | FileCheck %s --check-prefix=FIRST-FAR
// RUN: not vyre-run %t.vyre --device cpu --program first --fill 1 --shape arg0=0 --shape arg1=1 2>&1 | FileCheck %s --check-prefix=FIRST-EMPTY
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Clamped and selected indices: exactly the dispatches are refused that would leave a
// buffer.

// MIN: extent 0 of argument 0, which stage 'loop_0' reads, is 5, expected at least 6
// MIN-LESS: the smallest index into dimension 0 of argument 0, which stage 'loop_0' reads, is -1, expected at least 0
func.func @min(%x: memref<?xf32>, %k: index, %y: memref<?xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %n = memref.dim %y, %c0 : memref<?xf32>
  scf.parallel (%i) = (%c0) to (%n) step (%c1) {
    %j = arith.addi %i, %c3 : index
    %m = arith.minsi %j, %k : index
    %v = memref.load %x[%m] : memref<?xf32>
    memref.store %v, %y[%i] : memref<?xf32>
    scf.reduce
  }
  return
}

// Padding by the elements at the edge: there has to be one.
// EDGE: the smallest index into dimension 0 of argument 0, which stage 'loop_0' reads, is -1, expected at least 0
func.func @edge(%x: memref<?xf32>, %p: index, %y: memref<?xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = memref.dim %y, %c0 : memref<?xf32>
  %m = memref.dim %x, %c0 : memref<?xf32>
  %last = arith.subi %m, %c1 : index
  scf.parallel (%i) = (%c0) to (%n) step (%c1) {
    %j = arith.subi %i, %p : index
    %a = arith.maxsi %j, %c0 : index
    %b = arith.minsi %a, %last : index
    %v = memref.load %x[%b] : memref<?xf32>
    memref.store %v, %y[%i] : memref<?xf32>
    scf.reduce
  }
  return
}

// Reflection reaches as far as the buffer is long.
// MIRROR: the smallest index into dimension 0 of argument 0, which stage 'loop_0' reads, is -1, expected at least 0
func.func @mirror(%x: memref<?xf32>, %y: memref<?xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %n = memref.dim %y, %c0 : memref<?xf32>
  %m = memref.dim %x, %c0 : memref<?xf32>
  %t = arith.muli %m, %c2 : index
  %u = arith.subi %t, %c2 : index
  scf.parallel (%i) = (%c0) to (%n) step (%c1) {
    %j = arith.subi %u, %i : index
    %in = arith.cmpi ult, %i, %m : index
    %b = arith.select %in, %i, %j : index
    %v = memref.load %x[%b] : memref<?xf32>
    memref.store %v, %y[%i] : memref<?xf32>
    scf.reduce
  }
  return
}

// The first point is an exception.
// FIRST-FAR: extent 0 of argument 0, which stage 'loop_0' reads, is 5, expected at least 6
// FIRST-EMPTY: extent 0 of argument 0, which stage 'loop_0' reads, is 0, expected at least 1
func.func @first(%x: memref<?xf32>, %y: memref<?xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = memref.dim %y, %c0 : memref<?xf32>
  scf.parallel (%i) = (%c0) to (%n) step (%c1) {
    %j = arith.subi %i, %c1 : index
    %in = arith.cmpi eq, %i, %c0 : index
    %b = arith.select %in, %i, %j : index
    %v = memref.load %x[%b] : memref<?xf32>
    memref.store %v, %y[%i] : memref<?xf32>
    scf.reduce
  }
  return
}
