// RUN: vyre-compile %s --math=portable --emit=ptx --targets=sm_90 | FileCheck %s --check-prefix=WAITS
// RUN: vyre-compile %s --math=portable --emit=ptx --targets=sm_100 | FileCheck %s --check-prefix=WAITS
// RUN: vyre-compile %s --math=portable --emit=ptx --targets=sm_80 | FileCheck %s --check-prefix=IN-ORDER
// RUN: vyre-compile %s --math=portable --emit=ptx --targets=sm_90 --programmatic-edges=off | FileCheck %s --check-prefix=IN-ORDER
// RUN: not vyre-compile %s --programmatic-edges=maybe 2>&1 | FileCheck %s --check-prefix=FLAG
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// From sm_90 on each kernel waits for those before it, once and before all else, so that
// a graph may start it early; also where threads leave at once and where values lie in
// shared memory.

// IN-ORDER: .entry
// IN-ORDER-NOT: griddepcontrol
// FLAG: error: --programmatic-edges is 'maybe', expected on or off

// WAITS-LABEL: .entry rows_
// WAITS-NOT:     {{ld|st|bar|setp|mov}}.
// WAITS:         griddepcontrol.wait;
// WAITS-NOT:     griddepcontrol
func.func @rows(%x: tensor<64x4096xf32>) -> tensor<64x4096xf32> {
  %e = tensor.empty() : tensor<64x4096xf32>
  %y = linalg.softmax dimension(1) ins(%x : tensor<64x4096xf32>) outs(%e : tensor<64x4096xf32>) -> tensor<64x4096xf32>
  return %y : tensor<64x4096xf32>
}

// WAITS-LABEL: .entry twice_
// WAITS-NOT:     {{ld|st|bar|setp|mov}}.
// WAITS:         griddepcontrol.wait;
// WAITS-NOT:     griddepcontrol
func.func @twice(%x: tensor<?xf32>) -> tensor<?xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?xf32>
  %e = tensor.empty(%n) : tensor<?xf32>
  %y = linalg.add ins(%x, %x : tensor<?xf32>, tensor<?xf32>) outs(%e : tensor<?xf32>) -> tensor<?xf32>
  return %y : tensor<?xf32>
}
