// RUN: vyre-opt --vyre-form-program="default-capacity=0" --split-input-file --verify-diagnostics %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Sizes have to be known before the dispatch.

func.func @bound(%n: memref<index>, %y: memref<4xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %z = arith.constant 0.0 : f32
  // expected-note @below {{it depends on this 'memref.load'}}
  %m = memref.load %n[] : memref<index>
  %twice = arith.addi %m, %m : index
  // expected-error @below {{'scf.parallel' op has a bound that the host does not know before the dispatch}}
  // expected-note @below {{fix: pass it as a scalar argument of the function}}
  scf.parallel (%i) = (%c0) to (%twice) step (%c1) {
    memref.store %z, %y[%i] : memref<4xf32>
    scf.reduce
  }
  return
}

// -----

func.func @extent(%n: memref<index>) -> memref<?xf32> {
  // expected-note @below {{it depends on this 'memref.load'}}
  %m = memref.load %n[] : memref<index>
  // expected-error @below {{'memref.alloc' op has an extent that the host does not know before the dispatch}}
  // expected-note @below {{fix: pass it as a scalar argument of the function}}
  %a = memref.alloc(%m) : memref<?xf32>
  return %a : memref<?xf32>
}

// -----

// Control flow over stages.

func.func @if(%c: i1, %x: memref<4xf32>, %y: memref<4xf32>) {
  // expected-error @below {{'scf.if' op decides on the host which loops run on the device}}
  // expected-note @below {{fix: move the choice into the body of the parallel loops}}
  scf.if %c {
    memref.copy %x, %y : memref<4xf32> to memref<4xf32>
  }
  return
}

// -----

func.func @while(%x: memref<4xf32>, %y: memref<4xf32>, %n: memref<i32>) {
  %z = arith.constant 0 : i32
  // expected-error @below {{'scf.while' op decides on the host which loops run on the device}}
  // expected-note @below {{fix: move the choice into the body of the parallel loops}}
  scf.while : () -> () {
    %v = memref.load %n[] : memref<i32>
    %c = arith.cmpi sgt, %v, %z : i32
    scf.condition(%c)
  } do {
    memref.copy %x, %y : memref<4xf32> to memref<4xf32>
    scf.yield
  }
  return
}

// -----

// expected-error @below {{'func.func' op branches between blocks, expected a straight line of loops}}
// expected-note @below {{fix: a program has no control flow on the host; move the choice into the loops}}
func.func @blocks(%c: i1) {
  // expected-note @below {{the first branch is here}}
  cf.cond_br %c, ^a, ^b
^a:
  return
^b:
  return
}

// -----

func.func @often(%x: memref<4xf32>, %y: memref<4xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c65 = arith.constant 65 : index
  // expected-error @below {{'scf.for' op runs stages 65 times, expected at most 64 copies in all}}
  // expected-note @below {{fix: raise the option max-unroll}}
  scf.for %i = %c0 to %c65 step %c1 {
    memref.copy %x, %y : memref<4xf32> to memref<4xf32>
  }
  return
}

// -----

func.func @unknown_count(%x: memref<4xf32>, %y: memref<4xf32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  // expected-error @below {{'scf.for' op runs stages a number of times that is not a constant}}
  // expected-note @below {{fix: give it constant bounds, or put the loop into the body of a parallel one}}
  scf.for %i = %c0 to %n step %c1 {
    memref.copy %x, %y : memref<4xf32> to memref<4xf32>
  }
  return
}

// -----

func.func @other_rows(%x: memref<?x?xf32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  // What one point writes another reads: the point is at one time the row, at another
  // the column.
  // expected-error @below {{'scf.for' op runs stages a number of times that is not a constant}}
  // expected-note @below {{fix: give it constant bounds, or put the loop into the body of a parallel one}}
  scf.for %t = %c0 to %n step %c1 {
    scf.parallel (%i) = (%c0) to (%n) step (%c1) {
      %v = memref.load %x[%t, %i] : memref<?x?xf32>
      memref.store %v, %x[%i, %t] : memref<?x?xf32>
      scf.reduce
    }
  }
  return
}

// -----

func.func @exchange(%x: memref<4xf32>, %y: memref<4xf32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  // expected-error @below {{'scf.for' op exchanges buffers a number of times that is not a constant}}
  // expected-note @below {{fix: give it constant bounds, or put the loop into the body of a parallel one}}
  %r:2 = scf.for %i = %c0 to %n step %c1 iter_args(%a = %x, %b = %y) -> (memref<4xf32>, memref<4xf32>) {
    %v = memref.load %a[%c0] : memref<4xf32>
    memref.store %v, %b[%c0] : memref<4xf32>
    scf.yield %b, %a : memref<4xf32>, memref<4xf32>
  }
  return
}

