// RUN: vyre-opt %s --split-input-file --verify-diagnostics
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// What a call of the host's must not be.

vyre.program @missing() {
  // expected-error @below {{'vyre.call_stage' op calls @f, which is no function}}
  // expected-note @below {{fix: declare it, as a private func.func without a body}}
  vyre.call_stage @s @f
  vyre.return
}

// -----

vyre.program private @f() {
  vyre.return
}
vyre.program @program() {
  // A program is a function, and has a body.
  // expected-error @below {{'vyre.call_stage' op calls @f, which has a body, expected a function of the host}}
  // expected-note @-6 {{it is defined here}}
  // expected-note @below {{fix: form stages of its body instead}}
  vyre.call_stage @s @f
  vyre.return
}

// -----

// expected-note @below {{it is declared here}}
func.func private @f(memref<4xf32>, memref<4xf32>)
vyre.program @buffers(
    %x: memref<4xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>}) {
  // expected-error @below {{'vyre.call_stage' op passes 1 buffer to @f, which takes 2}}
  vyre.call_stage @s @f reads(%x : memref<4xf32>)
  vyre.return
}

// -----

// expected-note @below {{it is declared here}}
func.func private @f(f32)
vyre.program @scalars(%a: f32, %b: f32) {
  // expected-error @below {{'vyre.call_stage' op passes 2 scalars to @f, which takes 1}}
  vyre.call_stage @s @f params(%a, %b : f32, f32)
  vyre.return
}

// -----

// expected-note @below {{it is declared here}}
func.func private @f(f32)
vyre.program @scalar_type(%a: f64) {
  // expected-error @below {{'vyre.call_stage' op passes 'f64' as scalar 0 of @f, which takes 'f32'}}
  vyre.call_stage @s @f params(%a : f64)
  vyre.return
}

// -----

// A function that takes any extent takes this one, but no other type, rank or extent.
func.func private @any(memref<?xf32>)
// expected-note @below {{it is declared here}}
func.func private @f(memref<8xf32>)
vyre.program @buffer_type(
    %x: memref<4xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>}) {
  vyre.call_stage @t @any reads(%x : memref<4xf32>)
  // expected-error @below {{'vyre.call_stage' op passes 'memref<4xf32>' as buffer 0 of @f, which takes 'memref<8xf32>'}}
  vyre.call_stage @s @f reads(%x : memref<4xf32>)
  vyre.return
}

// -----

// expected-note @below {{it is declared here}}
func.func private @f(memref<4xf32>)
vyre.program @unknown_extent(
    %x: memref<?xf32> {vyre.binding = #vyre.binding<slot = 0, role = input, capacity = 64>}) {
  // expected-error @below {{'vyre.call_stage' op passes 'memref<?xf32>' as buffer 0 of @f, which takes 'memref<4xf32>'}}
  vyre.call_stage @s @f reads(%x : memref<?xf32>)
  vyre.return
}

// -----

// expected-note @below {{it is declared here}}
func.func private @f(memref<4xf32, 3>)
vyre.program @memory_space(
    %x: memref<4xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>}) {
  // expected-error @below {{'vyre.call_stage' op passes 'memref<4xf32>' as buffer 0 of @f, which takes 'memref<4xf32, 3>'}}
  vyre.call_stage @s @f reads(%x : memref<4xf32>)
  vyre.return
}

// -----

func.func private @f(memref<4xf32>)
vyre.program @order_out_of_range(
    %x: memref<4xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>}) {
  // expected-error @below {{'vyre.call_stage' op has 1 in 'order', expected positions among its 1 buffer}}
  vyre.call_stage @s @f reads(%x : memref<4xf32>) {order = array<i32: 1>}
  vyre.return
}

// -----

func.func private @f(memref<4xf32>)
vyre.program @negative_order(
    %x: memref<4xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>}) {
  // expected-error @below {{'vyre.call_stage' op has -1 in 'order', expected positions among its 1 buffer}}
  vyre.call_stage @s @f reads(%x : memref<4xf32>) {order = array<i32: -1>}
  vyre.return
}

// -----

func.func private @f(memref<4xf32>)
vyre.program @not_passed(
    %x: memref<4xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>},
    %y: memref<4xf32> {vyre.binding = #vyre.binding<slot = 1, role = input_output>}) {
  // expected-error @below {{'vyre.call_stage' op does not pass buffer 1 of its 2 buffers, expected each in 'order'}}
  vyre.call_stage @s @f reads(%x : memref<4xf32>) writes(%y : memref<4xf32>) {order = array<i32: 0>}
  vyre.return
}

// -----

func.func private @f()
vyre.program @scratch_binding(
    %x: memref<4xi8> {vyre.binding = #vyre.binding<slot = 0, role = input_output>}) {
  // expected-error @below {{'vyre.call_stage' op has scratch of type 'memref<4xi8>', expected an intermediate of rank 1 and type i8}}
  vyre.call_stage @s @f scratch(%x : memref<4xi8>)
  vyre.return
}

// -----

func.func private @f()
vyre.program @scratch_type() {
  %t = vyre.intermediate() : memref<4xi32>
  // expected-error @below {{'vyre.call_stage' op has scratch of type 'memref<4xi32>', expected an intermediate of rank 1 and type i8}}
  vyre.call_stage @s @f scratch(%t : memref<4xi32>)
  vyre.return
}

// -----

// What holds for every stage holds for this one: each buffer once, inputs unwritten.
func.func private @f(memref<4xf32>)
vyre.program @input(
    %x: memref<4xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>}) {
  // expected-error @below {{'vyre.call_stage' op writes argument 0, which has role input}}
  // expected-note @below {{fix: give its binding role input_output}}
  vyre.call_stage @s @f writes(%x : memref<4xf32>)
  vyre.return
}

// -----

func.func private @f(memref<4xf32>, memref<4xf32>)
vyre.program @twice(
    %x: memref<4xf32> {vyre.binding = #vyre.binding<slot = 0, role = input_output>}) {
  // expected-error @below {{'vyre.call_stage' op names a buffer twice among reads, writes and updates, expected once}}
  vyre.call_stage @s @f reads(%x : memref<4xf32>) writes(%x : memref<4xf32>)
  vyre.return
}

// -----

// It shares no launch.
func.func private @f()
vyre.program @together() {
  // expected-error @below {{'vyre.launch' op holds a call stage and 1 other, expected it alone}}
  vyre.launch @both {
    vyre.call_stage @a @f
    vyre.call_stage @b @f
  }
  vyre.return
}
