// REQUIRES: ptxas
// RUN: vyre-compile %s --targets=cubin:sm_90 -o %t.vyre
// RUN: vyre-run --list %t.vyre | FileCheck %s
// CHECK: cubin{{.*}}sm_90
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Machine code for one architecture, where ptxas is there.

func.func @f(%x: memref<4xf32>) {
  %c0 = arith.constant 0 : index
  %v = memref.load %x[%c0] : memref<4xf32>
  %r = arith.negf %v : f32
  memref.store %r, %x[%c0] : memref<4xf32>
  return
}
