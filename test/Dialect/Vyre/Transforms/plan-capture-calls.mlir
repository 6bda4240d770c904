// RUN: vyre-opt %s --vyre-form-program --vyre-form-launches --vyre-plan-capture --remarks-filter='vyre-.*' -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK
// RUN: vyre-opt %s --vyre-form-program --vyre-form-launches --vyre-plan-capture | FileCheck %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// A view that a function is passed is copied, and a program whose function must not be
// captured never is; both are said.

func.func private @f(
    memref<8xf32> {bufferization.access = "read"},
    memref<8xf32> {bufferization.access = "write"}) attributes {vyre.call = #vyre.call<no_capture = true>}

// REMARK-DAG: copied-argument | Category:vyre-form-program{{.*}}Reason="it is a view, expected a whole buffer", argument=0
// REMARK-DAG: capture | Category:vyre-plan-capture{{.*}}Reason="stage @f_1 calls @f, which must not be captured", Remark="the program is never captured"
// CHECK: vyre.program @view
// CHECK-SAME: policy = never
// CHECK-SAME: #vyre.capture_node<kind = launch, launch = @copy_0, after = 0>
// CHECK-SAME: #vyre.capture_node<kind = launch, launch = @f_1, after = 1>
// CHECK-SAME: arena = <bytes = 256,
func.func @view(%x: memref<2x4xf32>, %y: memref<8xf32>) {
  %v = memref.collapse_shape %x [[0, 1]] : memref<2x4xf32> into memref<8xf32>
  call @f(%v, %y) : (memref<8xf32>, memref<8xf32>) -> ()
  return
}
