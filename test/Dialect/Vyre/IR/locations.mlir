// RUN: vyre-opt %s --mlir-print-debuginfo --mlir-use-nameloc-as-prefix > %t.mlir
// RUN: FileCheck %s < %t.mlir
// RUN: vyre-opt %t.mlir --mlir-print-debuginfo --mlir-use-nameloc-as-prefix | diff %t.mlir -
// RUN: vyre-opt %t.mlir --emit-bytecode | vyre-opt --mlir-print-debuginfo --mlir-use-nameloc-as-prefix | diff %t.mlir -
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Locations of programs, arguments, stages and indices survive, through text and
// through bytecode, and give values their names.

// CHECK: vyre.program @p(%input: memref<4xf32> {vyre.binding = #{{.*}}<slot = 0, role = input_output>} loc("input")) {
vyre.program @p(%x: memref<4xf32> {vyre.binding = #vyre.binding<slot = 0, role = input_output>} loc("input")) {
  %c4 = arith.constant 4 : index loc("four")
  // CHECK: vyre.stage @s (%row loc("row")) in (%four) updates(%input : memref<4xf32>) {
  vyre.stage @s (%i loc("row")) in (%c4) updates(%x : memref<4xf32>) {
    // CHECK: %value = memref.load %input[%row]
    %v = memref.load %x[%i] : memref<4xf32> loc("value")
    // CHECK: memref.store %value, %input[%row]
    memref.store %v, %x[%i] : memref<4xf32> loc(fused["a.py":1:2, "b.py":3:4])
  // CHECK: } loc([[STAGE:#loc[0-9]+]])
  } loc("net.py":12:3)
  vyre.return loc(unknown)
} loc(callsite("f" at "net.py":10:1))
// CHECK: [[STAGE]] = loc("net.py":12:3)