// -----

// Buffers have to be known.

func.func @select(%c: i1, %x: memref<4xf32>, %y: memref<4xf32>) -> memref<4xf32> {
  // expected-error @below {{'arith.select' op yields a buffer that is not known at compile time}}
  // expected-note @below {{fix: a program consists of loops, copies, loads and stores over buffers that are known at compile time}}
  %m = arith.select %c, %x, %y : memref<4xf32>
  return %m : memref<4xf32>
}

// -----

func.func @inner_select(%c: i1, %x: memref<4xf32>, %y: memref<4xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %z = arith.constant 0.0 : f32
  scf.parallel (%i) = (%c0) to (%c4) step (%c1) {
    %m = arith.select %c, %x, %y : memref<4xf32>
    // expected-error @below {{'memref.store' op touches a buffer that is not one known buffer}}
    // expected-note @below {{fix: a loop may touch only buffers that are known at compile time}}
    memref.store %z, %m[%i] : memref<4xf32>
    scf.reduce
  }
  return
}

// -----

func.func @reshape(%x: memref<6xf32>, %shape: memref<2xindex>) -> memref<?x?xf32> {
  // expected-note @below {{the view is made here}}
  %r = memref.reshape %x(%shape) : (memref<6xf32>, memref<2xindex>) -> memref<?x?xf32>
  // expected-error @below {{'func.return' op returns as result 0 a view whose extents are not known}}
  // expected-note @below {{fix: make it by memref.expand_shape or memref.subview, which state their extents}}
  return %r : memref<?x?xf32>
}

// -----

// expected-note @below {{it is defined here}}
memref.global "private" @counter : memref<i32> = dense<0>
func.func @mutable_global() -> i32 {
  // expected-error @below {{'memref.get_global' op refers to @counter, expected a constant with an initial value}}
  // expected-note @below {{fix: mark it constant if nothing writes it; memory that outlives a dispatch is an argument with role state}}
  %g = memref.get_global @counter : memref<i32>
  %v = memref.load %g[] : memref<i32>
  return %v : i32
}

// -----

memref.global "private" constant @table : memref<4xf32> = dense<1.0>
func.func @written_constant(%x: memref<4xf32>) {
  %g = memref.get_global @table : memref<4xf32>
  // expected-error @below {{'memref.store' op writes a constant}}
  // expected-note @below {{fix: copy it to an allocation first}}
  memref.copy %x, %g : memref<4xf32> to memref<4xf32>
  return
}

// -----

// Calls and effects that are not known.

func.func private @external(memref<4xf32>)
func.func @call(%x: memref<4xf32>) {
  // expected-error @below {{'func.call' op calls @external, whose effects are not known}}
  // expected-note @below {{fix: give the function a body, so that it is inlined}}
  call @external(%x) : (memref<4xf32>) -> ()
  return
}

// -----

func.func @recursion(%x: memref<4xf32>) {
  // expected-error @below {{'func.call' op calls @recursion, which can't be inlined because it calls itself}}
  // expected-note @below {{fix: make a loop of the recursion}}
  call @recursion(%x) : (memref<4xf32>) -> ()
  return
}

// -----

func.func @effect(%c: i1) {
  // expected-error @below {{'vector.print' op touches memory that it does not name}}
  // expected-note @below {{fix: a program consists of}}
  vector.print %c : i1
  return
}

// -----

func.func @kernel(%n: index) {
  // expected-error @below {{'gpu.launch' op belongs to a kernel or launches one, expected loops}}
  // expected-note @below {{fix: describe a kernel that exists already by a vyre.opaque_stage}}
  gpu.launch blocks(%a, %b, %c) in (%d = %n, %e = %n, %f = %n)
             threads(%g, %h, %i) in (%j = %n, %k = %n, %l = %n) {
    gpu.terminator
  }
  return
}

// -----

// What is not lowered yet.

func.func @linalg(%z: f32, %x: memref<4xf32>) {
  // expected-error @below {{'linalg.fill' op is not lowered to loops}}
  // expected-note @below {{fix: run vyre-lower-linalg first, or vyre-input-pipeline}}
  linalg.fill ins(%z : f32) outs(%x : memref<4xf32>)
  return
}

// -----

// expected-error @below {{'func.func' op argument 0 has type 'tensor<4xf32>', expected a memref or a scalar of type}}
// expected-note @below {{fix: run vyre-input-pipeline, which bufferizes}}
func.func @tensor(%x: tensor<4xf32>) {
  return
}

// -----

func.func @inner_tensor() {
  // expected-error @below {{'tensor.empty' op can't be part of a program, expected loops over memrefs}}
  // expected-note @below {{fix: run vyre-input-pipeline, which bufferizes and lowers}}
  %t = tensor.empty() : tensor<4xf32>
  return
}

