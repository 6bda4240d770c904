// RUN: split-file %s %t
// RUN: not vyre-compile %t/control.mlir -o %t.vyre 2>&1 | FileCheck %s --check-prefix=CONTROL
// RUN: not vyre-compile %t/empty.mlir -o %t.vyre 2>&1 | FileCheck %s --check-prefix=EMPTY
// RUN: not vyre-compile %t/stage.mlir -o %t.vyre 2>&1 | FileCheck %s --check-prefix=STAGE
// RUN: not vyre-compile %t/subject.mlir -o %t.vyre 2>&1 | FileCheck %s --check-prefix=SUBJECT
// RUN: not vyre-compile %t/reserved.mlir -o %t.vyre 2>&1 | FileCheck %s --check-prefix=RESERVED
// RUN: vyre-compile %t/odd.mlir --targets=cpu,sm_80 -o %t.vyre
// RUN: vyre-run %t.vyre --list | FileCheck %s --check-prefix=ODD
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Names are for people and programs to read: UTF-8 without control characters. Those of C
// functions and of modules of the compiler's own are free to use, but for one.

//--- control.mlir
// CONTROL: error: 'vyre.program' op has a name of other characters, expected UTF-8 text without control characters
// CONTROL-NEXT: func.func
// CONTROL: note: fix: rename it
func.func @"a\0Ab"(%x: memref<4xf32>) {
  return
}

//--- empty.mlir
// EMPTY: error: 'vyre.program' op has an empty name, expected UTF-8 text without control characters
func.func @""(%x: memref<4xf32>) {
  return
}

//--- stage.mlir
// STAGE: error: 'vyre.stage' op has a name of other characters, expected UTF-8 text
vyre.program @f(%x: memref<4xf32> {vyre.binding = #vyre.binding<slot = 0, role = input_output>}) {
  %c4 = arith.constant 4 : index
  vyre.stage @"\FF" (%i) in (%c4) updates(%x : memref<4xf32>) {
    %v = memref.load %x[%i] : memref<4xf32>
    memref.store %v, %x[%i] : memref<4xf32>
  }
  vyre.return
}

//--- subject.mlir
// SUBJECT: error: 'vyre.require' op has a subject of other characters, expected UTF-8 text
vyre.program @f(%n: index) {
  %c4 = arith.constant 4 : index
  vyre.require "two\0Alines" %n at_least %c4
  vyre.return
}

//--- reserved.mlir
// RESERVED: error: 'vyre.program' op has the name of the module for CPU code, 'vyre_cpu'
// RESERVED: note: fix: rename it
func.func @vyre_cpu(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = math.sin %x : tensor<4xf32>
  return %0 : tensor<4xf32>
}

//--- odd.mlir
// ODD: größe
// ODD: sinf
// ODD: vyre_gpu
func.func @"gr\C3\B6\C3\9Fe"(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = arith.addf %x, %x : tensor<4xf32>
  return %0 : tensor<4xf32>
}
func.func @sinf(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = arith.addf %x, %x : tensor<4xf32>
  return %0 : tensor<4xf32>
}
func.func @vyre_gpu(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = arith.mulf %x, %x : tensor<4xf32>
  return %0 : tensor<4xf32>
}
