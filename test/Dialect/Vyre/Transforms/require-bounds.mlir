// RUN: vyre-opt %s --split-input-file --vyre-require-bounds | FileCheck %s
// RUN: vyre-opt %s --split-input-file --vyre-require-bounds --vyre-require-bounds | FileCheck %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What keeps accesses inside of their buffers, where sizes of different origin meet.

// The space is that of %x and the output, so that only %y needs anything; an empty
// space needs nothing.
// CHECK-LABEL: vyre.program @add(
// CHECK-SAME:    %[[X:.*]]: memref<?xf32> {{.*}}, %[[Y:.*]]: memref<?xf32> {{.*}}, %{{.*}}: memref<?xf32>
// CHECK-NOT:   vyre.require
// CHECK:       vyre.stage @add
// CHECK-DAG:   %[[NEEDED:.*]] = memref.dim %[[X]]
// CHECK-DAG:   %[[FOUND:.*]] = memref.dim %[[Y]]
// CHECK:       %[[IS_NOT_EMPTY:.*]] = arith.cmpi sgt
// CHECK-NEXT:  %[[LEAST:.*]] = arith.select %[[IS_NOT_EMPTY]], %[[NEEDED]], %[[FOUND]]
// CHECK-NEXT:  vyre.require "extent 0 of argument 1, which stage 'add' reads" %[[FOUND]] at_least %[[LEAST]]
// CHECK-NEXT:  vyre.return
vyre.program @add(
    %x: memref<?xf32> {vyre.binding = #vyre.binding<slot = 0, role = input, capacity = 4096>},
    %y: memref<?xf32> {vyre.binding = #vyre.binding<slot = 1, role = input, capacity = 4096>},
    %z: memref<?xf32> {vyre.binding = #vyre.binding<slot = 2, role = output, capacity = 4096>})
    -> memref<?xf32> {
  %c0 = arith.constant 0 : index
  %n = memref.dim %x, %c0 : memref<?xf32>
  vyre.extents %z[%n] : memref<?xf32>
  vyre.stage @add (%i) in (%n) reads(%x, %y : memref<?xf32>, memref<?xf32>) writes(%z : memref<?xf32>) {
    %a = memref.load %x[%i] : memref<?xf32>
    %b = memref.load %y[%i] : memref<?xf32>
    %c = arith.addf %a, %b : f32
    memref.store %c, %z[%i] : memref<?xf32>
  }
  vyre.return %z : memref<?xf32>
}

// -----

// A window of three, a loop with a scalar bound, and a negative offset.
// CHECK-LABEL: vyre.program @window(
// CHECK-SAME:    %{{.*}}: memref<?xf32> {{.*}}, %[[W:.*]]: memref<?xf32>
// CHECK:       vyre.stage @sum
// CHECK-NOT:   vyre.require "extent 0 of argument 0
// CHECK:       vyre.require "the smallest index into dimension 0 of argument 0, which stage 'sum' reads"
// CHECK:       vyre.require "extent 0 of argument 1, which stage 'sum' reads"
// CHECK-NOT:   vyre.require
vyre.program @window(
    %x: memref<?xf32> {vyre.binding = #vyre.binding<slot = 0, role = input, capacity = 4096>},
    %w: memref<?xf32> {vyre.binding = #vyre.binding<slot = 1, role = input, capacity = 4096>},
    %taps: index,
    %z: memref<?xf32> {vyre.binding = #vyre.binding<slot = 2, role = output, capacity = 4096>})
    -> memref<?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %n = memref.dim %x, %c0 : memref<?xf32>
  vyre.extents %z[%n] : memref<?xf32>
  vyre.stage @sum (%i) in (%n) reads(%x, %w : memref<?xf32>, memref<?xf32>) writes(%z : memref<?xf32>) {
    %sum = scf.for %t = %c0 to %taps step %c1 iter_args(%old = %zero) -> f32 {
      %k = arith.subi %i, %t : index
      %a = memref.load %x[%k] : memref<?xf32>
      %b = memref.load %w[%t] : memref<?xf32>
      %p = arith.mulf %a, %b : f32
      %new = arith.addf %old, %p : f32
      scf.yield %new : f32
    }
    memref.store %sum, %z[%i] : memref<?xf32>
  }
  vyre.return %z : memref<?xf32>
}

// -----

// What is under a condition that keeps it inside, or at an index from memory, needs
// nothing.
// CHECK-LABEL: vyre.program @unknown(
// CHECK-NOT:   vyre.require
vyre.program @unknown(
    %x: memref<?xi32> {vyre.binding = #vyre.binding<slot = 0, role = input, capacity = 4096>},
    %at: memref<?xindex> {vyre.binding = #vyre.binding<slot = 1, role = input, capacity = 4096>},
    %z: memref<?xi32> {vyre.binding = #vyre.binding<slot = 2, role = output, capacity = 4096>})
    -> memref<?xi32> {
  %c0 = arith.constant 0 : index
  %n = memref.dim %at, %c0 : memref<?xindex>
  %m = memref.dim %x, %c0 : memref<?xi32>
  vyre.extents %z[%n] : memref<?xi32>
  vyre.stage @gather (%i) in (%n) reads(%x, %at : memref<?xi32>, memref<?xindex>) writes(%z : memref<?xi32>) {
    %k = memref.load %at[%i] : memref<?xindex>
    %v = memref.load %x[%k] : memref<?xi32>
    memref.store %v, %z[%i] : memref<?xi32>
  }
  vyre.stage @guarded (%i) in (%n) reads(%x : memref<?xi32>) updates(%z : memref<?xi32>) {
    %inside = arith.cmpi slt, %i, %m : index
    scf.if %inside {
      %v = memref.load %x[%i] : memref<?xi32>
      memref.store %v, %z[%i] : memref<?xi32>
    }
  }
  vyre.return %z : memref<?xi32>
}

// -----

// Where the inner loop ends with the outer index, the largest index is two below the
// extent, and there is one from an extent of two on.
// CHECK-LABEL: vyre.program @triangle(
// CHECK-SAME:    %[[X:.*]]: memref<?xf32> {{.*}}, %[[N:.*]]: index
// CHECK:       vyre.stage
// CHECK-DAG:   %[[LEAST:.*]] = arith.addi %[[N]], %{{c-1.*}} : index
// CHECK-DAG:   %[[IS_NOT_EMPTY:.*]] = arith.cmpi sgt
// CHECK:       %[[NEEDED:.*]] = arith.select %{{.*}}, %{{.*}}, %[[FOUND:.*]] : index
// CHECK:       vyre.require "extent 0 of argument 0, which stage 'triangle' reads" %[[FOUND]] at_least %[[NEEDED]]
// CHECK-NOT:   vyre.require
vyre.program @triangle(
    %x: memref<?xf32> {vyre.binding = #vyre.binding<slot = 0, role = input, capacity = 4096>}, %n: index,
    %y: memref<?xf32> {vyre.binding = #vyre.binding<slot = 1, role = output, capacity = 4096>}) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  vyre.extents %y[%n] : memref<?xf32>
  vyre.stage @triangle (%i) in (%n) reads(%x : memref<?xf32>) writes(%y : memref<?xf32>) {
    %sum = scf.for %j = %c0 to %i step %c1 iter_args(%old = %zero) -> f32 {
      %a = memref.load %x[%j] : memref<?xf32>
      %new = arith.addf %old, %a : f32
      scf.yield %new : f32
    }
    memref.store %sum, %y[%i] : memref<?xf32>
  }
  vyre.return
}

// -----

// A condition on the index caps it: what is required is the smaller of both ends.
// CHECK-LABEL: vyre.program @guarded(
// CHECK-SAME:    %[[X:.*]]: memref<?xf32> {{.*}}, %[[N:.*]]: index, %[[M:.*]]: index
// CHECK:       vyre.stage
// CHECK:       %[[LEAST:.*]] = arith.minsi %{{.*}}, %{{.*}} : index
// CHECK:       %[[NEEDED:.*]] = arith.select %{{.*}}, %[[LEAST]], %[[FOUND:.*]] : index
// CHECK:       vyre.require "extent 0 of argument 0, which stage 'guarded' writes" %[[FOUND]] at_least %[[NEEDED]]
// CHECK-NOT:   vyre.require
vyre.program @guarded(
    %x: memref<?xf32> {vyre.binding = #vyre.binding<slot = 0, role = input_output, capacity = 4096>},
    %n: index, %m: index) {
  %zero = arith.constant 0.0 : f32
  vyre.stage @guarded (%i) in (%n) updates(%x : memref<?xf32>) {
    %inside = arith.cmpi slt, %i, %m : index
    scf.if %inside {
      memref.store %zero, %x[%i] : memref<?xf32>
    }
  }
  vyre.return
}

// -----

// A tile is cut off at the end, so that it needs nothing beyond the buffer; a remainder
// needs at most the divisor, and a quotient as much as the dividend has.
// CHECK-LABEL: vyre.program @tiles(
// CHECK-NOT:   vyre.require
// CHECK:       vyre.stage @tiles
// CHECK-NOT:   vyre.require
// CHECK:       vyre.stage @remainders
// CHECK:       vyre.require "extent 0 of argument 1, which stage 'remainders' reads"
// CHECK:       vyre.require "extent 0 of argument 2, which stage 'remainders' reads"
// CHECK-NOT:   vyre.require
vyre.program @tiles(
    %x: memref<?xf32> {vyre.binding = #vyre.binding<slot = 0, role = input_output, capacity = 4096>},
    %y: memref<?xf32> {vyre.binding = #vyre.binding<slot = 1, role = input, capacity = 4096>},
    %z: memref<?xf32> {vyre.binding = #vyre.binding<slot = 2, role = input, capacity = 4096>}) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %zero = arith.constant 0.0 : f32
  %n = memref.dim %x, %c0 : memref<?xf32>
  %tiles = arith.ceildivsi %n, %c4 : index
  vyre.stage @tiles (%t) in (%tiles) updates(%x : memref<?xf32>) {
    %from = arith.muli %t, %c4 : index
    scf.for %j = %c0 to %c4 step %c1 {
      %i = arith.addi %from, %j : index
      %inside = arith.cmpi slt, %i, %n : index
      scf.if %inside {
        memref.store %zero, %x[%i] : memref<?xf32>
      }
    }
  }
  vyre.stage @remainders (%i) in (%n) reads(%y, %z : memref<?xf32>, memref<?xf32>) updates(%x : memref<?xf32>) {
    %r = arith.remui %i, %c4 : index
    %q = arith.divui %i, %c4 : index
    %a = memref.load %y[%r] : memref<?xf32>
    %b = memref.load %z[%q] : memref<?xf32>
    %s = arith.addf %a, %b : f32
    memref.store %s, %x[%i] : memref<?xf32>
  }
  vyre.return
}

// -----

// A view with other strides needs what its furthest element does.
// CHECK-LABEL: vyre.program @reinterpreted(
// CHECK-DAG:   %[[HAS:.*]] = arith.constant 16 : index
// CHECK-DAG:   %[[NEEDS:.*]] = arith.constant 24 : index
// CHECK:       vyre.require "extent 0 of argument 0, which stage 'copy' reads" %[[HAS]] at_least %[[NEEDS]]
vyre.program @reinterpreted(
    %x: memref<16xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>},
    %y: memref<4x4xf32> {vyre.binding = #vyre.binding<slot = 1, role = output>}) {
  %c4 = arith.constant 4 : index
  vyre.stage @copy (%i, %j) in (%c4, %c4) reads(%x : memref<16xf32>) writes(%y : memref<4x4xf32>) {
    %v = memref.reinterpret_cast %x to offset: [8], sizes: [4, 4], strides: [4, 1]
        : memref<16xf32> to memref<4x4xf32, strided<[4, 1], offset: 8>>
    %a = memref.load %v[%i, %j] : memref<4x4xf32, strided<[4, 1], offset: 8>>
    memref.store %a, %y[%i, %j] : memref<4x4xf32>
  }
  vyre.return
}

// -----

// A clamped index is each of its bounds in turn: what scalars allow is required, what the
// buffer's own extent allows is not. One that is clamped out of memory needs nothing.
// CHECK-LABEL: vyre.program @clamped(
// CHECK-SAME:    %[[X:.*]]: memref<?xf32> {{.*}}, %[[K:[a-z0-9]+]]: index
// CHECK:       vyre.stage @gather
// CHECK:       %[[END:.*]] = arith.addi %[[K]], %{{.*}} : index
// CHECK:       vyre.require "extent 0 of argument 0, which stage 'min' reads"
// CHECK:       vyre.require "the smallest index into dimension 0 of argument 0, which stage 'min' reads" %[[K]] at_least
// CHECK-NOT:   vyre.require
vyre.program @clamped(
    %x: memref<?xf32> {vyre.binding = #vyre.binding<slot = 0, role = input, capacity = 4096>}, %k: index,
    %at: memref<8xindex> {vyre.binding = #vyre.binding<slot = 1, role = input>},
    %y: memref<8xf32> {vyre.binding = #vyre.binding<slot = 2, role = output>}) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %c100 = arith.constant 100 : index
  %n = memref.dim %x, %c0 : memref<?xf32>
  %last = arith.subi %n, %c1 : index
  vyre.stage @min (%i) in (%c8) reads(%x : memref<?xf32>) writes(%y : memref<8xf32>) {
    %far = arith.addi %i, %c100 : index
    %j = arith.minsi %far, %k : index
    %v = memref.load %x[%j] : memref<?xf32>
    memref.store %v, %y[%i] : memref<8xf32>
  }
  vyre.stage @gather (%i) in (%c8) reads(%x, %at : memref<?xf32>, memref<8xindex>) writes(%y : memref<8xf32>) {
    %a = memref.load %at[%i] : memref<8xindex>
    %b = arith.maxsi %a, %c0 : index
    %j = arith.minsi %b, %last : index
    %v = memref.load %x[%j] : memref<?xf32>
    memref.store %v, %y[%i] : memref<8xf32>
  }
  vyre.return
}

// -----

// A vector reaches as far as it is long.
// CHECK-LABEL: vyre.program @vectors(
// CHECK:       vyre.require "extent 0 of argument 0, which stage 'load' reads" %{{.*}} at_least
// CHECK-NOT:   vyre.require
vyre.program @vectors(
    %x: memref<?x8xf32> {vyre.binding = #vyre.binding<slot = 0, role = input, capacity = 4096>},
    %y: memref<?x8xf32> {vyre.binding = #vyre.binding<slot = 1, role = output, capacity = 4096>}) {
  %c0 = arith.constant 0 : index
  %c4 = arith.constant 4 : index
  %n = memref.dim %y, %c0 : memref<?x8xf32>
  vyre.stage @load (%i) in (%n) reads(%x : memref<?x8xf32>) writes(%y : memref<?x8xf32>) {
    %v = vector.load %x[%i, %c4] : memref<?x8xf32>, vector<4xf32>
    vector.store %v, %y[%i, %c0] : memref<?x8xf32>, vector<4xf32>
  }
  vyre.return
}
