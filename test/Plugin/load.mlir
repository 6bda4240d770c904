// RUN: mlir-opt --load-dialect-plugin=%vyre-plugin --load-pass-plugin=%vyre-plugin \
// RUN:   --pass-pipeline='builtin.module(vyre.program(vyre-form-launches))' %s | FileCheck %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// A stock mlir-opt takes the dialect and its passes from the plugin.

// CHECK-LABEL: vyre.program @copy
// CHECK: vyre.launch @copy
// CHECK-NEXT: vyre.stage @copy
vyre.program @copy(
    %x: memref<4xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>},
    %y: memref<4xf32> {vyre.binding = #vyre.binding<slot = 1, role = output>})
    -> memref<4xf32> {
  %c4 = arith.constant 4 : index
  vyre.stage @copy (%i) in (%c4) reads(%x : memref<4xf32>) writes(%y : memref<4xf32>) {
    %v = memref.load %x[%i] : memref<4xf32>
    memref.store %v, %y[%i] : memref<4xf32>
  }
  vyre.return %y : memref<4xf32>
}
