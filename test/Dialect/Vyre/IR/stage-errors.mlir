// RUN: vyre-opt %s -allow-unregistered-dialect -split-input-file -verify-diagnostics
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// What a stage may touch, and how it must say so.

vyre.program @undeclared(
    %x: memref<4xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>}) {
  // expected-error @below {{'vyre.stage' op has a body that reads a buffer that it does not declare so}}
  // expected-note @below {{fix: name the buffer in 'reads', or in 'updates' where it is read and written}}
  vyre.stage @a () in () {
    %c0 = arith.constant 0 : index
    // expected-note @below {{the access is here}}
    %v = memref.load %x[%c0] : memref<4xf32>
  }
  vyre.return
}

// -----

vyre.program @written(
    %x: memref<4xf32> {vyre.binding = #vyre.binding<slot = 0, role = input_output>}) {
  // expected-error @below {{'vyre.stage' op has a body that writes a buffer that it does not declare so}}
  // expected-note @below {{fix: name the buffer in 'writes'}}
  vyre.stage @a () in () reads(%x : memref<4xf32>) {
    %c0 = arith.constant 0 : index
    %v = memref.load %x[%c0] : memref<4xf32>
    // expected-note @below {{the access is here}}
    memref.store %v, %x[%c0] : memref<4xf32>
  }
  vyre.return
}

// -----

// What is written through a view is written.
vyre.program @view(%b: i1,
    %x: memref<4xf32> {vyre.binding = #vyre.binding<slot = 0, role = input_output>}) {
  // expected-error @below {{'vyre.stage' op has a body that writes a buffer}}
  // expected-note @below {{fix: name the buffer in 'writes'}}
  vyre.stage @a () in () reads(%x : memref<4xf32>) {
    %c0 = arith.constant 0 : index
    %f = arith.constant 0.0 : f32
    %v = memref.cast %x : memref<4xf32> to memref<?xf32>
    %w = memref.subview %v[1] [2] [1] : memref<?xf32> to memref<2xf32, strided<[1], offset: 1>>
    scf.if %b {
      // expected-note @below {{the access is here}}
      memref.store %f, %w[%c0] : memref<2xf32, strided<[1], offset: 1>>
    }
  }
  vyre.return
}

// -----

vyre.program @twice(
    %x: memref<4xf32> {vyre.binding = #vyre.binding<slot = 0, role = input_output>}) {
  // expected-error @below {{'vyre.stage' op names a buffer twice among reads, writes and updates, expected once}}
  vyre.stage @a () in () reads(%x : memref<4xf32>) writes(%x : memref<4xf32>) {
  }
  vyre.return
}

// -----

vyre.program @input(
    %x: memref<4xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>}) {
  // expected-error @below {{'vyre.stage' op writes argument 0, which has role input}}
  // expected-note @below {{fix: give its binding role input_output}}
  vyre.stage @a () in () writes(%x : memref<4xf32>) {
  }
  vyre.return
}

// -----

vyre.program @constant() {
  // expected-note @below {{the constant is here}}
  %w = vyre.constant dense<1.0> : tensor<2xf32> as memref<2xf32>
  // expected-error @below {{'vyre.stage' op writes a constant}}
  vyre.stage @a () in () updates(%w : memref<2xf32>) {
  }
  vyre.return
}

// -----

vyre.program @shared(
    %x: memref<4xf32> {vyre.binding = #vyre.binding<slot = 0, role = shared>}) {
  // expected-error @below {{'vyre.stage' op names the shared binding of argument 0 among its buffers, expected it in 'shared'}}
  vyre.stage @a () in () updates(%x : memref<4xf32>) {
  }
  vyre.return
}

// -----

// Effects that are not known make a stage's accesses not known.
vyre.program @unknown() {
  // expected-error @below {{'vyre.stage' op has a body with unknown accesses}}
  vyre.stage @a () in () {
    // expected-note @below {{'test.unknown' has unknown memory effects}}
    "test.unknown"() : () -> ()
  }
  vyre.return
}

// -----

func.func private @callee()
vyre.program @calls() {
  // expected-error @below {{'vyre.stage' op has a body with unknown accesses}}
  vyre.stage @a () in () {
    // expected-note @below {{'func.call' has unknown memory effects}}
    func.call @callee() : () -> ()
  }
  vyre.return
}

// -----

vyre.program @dispatches() {
  // expected-error @below {{'vyre.stage' op has a body with unknown accesses}}
  vyre.stage @a () in () {
    // expected-note @below {{'vyre.dispatch' touches memory that it does not name}}
    vyre.dispatch @dispatches()
  }
  vyre.return
}

// -----

vyre.program @selects(%c: i1,
    %x: memref<4xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>},
    %y: memref<4xf32> {vyre.binding = #vyre.binding<slot = 1, role = input>}) {
  // expected-error @below {{'vyre.stage' op has a body with unknown accesses}}
  vyre.stage @a () in () reads(%x, %y : memref<4xf32>, memref<4xf32>) {
    %c0 = arith.constant 0 : index
    %z = arith.select %c, %x, %y : memref<4xf32>
    // expected-note @below {{'memref.load' touches a buffer that is not one known buffer: it was selected, passed through a region or returned by a call}}
    %v = memref.load %z[%c0] : memref<4xf32>
  }
  vyre.return
}

// -----

// A loop's iteration argument may be one of several buffers.
vyre.program @iterates(
    %x: memref<4xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>}) {
  // expected-error @below {{'vyre.stage' op has a body with unknown accesses}}
  vyre.stage @a () in () reads(%x : memref<4xf32>) {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %r = scf.for %k = %c0 to %c1 step %c1 iter_args(%m = %x) -> memref<4xf32> {
      // expected-note @below {{'memref.load' touches a buffer that is not one known buffer}}
      %v = memref.load %m[%c0] : memref<4xf32>
      scf.yield %m : memref<4xf32>
    }
  }
  vyre.return
}

// -----

// Views in a ring look at nothing. Dominance is only checked after this.
vyre.program @ring(
    %x: memref<4xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>}) {
  // expected-error @below {{'vyre.stage' op has a body with unknown accesses}}
  vyre.stage @a () in () reads(%x : memref<4xf32>) {
    %c0 = arith.constant 0 : index
    %a = memref.cast %b : memref<4xf32> to memref<?xf32>
    %b = memref.cast %a : memref<?xf32> to memref<4xf32>
    // expected-note @below {{'memref.load' touches a buffer that is not one known buffer}}
    %v = memref.load %b[%c0] : memref<4xf32>
  }
  vyre.return
}

// -----

// A stage takes whole buffers of its program, not views and not what another
// stage made for itself.
vyre.program @other(
    %x: memref<4xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>}) {
  // expected-error @below {{'vyre.stage' op names memory that is no binding, intermediate or constant of the program}}
  vyre.stage @a () in () reads(%v : memref<?xf32>) {
  }
  %v = memref.cast %x : memref<4xf32> to memref<?xf32>
  vyre.return
}