// -----

// Types.

// expected-error @below {{'func.func' op argument 0 has type 'memref<4xf32, strided<[2]>>', expected a row-major memref with identity layout}}
// expected-note @below {{fix: pass the whole buffer and make the view in the function, by memref.subview}}
func.func @layout(%x: memref<4xf32, strided<[2]>>) {
  return
}

// -----

// expected-error @below {{'func.func' op argument 0 has element type 'complex<f32>', expected f16}}
// expected-note @below {{fix: pass real and imaginary parts by themselves, or in a dimension of their own}}
func.func @element(%x: memref<4xcomplex<f32>>) {
  return
}

// -----

// expected-error @below {{'func.func' op argument 0 has type 'i4', expected a memref or a scalar of type f16}}
// expected-note @below {{fix: convert it to one of these before it is passed}}
func.func @scalar(%x: i4) {
  return
}

// -----

// expected-error @below {{'func.func' op result 0 has type 'vector<4xf32>', expected a memref or a scalar of type f16}}
// expected-note @below {{fix: pass its elements in a memref}}
func.func @result() -> vector<4xf32> {
  %z = arith.constant dense<0.0> : vector<4xf32>
  return %z : vector<4xf32>
}

// -----

func.func @local(%y: memref<4xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %z = arith.constant 0.0 : f32
  scf.parallel (%i) = (%c0) to (%c4) step (%c1) {
    %a = memref.alloc() : memref<512xf32>
    // expected-error @below {{'memref.alloca' op allocates 2052 bytes more for each point of a stage, expected at most 4096}}
    // expected-note @below {{fix: allocate it outside of the loop, with a dimension for the points}}
    %b = memref.alloca() : memref<513xf32>
    memref.store %z, %a[%i] : memref<512xf32>
    memref.store %z, %b[%i] : memref<513xf32>
    scf.reduce
  }
  return
}

// -----

// Bindings.

// expected-error @below {{'vyre.program' op argument 0 is written, expected it not to be: its binding has role input}}
// expected-note @below {{fix: give it role input_output}}
func.func @written_input(%x: memref<4xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>}) {
  %c0 = arith.constant 0 : index
  %z = arith.constant 0.0 : f32
  memref.store %z, %x[%c0] : memref<4xf32>
  return
}

// -----

