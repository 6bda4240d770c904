// RUN: vyre-opt %s -split-input-file -verify-diagnostics
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Intermediates and constants.

vyre.program @extents(%n: index) {
  // expected-error @below {{'vyre.intermediate' op has 1 extent, expected one for each of 2 dynamic dimensions of 'memref<?x4x?xf32>'}}
  %t = vyre.intermediate(%n) : memref<?x4x?xf32>
  vyre.return
}

// -----

vyre.program @layout() {
  // expected-error @below {{'vyre.intermediate' op has type 'memref<4x4xf32, strided<[8, 1]>>', expected a row-major memref with identity layout}}
  %t = vyre.intermediate() : memref<4x4xf32, strided<[8, 1]>>
  vyre.return
}

// -----

vyre.program @element() {
  // expected-error @below {{'vyre.intermediate' op has element type 'i7', expected f16,}}
  %t = vyre.intermediate() : memref<4xi7>
  vyre.return
}

// -----

vyre.program @large() {
  // expected-error @below {{'vyre.intermediate' op has type 'memref<9223372036854775807x2xi8>', expected less than 2^63 bytes}}
  %t = vyre.intermediate() : memref<9223372036854775807x2xi8>
  vyre.return
}

// -----

func.func @host() {
  // expected-error @below {{'vyre.intermediate' op expects parent op 'vyre.program'}}
  %t = vyre.intermediate() : memref<4xf32>
  return
}

// -----

vyre.program @dynamic() {
  // expected-error @below {{'vyre.constant' op result #0 must be statically shaped memref of any type values}}
  %w = vyre.constant dense<1.0> : tensor<4xf32> as memref<?xf32>
  vyre.return
}

// -----

vyre.program @shape() {
  // expected-error @below {{'vyre.constant' op has a value of type 'tensor<2x2xf32>', expected shape and element type of 'memref<4xf32>'}}
  %w = vyre.constant dense<1.0> : tensor<2x2xf32> as memref<4xf32>
  vyre.return
}

// -----

vyre.program @element() {
  // expected-error @below {{'vyre.constant' op has a value of type 'tensor<4xi32>', expected shape and element type of 'memref<4xf32>'}}
  %w = vyre.constant dense<1> : tensor<4xi32> as memref<4xf32>
  vyre.return
}

// -----

vyre.program @space() {
  // expected-error @below {{'vyre.constant' op has type 'memref<4xf32, 1>', expected the default memory space}}
  %w = vyre.constant dense<1.0> : tensor<4xf32> as memref<4xf32, 1>
  vyre.return
}

// -----

func.func @host() {
  // expected-error @below {{'vyre.constant' op expects parent op 'vyre.program'}}
  %w = vyre.constant dense<1.0> : tensor<4xf32> as memref<4xf32>
  return
}
