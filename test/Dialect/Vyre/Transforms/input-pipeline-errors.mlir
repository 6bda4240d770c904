// RUN: vyre-opt --vyre-input-pipeline --split-input-file --verify-diagnostics --allow-unregistered-dialect %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Control flow over tensors, in every form.

func.func @if(%x: tensor<4xf32>, %c: i1) -> tensor<4xf32> {
  // expected-error @below {{'scf.if' op decides on the host which loops run on the device}}
  // expected-note @below {{fix: move the choice into the body of the parallel loops}}
  %r = scf.if %c -> tensor<4xf32> {
    %b = math.tanh %x : tensor<4xf32>
    scf.yield %b : tensor<4xf32>
  } else {
    scf.yield %x : tensor<4xf32>
  }
  return %r : tensor<4xf32>
}

// -----

func.func @tosa_while(%limit: tensor<i32>, %x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @below {{'scf.while' op decides on the host which loops run on the device}}
  // expected-note @below {{fix: move the choice into the body of the parallel loops}}
  %r:2 = tosa.while_loop (%i = %limit, %y = %x) : (tensor<i32>, tensor<4xf32>) -> (tensor<i32>, tensor<4xf32>) {
    %c = tosa.greater_equal %limit, %i : (tensor<i32>, tensor<i32>) -> tensor<i1>
    tosa.yield %c : tensor<i1>
  } do {
  ^bb0(%i: tensor<i32>, %y: tensor<4xf32>):
    %z = tosa.exp %y : (tensor<4xf32>) -> tensor<4xf32>
    tosa.yield %i, %z : tensor<i32>, tensor<4xf32>
  }
  return %r#1 : tensor<4xf32>
}

// -----

func.func @size_from_data(%x: tensor<4xindex>) -> tensor<?xf32> {
  %c0 = arith.constant 0 : index
  %z = arith.constant 0.0 : f32
  // expected-note @below {{it depends on this 'memref.load'}}
  %n = tensor.extract %x[%c0] : tensor<4xindex>
  // expected-error @below {{op has a bound that the host does not know before the dispatch}}
  // expected-note @below {{fix: pass it as a scalar argument of the function}}
  %r = tensor.splat %z[%n] : tensor<?xf32>
  return %r : tensor<?xf32>
}

// -----

// Ops and types that nobody lowers.

func.func @unknown(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @below {{'test.unknown' op works on tensors and can't be bufferized, expected linalg, tosa, tensor, arith, math and scf}}
  // expected-note @below {{fix: lower it to these first}}
  %r = "test.unknown"(%x) : (tensor<4xf32>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}

// -----

// expected-error @below {{'func.func' op argument 0 has element type 'f8E4M3FN', expected f16}}
// expected-note @below {{fix: convert it to one of these before it is passed}}
func.func @element(%x: tensor<4xf8E4M3FN>) {
  return
}

// -----

func.func private @external(tensor<4xf32>) -> tensor<4xf32>
func.func @call(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @below {{'func.call' op calls @external, whose effects are not known}}
  // expected-note @below {{fix: give the function a body, so that it is inlined}}
  %r = call @external(%x) : (tensor<4xf32>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}

// -----

// Branches, also without an end.

// expected-error @below {{'func.func' op branches between blocks, expected a straight line of loops}}
// expected-note @below {{fix: a program has no control flow on the host; move the choice into the loops}}
func.func @branch(%c: i1, %x: tensor<4xf32>, %y: tensor<4xf32>) -> tensor<4xf32> {
  // expected-note @below {{the first branch is here}}
  cf.cond_br %c, ^a, ^b
^a:
  %s = arith.addf %x, %y : tensor<4xf32>
  return %s : tensor<4xf32>
^b:
  %t = arith.mulf %x, %y : tensor<4xf32>
  return %t : tensor<4xf32>
}

// -----

// expected-error @below {{'func.func' op branches between blocks, expected a straight line of loops}}
// expected-note @below {{fix: a program has no control flow on the host; move the choice into the loops}}
func.func @endless(%x: tensor<4xf32>) {
  // expected-note @below {{the first branch is here}}
  cf.br ^a
^a:
  cf.br ^a
}
