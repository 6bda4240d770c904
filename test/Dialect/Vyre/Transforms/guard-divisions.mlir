// RUN: vyre-opt %s --vyre-guard-divisions | FileCheck %s
// RUN: vyre-opt %s --vyre-guard-divisions > %t.once
// RUN: vyre-opt %t.once --vyre-guard-divisions | diff %t.once -
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A divisor from a buffer can be zero, and the quotient too large. The same pass again
// changes nothing.

// CHECK-LABEL: vyre.program @divisions
// CHECK:       %[[A:.+]] = memref.load
// CHECK:       %[[B:.+]] = memref.load
// CHECK-DAG:   %[[ONE:.+]] = arith.constant 1 : i32
// CHECK:       %[[SAFE:.+]] = arith.maxui %[[B]], %[[ONE]]
// CHECK:       %[[Q:.+]] = arith.divui %[[A]], %[[SAFE]]
// CHECK:       %[[IS_ZERO:.+]] = arith.cmpi eq, %[[B]], %{{.+}}
// CHECK:       %[[IS_LEAST:.+]] = arith.cmpi eq, %[[Q]], %{{.+}}
// CHECK:       %[[IS_MINUS_ONE:.+]] = arith.cmpi eq, %[[B]], %{{.+}}
// CHECK:       %[[OVERFLOWS:.+]] = arith.andi %[[IS_LEAST]], %[[IS_MINUS_ONE]]
// CHECK:       %[[IS_BAD:.+]] = arith.ori %[[IS_ZERO]], %[[OVERFLOWS]]
// CHECK:       %[[SIGNED:.+]] = arith.select %[[IS_BAD]], %{{.+}}, %[[B]]
// CHECK:       arith.floordivsi %[[Q]], %[[SIGNED]]
// A constant needs nothing.
// CHECK-NEXT:  arith.remsi %{{.+}}, %c7
vyre.program @divisions(
    %x: memref<4xi32> {vyre.binding = #vyre.binding<slot = 0, role = input>},
    %y: memref<4xi32> {vyre.binding = #vyre.binding<slot = 1, role = input_output>}) {
  %c4 = arith.constant 4 : index
  %c7 = arith.constant 7 : i32
  vyre.stage @divide (%i) in (%c4) reads(%x : memref<4xi32>) updates(%y : memref<4xi32>) {
    %a = memref.load %x[%i] : memref<4xi32>
    %b = memref.load %y[%i] : memref<4xi32>
    %q = arith.divui %a, %b : i32
    %r = arith.floordivsi %q, %b : i32
    %s = arith.remsi %r, %c7 : i32
    memref.store %s, %y[%i] : memref<4xi32>
  }
  vyre.return
}