// expected-error @below {{'vyre.program' op argument 0 is read before it is written, expected a write first: its binding has role output}}
// expected-note @below {{fix: give it role input_output}}
func.func @read_output(%x: memref<4xf32> {vyre.binding = #vyre.binding<slot = 0, role = output>}, %y: memref<4xf32>) {
  memref.copy %x, %y : memref<4xf32> to memref<4xf32>
  return
}

// -----

// expected-error @below {{'vyre.program' op argument 0 has a dynamic dimension and no capacity}}
// expected-note @below {{fix: set the option default-capacity to more than 0 bytes}}
func.func @no_capacity(%x: memref<?xf32>) {
  return
}

// -----

// Calls that stay are refused for what keeps them.

func.func private @callee(%x: memref<4xf32>) attributes {no_inline} {
  return
}
func.func @not_inlined(%x: memref<4xf32>) {
  // expected-error @below {{'func.call' op calls @callee, which is not inlined}}
  // expected-note @below {{fix: take no_inline from the call and the function}}
  call @callee(%x) {no_inline} : (memref<4xf32>) -> ()
  return
}

// -----

func.func private @even(%x: memref<4xf32>) {
  call @odd(%x) : (memref<4xf32>) -> ()
  return
}
func.func private @odd(%x: memref<4xf32>) {
  // expected-error @below {{'func.call' op calls @even, which can't be inlined because it calls itself}}
  // expected-note @below {{fix: make a loop of the recursion}}
  call @even(%x) : (memref<4xf32>) -> ()
  return
}
func.func @in_a_ring(%x: memref<4xf32>) {
  call @even(%x) : (memref<4xf32>) -> ()
  return
}

// -----

// The caller's memory is the caller's to free.

func.func @frees(%x: memref<4xf32>) {
  %v = memref.cast %x : memref<4xf32> to memref<?xf32>
  // expected-error @below {{'memref.dealloc' op frees argument 0, which belongs to the caller}}
  // expected-note @below {{fix: leave it to the caller}}
  memref.dealloc %v : memref<?xf32>
  return
}

// -----

// What is freed is not used any more, by a view neither.

func.func @use_after_free(%y: memref<f32>) {
  %c0 = arith.constant 0 : index
  %a = memref.alloc() : memref<4xf32>
  %v = memref.cast %a : memref<4xf32> to memref<?xf32>
  // expected-note @below {{it is freed here}}
  memref.dealloc %a : memref<4xf32>
  // expected-error @below {{'memref.load' op uses memory that was freed before}}
  // expected-note @below {{fix: free it once, after its last use}}
  %e = memref.load %v[%c0] : memref<?xf32>
  memref.store %e, %y[] : memref<f32>
  return
}

// -----

func.func @loop_after_free(%y: memref<4xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %a = memref.alloc() : memref<4xf32>
  // expected-note @below {{it is freed here}}
  memref.dealloc %a : memref<4xf32>
  scf.parallel (%i) = (%c0) to (%c4) step (%c1) {
    // expected-error @below {{'memref.load' op uses memory that was freed before}}
    // expected-note @below {{fix: free it once, after its last use}}
    %e = memref.load %a[%i] : memref<4xf32>
    memref.store %e, %y[%i] : memref<4xf32>
    scf.reduce
  }
  return
}

// -----

func.func @returned_after_free() -> memref<4xf32> {
  %a = memref.alloc() : memref<4xf32>
  // expected-note @below {{it is freed here}}
  memref.dealloc %a : memref<4xf32>
  // expected-error @below {{'func.return' op uses memory that was freed before}}
  // expected-note @below {{fix: free it once, after its last use}}
  return %a : memref<4xf32>
}

// -----

func.func @freed_twice(%x: memref<4xf32>) {
  %a = memref.alloc() : memref<4xf32>
  memref.copy %x, %a : memref<4xf32> to memref<4xf32>
  // expected-note @below {{it is freed here}}
  memref.dealloc %a : memref<4xf32>
  // expected-error @below {{'memref.dealloc' op frees memory that was freed before}}
  // expected-note @below {{fix: free it once, after its last use}}
  memref.dealloc %a : memref<4xf32>
  return
}

// -----

func.func @freed_in_loop(%x: memref<64xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c64 = arith.constant 64 : index
  %a = memref.alloc() : memref<4xf32>
  scf.parallel (%i) = (%c0) to (%c64) step (%c1) {
    %e = memref.load %a[%c0] : memref<4xf32>
    memref.store %e, %x[%i] : memref<64xf32>
    // expected-error @below {{'memref.dealloc' op frees in a loop what was allocated outside of it, which the next iteration would free again}}
    // expected-note @below {{fix: free it after the loop}}
    memref.dealloc %a : memref<4xf32>
    scf.reduce
  }
  return
}

// -----

memref.global "private" constant @table : memref<4xf32> = dense<1.0>
func.func @freed_constant(%x: memref<4xf32>) {
  %k = memref.get_global @table : memref<4xf32>
  memref.copy %k, %x : memref<4xf32> to memref<4xf32>
  // expected-error @below {{'memref.dealloc' op frees memory that was not allocated}}
  // expected-note @below {{fix: leave it out}}
  memref.dealloc %k : memref<4xf32>
  return
}

// -----

// Assertions that no dispatch can check.

func.func @asserted_element(%x: memref<i1>) {
  // expected-note @below {{it depends on this 'memref.load'}}
  %c = memref.load %x[] : memref<i1>
  // expected-error @below {{'cf.assert' op has a condition that the host does not know before the dispatch}}
  // expected-note @below {{fix: pass it as a scalar argument of the function}}
  cf.assert %c, "must hold"
  return
}

// -----

func.func @asserted_point(%x: memref<?xf32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %m = memref.dim %x, %c0 : memref<?xf32>
  scf.parallel (%i) = (%c0) to (%n) step (%c1) {
    %inside = arith.cmpi slt, %i, %m : index
    // expected-error @below {{'cf.assert' op asserts 'outside' on the device, which can't report it}}
    // expected-note @below {{fix: take it out, or clamp what it checks}}
    cf.assert %inside, "outside"
    memref.store %zero, %x[%i] : memref<?xf32>
    scf.reduce
  }
  return
}

// -----

// Views of transposed buffers.

func.func @view_of_transposed(%x: memref<4x8xf32>, %y: memref<2x4xf32>) {
  %t = memref.transpose %x (i, j) -> (j, i) : memref<4x8xf32> to memref<8x4xf32, strided<[1, 8]>>
  // expected-error @below {{'memref.subview' op uses a transposed buffer other than by loads, stores and copies}}
  // expected-note @below {{fix: make the view before it is transposed, or copy it}}
  %v = memref.subview %t[2, 0] [2, 4] [1, 1] : memref<8x4xf32, strided<[1, 8]>> to memref<2x4xf32, strided<[1, 8], offset: 2>>
  memref.copy %v, %y : memref<2x4xf32, strided<[1, 8], offset: 2>> to memref<2x4xf32>
  return
}
