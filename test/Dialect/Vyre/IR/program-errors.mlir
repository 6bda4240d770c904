// RUN: vyre-opt %s -allow-unregistered-dialect -split-input-file -verify-diagnostics
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// What a program's signature and its top level may be.

// expected-error @below {{'vyre.program' op has no body}}
vyre.program private @declared(memref<4xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>})

// -----

// expected-error @below {{'vyre.program' op argument 1 has type 'tensor<4xf32>', expected a memref or a scalar of type f16, bf16, f32, f64, i1, i8, i16, i32, i64 or index}}
vyre.program @scalar(%n: index, %x: tensor<4xf32>) {
  vyre.return
}

// -----

// expected-error @below {{'vyre.program' op argument 0 has type 'i128', expected a memref or a scalar}}
vyre.program @wide(%n: i128) {
  vyre.return
}

// -----

// expected-error @below {{'vyre.program' op argument 0 has type 'i32' and a binding, expected a memref}}
vyre.program @scalar(%n: i32 {vyre.binding = #vyre.binding<slot = 0, role = input>}) {
  vyre.return
}

// -----

// expected-error @below {{'vyre.program' op argument 0 is a memref without a 'vyre.binding' attribute}}
vyre.program @unbound(%x: memref<4xf32>) {
  vyre.return
}

// -----

// expected-error @below {{'vyre.program' op argument 0: 'vyre.binding' is "slot", expected a #vyre.binding}}
vyre.program @unbound(%x: memref<4xf32> {vyre.binding = "slot"}) {
  vyre.return
}

// -----

// expected-error @below {{'vyre.program' op argument 0 has type 'memref<*xf32>', expected a ranked memref}}
vyre.program @unranked(%x: memref<*xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>}) {
  vyre.return
}

// -----

