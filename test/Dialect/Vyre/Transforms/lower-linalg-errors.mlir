// RUN: vyre-opt --vyre-lower-linalg --split-input-file --verify-diagnostics %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

func.func @tensors(%z: f32, %x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @below {{'linalg.fill' op can't be lowered to loops, expected a structured op on buffers}}
  // expected-note @below {{fix: bufferize it first (one-shot-bufferize)}}
  %r = linalg.fill ins(%z : f32) outs(%x : tensor<4xf32>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}

// -----

func.func @aggregate(%x: memref<2x3xf32>, %y: memref<2x3xf32>) {
  // expected-error @below {{'linalg.softmax' op can't be lowered to loops, expected a structured op on buffers}}
  // expected-note @below {{fix: decompose it first, as vyre-prepare-tensors does}}
  linalg.softmax dimension(1) ins(%x : memref<2x3xf32>) outs(%y : memref<2x3xf32>)
  return
}
