// RUN: vyre-opt %s --vyre-form-program --split-input-file --verify-diagnostics
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Calls of the host's that can't be stages.

// A stage is for all points, under no condition.
func.func private @g(memref<4xf32>) attributes {vyre.call = #vyre.call}
func.func @in_parallel(%x: memref<4xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  scf.parallel (%i) = (%c0) to (%c4) step (%c1) {
    // expected-error @below {{calls @g in 'scf.parallel', expected the top level of the function}}
    // expected-note @below {{fix: call a function of the host's once for all points, under no condition}}
    func.call @g(%x) : (memref<4xf32>) -> ()
  }
  return
}

// -----

func.func private @g(memref<4xf32>) attributes {vyre.call = #vyre.call}
func.func @in_condition(%x: memref<4xf32>, %c: i1) {
  scf.if %c {
    // expected-error @below {{calls @g in 'scf.if', expected the top level of the function}}
    // expected-note @below {{fix: call a function of the host's once}}
    func.call @g(%x) : (memref<4xf32>) -> ()
  }
  return
}

// -----

func.func private @g(memref<4xf32>) attributes {vyre.call = #vyre.call}
func.func @in_loop(%x: memref<4xf32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  // expected-error @below {{runs stages a number of times that is not a constant}}
  // expected-note @below {{fix: give it constant bounds}}
  scf.for %i = %c0 to %n step %c1 {
    func.call @g(%x) : (memref<4xf32>) -> ()
  }
  return
}

// -----

// A function without the attribute is not known to be the host's.
func.func private @g(memref<4xf32>)
func.func @unknown(%x: memref<4xf32>) {
  // expected-error @below {{calls @g, whose effects are not known}}
  // expected-note @below {{fix: give the function a body, so that it is inlined, or vyre.call if it is the host's}}
  call @g(%x) : (memref<4xf32>) -> ()
  return
}

// -----

// Only buffers that it writes come back, in order.
// expected-note @below {{it is declared here}}
func.func private @g(memref<4xf32> {bufferization.access = "read"}) -> memref<4xf32> attributes {vyre.call = #vyre.call}
func.func @returns_nothing_of_its(%x: memref<4xf32>) -> memref<4xf32> {
  // expected-error @below {{returns 'memref<4xf32>' as result 0, expected one for each buffer that it writes}}
  // expected-note @below {{fix: return the buffers that it writes, in order, or nothing}}
  %r = call @g(%x) : (memref<4xf32>) -> memref<4xf32>
  return %r : memref<4xf32>
}

// -----

// expected-note @below {{it is declared here}}
func.func private @g(memref<4xf32>) -> f32 attributes {vyre.call = #vyre.call}
func.func @returns_a_scalar(%x: memref<4xf32>) -> f32 {
  // expected-error @below {{returns 'f32' as result 0, expected what it writes as buffer 0}}
  // expected-note @below {{fix: return the buffers}}
  %r = call @g(%x) : (memref<4xf32>) -> f32
  return %r : f32
}

// -----

// expected-error @below {{argument 1 of a call of the host's has type 'vector<4xf32>', expected a memref or a scalar}}
func.func private @g(memref<4xf32>, vector<4xf32>) attributes {vyre.call = #vyre.call}
func.func @vector(%x: memref<4xf32>) {
  %v = arith.constant dense<0.0> : vector<4xf32>
  call @g(%x, %v) : (memref<4xf32>, vector<4xf32>) -> ()
  return
}

// -----

// What is passed by value the host knows before the dispatch.
func.func private @g(memref<4xf32>, f32) attributes {vyre.call = #vyre.call}
func.func @from_memory(%x: memref<4xf32>) {
  %c0 = arith.constant 0 : index
  // expected-note @below {{it depends on this 'memref.load'}}
  %v = memref.load %x[%c0] : memref<4xf32>
  // expected-error @below {{has a scalar that the host does not know before the dispatch}}
  // expected-note @below {{fix: pass it as a scalar argument of the function}}
  call @g(%x, %v) : (memref<4xf32>, f32) -> ()
  return
}

// -----

func.func private @g(memref<4xf32>) attributes {vyre.call = #vyre.call}
func.func @selected(%x: memref<4xf32>, %y: memref<4xf32>, %c: i1) {
  %s = arith.select %c, %x, %y : memref<4xf32>
  // expected-error @below {{passes a buffer that is not one known buffer as argument 0}}
  // expected-note @below {{fix: pass an argument, an allocation or a view of one}}
  call @g(%s) : (memref<4xf32>) -> ()
  return
}

// -----

// A constant stays as it is.
memref.global "private" constant @table : memref<4xf32> = dense<1.0>
func.func private @g(memref<4xf32>) attributes {vyre.call = #vyre.call}
func.func @constant() {
  // expected-note @below {{the constant is here}}
  %t = memref.get_global @table : memref<4xf32>
  // expected-error @below {{writes a constant}}
  call @g(%t) : (memref<4xf32>) -> ()
  return
}

// -----

// The attribute is of functions without a body.
// expected-error @below {{has vyre.call = #vyre.call, expected a #vyre.call on a function without a body}}
func.func @body() attributes {vyre.call = #vyre.call} {
  return
}

// -----

// expected-error @below {{has vyre.call = "yes", expected a #vyre.call on a function without a body}}
func.func private @text() attributes {vyre.call = "yes"}

// -----

// expected-error @below {{scratch_bytes is 18446744073709551615, expected less than 2^63}}
func.func private @scratch() attributes {vyre.call = #vyre.call<scratch_bytes = -1>}
