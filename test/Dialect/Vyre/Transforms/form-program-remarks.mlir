// RUN: vyre-opt --vyre-form-program --remarks-filter=vyre-form-program %s 2>&1 | FileCheck %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// What the pass decided is a remark, with a reason where it cost something.

// CHECK-DAG: remark: [Passed] interchanged-loop | Category:vyre-form-program | Reason="the points of its parallel loop are independent"
// CHECK-DAG: remark: [Passed] unrolled-loop | Category:vyre-form-program | copies=2
// CHECK-DAG: remark: [Missed] copied-result | Category:vyre-form-program | Reason="it is an argument", result=0
// CHECK-DAG: remark: [Missed] stored-scalar | Category:vyre-form-program | Reason="what it was loaded from is overwritten before its last use"
// CHECK-DAG: remark: [Missed] input-output | Category:vyre-form-program | Function=decisions | Reason="not proved to be written as a whole before it is read, so its former contents are kept", argument=1
// CHECK-DAG: remark: [Passed] formed-program | Category:vyre-form-program | Function=decisions | stages=6
func.func @decisions(%x: memref<4xf32>, %y: memref<8xf32>) -> memref<4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c4 = arith.constant 4 : index
  %s = memref.load %y[%c0] : memref<8xf32>
  scf.for %k = %c0 to %c4 step %c1 {
    scf.parallel (%i) = (%c0) to (%c4) step (%c1) {
      %v = memref.load %y[%i] : memref<8xf32>
      %w = arith.addf %v, %v : f32
      memref.store %w, %y[%i] : memref<8xf32>
      scf.reduce
    }
  }
  scf.for %k = %c0 to %c2 step %c1 {
    scf.parallel (%i) = (%c0) to (%c4) step (%c1) {
      %j = arith.addi %i, %k : index
      %v = memref.load %y[%j] : memref<8xf32>
      memref.store %v, %y[%i] : memref<8xf32>
      scf.reduce
    }
  }
  memref.store %s, %y[%c1] : memref<8xf32>
  return %x : memref<4xf32>
}
