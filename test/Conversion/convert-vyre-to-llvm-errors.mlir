// RUN: split-file %s %t
// RUN: vyre-compile %t/copy.mlir --targets=cpu -o %t/copy.vyre
// RUN: not vyre-opt %t/copy.mlir --convert-vyre-to-llvm 2>&1 | FileCheck %s --check-prefix=NONE
// RUN: not vyre-opt %t/copy.mlir --convert-vyre-to-llvm=artifact=%t/missing.vyre 2>&1 | FileCheck %s --check-prefix=MISSING
// RUN: not vyre-opt %t/copy.mlir --convert-vyre-to-llvm=artifact=%t/copy.mlir 2>&1 | FileCheck %s --check-prefix=FOREIGN
// RUN: not vyre-opt %t/renamed.mlir --convert-vyre-to-llvm=artifact=%t/copy.vyre 2>&1 | FileCheck %s --check-prefix=NAME
// RUN: not vyre-opt %t/reshaped.mlir --convert-vyre-to-llvm=artifact=%t/copy.vyre 2>&1 | FileCheck %s --check-prefix=SHAPE
// RUN: vyre-opt %t/idle.mlir --convert-vyre-to-llvm | FileCheck %s --check-prefix=IDLE
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// An artifact that is not there, is none, or is not of this module; and a module that
// dispatches nothing needs none.

// NONE: error: dispatches programs, and no artifact is given
// NONE: note: fix: compile the module with vyre-compile and pass artifact=<file>
// MISSING: error: can't read '{{.*}}missing.vyre': No such file or directory
// FOREIGN: error: '{{.*}}copy.mlir' is no artifact: {{.*}}Fix:
// NAME: error: 'vyre.program' op is not in '{{.*}}copy.vyre': {{.*}}'renamed'
// SHAPE: error: 'vyre.program' op takes other arguments than '{{.*}}copy.vyre' says
// SHAPE: note: fix: compile this module again
// IDLE-NOT: vyre.
// IDLE: func.func @host

//--- copy.mlir
vyre.program @copy(
    %x: memref<4xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>},
    %y: memref<4xf32> {vyre.binding = #vyre.binding<slot = 1, role = output>}) {
  %c4 = arith.constant 4 : index
  vyre.stage @copy (%i) in (%c4) reads(%x : memref<4xf32>) writes(%y : memref<4xf32>) {
    %v = memref.load %x[%i] : memref<4xf32>
    memref.store %v, %y[%i] : memref<4xf32>
  }
  vyre.return
}
func.func @host(%x: memref<4xf32>, %y: memref<4xf32>) {
  vyre.dispatch @copy(%x, %y) : memref<4xf32>, memref<4xf32>
  return
}

//--- renamed.mlir
vyre.program @renamed(
    %x: memref<4xf32> {vyre.binding = #vyre.binding<slot = 0, role = input_output>}) {
  vyre.return
}
func.func @host(%x: memref<4xf32>) {
  vyre.dispatch @renamed(%x) : memref<4xf32>
  return
}

//--- reshaped.mlir
vyre.program @copy(
    %x: memref<4xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>},
    %y: memref<5xf32> {vyre.binding = #vyre.binding<slot = 1, role = output>}) {
  vyre.return
}
func.func @host(%x: memref<4xf32>, %y: memref<5xf32>) {
  vyre.dispatch @copy(%x, %y) : memref<4xf32>, memref<5xf32>
  return
}

//--- idle.mlir
vyre.program @p(
    %x: memref<4xf32> {vyre.binding = #vyre.binding<slot = 0, role = input_output>}) {
  vyre.return
}
func.func @host() {
  return
}
