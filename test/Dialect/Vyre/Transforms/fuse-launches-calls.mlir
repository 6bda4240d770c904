// RUN: vyre-opt %s --vyre-fuse-launches --remarks-filter=vyre-fuse-launches 2>&1 >/dev/null | FileCheck %s
// RUN: vyre-opt %s --vyre-fuse-launches --vyre-verify-launches --vyre-merge-stages --vyre-form-launches --vyre-plan-capture | FileCheck %s --check-prefix=IR

// A call of the host's joins nothing, on either side; what is around it is fused, and it
// takes its place in the graph: the branch that it has nothing to do with does not wait.
// CHECK-DAG: Function=calls | Reason="the accesses of @call are not known", Remark="@call does not join @a"
// CHECK-DAG: Function=calls | Reason="the accesses of @call are not known", Remark="@c does not join @call"
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

func.func private @f(memref<64xf32>, memref<64xf32>)

// IR: #vyre.capture_node<kind = launch, launch = @a, after = 0>
// IR-SAME: #vyre.capture_node<kind = launch, launch = @call, after = 1, 3>
// IR-SAME: #vyre.capture_node<kind = launch, launch = @c_d, after = 4>
// IR-SAME: #vyre.capture_node<kind = launch, launch = @other, after = 2>
// IR: vyre.launch @call {
// IR-NEXT: vyre.call_stage @call @f
// IR-NEXT: }
// IR: vyre.launch @c_d
vyre.program @calls(
    %x: memref<64xf32> {vyre.binding = #vyre.binding<slot = 0, role = input_output>},
    %y: memref<64xf32> {vyre.binding = #vyre.binding<slot = 1, role = input_output>},
    %z: memref<32xf32> {vyre.binding = #vyre.binding<slot = 2, role = input_output>}) {
  %c64 = arith.constant 64 : index
  %c32 = arith.constant 32 : index
  vyre.stage @a (%i) in (%c64) updates(%x : memref<64xf32>) {
    %v = memref.load %x[%i] : memref<64xf32>
    %w = arith.addf %v, %v : f32
    memref.store %w, %x[%i] : memref<64xf32>
  }
  vyre.call_stage @call @f reads(%x : memref<64xf32>) writes(%y : memref<64xf32>)
  vyre.stage @c (%i) in (%c64) updates(%y : memref<64xf32>) {
    %v = memref.load %y[%i] : memref<64xf32>
    %w = arith.addf %v, %v : f32
    memref.store %w, %y[%i] : memref<64xf32>
  }
  vyre.stage @d (%i) in (%c64) updates(%y : memref<64xf32>) {
    %v = memref.load %y[%i] : memref<64xf32>
    %w = arith.mulf %v, %v : f32
    memref.store %w, %y[%i] : memref<64xf32>
  }
  vyre.stage @other (%i) in (%c32) updates(%z : memref<32xf32>) {
    %v = memref.load %z[%i] : memref<32xf32>
    %w = arith.mulf %v, %v : f32
    memref.store %w, %z[%i] : memref<32xf32>
  }
  vyre.return
}
