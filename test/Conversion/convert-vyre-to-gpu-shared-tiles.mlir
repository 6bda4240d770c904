// RUN: vyre-opt %s -split-input-file -convert-vyre-to-gpu | FileCheck %s -enable-var-scope
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// A block of 128 threads of 4 x 4 points loads what its 32 x 64 points need of 16 steps:
// a vector of %a and two of %b a thread, the first ones before the loop. Of %a, whose
// steps are neighbours, the elements go to workgroup memory one by one, so that a
// thread reads its rows as a vector, too.

// CHECK-LABEL: gpu.module @product_matmul
// CHECK-SAME:    vyre.points_per_block = 2048 : i64
// CHECK:         workgroup(%[[A:.+]] : memref<16x36xf32, #gpu.address_space<workgroup>> {llvm.align = 16 : i64}, %[[B:.+]] : memref<16x68xf32, #gpu.address_space<workgroup>> {llvm.align = 16 : i64})
// CHECK-SAME:    known_block_size = array<i32: 128, 1, 1>
// CHECK-NOT:     scf.if
// CHECK:         vector.load %{{.+}} {alignment = 16 : i64} : memref<1024x64xf32>, vector<4xf32>
// CHECK-COUNT-2: vector.load %{{.+}} {alignment = 16 : i64} : memref<64x512xf32>, vector<4xf32>
// CHECK:         %{{.+}}:19 = scf.for
// CHECK-NEXT:      gpu.barrier
// CHECK-COUNT-4:   memref.store %{{.+}}, %[[A]]
// CHECK-COUNT-2:   vector.store %{{.+}}, %[[B]]
// CHECK:           gpu.barrier
// CHECK:           %[[NEXT:.+]] = arith.minui %{{.+}}, %c48
// CHECK:           vector.load %{{.+}} : memref<1024x64xf32>, vector<4xf32>
// CHECK-COUNT-2:   vector.load %{{.+}} : memref<64x512xf32>, vector<4xf32>
// CHECK:           scf.for
// CHECK:             vector.load %[[A]]{{.+}} {alignment = 16 : i64} : memref<16x36xf32, #gpu.address_space<workgroup>>, vector<4xf32>
// CHECK:             vector.load %[[B]]{{.+}} {alignment = 16 : i64} : memref<16x68xf32, #gpu.address_space<workgroup>>, vector<4xf32>
// CHECK-COUNT-16:    arith.mulf
// CHECK-COUNT-16:    arith.addf
// CHECK-NOT:       gpu.barrier
// CHECK-COUNT-4: vector.store %{{.+}} {alignment = 16 : i64} : memref<1024x512xf32>, vector<4xf32>
vyre.program @product(%a: memref<1024x64xf32> {vyre.binding = #vyre.binding<slot = 0, role = input, alignment = 16>}, %b: memref<64x512xf32> {vyre.binding = #vyre.binding<slot = 1, role = input, alignment = 16>}, %c: memref<1024x512xf32> {vyre.binding = #vyre.binding<slot = 2, role = output, alignment = 16>}) -> memref<1024x512xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %rows = arith.constant 1024 : index
  %columns = arith.constant 512 : index
  %inner = arith.constant 64 : index
  vyre.launch @matmul {
    vyre.stage @matmul (%i, %j) in (%rows, %columns) reads(%a, %b : memref<1024x64xf32>, memref<64x512xf32>) writes(%c : memref<1024x512xf32>) {
      %sum = scf.for %k = %c0 to %inner step %c1 iter_args(%t = %zero) -> (f32) {
        %v = memref.load %a[%i, %k] : memref<1024x64xf32>
        %w = memref.load %b[%k, %j] : memref<64x512xf32>
        %p = arith.mulf %v, %w : f32
        %s = arith.addf %t, %p : f32
        scf.yield %s : f32
      }
      memref.store %sum, %c[%i, %j] : memref<1024x512xf32>
    }
  }
  vyre.return %c : memref<1024x512xf32>
}

// -----

// A buffer that may begin at any element has no vectors: each thread loads for itself.

// CHECK-LABEL: gpu.module @unaligned_matmul
// CHECK-NOT:     gpu.barrier
// CHECK:         vyre.launch
vyre.program @unaligned(%a: memref<1024x64xf32> {vyre.binding = #vyre.binding<slot = 0, role = input, alignment = 16>}, %b: memref<64x512xf32> {vyre.binding = #vyre.binding<slot = 1, role = input, alignment = 4>}, %c: memref<1024x512xf32> {vyre.binding = #vyre.binding<slot = 2, role = output, alignment = 16>}) -> memref<1024x512xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %rows = arith.constant 1024 : index
  %columns = arith.constant 512 : index
  %inner = arith.constant 64 : index
  vyre.launch @matmul {
    vyre.stage @matmul (%i, %j) in (%rows, %columns) reads(%a, %b : memref<1024x64xf32>, memref<64x512xf32>) writes(%c : memref<1024x512xf32>) {
      %sum = scf.for %k = %c0 to %inner step %c1 iter_args(%t = %zero) -> (f32) {
        %v = memref.load %a[%i, %k] : memref<1024x64xf32>
        %w = memref.load %b[%k, %j] : memref<64x512xf32>
        %p = arith.mulf %v, %w : f32
        %s = arith.addf %t, %p : f32
        scf.yield %s : f32
      }
      memref.store %sum, %c[%i, %j] : memref<1024x512xf32>
    }
  }
  vyre.return %c : memref<1024x512xf32>
}

// -----

// What the stage writes is not loaded ahead: another thread may be at it.

// CHECK-LABEL: gpu.module @written_matmul
// CHECK-NOT:     gpu.barrier
// CHECK:         vyre.launch
vyre.program @written(%a: memref<1024x64xf32> {vyre.binding = #vyre.binding<slot = 0, role = input, alignment = 16>}, %b: memref<64x512xf32> {vyre.binding = #vyre.binding<slot = 1, role = input_output, alignment = 16>}, %c: memref<1024x512xf32> {vyre.binding = #vyre.binding<slot = 2, role = output, alignment = 16>}) -> memref<1024x512xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %rows = arith.constant 1024 : index
  %columns = arith.constant 512 : index
  %inner = arith.constant 64 : index
  vyre.launch @matmul {
    vyre.stage @matmul (%i, %j) in (%rows, %columns) reads(%a : memref<1024x64xf32>) writes(%c : memref<1024x512xf32>) updates(%b : memref<64x512xf32>) {
      %sum = scf.for %k = %c0 to %inner step %c1 iter_args(%t = %zero) -> (f32) {
        %v = memref.load %a[%i, %k] : memref<1024x64xf32>
        %w = memref.load %b[%k, %j] : memref<64x512xf32>
        %p = arith.mulf %v, %w : f32
        %s = arith.addf %t, %p : f32
        scf.yield %s : f32
      }
      memref.store %sum, %c[%i, %j] : memref<1024x512xf32>
    }
  }
  vyre.return %c : memref<1024x512xf32>
}

// -----

// Edges: 1,000 rows are no whole number of blocks.

// CHECK-LABEL: gpu.module @edge_matmul
// CHECK-NOT:     gpu.barrier
// CHECK:         vyre.launch
vyre.program @edge(%a: memref<1000x64xf32> {vyre.binding = #vyre.binding<slot = 0, role = input, alignment = 16>}, %b: memref<64x512xf32> {vyre.binding = #vyre.binding<slot = 1, role = input, alignment = 16>}, %c: memref<1000x512xf32> {vyre.binding = #vyre.binding<slot = 2, role = output, alignment = 16>}) -> memref<1000x512xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %rows = arith.constant 1000 : index
  %columns = arith.constant 512 : index
  %inner = arith.constant 64 : index
  vyre.launch @matmul {
    vyre.stage @matmul (%i, %j) in (%rows, %columns) reads(%a, %b : memref<1000x64xf32>, memref<64x512xf32>) writes(%c : memref<1000x512xf32>) {
      %sum = scf.for %k = %c0 to %inner step %c1 iter_args(%t = %zero) -> (f32) {
        %v = memref.load %a[%i, %k] : memref<1000x64xf32>
        %w = memref.load %b[%k, %j] : memref<64x512xf32>
        %p = arith.mulf %v, %w : f32
        %s = arith.addf %t, %p : f32
        scf.yield %s : f32
      }
      memref.store %sum, %c[%i, %j] : memref<1000x512xf32>
    }
  }
  vyre.return %c : memref<1000x512xf32>
}

// -----

// Elements of two bytes go eight at a time: the vectors of 16 steps of 32 columns are 64, so
// that two threads each bring the same. Rows of workgroup memory stay aligned.

// CHECK-LABEL: gpu.module @halves_matmul
// CHECK-SAME:    vyre.points_per_block = 1024 : i64
// CHECK:         workgroup(%[[A:.+]] : memref<16x40xf16, #gpu.address_space<workgroup>> {llvm.align = 16 : i64}, %[[B:.+]] : memref<16x40xf16, #gpu.address_space<workgroup>> {llvm.align = 16 : i64})
// CHECK:         arith.remui %{{.+}}, %c64
// CHECK:         vector.load %{{.+}} {alignment = 16 : i64} : memref<256x64xf16>, vector<8xf16>
// CHECK:         vector.load %{{.+}} {alignment = 16 : i64} : memref<64x512xf16>, vector<8xf16>
// CHECK-COUNT-8: memref.store %{{.+}}, %[[A]]
// CHECK:         vector.store %{{.+}}, %[[B]]{{.+}} {alignment = 16 : i64}
// CHECK:         vector.load %[[A]]{{.+}} {alignment = 4 : i64} : {{.+}}, vector<2xf16>
// CHECK:         vector.load %[[B]]{{.+}} {alignment = 8 : i64} : {{.+}}, vector<4xf16>
vyre.program @halves(%a: memref<256x64xf16> {vyre.binding = #vyre.binding<slot = 0, role = input, alignment = 16>}, %b: memref<64x512xf16> {vyre.binding = #vyre.binding<slot = 1, role = input, alignment = 16>}, %c: memref<256x512xf32> {vyre.binding = #vyre.binding<slot = 2, role = output, alignment = 16>}) -> memref<256x512xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %rows = arith.constant 256 : index
  %columns = arith.constant 512 : index
  %inner = arith.constant 64 : index
  vyre.launch @matmul {
    vyre.stage @matmul (%i, %j) in (%rows, %columns) reads(%a, %b : memref<256x64xf16>, memref<64x512xf16>) writes(%c : memref<256x512xf32>) {
      %sum = scf.for %k = %c0 to %inner step %c1 iter_args(%t = %zero) -> (f32) {
        %v = memref.load %a[%i, %k] : memref<256x64xf16>
        %w = memref.load %b[%k, %j] : memref<64x512xf16>
        %x = arith.extf %v : f16 to f32
        %y = arith.extf %w : f16 to f32
        %p = arith.mulf %x, %y : f32
        %s = arith.addf %t, %p : f32
        scf.yield %s : f32
      }
      memref.store %sum, %c[%i, %j] : memref<256x512xf32>
    }
  }
  vyre.return %c : memref<256x512xf32>
}

// -----

// Elements of eight bytes go two at a time, two vectors a thread and operand.

// CHECK-LABEL: gpu.module @doubles_matmul
// CHECK:         workgroup(%[[A:.+]] : memref<16x34xf64, #gpu.address_space<workgroup>> {llvm.align = 16 : i64}, %{{.+}} : memref<16x34xf64, #gpu.address_space<workgroup>>
// CHECK-COUNT-2: vector.load %{{.+}} {alignment = 16 : i64} : memref<256x64xf64>, vector<2xf64>
// CHECK-COUNT-2: vector.load %{{.+}} {alignment = 16 : i64} : memref<64x512xf64>, vector<2xf64>
vyre.program @doubles(%a: memref<256x64xf64> {vyre.binding = #vyre.binding<slot = 0, role = input, alignment = 16>}, %b: memref<64x512xf64> {vyre.binding = #vyre.binding<slot = 1, role = input, alignment = 16>}, %c: memref<256x512xf64> {vyre.binding = #vyre.binding<slot = 2, role = output, alignment = 16>}) -> memref<256x512xf64> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f64
  %rows = arith.constant 256 : index
  %columns = arith.constant 512 : index
  %inner = arith.constant 64 : index
  vyre.launch @matmul {
    vyre.stage @matmul (%i, %j) in (%rows, %columns) reads(%a, %b : memref<256x64xf64>, memref<64x512xf64>) writes(%c : memref<256x512xf64>) {
      %sum = scf.for %k = %c0 to %inner step %c1 iter_args(%t = %zero) -> (f64) {
        %v = memref.load %a[%i, %k] : memref<256x64xf64>
        %w = memref.load %b[%k, %j] : memref<64x512xf64>
        %p = arith.mulf %v, %w : f64
        %s = arith.addf %t, %p : f64
        scf.yield %s : f64
      }
      memref.store %sum, %c[%i, %j] : memref<256x512xf64>
    }
  }
  vyre.return %c : memref<256x512xf64>
}
