// RUN: vyre-opt %s -split-input-file -convert-vyre-to-cpu | FileCheck %s -enable-var-scope
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// A contraction's points beside each other are lanes: 32 of them, then 8, then one. What
// all lanes share is loaded once; an epilogue and the guard of its condition are vectors.
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
