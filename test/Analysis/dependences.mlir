// RUN: vyre-test-opt %s -split-input-file -mlir-disable-threading -pass-pipeline='builtin.module(vyre.program(test-vyre-dependences))' -o /dev/null | FileCheck %s

// Accesses are read through index arithmetic, loops with their bounds and steps,
// and views.
// CHECK-LABEL: program @accesses
// CHECK-NEXT: @arithmetic over (8)
// CHECK-NEXT:   reads %arg0[d0 * 2 + 3]
// CHECK-NEXT:   reads %arg0[-d0 + 7]
// CHECK-NEXT:   reads %arg0[d0 floordiv 2]
// CHECK-NEXT:   reads %arg0[d0 mod 4]
// CHECK-NEXT:   reads %arg0[d0 ceildiv 3]
// CHECK-NEXT:   writes %arg1[d0, 0]
// CHECK-NEXT: @loops over (8)
// CHECK-NEXT:   reads %arg0[d1] where d1 >= 0, -d1 + 63 >= 0
// CHECK-NEXT:   reads %arg0[d1 * 4 + 2] where d1 >= 0, -(d1 * 4 + 2) + 63 >= 0
// CHECK-NEXT:   reads %arg0[d0 + d1] where d1 - d0 >= 0, -d1 + 7 >= 0
// CHECK-NEXT:   writes %arg1[d0, 0]
// CHECK-NEXT: @views over (8)
// CHECK-NEXT:   reads %arg1[d0 + 1, 3]
// CHECK-NEXT:   reads %arg1[0, d0]
// CHECK-NEXT:   reads %arg0[d0 * 8 + 5]
// CHECK-NEXT:   writes %arg1[d0, 0]
vyre.program @accesses(
    %x: memref<64xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>},
    %y: memref<8x8xf32> {vyre.binding = #vyre.binding<slot = 1, role = input_output>}) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %c4 = arith.constant 4 : index
  %c5 = arith.constant 5 : index
  %c7 = arith.constant 7 : index
  %c8 = arith.constant 8 : index
  %c64 = arith.constant 64 : index
  vyre.stage @arithmetic (%i) in (%c8) reads(%x : memref<64xf32>) writes(%y : memref<8x8xf32>) {
    %a = arith.muli %i, %c2 : index
    %b = arith.addi %a, %c3 : index
    %c = arith.subi %c7, %i : index
    %d = arith.divui %i, %c2 : index
    %e = arith.remsi %i, %c4 : index
    %f = arith.ceildivsi %i, %c3 : index
    %0 = memref.load %x[%b] : memref<64xf32>
    %1 = memref.load %x[%c] : memref<64xf32>
    %2 = memref.load %x[%d] : memref<64xf32>
    %3 = memref.load %x[%e] : memref<64xf32>
    %4 = memref.load %x[%f] : memref<64xf32>
    %5 = arith.addf %0, %1 : f32
    %6 = arith.addf %2, %3 : f32
    %7 = arith.addf %5, %6 : f32
    %8 = arith.addf %7, %4 : f32
    memref.store %8, %y[%i, %c0] : memref<8x8xf32>
  }
  vyre.stage @loops (%i) in (%c8) reads(%x : memref<64xf32>) writes(%y : memref<8x8xf32>) {
    %z = arith.constant 0.0 : f32
    %0 = scf.for %k = %c0 to %c64 step %c1 iter_args(%s = %z) -> f32 {
      %v = memref.load %x[%k] : memref<64xf32>
      scf.yield %v : f32
    }
    %1 = scf.for %k = %c2 to %c64 step %c4 iter_args(%s = %0) -> f32 {
      %v = memref.load %x[%k] : memref<64xf32>
      scf.yield %v : f32
    }
    %2 = scf.for %k = %i to %c8 step %c1 iter_args(%s = %1) -> f32 {
      %l = arith.addi %i, %k : index
      %v = memref.load %x[%l] : memref<64xf32>
      scf.yield %v : f32
    }
    memref.store %2, %y[%i, %c0] : memref<8x8xf32>
  }
  vyre.stage @views (%i) in (%c8) reads(%x : memref<64xf32>) updates(%y : memref<8x8xf32>) {
    %row = memref.subview %y[1, 3] [7, 1] [1, 1] : memref<8x8xf32> to memref<7xf32, strided<[8], offset: 11>>
    %flat = memref.collapse_shape %y [[0, 1]] : memref<8x8xf32> into memref<64xf32>
    %square = memref.expand_shape %x [[0, 1]] output_shape [8, 8] : memref<64xf32> into memref<8x8xf32>
    %0 = memref.load %row[%i] : memref<7xf32, strided<[8], offset: 11>>
    %1 = memref.load %flat[%i] : memref<64xf32>
    %2 = memref.load %square[%i, %c5] : memref<8x8xf32>
    %3 = arith.addf %0, %1 : f32
    %4 = arith.addf %3, %2 : f32
    memref.store %4, %y[%i, %c0] : memref<8x8xf32>
  }
  vyre.return
}

