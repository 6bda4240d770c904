// RUN: vyre-opt %s -split-input-file -convert-vyre-to-gpu | FileCheck %s -enable-var-scope
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Columns of a length that only a dispatch knows: short ones are a thread's, of others a
// block takes eight side by side. Beyond the last column its threads compute that one once
// more, and store nothing.

// CHECK-LABEL: gpu.module @sums_sum
// CHECK-SAME:    vyre.points_per_block = 8 : i64
// CHECK:         gpu.func
// CHECK-SAME:    known_block_size = array<i32: 256, 1, 1>
// CHECK:         %[[ISONE:.+]] = arith.cmpi ule, %{{.+}}, %c1
// CHECK:         %[[SHORT:.+]] = arith.andi %{{.+}}, %[[ISONE]]
// CHECK:         scf.if %[[SHORT]] {
// CHECK:           scf.for %{{.+}} = %{{.+}} to %[[M:.+]] step
// CHECK:             scf.parallel
// CHECK:             } {vyre.one_lane}
// CHECK:             memref.store
// CHECK:         } else {
// CHECK:           scf.for %[[FIRST:.+]] = %{{.+}} to %[[M]] step
// CHECK:             %[[OF:.+]] = arith.remui %[[T:.+]], %[[EIGHT:.+]] : index
// CHECK:             %[[AT:.+]] = arith.addi %[[FIRST]], %[[OF]]
// CHECK:             %[[ISTHERE:.+]] = arith.cmpi ult, %[[AT]], %[[M]]
// CHECK:             %[[J:.+]] = arith.minui %[[AT]], %{{.+}}
// CHECK:             %[[ISFIRST:.+]] = arith.cmpi ult, %[[T]], %[[EIGHT]]
// CHECK:             %[[STORES:.+]] = arith.andi %[[ISFIRST]], %[[ISTHERE]]
// CHECK:             %[[SUM:.+]] = scf.parallel
// CHECK:               memref.load %{{.+}}[%{{.+}}, %[[J]]]
// CHECK:             } {vyre.columns = 8 : i64, vyre.threads = 32 : i64}
// CHECK:             scf.if %[[STORES]]
// CHECK-NEXT:          memref.store %[[SUM]], %{{.+}}[%[[J]]]
vyre.program @sums(%x: memref<?x?xf32> {vyre.binding = #vyre.binding<slot = 0, role = input, capacity = 65536>}, %y: memref<?xf32> {vyre.binding = #vyre.binding<slot = 1, role = output, capacity = 65536>}) -> memref<?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %n = memref.dim %x, %c0 : memref<?x?xf32>
  %m = memref.dim %x, %c1 : memref<?x?xf32>
  vyre.extents %y[%m] : memref<?xf32>
  vyre.launch @sum {
    vyre.stage @sum (%j) in (%m) reads(%x : memref<?x?xf32>) writes(%y : memref<?xf32>) {
      %s = scf.parallel (%i) = (%c0) to (%n) step (%c1) init (%zero) -> f32 {
        %v = memref.load %x[%i, %j] : memref<?x?xf32>
        scf.reduce(%v : f32) {
        ^bb0(%a: f32, %b: f32):
          %r = arith.addf %a, %b : f32
          scf.reduce.return %r : f32
        }
      }
      memref.store %s, %y[%j] : memref<?xf32>
    }
  }
  vyre.return %y : memref<?xf32>
}

// -----

// Parts that are known to be short are a thread's, and so is a column whose length
// depends on the point: the threads of a block could not meet.

// CHECK-LABEL: gpu.module @short_sum
// CHECK-NOT:     vyre.columns
// CHECK-NOT:     vyre.threads
// CHECK-LABEL: gpu.module @triangle_sum
// CHECK-NOT:     vyre.columns
// CHECK-NOT:     vyre.threads
// CHECK:         vyre.program
vyre.program @short(%x: memref<?x?xf32> {vyre.binding = #vyre.binding<slot = 0, role = input, capacity = 65536>}, %y: memref<?xf32> {vyre.binding = #vyre.binding<slot = 1, role = output, capacity = 65536>}) -> memref<?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  %zero = arith.constant 0.0 : f32
  %n = memref.dim %x, %c0 : memref<?x?xf32>
  %m = memref.dim %x, %c1 : memref<?x?xf32>
  vyre.extents %y[%m] : memref<?xf32>
  vyre.launch @sum {
    vyre.stage @sum (%j) in (%m) reads(%x : memref<?x?xf32>) writes(%y : memref<?xf32>) {
      %to = arith.minsi %c32, %n : index
      %s = scf.parallel (%i) = (%c0) to (%to) step (%c1) init (%zero) -> f32 {
        %v = memref.load %x[%i, %j] : memref<?x?xf32>
        scf.reduce(%v : f32) {
        ^bb0(%a: f32, %b: f32):
          %r = arith.addf %a, %b : f32
          scf.reduce.return %r : f32
        }
      }
      memref.store %s, %y[%j] : memref<?xf32>
    }
  }
  vyre.return %y : memref<?xf32>
}

vyre.program @triangle(%x: memref<?x?xf32> {vyre.binding = #vyre.binding<slot = 0, role = input, capacity = 65536>}, %y: memref<?xf32> {vyre.binding = #vyre.binding<slot = 1, role = output, capacity = 65536>}) -> memref<?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %m = memref.dim %x, %c1 : memref<?x?xf32>
  vyre.extents %y[%m] : memref<?xf32>
  vyre.launch @sum {
    vyre.stage @sum (%j) in (%m) reads(%x : memref<?x?xf32>) writes(%y : memref<?xf32>) {
      %s = scf.parallel (%i) = (%c0) to (%j) step (%c1) init (%zero) -> f32 {
        %v = memref.load %x[%i, %j] : memref<?x?xf32>
        scf.reduce(%v : f32) {
        ^bb0(%a: f32, %b: f32):
          %r = arith.addf %a, %b : f32
          scf.reduce.return %r : f32
        }
      }
      memref.store %s, %y[%j] : memref<?xf32>
    }
  }
  vyre.return %y : memref<?xf32>
}

// -----

// A loop that updates what it reads, of a length that is not known, has one thread: a group
// may have more threads than lanes, which would do it several times.

// CHECK-LABEL: gpu.module @update_double
// CHECK-NOT:     vyre.threads
// CHECK:         vyre.program
vyre.program @update(%x: memref<?x?xf32> {vyre.binding = #vyre.binding<slot = 0, role = input_output, capacity = 65536>}, %y: memref<?xf32> {vyre.binding = #vyre.binding<slot = 1, role = output, capacity = 65536>}) -> memref<?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %n = memref.dim %x, %c0 : memref<?x?xf32>
  %m = memref.dim %x, %c1 : memref<?x?xf32>
  vyre.extents %y[%n] : memref<?xf32>
  vyre.launch @double {
    vyre.stage @double (%i) in (%n) writes(%y : memref<?xf32>) updates(%x : memref<?x?xf32>) {
      %s = scf.parallel (%j) = (%c0) to (%m) step (%c1) init (%zero) -> f32 {
        %v = memref.load %x[%i, %j] : memref<?x?xf32>
        %w = arith.addf %v, %v : f32
        memref.store %w, %x[%i, %j] : memref<?x?xf32>
        scf.reduce(%w : f32) {
        ^bb0(%a: f32, %b: f32):
          %r = arith.addf %a, %b : f32
          scf.reduce.return %r : f32
        }
      }
      memref.store %s, %y[%i] : memref<?xf32>
    }
  }
  vyre.return %y : memref<?xf32>
}

// -----

// Nor does one that writes an element twice: what one thread writes first could come after what
// another one writes last.

// CHECK-LABEL: gpu.module @overwrite_twice
// CHECK-NOT:     vyre.threads
// CHECK:         vyre.program
vyre.program @overwrite(%x: memref<?x?xf32> {vyre.binding = #vyre.binding<slot = 0, role = input, capacity = 65536>}, %z: memref<?x?xf32> {vyre.binding = #vyre.binding<slot = 1, role = output, capacity = 65536>}, %y: memref<?xf32> {vyre.binding = #vyre.binding<slot = 2, role = output, capacity = 65536>}) -> (memref<?x?xf32>, memref<?xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %n = memref.dim %x, %c0 : memref<?x?xf32>
  %m = memref.dim %x, %c1 : memref<?x?xf32>
  vyre.extents %z[%n, %m] : memref<?x?xf32>
  vyre.extents %y[%n] : memref<?xf32>
  vyre.launch @twice {
    vyre.stage @twice (%i) in (%n) reads(%x : memref<?x?xf32>) writes(%z, %y : memref<?x?xf32>, memref<?xf32>) {
      %s = scf.parallel (%j) = (%c0) to (%m) step (%c1) init (%zero) -> f32 {
        %v = memref.load %x[%i, %j] : memref<?x?xf32>
        memref.store %v, %z[%i, %j] : memref<?x?xf32>
        %c = arith.cmpf ogt, %v, %zero : f32
        scf.if %c {
          memref.store %zero, %z[%i, %j] : memref<?x?xf32>
        }
        scf.reduce(%v : f32) {
        ^bb0(%a: f32, %b: f32):
          %r = arith.addf %a, %b : f32
          scf.reduce.return %r : f32
        }
      }
      memref.store %s, %y[%i] : memref<?xf32>
    }
  }
  vyre.return %z : memref<?x?xf32>, %y : memref<?xf32>
}