// -----

// Where stages and launches stand.

func.func @host() {
  // expected-error @below {{'vyre.stage' op expects parent op to be one of 'vyre.program, vyre.launch'}}
  vyre.stage @a () in () {
  }
  return
}

// -----

func.func @host() {
  // expected-error @below {{'vyre.launch' op expects parent op 'vyre.program'}}
  vyre.launch @a {
  }
  return
}

// -----

vyre.program @nested() {
  vyre.stage @a () in () {
    // expected-error @below {{'vyre.stage' op expects parent op to be one of 'vyre.program, vyre.launch'}}
    vyre.stage @b () in () {
    }
  }
  vyre.return
}

// -----

vyre.program @nested() {
  vyre.launch @a {
    // expected-error @below {{'vyre.launch' op expects parent op 'vyre.program'}}
    vyre.launch @b {
    }
  }
  vyre.return
}

// -----

vyre.program @empty() {
  // expected-error @below {{'vyre.launch' op holds no stage}}
  vyre.launch @a {
  }
  vyre.return
}

// -----

vyre.program @mixed(%n: index) {
  // expected-error @below {{'vyre.launch' op holds something else than stages}}
  vyre.launch @a {
    vyre.stage @a () in () {
    }
    // expected-note @below {{'arith.addi' is here}}
    %m = arith.addi %n, %n : index
  }
  vyre.return
}

// -----

gpu.module @kernels {
  gpu.func @k() kernel {
    gpu.return
  }
}
vyre.program @crowded(%n: index) {
  // expected-error @below {{'vyre.launch' op holds an opaque stage and 1 other, expected it alone}}
  vyre.launch @a {
    vyre.stage @a () in () {
    }
    vyre.opaque_stage @b @kernels::@k grid(%n, %n, %n) block(1, 1, 1)
  }
  vyre.return
}

// -----

// Attributes.

vyre.program @scratch() {
  // expected-error @below {{'vyre.stage' op attribute 'scratch_bytes' failed to satisfy constraint: 64-bit signless integer attribute whose value is non-negative}}
  vyre.stage @a () in () attributes {scratch_bytes = -1} {
  }
  vyre.return
}

// -----

// Opaque stages.

