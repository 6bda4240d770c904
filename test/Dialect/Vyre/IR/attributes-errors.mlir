// RUN: vyre-opt %s -split-input-file -verify-diagnostics
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// What an attribute of the dialect may say, wherever it stands.

// expected-error @below {{slot is 4294967295, expected at most 2147483647}}
func.func private @slot() attributes {test.a = #vyre.binding<slot = -1, role = input>}

// -----

// expected-error @below {{alignment is 24, expected a power of two}}
func.func private @alignment() attributes {test.a = #vyre.binding<slot = 0, role = input, alignment = 24>}

// -----

// expected-error @below {{alignment is 131072, expected at most 65536}}
func.func private @alignment() attributes {test.a = #vyre.binding<slot = 0, role = input, alignment = 131072>}

// -----

// expected-error @below {{capacity is 18446744073709551615, expected less than 2^63 bytes}}
func.func private @capacity() attributes {test.a = #vyre.binding<slot = 0, role = input, capacity = -1>}

// -----

// expected-error @below {{an initial value on a binding with role output, expected role state}}
func.func private @initial() attributes {test.a = #vyre.binding<slot = 0, role = output, initial = dense<1> : tensor<2xi32>>}

// -----

// expected-error @below {{expected one of [input, output, input_output, shared, state] for how a program uses a binding, got: inputs}}
// expected-error @below {{failed to parse Vyre_BindingAttr parameter 'role' which is to be a `Role`}}
func.func private @role() attributes {test.a = #vyre.binding<slot = 0, role = inputs>}

// -----

// expected-error @below {{struct is missing required parameter: role}}
func.func private @missing() attributes {test.a = #vyre.binding<slot = 0>}

// -----

// expected-error @below {{duplicate or unknown struct parameter name: size}}
func.func private @unknown() attributes {test.a = #vyre.binding<slot = 0, role = input, size = 3>}

// -----

// expected-error @below {{unknown attribute `bindings` in dialect `vyre`}}
func.func private @mnemonic() attributes {test.a = #vyre.bindings<slot = 0>}

// -----

// expected-error @below {{'func.func' op has unknown attribute 'vyre.bindings'}}
func.func private @discardable() attributes {vyre.bindings = 1}

// -----

// expected-error @below {{'func.func' op has vyre.index_bitwidth = 16 : i64, expected 32 or 64}}
func.func private @bitwidth() attributes {vyre.index_bitwidth = 16 : i64}

// -----

// expected-error @below {{'func.func' op has vyre.index_bitwidth = "32", expected 32 or 64}}
func.func private @bitwidth() attributes {vyre.index_bitwidth = "32"}

// -----

// expected-error @below {{'func.func' op has vyre.stage_name = 3 : i64, expected a string}}
func.func private @stageName() attributes {vyre.stage_name = 3}

// -----

// expected-error @below {{'func.func' op has vyre.covers = 3 : i64, expected no value}}
func.func private @covers() attributes {vyre.covers = 3}

// -----

// expected-error @below {{'func.func' op argument 1: 'vyre.binding' is 3 : i64, expected a #vyre.binding}}
func.func private @argument(i32, memref<4xf32> {vyre.binding = 3})

// -----

// expected-error @below {{'func.func' op argument 0 has unknown attribute 'vyre.role'}}
func.func private @argument(memref<4xf32> {vyre.role = 3})
