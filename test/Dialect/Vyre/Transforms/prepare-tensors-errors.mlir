// RUN: vyre-opt --pass-pipeline="builtin.module(func.func(vyre-prepare-tensors))" --split-input-file --verify-diagnostics %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// An encoding would be lost.

#sparse = #sparse_tensor.encoding<{ map = (d0, d1) -> (d0 : dense, d1 : compressed) }>
// expected-error @below {{'func.func' op argument 0 has type 'tensor<4x4xf32, #sparse_tensor.encoding}}
func.func @argument(%x: tensor<4x4xf32, #sparse>) {
  return
}

// -----

#sparse = #sparse_tensor.encoding<{ map = (d0, d1) -> (d0 : dense, d1 : compressed) }>
func.func @value() {
  // expected-error @below {{'tensor.empty' op yields a 'tensor<4x4xf32, #sparse_tensor.encoding}}
  %x = tensor.empty() : tensor<4x4xf32, #sparse>
  return
}