vyre.program @kernel(%n: index) {
  // expected-error @below {{'vyre.opaque_stage' op names the kernel @kernels::@k, which is no function}}
  vyre.opaque_stage @a @kernels::@k grid(%n, %n, %n) block(1, 1, 1)
  vyre.return
}

// -----

gpu.module @kernels {
}
vyre.program @kernel(%n: index) {
  // expected-error @below {{'vyre.opaque_stage' op names the kernel @kernels, which is no function}}
  vyre.opaque_stage @a @kernels grid(%n, %n, %n) block(1, 1, 1)
  vyre.return
}

// -----

gpu.module @kernels {
  gpu.func @k(%x: !llvm.ptr, %n: i64) kernel {
    gpu.return
  }
}
vyre.program @count(%n: index,
    %x: memref<4xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>}) {
  // expected-error @below {{'vyre.opaque_stage' op passes 1 argument to @kernels::@k, which takes 2}}
  vyre.opaque_stage @a @kernels::@k grid(%n, %n, %n) block(1, 1, 1)
      reads(%x : memref<4xf32>)
  vyre.return
}

// -----

vyre.program @grid(%n: index) {
  // expected-error @below {{'vyre.opaque_stage' op has 2 grid extents, expected 3}}
  vyre.opaque_stage @a @k grid(%n, %n) block(1, 1, 1)
  vyre.return
}

// -----

vyre.program @block(%n: index) {
  // expected-error @below {{'vyre.opaque_stage' op has 1 block extent, expected 3}}
  vyre.opaque_stage @a @k grid(%n, %n, %n) block(1)
  vyre.return
}

// -----

vyre.program @block(%n: index) {
  // expected-error @below {{'vyre.opaque_stage' op has the block 32, 32, 2, expected positive extents with a product of at most 1024}}
  vyre.opaque_stage @a @k grid(%n, %n, %n) block(32, 32, 2)
  vyre.return
}

// -----

vyre.program @block(%n: index) {
  // expected-error @below {{'vyre.opaque_stage' op has the block 0, 1, 1, expected positive extents}}
  vyre.opaque_stage @a @k grid(%n, %n, %n) block(0, 1, 1)
  vyre.return
}

// -----

// The product is not taken further than the limit, so it can't wrap.
vyre.program @block(%n: index) {
  // expected-error @below {{'vyre.opaque_stage' op has the block 2147483647, 2147483647, 2147483647, expected positive extents}}
  vyre.opaque_stage @a @k grid(%n, %n, %n) block(2147483647, 2147483647, 2147483647)
  vyre.return
}

// -----

vyre.program @cluster(%n: index) {
  // expected-error @below {{'vyre.opaque_stage' op has the cluster 4, 4, 2, expected positive extents with a product of at most 16}}
  vyre.opaque_stage @a @k grid(%n, %n, %n) block(1, 1, 1) cluster(4, 4, 2)
  vyre.return
}

// -----

vyre.program @shared(%n: index,
    %x: memref<4xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>}) {
  // expected-error @below {{'vyre.opaque_stage' op names memory in 'shared' that is no binding with role shared}}
  vyre.opaque_stage @a @k grid(%n, %n, %n) block(1, 1, 1) shared(%x : memref<4xf32>)
  vyre.return
}

// -----

vyre.program @input(%n: index,
    %x: memref<4xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>}) {
  // expected-error @below {{'vyre.opaque_stage' op writes argument 1, which has role input}}
  // expected-note @below {{fix: give its binding role input_output}}
  vyre.opaque_stage @a @k grid(%n, %n, %n) block(1, 1, 1) writes(%x : memref<4xf32>)
  vyre.return
}

// -----

vyre.program @params(%n: index) {
  %w = arith.constant 0 : i4
  // expected-error @below {{'vyre.opaque_stage' op operand #3 must be variadic of 1-bit signless integer or}}
  vyre.opaque_stage @a @k grid(%n, %n, %n) block(1, 1, 1) params(%w : i4)
  vyre.return
}

// -----

memref.global "private" @table : memref<4xf32> = uninitialized
vyre.program @global(
    %x: memref<4xf32> {vyre.binding = #vyre.binding<slot = 0, role = input_output>}) {
  %n = arith.constant 4 : index
  // expected-error @below {{'vyre.stage' op has a body that touches a global, expected buffers of the program}}
  // expected-note @below {{fix: make it a vyre.constant, or a binding}}
  vyre.stage @a (%i) in (%n) reads(%x : memref<4xf32>) {
    %0 = memref.load %x[%i] : memref<4xf32>
    %table = memref.get_global @table : memref<4xf32>
    // expected-note @below {{the access is here}}
    memref.store %0, %table[%i] : memref<4xf32>
  }
  vyre.return
}