// expected-error @below {{'vyre.program' op argument 0 has type 'memref<4x4xf32, strided<[1, 4]>>', expected a row-major memref with identity layout}}
vyre.program @layout(%x: memref<4x4xf32, strided<[1, 4]>> {vyre.binding = #vyre.binding<slot = 0, role = input>}) {
  vyre.return
}

// -----

// expected-error @below {{'vyre.program' op argument 0 has type 'memref<4xf32, 3>', expected the default memory space}}
vyre.program @space(%x: memref<4xf32, 3> {vyre.binding = #vyre.binding<slot = 0, role = input>}) {
  vyre.return
}

// -----

// expected-error @below {{'vyre.program' op argument 0 has element type 'complex<f32>', expected f16, bf16, f32, f64, i1, i8, i16, i32, i64 or index}}
vyre.program @element(%x: memref<4xcomplex<f32>> {vyre.binding = #vyre.binding<slot = 0, role = input>}) {
  vyre.return
}

// -----

// expected-error @below {{'vyre.program' op argument 0 has element type 'memref<2xf32>', expected f16,}}
vyre.program @nested(%x: memref<4xmemref<2xf32>> {vyre.binding = #vyre.binding<slot = 0, role = input>}) {
  vyre.return
}

// -----

// expected-error @below {{'vyre.program' op argument 0 has type 'memref<2305843009213693952xf32>', expected less than 2^63 bytes}}
vyre.program @large(%x: memref<2305843009213693952xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>}) {
  vyre.return
}

// -----

// The static part alone is too much, whatever the dynamic one is.
// expected-error @below {{'vyre.program' op argument 0 has type 'memref<4294967296x?x4294967296xi8>', expected less than 2^63 bytes}}
vyre.program @large(%x: memref<4294967296x?x4294967296xi8> {vyre.binding = #vyre.binding<slot = 0, role = input, capacity = 1024>}) {
  vyre.return
}

// -----

// expected-error @below {{'vyre.program' op argument 1 has slot 7, which is that of argument 0}}
vyre.program @slots(%x: memref<4xf32> {vyre.binding = #vyre.binding<slot = 7, role = input>},
                    %y: memref<4xf32> {vyre.binding = #vyre.binding<slot = 7, role = input>}) {
  vyre.return
}

// -----

// expected-error @below {{'vyre.program' op argument 0 has alignment 4, expected at least its element's 8}}
vyre.program @alignment(%x: memref<4xf64> {vyre.binding = #vyre.binding<slot = 0, role = input, alignment = 4>}) {
  vyre.return
}

// -----

// expected-error @below {{'vyre.program' op argument 0 has a dynamic dimension and no capacity, expected capacity = <bytes> in its binding}}
vyre.program @capacity(%x: memref<?xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>}) {
  vyre.return
}

// -----

// expected-error @below {{'vyre.program' op argument 0 has capacity 15, expected at least its type's 16}}
vyre.program @capacity(%x: memref<4xf32> {vyre.binding = #vyre.binding<slot = 0, role = input, capacity = 15>}) {
  vyre.return
}

// -----

// expected-error @below {{'vyre.program' op argument 0 has role state and type 'memref<?xf32>', expected a static shape}}
vyre.program @state(%x: memref<?xf32> {vyre.binding = #vyre.binding<slot = 0, role = state, capacity = 64>}) {
  vyre.return
}

// -----

// expected-error @below {{'vyre.program' op argument 0 has role shared and type 'memref<?xf32>', expected a static shape}}
vyre.program @shared(%x: memref<?xf32> {vyre.binding = #vyre.binding<slot = 0, role = shared, capacity = 64>}) {
  vyre.return
}

// -----

// expected-error @below {{'vyre.program' op argument 0 has type 'memref<4xf32>' and an initial value of 'tensor<3xf32>'}}
vyre.program @initial(%x: memref<4xf32> {vyre.binding = #vyre.binding<slot = 0, role = state, initial = dense<1.0> : tensor<3xf32>>}) {
  vyre.return
}

// -----

// expected-error @below {{'vyre.program' op argument 0 has type 'memref<4xf32>' and an initial value of 'tensor<4xi32>'}}
vyre.program @initial(%x: memref<4xf32> {vyre.binding = #vyre.binding<slot = 0, role = state, initial = dense<1> : tensor<4xi32>>}) {
  vyre.return
}

// -----

// expected-error @below {{'vyre.program' op result 0 has unknown attribute 'vyre.binding'}}
vyre.program @result(%x: memref<4xf32> {vyre.binding = #vyre.binding<slot = 0, role = output>})
    -> (memref<4xf32> {vyre.binding = #vyre.binding<slot = 0, role = output>}) {
  vyre.return %x : memref<4xf32>
}

// -----

vyre.program @touches(%x: memref<4xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>}) {
  %c0 = arith.constant 0 : index
  // expected-error @below {{'memref.load' op stands at the top level of a program, expected stages and arithmetic on scalars}}
  // expected-note @below {{fix: move it into a vyre.stage}}
  %v = memref.load %x[%c0] : memref<4xf32>
  vyre.return
}

// -----

vyre.program @allocates() {
  // expected-error @below {{'memref.alloc' op stands at the top level of a program}}
  // expected-note @below {{fix}}
  %x = memref.alloc() : memref<4xf32>
  vyre.return
}

// -----

// A view is pure, but is no scalar.
vyre.program @views(%x: memref<4xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>}) {
  // expected-error @below {{'memref.cast' op stands at the top level of a program}}
  // expected-note @below {{fix}}
  %v = memref.cast %x : memref<4xf32> to memref<?xf32>
  vyre.return
}

// -----

vyre.program @branches(%c: i1) {
  // expected-error @below {{'scf.if' op stands at the top level of a program}}
  // expected-note @below {{fix}}
  scf.if %c {
  }
  vyre.return
}

// -----

// Division may be undefined, but touches nothing.
vyre.program @divides(%n: index, %m: index) {
  %0 = arith.divsi %n, %m : index
  vyre.return
}

// -----

vyre.program @vectors(%n: index) {
  // expected-error @below {{'vector.broadcast' op stands at the top level of a program}}
  // expected-note @below {{fix}}
  %0 = vector.broadcast %n : index to vector<4xindex>
  vyre.return
}

// -----

// A program does not run programs; there is no stage to move that into.
vyre.program @dispatches() {
  // expected-error @below {{'vyre.dispatch' op stands at the top level of a program, expected stages and arithmetic on scalars}}
  vyre.dispatch @dispatches()
  vyre.return
}

// -----

vyre.program @unknown() {
  // expected-error @below {{'test.unknown' op stands at the top level of a program}}
  // expected-note @below {{fix}}
  "test.unknown"() : () -> ()
  vyre.return
}

// -----

// Names of stages are unique in a program, inside launches too, and so are those
// of launches.
vyre.program @names() {
  // expected-note @below {{the other one is here}}
  vyre.stage @a () in () {
  }
  vyre.launch @a {
    // expected-error @below {{'vyre.stage' op has the name @a of another stage or launch}}
    vyre.stage @a () in () {
    }
  }
  vyre.return
}

// -----

vyre.program @names() {
  // expected-note @below {{the other one is here}}
  vyre.launch @a {
    vyre.stage @a () in () {
    }
  }
  // expected-error @below {{'vyre.launch' op has the name @a of another stage or launch}}
  vyre.launch @a {
    vyre.stage @b () in () {
    }
  }
  vyre.return
}

// -----

vyre.program @names() {
  // expected-error @below {{'vyre.stage' op has an empty name}}
  vyre.stage @"" () in () {
  }
  vyre.return
}

// -----

// The extents of outputs.

// expected-error @below {{'vyre.program' op argument 1 is a result of type 'memref<?xf32>' with 0 vyre.extents, expected one}}
vyre.program @none(%n: index,
    %y: memref<?xf32> {vyre.binding = #vyre.binding<slot = 0, role = output, capacity = 64>})
    -> memref<?xf32> {
  vyre.return %y : memref<?xf32>
}

// -----

// expected-error @below {{'vyre.program' op argument 1 is an output of type 'memref<?xf32>' with 2 vyre.extents, expected at most one}}
vyre.program @two(%n: index,
    %y: memref<?xf32> {vyre.binding = #vyre.binding<slot = 0, role = output, capacity = 64>}) {
  vyre.extents %y[%n] : memref<?xf32>
  vyre.extents %y[%n] : memref<?xf32>
  vyre.return
}

// -----

// expected-error @below {{'vyre.program' op argument 0 is an output of type 'memref<4xf32>' with 1 vyre.extents, expected none}}
vyre.program @static(
    %y: memref<4xf32> {vyre.binding = #vyre.binding<slot = 0, role = output>}) {
  vyre.extents %y[] : memref<4xf32>
  vyre.return
}

// -----

vyre.program @count(%n: index,
    %y: memref<?x?xf32> {vyre.binding = #vyre.binding<slot = 0, role = output, capacity = 64>}) {
  // expected-error @below {{'vyre.extents' op has 1 extent, expected one for each of 2 dynamic dimensions of 'memref<?x?xf32>'}}
  vyre.extents %y[%n] : memref<?x?xf32>
  vyre.return
}

// -----

vyre.program @input(%n: index,
    %x: memref<?xf32> {vyre.binding = #vyre.binding<slot = 0, role = input, capacity = 64>}) {
  // expected-error @below {{'vyre.extents' op names argument 1, which is no output}}
  vyre.extents %x[%n] : memref<?xf32>
  vyre.return
}

// -----

vyre.program @intermediate(%n: index) {
  %t = vyre.intermediate(%n) : memref<?xf32>
  // expected-error @below {{'vyre.extents' op expected an argument of the program}}
  vyre.extents %t[%n] : memref<?xf32>
  vyre.return
}

// -----

// An output's size can't follow from one that is computed, such as its own.
vyre.program @circle(%n: index,
    %y: memref<?xf32> {vyre.binding = #vyre.binding<slot = 0, role = output, capacity = 64>}) {
  %c0 = arith.constant 0 : index
  // expected-note @below {{the extent is taken here}}
  %m = memref.dim %y, %c0 : memref<?xf32>
  %k = arith.addi %n, %m : index
  // expected-error @below {{'vyre.extents' op depends on an extent that the caller does not state}}
  vyre.extents %y[%k] : memref<?xf32>
  vyre.return
}

// -----

// Nor from that of an intermediate, which is to be folded first.
vyre.program @intermediate(%n: index,
    %y: memref<?xf32> {vyre.binding = #vyre.binding<slot = 0, role = output, capacity = 64>}) {
  %c0 = arith.constant 0 : index
  %t = vyre.intermediate(%n) : memref<?xf32>
  // expected-note @below {{the extent is taken here}}
  %m = memref.dim %t, %c0 : memref<?xf32>
  // expected-error @below {{'vyre.extents' op depends on an extent that the caller does not state}}
  vyre.extents %y[%m] : memref<?xf32>
  vyre.return
}

// -----

// Results.

vyre.program @types(
    %y: memref<4xf32> {vyre.binding = #vyre.binding<slot = 0, role = output>})
    -> memref<4xf32> {
  // expected-error @below {{'vyre.return' op returns (), expected the program's results ('memref<4xf32>')}}
  vyre.return
}

// -----

vyre.program @input(
    %x: memref<4xf32> {vyre.binding = #vyre.binding<slot = 0, role = input_output>})
    -> memref<4xf32> {
  // expected-error @below {{'vyre.return' op result 0 is no argument with role output}}
  // expected-note @below {{fix: copy it to an output in a stage}}
  vyre.return %x : memref<4xf32>
}

// -----

vyre.program @intermediate() -> memref<4xf32> {
  %t = vyre.intermediate() : memref<4xf32>
  // expected-error @below {{'vyre.return' op result 0 is no argument with role output}}
  // expected-note @below {{fix}}
  vyre.return %t : memref<4xf32>
}

// -----

vyre.program @twice(
    %y: memref<4xf32> {vyre.binding = #vyre.binding<slot = 0, role = output>})
    -> (memref<4xf32>, memref<4xf32>) {
  // expected-error @below {{'vyre.return' op result 1 is the same binding as result 0}}
  vyre.return %y : memref<4xf32>, %y : memref<4xf32>
}

// -----

vyre.program @rows(%n: index,
    %y: memref<f32> {vyre.binding = #vyre.binding<slot = 0, role = output>})
    -> memref<f32> {
  // expected-error @below {{'vyre.return' op result 0 has rank 0 and a count, expected rows to count}}
  vyre.return %y count(%n : index) : memref<f32>
}

// -----

vyre.program @float(
    %y: memref<4xf32> {vyre.binding = #vyre.binding<slot = 0, role = output>},
    %k: memref<1xf32> {vyre.binding = #vyre.binding<slot = 1, role = output>})
    -> memref<4xf32> {
  // expected-error @below {{'vyre.return' op result 0 has a count of type 'memref<1xf32>', expected index or a memref with one integer element}}
  vyre.return %y count(%k : memref<1xf32>) : memref<4xf32>
}

// -----

vyre.program @many(
    %y: memref<4xf32> {vyre.binding = #vyre.binding<slot = 0, role = output>},
    %k: memref<2xi32> {vyre.binding = #vyre.binding<slot = 1, role = output>})
    -> memref<4xf32> {
  // expected-error @below {{'vyre.return' op result 0 has a count of type 'memref<2xi32>', expected index or}}
  vyre.return %y count(%k : memref<2xi32>) : memref<4xf32>
}

// -----

vyre.program @scalar(%n: i32,
    %y: memref<4xf32> {vyre.binding = #vyre.binding<slot = 0, role = output>})
    -> memref<4xf32> {
  // expected-error @below {{'vyre.return' op result 0 has a count of type 'i32', expected index or}}
  vyre.return %y count(%n : i32) : memref<4xf32>
}

// -----

vyre.program @unwritten(
    %y: memref<4xf32> {vyre.binding = #vyre.binding<slot = 0, role = output>},
    %k: memref<1xi32> {vyre.binding = #vyre.binding<slot = 1, role = input>})
    -> memref<4xf32> {
  %c1 = arith.constant 1 : index
  vyre.stage @reads (%i) in (%c1) reads(%k : memref<1xi32>) {
  }
  // expected-error @below {{'vyre.return' op result 0 has a count that no stage writes}}
  vyre.return %y count(%k : memref<1xi32>) : memref<4xf32>
}
