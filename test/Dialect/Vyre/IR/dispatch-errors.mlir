// RUN: vyre-opt %s -split-input-file -verify-diagnostics
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// A dispatch names a program and passes what it takes.

func.func @host() {
  // expected-error @below {{'vyre.dispatch' op names @nowhere, which is no vyre.program}}
  vyre.dispatch @nowhere()
  return
}

// -----

func.func @host() {
  // expected-error @below {{'vyre.dispatch' op names @host, which is no vyre.program}}
  // expected-note @below {{fix: make a program of it first, by vyre-input-pipeline or vyre-compile --emit=program}}
  vyre.dispatch @host()
  return
}

// -----

vyre.program @p(%n: index, %x: memref<4xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>}) {
  vyre.return
}
func.func @host(%n: index) {
  // expected-error @below {{'vyre.dispatch' op has 1 operand, expected 2 as @p}}
  vyre.dispatch @p(%n) : index
  return
}

// -----

vyre.program @p(%n: index, %x: memref<4xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>}) {
  vyre.return
}
func.func @host(%n: index, %x: memref<?xf32>) {
  // expected-error @below {{'vyre.dispatch' op operand 1 has type 'memref<?xf32>', expected 'memref<4xf32>' as @p}}
  vyre.dispatch @p(%n, %x) : index, memref<?xf32>
  return
}

// -----

// Shared memory and state have no operand; what comes after them moves up.
vyre.program @p(
    %s: memref<4xf32> {vyre.binding = #vyre.binding<slot = 0, role = state>},
    %w: memref<4xf32> {vyre.binding = #vyre.binding<slot = 1, role = shared>},
    %x: memref<8xi32> {vyre.binding = #vyre.binding<slot = 2, role = input>}) {
  vyre.return
}
func.func @host(%s: memref<4xf32>, %x: memref<8xi32>) {
  vyre.dispatch @p(%x) : memref<8xi32>
  // expected-error @below {{'vyre.dispatch' op operand 0 has type 'memref<4xf32>', expected 'memref<8xi32>' as @p}}
  vyre.dispatch @p(%s) : memref<4xf32>
  return
}

// -----

vyre.program @p(%s: memref<4xf32> {vyre.binding = #vyre.binding<slot = 0, role = state>}) {
  vyre.return
}
func.func @host(%s: memref<4xf32>) {
  // expected-error @below {{'vyre.dispatch' op has 1 operand, expected 0 as @p}}
  vyre.dispatch @p(%s) : memref<4xf32>
  return
}
