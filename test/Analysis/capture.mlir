// RUN: vyre-test-opt %s -mlir-disable-threading -pass-pipeline='builtin.module(vyre.program(test-vyre-capture-analyses))' -o /dev/null | FileCheck %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// What capture planning rests on: dependences, liveness and replay safety.

// Reads of one buffer do not wait for each other; who writes it next waits for both. An
// intermediate is never in use together with one whose launches all come before.
// CHECK-LABEL: program @orders
// CHECK-NEXT: upload of argument 0
// CHECK-NEXT: launch @start after upload of argument 0
// CHECK-NEXT: launch @left after launch @start
// CHECK-NEXT: launch @right after launch @start
// CHECK-NEXT: launch @again after launch @left, launch @right
// CHECK-NEXT: launch @last after launch @again
// CHECK-NEXT: download of argument 1 after launch @last
// CHECK-NEXT: intermediate 0 in use by @start, @left, @right, @again
// CHECK-NEXT: intermediate 1 in use by @left, @again
// CHECK-NEXT: intermediate 2 in use by @right, @again
// CHECK-NEXT: intermediate 3 in use by @last, never with 0, never with 1, never with 2
// CHECK-NEXT: argument 0: read_only, no launch writes it
// CHECK-NEXT: argument 1: wholly_written, stage @again writes all of it first
vyre.program @orders(
    %x: memref<64xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>},
    %y: memref<64xf32> {vyre.binding = #vyre.binding<slot = 1, role = output>}) {
  %n = arith.constant 64 : index
  %a = vyre.intermediate() : memref<64xf32>
  %b = vyre.intermediate() : memref<64xf32>
  %c = vyre.intermediate() : memref<64xf32>
  %d = vyre.intermediate() : memref<64xf32>
  vyre.launch @start {
    vyre.stage @start (%i) in (%n) reads(%x : memref<64xf32>) writes(%a : memref<64xf32>) {
      %v = memref.load %x[%i] : memref<64xf32>
      memref.store %v, %a[%i] : memref<64xf32>
    }
  }
  vyre.launch @left {
    vyre.stage @left (%i) in (%n) reads(%a : memref<64xf32>) writes(%b : memref<64xf32>) {
      %v = memref.load %a[%i] : memref<64xf32>
      memref.store %v, %b[%i] : memref<64xf32>
    }
  }
  vyre.launch @right {
    vyre.stage @right (%i) in (%n) reads(%a : memref<64xf32>) writes(%c : memref<64xf32>) {
      %v = memref.load %a[%i] : memref<64xf32>
      memref.store %v, %c[%i] : memref<64xf32>
    }
  }
  vyre.launch @again {
    vyre.stage @again (%i) in (%n) reads(%b, %c : memref<64xf32>, memref<64xf32>) writes(%a, %y : memref<64xf32>, memref<64xf32>) {
      %v = memref.load %b[%i] : memref<64xf32>
      %w = memref.load %c[%i] : memref<64xf32>
      memref.store %v, %a[%i] : memref<64xf32>
      memref.store %w, %y[%i] : memref<64xf32>
    }
  }
  vyre.launch @last {
    vyre.stage @last (%i) in (%n) writes(%d : memref<64xf32>) updates(%y : memref<64xf32>) {
      %v = memref.load %y[%i] : memref<64xf32>
      memref.store %v, %d[%i] : memref<64xf32>
      memref.store %v, %y[%i] : memref<64xf32>
    }
  }
  vyre.return
}

// What covers a buffer: all indices, in any order, also those of loops. Not a part of it, not a
// diagonal, not what runs over a space that may be empty, not what is read first.
// CHECK-LABEL: program @covers
// CHECK:      argument 0: wholly_written, stage @transposed writes all of it first
// CHECK-NEXT: argument 1: wholly_written, stage @looped writes all of it first
// CHECK-NEXT: argument 2: escaping_result, stage @part is not proved to write all of it first
// CHECK-NEXT: argument 3: escaping_result, stage @diagonal is not proved to write all of it first
// CHECK-NEXT: argument 4: escaping_result, stage @maybe is not proved to write all of it first
// CHECK-NEXT: argument 5: escaping_result, stage @reader reads it before it is written
// CHECK-NEXT: argument 6: escaping_result, no launch writes it
// CHECK-NEXT: argument 7: value, it is passed by value
vyre.program @covers(
    %a: memref<4x8xf32> {vyre.binding = #vyre.binding<slot = 0, role = output>},
    %b: memref<4x8xf32> {vyre.binding = #vyre.binding<slot = 1, role = output>},
    %c: memref<4x8xf32> {vyre.binding = #vyre.binding<slot = 2, role = output>},
    %d: memref<8x8xf32> {vyre.binding = #vyre.binding<slot = 3, role = output>},
    %e: memref<f32> {vyre.binding = #vyre.binding<slot = 4, role = output>},
    %f: memref<f32> {vyre.binding = #vyre.binding<slot = 5, role = output>},
    %g: memref<f32> {vyre.binding = #vyre.binding<slot = 6, role = output>},
    %n: index) {
  %c3 = arith.constant 3 : index
  %c4 = arith.constant 4 : index
  %c8 = arith.constant 8 : index
  %v = arith.constant 1.0 : f32
  %t = vyre.intermediate() : memref<f32>
  vyre.launch @transposed {
    vyre.stage @transposed (%i, %j) in (%c8, %c4) writes(%a : memref<4x8xf32>) {
      memref.store %v, %a[%j, %i] : memref<4x8xf32>
    }
  }
  vyre.launch @looped {
    vyre.stage @looped (%i) in (%c4) writes(%b : memref<4x8xf32>) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      scf.for %j = %c0 to %c8 step %c1 {
        memref.store %v, %b[%i, %j] : memref<4x8xf32>
      }
    }
  }
  vyre.launch @part {
    vyre.stage @part (%i, %j) in (%c3, %c8) writes(%c : memref<4x8xf32>) {
      memref.store %v, %c[%i, %j] : memref<4x8xf32>
    }
  }
  vyre.launch @diagonal {
    vyre.stage @diagonal (%i) in (%c8) writes(%d : memref<8x8xf32>) {
      memref.store %v, %d[%i, %i] : memref<8x8xf32>
    }
  }
  vyre.launch @maybe {
    vyre.stage @maybe (%i) in (%n) writes(%e : memref<f32>) {
      memref.store %v, %e[] : memref<f32>
    }
  }
  vyre.launch @reader {
    vyre.stage @reader () in () reads(%f : memref<f32>) writes(%t : memref<f32>) {
      %w = memref.load %f[] : memref<f32>
      memref.store %w, %t[] : memref<f32>
    }
  }
  vyre.return
}
