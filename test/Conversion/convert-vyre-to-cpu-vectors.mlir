// RUN: vyre-opt %s -split-input-file -convert-vyre-to-cpu | FileCheck %s -enable-var-scope
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// A contraction's points beside each other are lanes: 32 of them, then 8, then one. What
// all lanes share is loaded once; an epilogue and the guard of its condition are vectors.
// First come the rows before the first whole one, and then four rows at a time, which share
// their loop.
// CHECK-LABEL: func.func @product_matmul
// CHECK:         %[[WIDE:.+]] = arith.remui %[[COUNT:.+]], %c32
// CHECK:         %[[END:.+]] = arith.subi %{{.+}}, %[[WIDE]]
// CHECK:         scf.for %[[J:.+]] = %{{.+}} to %[[END]] step %c32
// CHECK:           %[[SUM:.+]] = scf.for %[[K:.+]] = %{{.+}} iter_args(%[[T:.+]] = %{{.+}}) -> (vector<32xf32>)
// CHECK:             %[[V:.+]] = memref.load %{{.+}}[%{{.+}}, %[[K]]] : memref<8x?xf32>
// CHECK:             %[[W:.+]] = vector.load %{{.+}}[%[[K]], %[[J]]] {alignment = 4 : i64} : memref<?x20xf32>, vector<32xf32>
// CHECK:             %[[VS:.+]] = vector.broadcast %[[V]] : f32 to vector<32xf32>
// CHECK:             %[[P:.+]] = arith.mulf %[[VS]], %[[W]] : vector<32xf32>
// CHECK:             %[[S:.+]] = arith.addf %[[T]], %[[P]] : vector<32xf32>
// CHECK:             scf.yield %[[S]]
// CHECK:           %[[IS:.+]] = arith.cmpf ogt, %[[SUM]], %{{.+}} : vector<32xf32>
// CHECK:           %[[R:.+]] = arith.select %[[IS]], %[[SUM]], %{{.+}} : vector<32xi1>, vector<32xf32>
// CHECK:           vector.store %[[R]], %{{.+}}[%{{.+}}, %[[J]]] {alignment = 4 : i64}
// CHECK:         scf.for %{{.+}} = %[[END]] to %[[NARROW:.+]] step %c8
// CHECK:           scf.for {{.+}} -> (vector<8xf32>)
// CHECK:         scf.for %{{.+}} = %[[NARROW]] to %{{.+}} step %c1
// CHECK:           scf.for {{.+}} -> (f32)
// CHECK:           memref.store
// CHECK:         scf.for %[[FOUR:.+]] = %{{.+}} to %{{.+}} step %c4
// CHECK:           arith.addi %[[FOUR]], %c3
// CHECK:           %[[SUMS:.+]]:4 = scf.for %[[K:.+]] = {{.+}} -> (vector<32xf32>, vector<32xf32>, vector<32xf32>, vector<32xf32>)
// CHECK-COUNT-4:     arith.addf {{.+}} : vector<32xf32>
// CHECK-COUNT-4:   vector.store
// CHECK:         scf.for %{{.+}} = %{{.+}} to %{{.+}} step %c1
// CHECK:           scf.for {{.+}} -> (vector<32xf32>)
vyre.program @product(%a: memref<8x?xf32> {vyre.binding = #vyre.binding<slot = 0, role = input, capacity = 65536>}, %b: memref<?x20xf32> {vyre.binding = #vyre.binding<slot = 1, role = input, capacity = 65536>}, %c: memref<8x20xf32> {vyre.binding = #vyre.binding<slot = 2, role = output>}) -> memref<8x20xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %rows = arith.constant 8 : index
  %columns = arith.constant 20 : index
  %inner = memref.dim %a, %c1 : memref<8x?xf32>
  vyre.launch @matmul {
    vyre.stage @matmul (%i, %j) in (%rows, %columns) reads(%a, %b : memref<8x?xf32>, memref<?x20xf32>) writes(%c : memref<8x20xf32>) {
      %sum = scf.for %k = %c0 to %inner step %c1 iter_args(%t = %zero) -> (f32) {
        %v = memref.load %a[%i, %k] : memref<8x?xf32>
        %w = memref.load %b[%k, %j] : memref<?x20xf32>
        %p = arith.mulf %v, %w : f32
        %s = arith.addf %t, %p : f32
        scf.yield %s : f32
      }
      %isPositive = arith.cmpf ogt, %sum, %zero : f32
      %r = arith.select %isPositive, %sum, %zero : f32
      memref.store %r, %c[%i, %j] : memref<8x20xf32>
    }
  }
  vyre.return %c : memref<8x20xf32>
}

// -----

// What depends on the point otherwise than as an index has no form for lanes.
// CHECK-LABEL: func.func @positions_matmul
// CHECK-NOT:     vector
// CHECK:         return
vyre.program @positions(%a: memref<8x?xf32> {vyre.binding = #vyre.binding<slot = 0, role = input, capacity = 65536>}, %b: memref<?x20xf32> {vyre.binding = #vyre.binding<slot = 1, role = input, capacity = 65536>}, %c: memref<8x20xf32> {vyre.binding = #vyre.binding<slot = 2, role = output>}) -> memref<8x20xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %rows = arith.constant 8 : index
  %columns = arith.constant 20 : index
  %inner = memref.dim %a, %c1 : memref<8x?xf32>
  vyre.launch @matmul {
    vyre.stage @matmul (%i, %j) in (%rows, %columns) reads(%a, %b : memref<8x?xf32>, memref<?x20xf32>) writes(%c : memref<8x20xf32>) {
      %sum = scf.for %k = %c0 to %inner step %c1 iter_args(%t = %zero) -> (f32) {
        %v = memref.load %a[%i, %k] : memref<8x?xf32>
        %position = arith.index_cast %j : index to i32
        %w = arith.sitofp %position : i32 to f32
        %p = arith.mulf %v, %w : f32
        %s = arith.addf %t, %p : f32
        scf.yield %s : f32
      }
      memref.store %sum, %c[%i, %j] : memref<8x20xf32>
    }
  }
  vyre.return %c : memref<8x20xf32>
}

// -----

// Nor have neighbours that are not neighbours in memory, and small floats.
// CHECK-LABEL: func.func @rows_matmul
// CHECK-NOT:     vector
// CHECK:         return
vyre.program @rows(%a: memref<8x?xf32> {vyre.binding = #vyre.binding<slot = 0, role = input, capacity = 65536>}, %b: memref<?x20xf32> {vyre.binding = #vyre.binding<slot = 1, role = input, capacity = 65536>}, %c: memref<8x20xf32> {vyre.binding = #vyre.binding<slot = 2, role = output>}) -> memref<8x20xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %rows = arith.constant 8 : index
  %columns = arith.constant 20 : index
  %inner = memref.dim %a, %c1 : memref<8x?xf32>
  vyre.launch @matmul {
    vyre.stage @matmul (%i, %j) in (%rows, %columns) reads(%a, %b : memref<8x?xf32>, memref<?x20xf32>) writes(%c : memref<8x20xf32>) {
      %sum = scf.for %k = %c0 to %inner step %c1 iter_args(%t = %zero) -> (f32) {
        %v = memref.load %a[%i, %k] : memref<8x?xf32>
        %w = memref.load %b[%j, %k] : memref<?x20xf32>
        %p = arith.mulf %v, %w : f32
        %s = arith.addf %t, %p : f32
        scf.yield %s : f32
      }
      memref.store %sum, %c[%i, %j] : memref<8x20xf32>
    }
  }
  vyre.return %c : memref<8x20xf32>
}

// -----

// CHECK-LABEL: func.func @small_matmul
// CHECK-NOT:     vector
// CHECK:         return
vyre.program @small(%a: memref<8x?xf16> {vyre.binding = #vyre.binding<slot = 0, role = input, capacity = 65536>}, %b: memref<?x20xf16> {vyre.binding = #vyre.binding<slot = 1, role = input, capacity = 65536>}, %c: memref<8x20xf16> {vyre.binding = #vyre.binding<slot = 2, role = output>}) -> memref<8x20xf16> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f16
  %rows = arith.constant 8 : index
  %columns = arith.constant 20 : index
  %inner = memref.dim %a, %c1 : memref<8x?xf16>
  vyre.launch @matmul {
    vyre.stage @matmul (%i, %j) in (%rows, %columns) reads(%a, %b : memref<8x?xf16>, memref<?x20xf16>) writes(%c : memref<8x20xf16>) {
      %sum = scf.for %k = %c0 to %inner step %c1 iter_args(%t = %zero) -> (f16) {
        %v = memref.load %a[%i, %k] : memref<8x?xf16>
        %w = memref.load %b[%k, %j] : memref<?x20xf16>
        %p = arith.mulf %v, %w : f16
        %s = arith.addf %t, %p : f16
        scf.yield %s : f16
      }
      memref.store %sum, %c[%i, %j] : memref<8x20xf16>
    }
  }
  vyre.return %c : memref<8x20xf16>
}

// -----

// The lanes of a reduction of columns are vectors, each of which is of the same lane of 32
// points. Of a length that is not known there may be 4,096 lanes in memory, and the vectors
// are of 8 points.
// CHECK-LABEL: func.func @columns_sum
// CHECK:         scf.for %[[J:.+]] = %{{.+}} to %{{.+}} step %c32
// CHECK:           %[[INIT:.+]] = vector.broadcast %{{.+}} : f32 to vector<32xf32>
// CHECK:           %[[S:.+]] = scf.parallel (%[[I:.+]]) = {{.+}} init (%[[INIT]]) -> vector<32xf32> {
// CHECK:             %[[V:.+]] = vector.load %{{.+}}[%[[I]], %[[J]]]
// CHECK:             scf.reduce(%[[V]] : vector<32xf32>) {
// CHECK-NEXT:        ^bb0(%[[A:.+]]: vector<32xf32>, %[[B:.+]]: vector<32xf32>):
// CHECK-NEXT:          %[[R:.+]] = arith.maximumf %[[A]], %[[B]] : vector<32xf32>
// CHECK-NEXT:          scf.reduce.return %[[R]]
// CHECK:           vector.store %[[S]], %{{.+}}[%[[J]]]
// CHECK-LABEL: func.func @unknown_sum
// CHECK:         scf.parallel {{.+}} -> vector<8xf32>
// CHECK-NOT:     scf.parallel {{.+}} -> vector<
// CHECK:         scf.parallel {{.+}} -> f32
vyre.program @columns(%x: memref<1000x500xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>}, %y: memref<500xf32> {vyre.binding = #vyre.binding<slot = 1, role = output>}) -> memref<500xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %low = arith.constant 0xFF800000 : f32
  %rows = arith.constant 1000 : index
  %columns = arith.constant 500 : index
  vyre.launch @sum {
    vyre.stage @sum (%j) in (%columns) reads(%x : memref<1000x500xf32>) writes(%y : memref<500xf32>) {
      %s = scf.parallel (%i) = (%c0) to (%rows) step (%c1) init (%low) -> f32 {
        %v = memref.load %x[%i, %j] : memref<1000x500xf32>
        scf.reduce(%v : f32) {
        ^bb0(%a: f32, %b: f32):
          %r = arith.maximumf %a, %b : f32
          scf.reduce.return %r : f32
        }
      }
      memref.store %s, %y[%j] : memref<500xf32>
    }
  }
  vyre.return %y : memref<500xf32>
}

vyre.program @unknown(%x: memref<?x500xf32> {vyre.binding = #vyre.binding<slot = 0, role = input, capacity = 65536>}, %y: memref<500xf32> {vyre.binding = #vyre.binding<slot = 1, role = output>}) -> memref<500xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %rows = memref.dim %x, %c0 : memref<?x500xf32>
  %columns = arith.constant 500 : index
  vyre.launch @sum {
    vyre.stage @sum (%j) in (%columns) reads(%x : memref<?x500xf32>) writes(%y : memref<500xf32>) {
      %s = scf.parallel (%i) = (%c0) to (%rows) step (%c1) init (%zero) -> f32 {
        %v = memref.load %x[%i, %j] : memref<?x500xf32>
        scf.reduce(%v : f32) {
        ^bb0(%a: f32, %b: f32):
          %r = arith.addf %a, %b : f32
          scf.reduce.return %r : f32
        }
      }
      memref.store %s, %y[%j] : memref<500xf32>
    }
  }
  vyre.return %y : memref<500xf32>
}

// -----

// Rows are sums of what is beside each other in memory, which LLVM makes vectors of: the
// points are not lanes.
// CHECK-LABEL: func.func @rows_sum
// CHECK-NOT:     vector
// CHECK:         return
vyre.program @rows(%x: memref<1000x500xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>}, %y: memref<1000xf32> {vyre.binding = #vyre.binding<slot = 1, role = output>}) -> memref<1000xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %rows = arith.constant 1000 : index
  %columns = arith.constant 500 : index
  vyre.launch @sum {
    vyre.stage @sum (%i) in (%rows) reads(%x : memref<1000x500xf32>) writes(%y : memref<1000xf32>) {
      %s = scf.parallel (%j) = (%c0) to (%columns) step (%c1) init (%zero) -> f32 {
        %v = memref.load %x[%i, %j] : memref<1000x500xf32>
        scf.reduce(%v : f32) {
        ^bb0(%a: f32, %b: f32):
          %r = arith.addf %a, %b : f32
          scf.reduce.return %r : f32
        }
      }
      memref.store %s, %y[%i] : memref<1000xf32>
    }
  }
  vyre.return %y : memref<1000xf32>
}