// -----

// What is not known is an upper bound: indices from data or bounded by a minimum,
// conditions, loops with unknown steps, and products of unknowns.
// CHECK-LABEL: program @unknown
// CHECK-NEXT: @data over (8)
// CHECK-NEXT:   reads %arg1[d0]
// CHECK-NEXT:   reads %arg0[d1] at most
// CHECK-NEXT:   writes %arg2[d0]
// CHECK-NEXT: @minimum over (8)
// CHECK-NEXT:   reads %arg0[d1] at most where -d1 + 5 >= 0, d0 - d1 >= 0
// CHECK-NEXT:   writes %arg2[d0]
// CHECK-NEXT: @condition over (8)
// CHECK-NEXT:   writes %arg2[d0] at most
// CHECK-NEXT: @steps over (8)
// CHECK-NEXT:   writes %arg2[d1] at most where d1 >= 0, -d1 + 7 >= 0
// CHECK-NEXT: @product over (8)
// CHECK-NEXT:   reads %arg0[d1] at most
// CHECK-NEXT:   writes %arg2[d0]
vyre.program @unknown(
    %x: memref<64xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>},
    %p: memref<8xindex> {vyre.binding = #vyre.binding<slot = 1, role = input>},
    %y: memref<8xf32> {vyre.binding = #vyre.binding<slot = 2, role = input_output>},
    %n: index) {
  %c0 = arith.constant 0 : index
  %c5 = arith.constant 5 : index
  %c8 = arith.constant 8 : index
  %z = arith.constant 0.0 : f32
  vyre.stage @data (%i) in (%c8) reads(%x, %p : memref<64xf32>, memref<8xindex>) writes(%y : memref<8xf32>) {
    %k = memref.load %p[%i] : memref<8xindex>
    %v = memref.load %x[%k] : memref<64xf32>
    memref.store %v, %y[%i] : memref<8xf32>
  }
  vyre.stage @minimum (%i) in (%c8) reads(%x : memref<64xf32>) writes(%y : memref<8xf32>) {
    %k = arith.minsi %c5, %i : index
    %v = memref.load %x[%k] : memref<64xf32>
    memref.store %v, %y[%i] : memref<8xf32>
  }
  vyre.stage @condition (%i) in (%c8) writes(%y : memref<8xf32>) {
    %isLow = arith.cmpi slt, %i, %c5 : index
    scf.if %isLow {
      memref.store %z, %y[%i] : memref<8xf32>
    }
  }
  vyre.stage @steps (%i) in (%c8) writes(%y : memref<8xf32>) {
    scf.for %k = %c0 to %c8 step %n {
      memref.store %z, %y[%k] : memref<8xf32>
    }
  }
  vyre.stage @product (%i) in (%c8) reads(%x : memref<64xf32>) writes(%y : memref<8xf32>) {
    %k = arith.muli %i, %n : index
    %v = memref.load %x[%k] : memref<64xf32>
    memref.store %v, %y[%i] : memref<8xf32>
  }
  vyre.return
}

// -----

// Kinds and distances, with an example where points differ. That @far stays away
// from @low, and meets @odd in one element at equal points, takes the solver; that
// even and odd elements do not meet, a look at the divisors.
// CHECK-LABEL: program @distances
// CHECK-NOT: @low -> @far
// CHECK:     @low -> @high: write-after-write of %arg0 over 1 indices: cross-index, ({{6|7}}) meets ({{0|1}})
// CHECK:     @low -> @even: read-after-write of %arg0 over 1 indices: cross-index, ({{2|4|6}}) meets ({{1|2|3}})
// CHECK-NOT: @far -> @even
// CHECK:     @far -> @odd: write-after-write of %arg0 over 1 indices: same-index
// CHECK-NOT: @even -> @odd
// CHECK:     @even -> @low_again: write-after-read of %arg0 over 1 indices: cross-index
vyre.program @distances(
    %x: memref<32xf32> {vyre.binding = #vyre.binding<slot = 0, role = input_output>},
    %y: memref<8xf32> {vyre.binding = #vyre.binding<slot = 1, role = input_output>}) {
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c6 = arith.constant 6 : index
  %c8 = arith.constant 8 : index
  %c16 = arith.constant 16 : index
  %c22 = arith.constant 22 : index
  %z = arith.constant 0.0 : f32
  vyre.stage @low (%i) in (%c8) writes(%x : memref<32xf32>) {
    memref.store %z, %x[%i] : memref<32xf32>
  }
  vyre.stage @high (%i) in (%c8) writes(%x : memref<32xf32>) {
    %k = arith.addi %i, %c6 : index
    memref.store %z, %x[%k] : memref<32xf32>
  }
  vyre.stage @far (%i, %j) in (%c8, %c2) writes(%x : memref<32xf32>) {
    %k = arith.subi %c22, %i : index
    %l = arith.addi %k, %j : index
    memref.store %z, %x[%l] : memref<32xf32>
  }
  vyre.stage @even (%i) in (%c8) reads(%x : memref<32xf32>) writes(%y : memref<8xf32>) {
    %k = arith.muli %i, %c2 : index
    %v = memref.load %x[%k] : memref<32xf32>
    memref.store %v, %y[%i] : memref<8xf32>
  }
  vyre.stage @odd (%i) in (%c8) writes(%x : memref<32xf32>) {
    %k = arith.muli %i, %c2 : index
    %l = arith.addi %k, %c1 : index
    memref.store %z, %x[%l] : memref<32xf32>
  }
  vyre.stage @low_again (%i) in (%c8) writes(%x : memref<32xf32>) {
    memref.store %z, %x[%i] : memref<32xf32>
  }
  vyre.return
}

// -----

// How far back a launch may begin, and which indices are the same: a row's value
// and the row, then a column's value.
// CHECK-LABEL: program @windows
// CHECK: @row joins from @row on, indices [0]
// CHECK: @rows joins from @row on, indices {{\[}}0, [[N:[0-9]+]]{{\]}}
// CHECK: @again joins from @row on, indices {{\[}}0, [[N]]{{\]}}
// CHECK: @turned joins from @row on, indices {{\[}}[[N]], 0{{\]}}
// CHECK: @column joins from @rows on, indices {{\[}}[[N]]{{\]}}
// CHECK: @linear joins from @linear on
vyre.program @windows(
    %x: memref<4x8xf32> {vyre.binding = #vyre.binding<slot = 0, role = input_output>}) {
  %c4 = arith.constant 4 : index
  %c8 = arith.constant 8 : index
  %c30 = arith.constant 30 : index
  %z = arith.constant 0.0 : f32
  %r = vyre.intermediate() : memref<4xf32>
  %c = vyre.intermediate() : memref<8xf32>
  %l = vyre.intermediate() : memref<30xf32>
  vyre.stage @row (%i) in (%c4) writes(%r : memref<4xf32>) {
    memref.store %z, %r[%i] : memref<4xf32>
  }
  vyre.stage @rows (%i, %j) in (%c4, %c8) reads(%r : memref<4xf32>) writes(%x : memref<4x8xf32>) {
    %0 = memref.load %r[%i] : memref<4xf32>
    memref.store %0, %x[%i, %j] : memref<4x8xf32>
  }
  vyre.stage @again (%i, %j) in (%c4, %c8) updates(%x : memref<4x8xf32>) {
    %0 = memref.load %x[%i, %j] : memref<4x8xf32>
    memref.store %0, %x[%i, %j] : memref<4x8xf32>
  }
  vyre.stage @turned (%j, %i) in (%c8, %c4) updates(%x : memref<4x8xf32>) {
    %0 = memref.load %x[%i, %j] : memref<4x8xf32>
    memref.store %0, %x[%i, %j] : memref<4x8xf32>
  }
  vyre.stage @column (%j) in (%c8) writes(%c : memref<8xf32>) {
    memref.store %z, %c[%j] : memref<8xf32>
  }
  vyre.stage @linear (%l0) in (%c30) writes(%l : memref<30xf32>) {
    memref.store %z, %l[%l0] : memref<30xf32>
  }
  vyre.return
}

// -----

// An index that is taken apart and put together again is itself; but not where a
// remainder may be too large, or its quotient is by another number or of another.
// CHECK-LABEL: program @quotients
// CHECK-NEXT: @square over (4, 8)
// CHECK-NEXT:   reads %arg1[d0, d1]
// CHECK-NEXT:   reads %arg1[d0 floordiv 2 + 1, d0 mod 2 + d1 + 1]
// CHECK-NEXT:   reads %arg1[(d0 * 8 + d1 + 1) floordiv 8, (d0 * 8 + d1 + 1) mod 8]
// CHECK-NEXT:   reads %arg1[d0 + d1 floordiv 7, d1 mod 7]
// CHECK-NEXT:   writes %arg0[d0 * 8 + d1]
// CHECK-NEXT: @line over (32)
// CHECK-NEXT:   reads %arg0[d0]
// CHECK-NEXT:   reads %arg0[(d0 floordiv 4) * 8 + d0 mod 8]
// CHECK-NEXT:   reads %arg0[(d0 floordiv 8) * 8 + (d0 + 1) mod 8]
// CHECK-NEXT:   writes %arg1[d0 floordiv 8, d0 mod 8]
// CHECK-NEXT: @cube over (2, 4, 4)
// CHECK-NEXT:   reads %arg2[d0, d1, d2]
// CHECK-NEXT:   writes %arg0[(d0 * 4 + d1) * 4 + d2]
// CHECK-NEXT: @cubic over (32)
// CHECK-NEXT:   reads %arg0[d0]
// CHECK-NEXT:   writes %arg2[
vyre.program @quotients(
    %x: memref<32xf32> {vyre.binding = #vyre.binding<slot = 0, role = input_output>},
    %y: memref<4x8xf32> {vyre.binding = #vyre.binding<slot = 1, role = input_output>},
    %w: memref<2x4x4xf32> {vyre.binding = #vyre.binding<slot = 2, role = input_output>}) {
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c4 = arith.constant 4 : index
  %c7 = arith.constant 7 : index
  %c8 = arith.constant 8 : index
  %c32 = arith.constant 32 : index
  vyre.stage @square (%i, %j) in (%c4, %c8) reads(%y : memref<4x8xf32>) writes(%x : memref<32xf32>) {
    %row = arith.muli %i, %c8 : index
    %l = arith.addi %row, %j : index
    %flat = memref.collapse_shape %y [[0, 1]] : memref<4x8xf32> into memref<32xf32>
    %0 = memref.load %flat[%l] : memref<32xf32>
    %odd = arith.remui %i, %c2 : index
    %even = arith.divui %i, %c2 : index
    %sum = arith.addi %odd, %j : index
    %sum1 = arith.addi %sum, %c1 : index
    %down = arith.addi %even, %c1 : index
    %1 = memref.load %y[%down, %sum1] : memref<4x8xf32>
    %l1 = arith.addi %l, %c1 : index
    %2 = memref.load %flat[%l1] : memref<32xf32>
    %row7 = arith.muli %i, %c7 : index
    %m = arith.addi %row7, %j : index
    %q7 = arith.divui %m, %c7 : index
    %r7 = arith.remui %m, %c7 : index
    %3 = memref.load %y[%q7, %r7] : memref<4x8xf32>
    %4 = arith.addf %0, %1 : f32
    %5 = arith.addf %2, %3 : f32
    %6 = arith.addf %4, %5 : f32
    memref.store %6, %x[%l] : memref<32xf32>
  }
  vyre.stage @line (%l) in (%c32) reads(%x : memref<32xf32>) writes(%y : memref<4x8xf32>) {
    %q = arith.divui %l, %c8 : index
    %r = arith.remui %l, %c8 : index
    %square = memref.expand_shape %x [[0, 1]] output_shape [4, 8] : memref<32xf32> into memref<4x8xf32>
    %0 = memref.load %square[%q, %r] : memref<4x8xf32>
    %q4 = arith.divui %l, %c4 : index
    %1 = memref.load %square[%q4, %r] : memref<4x8xf32>
    %l1 = arith.addi %l, %c1 : index
    %r1 = arith.remui %l1, %c8 : index
    %2 = memref.load %square[%q, %r1] : memref<4x8xf32>
    %3 = arith.addf %0, %1 : f32
    %4 = arith.addf %3, %2 : f32
    memref.store %4, %y[%q, %r] : memref<4x8xf32>
  }
  vyre.stage @cube (%i, %j, %k) in (%c2, %c4, %c4) reads(%w : memref<2x4x4xf32>) writes(%x : memref<32xf32>) {
    %a = arith.muli %i, %c4 : index
    %b = arith.addi %a, %j : index
    %c = arith.muli %b, %c4 : index
    %l = arith.addi %c, %k : index
    %flat = memref.collapse_shape %w [[0, 1, 2]] : memref<2x4x4xf32> into memref<32xf32>
    %0 = memref.load %flat[%l] : memref<32xf32>
    memref.store %0, %x[%l] : memref<32xf32>
  }
  vyre.stage @cubic (%l) in (%c32) reads(%x : memref<32xf32>) writes(%w : memref<2x4x4xf32>) {
    %k = arith.remui %l, %c4 : index
    %a = arith.divui %l, %c4 : index
    %j = arith.remui %a, %c4 : index
    %i = arith.divui %a, %c4 : index
    %cube = memref.expand_shape %x [[0, 1, 2]] output_shape [2, 4, 4] : memref<32xf32> into memref<2x4x4xf32>
    %0 = memref.load %cube[%i, %j, %k] : memref<2x4x4xf32>
    memref.store %0, %w[%i, %j, %k] : memref<2x4x4xf32>
  }
  vyre.return
}
