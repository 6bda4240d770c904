// RUN: %run-case %s
// RUN: %run-case %s --option=--fuse=off --option=--capture=never
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Functions of the host between stages: of tensors and memrefs, of dynamic and static
// shapes, with views, scalars, scratch and one buffer twice.

func.func private @test_copy(
    tensor<?xf32> {bufferization.access = "read"},
    tensor<?xf32> {bufferization.access = "write"}) -> tensor<?xf32>
    attributes {vyre.call = #vyre.call}
func.func private @test_swap_halves(
    memref<?x?xi32> {bufferization.access = "write"},
    memref<?x?xi32> {bufferization.access = "read"}, index)
    attributes {vyre.call = #vyre.call}
func.func private @test_fill_bytes(memref<?xi64>, i32)
    attributes {vyre.call = #vyre.call}
func.func private @test_rotate(memref<64xf64>, memref<64xf64>)
    attributes {vyre.call = #vyre.call<scratch_bytes = 512>}
func.func private @test_copy_visible(
    memref<?xf32> {bufferization.access = "read"},
    memref<?xf32> {bufferization.access = "write"})
    attributes {vyre.call = #vyre.call<host_boundary = true>}
func.func private @test_copy_and_wait(
    memref<?xf32> {bufferization.access = "read"},
    memref<?xf32> {bufferization.access = "write"})
    attributes {vyre.call = #vyre.call<no_capture = true>}

// r = copy(2 x) + x, with the copy between two stages.
func.func @between(%x: tensor<?xf32>) -> tensor<?xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?xf32>
  %e = tensor.empty(%n) : tensor<?xf32>
  %two = linalg.add ins(%x, %x : tensor<?xf32>, tensor<?xf32>) outs(%e : tensor<?xf32>) -> tensor<?xf32>
  %o = tensor.empty(%n) : tensor<?xf32>
  %copy = call @test_copy(%two, %o) : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
  %r = linalg.add ins(%copy, %x : tensor<?xf32>, tensor<?xf32>) outs(%e : tensor<?xf32>) -> tensor<?xf32>
  return %r : tensor<?xf32>
}

// What a call returns may be written again, while its argument is still read.
func.func @twice(%x: tensor<?xf32>) -> (tensor<?xf32>, tensor<?xf32>) {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?xf32>
  %one = arith.constant 1.0 : f32
  %e = tensor.empty(%n) : tensor<?xf32>
  %a = call @test_copy(%x, %e) : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
  %b = linalg.fill ins(%one : f32) outs(%a : tensor<?xf32>) -> tensor<?xf32>
  %c = call @test_copy(%b, %e) : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
  %d = linalg.add ins(%x, %c : tensor<?xf32>, tensor<?xf32>) outs(%e : tensor<?xf32>) -> tensor<?xf32>
  return %c, %d : tensor<?xf32>, tensor<?xf32>
}

// The buffers are not in the order of what is done with them, the number of rows is
// computed.
func.func @rows(%x: memref<?x3xi32>, %y: memref<?x3xi32>, %less: index) {
  %c0 = arith.constant 0 : index
  %n = memref.dim %x, %c0 : memref<?x3xi32>
  %first = arith.subi %n, %less : index
  %from = memref.cast %x : memref<?x3xi32> to memref<?x?xi32>
  %to = memref.cast %y : memref<?x3xi32> to memref<?x?xi32>
  call @test_swap_halves(%to, %from, %first) : (memref<?x?xi32>, memref<?x?xi32>, index) -> ()
  return
}

// A part of a buffer is copied, there and back; the rest stays.
func.func @part(%x: memref<100xi64>, %byte: i32) {
  %v = memref.subview %x[10] [40] [2] : memref<100xi64> to memref<40xi64, strided<[2], offset: 10>>
  %t = memref.alloc() : memref<40xi64>
  memref.copy %v, %t : memref<40xi64, strided<[2], offset: 10>> to memref<40xi64>
  %p = memref.cast %t : memref<40xi64> to memref<?xi64>
  call @test_fill_bytes(%p, %byte) : (memref<?xi64>, i32) -> ()
  memref.copy %t, %v : memref<40xi64> to memref<40xi64, strided<[2], offset: 10>>
  return
}

// Another shape of a buffer is a view, which the pass itself copies.
func.func @row(%x: memref<8x16xi64>, %byte: i32) {
  %w = memref.collapse_shape %x [[0, 1]] : memref<8x16xi64> into memref<128xi64>
  %d = memref.cast %w : memref<128xi64> to memref<?xi64>
  call @test_fill_bytes(%d, %byte) : (memref<?xi64>, i32) -> ()
  return
}

// In a loop, which is unrolled: a and b change places three times.
func.func @loop(%a: memref<64xf64>, %b: memref<64xf64>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  scf.for %i = %c0 to %c3 step %c1 {
    func.call @test_rotate(%a, %b) : (memref<64xf64>, memref<64xf64>) -> ()
  }
  return
}

// One that waits for the device is never captured.
func.func @waits(%x: memref<?xf32>, %y: memref<?xf32>) {
  call @test_copy_and_wait(%x, %y) : (memref<?xf32>, memref<?xf32>) -> ()
  return
}

// A call that waits until the host can see what the stage wrote, and a stage that does so with
// what the call did.
func.func @boundary(%x: memref<?xf32>, %y: memref<?xf32>, %z: memref<?xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = memref.dim %x, %c0 : memref<?xf32>
  scf.parallel (%i) = (%c0) to (%n) step (%c1) {
    %v = memref.load %x[%i] : memref<?xf32>
    %w = arith.addf %v, %v : f32
    memref.store %w, %y[%i] : memref<?xf32>
  }
  call @test_copy_visible(%y, %z) : (memref<?xf32>, memref<?xf32>) -> ()
  scf.parallel (%i) = (%c0) to (%n) step (%c1) {
    %v = memref.load %z[%i] : memref<?xf32>
    %w = arith.addf %v, %v : f32
    memref.store %w, %y[%i] : memref<?xf32>
  }
  return
}

// Two branches that do not meet before the end.
func.func @branches(%x: tensor<?xf32>, %y: tensor<?xf32>) -> tensor<?xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?xf32>
  %e = tensor.empty(%n) : tensor<?xf32>
  %f = tensor.empty(%n) : tensor<?xf32>
  %a = call @test_copy(%x, %e) : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
  %b = call @test_copy(%y, %f) : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
  %g = tensor.empty(%n) : tensor<?xf32>
  %r = linalg.sub ins(%a, %b : tensor<?xf32>, tensor<?xf32>) outs(%g : tensor<?xf32>) -> tensor<?xf32>
  return %r : tensor<?xf32>
}
