// RUN: vyre-opt %s | FileCheck %s
// RUN: vyre-opt %s > %t.once
// RUN: vyre-opt %t.once | diff %t.once -
// RUN: vyre-opt --mlir-print-op-generic %s | vyre-opt | diff %t.once -
// RUN: vyre-opt --emit-bytecode %s | vyre-opt | diff %t.once -
// RUN: vyre-opt %s --canonicalize --cse --symbol-dce | FileCheck %s --check-prefix=KEPT
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Calls of the host's in every form, printed and parsed again; and what upstream passes
// leave of them.

// What is called stays declared, what is not goes.
// KEPT: func.func private @f(
// KEPT-NOT: @unused
func.func private @f(memref<?xf32>, index, memref<4xf32>, memref<?xf32>, memref<4xf32>, f16, i1)
func.func private @g()
func.func private @unused() attributes {vyre.call = #vyre.call}

// All that the attribute can say.
// CHECK: func.func private @h() attributes {vyre.call = #vyre.call<scratch_bytes = 8, host_boundary = true, no_capture = true>}
func.func private @h() attributes {vyre.call = #vyre.call<scratch_bytes = 8, host_boundary = true, no_capture = true>}
// CHECK: func.func private @i() attributes {vyre.call = #vyre.call}
func.func private @i() attributes {vyre.call = #vyre.call<host_boundary = false>}

// CHECK-LABEL: vyre.program @calls
vyre.program @calls(%n: index, %h: f16, %b: i1,
    %x: memref<?xf32> {vyre.binding = #vyre.binding<slot = 0, role = input, capacity = 4096>},
    %y: memref<4xf32> {vyre.binding = #vyre.binding<slot = 1, role = input_output>},
    %z: memref<4xf32> {vyre.binding = #vyre.binding<slot = 2, role = state>}) {
  // CHECK: vyre.call_stage @least @g{{$}}
  // KEPT: vyre.call_stage @least
  vyre.call_stage @least @g
  // CHECK: %[[T:.*]] = vyre.intermediate
  %t = vyre.intermediate(%n) : memref<?xi8>
  vyre.launch @all {
    // CHECK: vyre.call_stage @most @f reads(%{{.*}} : memref<?xf32>) writes(%{{.*}} : memref<4xf32>) scratch(%[[T]] : memref<?xi8>) updates(%{{.*}} : memref<4xf32>) params(%{{.*}}, %{{.*}}, %{{.*}} : index, f16, i1) {host_boundary, no_capture, order = array<i32: 0, 1, 0, 2>}
    vyre.call_stage @most @f reads(%x : memref<?xf32>) writes(%y : memref<4xf32>)
        scratch(%t : memref<?xi8>) updates(%z : memref<4xf32>)
        params(%n, %h, %b : index, f16, i1)
        {host_boundary, no_capture, order = array<i32: 0, 1, 0, 2>}
  }
  // Equal calls are two: nobody knows what a function counts.
  // KEPT: vyre.call_stage @first @g
  // KEPT-NEXT: vyre.call_stage @second @g
  vyre.call_stage @first @g
  vyre.call_stage @second @g
  vyre.return
}
