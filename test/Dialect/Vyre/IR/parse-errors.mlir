// RUN: vyre-opt %s -split-input-file -verify-diagnostics
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// What the custom syntax does not take.

vyre.program @indices(%n: index) {
  // expected-error @below {{has 1 extent for 2 indices}}
  vyre.stage @a (%i, %j) in (%n) {
  }
  vyre.return
}

// -----

vyre.program @order(%x: memref<4xf32> {vyre.binding = #vyre.binding<slot = 0, role = input_output>}) {
  // expected-error @below {{expected '{' to begin a region}}
  vyre.stage @a () in () writes(%x : memref<4xf32>) reads(%x : memref<4xf32>) {
  }
  vyre.return
}

// -----

vyre.program @types(%x: memref<4xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>}) {
  // expected-error @below {{custom op 'vyre.stage' number of operands and types do not match: got 1 operands and 2 types}}
  vyre.stage @a () in () reads(%x : memref<4xf32>, memref<4xf32>) {
  }
  vyre.return
}

// -----

vyre.program @name() {
  // expected-error @below {{expected valid '@'-identifier for symbol name}}
  vyre.stage a () in () {
  }
  vyre.return
}

// -----

vyre.program @index(%n: index) {
  // expected-error @below {{expected SSA operand}}
  vyre.stage @a (i) in (%n) {
  }
  vyre.return
}

// -----

// A trailing comma promises another result.
vyre.program @comma(%y: memref<4xf32> {vyre.binding = #vyre.binding<slot = 0, role = output>}) -> memref<4xf32> {
  // expected-error @below {{expected SSA operand}}
  vyre.return %y : memref<4xf32>,
}

// -----

vyre.program @count(%y: memref<4xf32> {vyre.binding = #vyre.binding<slot = 0, role = output>}) -> memref<4xf32> {
  // expected-error @below {{expected '('}}
  vyre.return %y count %y : memref<4xf32>
}

// -----

vyre.program @block(%n: index) {
  // expected-error @below {{integer value too large}}
  vyre.opaque_stage @a @k grid(%n, %n, %n) block(4294967296, 1, 1)
  vyre.return
}

// -----

// expected-error @below {{custom op 'vyre.program' expected SSA identifier}}
vyre.program @variadic(%n: index, ...) {
  vyre.return
}
