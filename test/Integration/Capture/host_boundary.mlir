// RUN: %run-case %s
// RUN: vyre-compile %s --targets=cpu --capture=off -o %t.vyre
// RUN: vyre-run %t.vyre --list | FileCheck %s
// RUN: not vyre-compile %s --targets=cpu --capture=require -o /dev/null 2>&1 | FileCheck %s --check-prefix=REQUIRE
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A launch that waits until the host can see what an earlier one wrote: the artifact says so
// also without a capture plan, and the results are what they would be without it.

// CHECK: never captured: launch 'second' waits for the host
// REQUIRE: 'vyre.stage' op waits for the host to see what an earlier launch wrote
vyre.program @host_boundary(
    %x: memref<?xi32> {vyre.binding = #vyre.binding<slot = 0, role = input, capacity = 4194304>},
    %y: memref<?xi32> {vyre.binding = #vyre.binding<slot = 1, role = output, capacity = 4194304>},
    %z: memref<?xi32> {vyre.binding = #vyre.binding<slot = 2, role = output, capacity = 4194304>})
    -> (memref<?xi32>, memref<?xi32>) {
  %c0 = arith.constant 0 : index
  %n = memref.dim %x, %c0 : memref<?xi32>
  vyre.extents %y[%n] : memref<?xi32>
  vyre.extents %z[%n] : memref<?xi32>
  vyre.stage @first (%i) in (%n) reads(%x : memref<?xi32>) writes(%y : memref<?xi32>) {
    %one = arith.constant 1 : i32
    %v = memref.load %x[%i] : memref<?xi32>
    %w = arith.addi %v, %one : i32
    memref.store %w, %y[%i] : memref<?xi32>
  }
  vyre.stage @second (%i) in (%n) reads(%x : memref<?xi32>) writes(%z : memref<?xi32>)
      updates(%y : memref<?xi32>) host_boundary {
    %three = arith.constant 3 : i32
    %v = memref.load %y[%i] : memref<?xi32>
    %w = arith.muli %v, %three : i32
    memref.store %w, %y[%i] : memref<?xi32>
    %u = memref.load %x[%i] : memref<?xi32>
    %s = arith.addi %w, %u : i32
    memref.store %s, %z[%i] : memref<?xi32>
  }
  vyre.return %y : memref<?xi32>, %z : memref<?xi32>
}
