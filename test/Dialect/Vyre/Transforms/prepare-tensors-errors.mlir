// RUN: vyre-opt --pass-pipeline="builtin.module(func.func(vyre-prepare-tensors))" --split-input-file --verify-diagnostics %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// An encoding would be lost.

#sparse = #sparse_tensor.encoding<{ map = (d0, d1) -> (d0 : dense, d1 : compressed) }>
// expected-error @below {{'func.func' op argument 0 has type 'tensor<4x4xf32, #sparse_tensor.encoding}}
// expected-note @below {{fix: make it dense first}}
func.func @argument(%x: tensor<4x4xf32, #sparse>) {
  return
}

// -----

#sparse = #sparse_tensor.encoding<{ map = (d0, d1) -> (d0 : dense, d1 : compressed) }>
func.func @value() {
  // expected-error @below {{'tensor.empty' op yields a 'tensor<4x4xf32, #sparse_tensor.encoding}}
  // expected-note @below {{fix: make it dense first}}
  %x = tensor.empty() : tensor<4x4xf32, #sparse>
  return
}

// -----

// Ops of tosa that nothing lowers.

func.func @custom(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @below {{'tosa.custom' op means what its user defines}}
  // expected-note @below {{fix: lower it to other ops first}}
  %r = tosa.custom %x {operator_name = "a", domain_name = "b", implementation_attrs = "c"} : (tensor<4xf32>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}

// -----

tosa.variable @count = dense<1.0> : tensor<4xf32>
func.func @variable() -> tensor<4xf32> {
  // expected-error @below {{'tosa.variable_read' op keeps a value from one run to the next}}
  // expected-note @below {{fix: pass it as an argument and return it}}
  %r = tosa.variable_read @count : tensor<4xf32>
  return %r : tensor<4xf32>
}

// -----

func.func @shape(%x: tensor<?x4xf32>) -> tensor<?xf32> {
  // expected-error @below {{'tosa.dim' op computes a shape, expected a tosa.const_shape}}
  // expected-note @below {{fix: leave one extent to tosa by -1, or reshape by tensor ops}}
  %n = tosa.dim %x {axis = 0 : i32} : (tensor<?x4xf32>) -> !tosa.shape<1>
  %r = tosa.reshape %x, %n : (tensor<?x4xf32>, !tosa.shape<1>) -> tensor<?xf32>
  return %r : tensor<?xf32>
}
