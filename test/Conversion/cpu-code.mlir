// RUN: vyre-compile %s --targets=cpu --emit=llvm -o %t.ll
// RUN: FileCheck %s < %t.ll
// RUN: llc -O3 %t.ll -o - | FileCheck %s --check-prefix=ASM
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the CPU runs of a fused launch: accesses of 16 bytes where neighbouring points
// touch neighbouring elements, of any number and at any address, values in registers
// between the stages, and one element at a time for the rest.

// Two loads, two stores: nothing between the stages is in memory.
// CHECK-LABEL: define void @chain
// CHECK:         %[[A:.+]] = load <4 x float>, ptr %{{.+}}, align 4
// CHECK-NEXT:    %[[B:.+]] = load <4 x float>, ptr %{{.+}}, align 4
// CHECK-NEXT:    fmul <4 x float> %[[A]], %[[A]]
// CHECK-NEXT:    fmul <4 x float> %[[B]], %[[B]]
// CHECK-NEXT:    fadd <4 x float>
// CHECK-NEXT:    fadd <4 x float>
// CHECK-NEXT:    fsub <4 x float>
// CHECK-NEXT:    fsub <4 x float>
// CHECK-NOT:     load
// CHECK:         store <4 x float> %{{.+}}, align 4
// CHECK-NEXT:    store <4 x float> %{{.+}}, align 4
// CHECK-NOT:     <4 x float>
// CHECK:         load float
// CHECK:         store float
// CHECK:         ret void
// ASM-LABEL: chain{{.*}}:
// ASM:         movups ({{.*}}), [[X:%xmm[0-9]+]]
// ASM:         movups [[Y:%xmm[0-9]+]], {{.*}}(
// ASM:         movss
func.func @chain(%a: tensor<?xf32>) -> tensor<?xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %a, %c0 : tensor<?xf32>
  %e = tensor.empty(%n) : tensor<?xf32>
  %m = linalg.mul ins(%a, %a : tensor<?xf32>, tensor<?xf32>) outs(%e : tensor<?xf32>) -> tensor<?xf32>
  %s = linalg.add ins(%m, %a : tensor<?xf32>, tensor<?xf32>) outs(%e : tensor<?xf32>) -> tensor<?xf32>
  %t = linalg.sub ins(%s, %m : tensor<?xf32>, tensor<?xf32>) outs(%e : tensor<?xf32>) -> tensor<?xf32>
  return %t : tensor<?xf32>
}

// Sixteen bytes are sixteen elements.
// CHECK-LABEL: define void @bytes
// CHECK:         load <16 x i8>
// CHECK:         add <16 x i8>
// CHECK:         mul <16 x i8>
// CHECK:         store <16 x i8>
// CHECK:         load i8
// CHECK:         store i8
// CHECK:         ret void
func.func @bytes(%a: tensor<?xi8>, %b: tensor<?xi8>) -> tensor<?xi8> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %a, %c0 : tensor<?xi8>
  %e = tensor.empty(%n) : tensor<?xi8>
  %s = linalg.add ins(%a, %b : tensor<?xi8>, tensor<?xi8>) outs(%e : tensor<?xi8>) -> tensor<?xi8>
  %p = linalg.mul ins(%s, %a : tensor<?xi8>, tensor<?xi8>) outs(%e : tensor<?xi8>) -> tensor<?xi8>
  return %p : tensor<?xi8>
}

// In place, by rows: both matrices' rows are contiguous, the bias is one element a row.
// CHECK-LABEL: define void @rows
// CHECK:         load <4 x float>
// CHECK:         fadd <4 x float>
// CHECK:         store <4 x float>
// CHECK:         load float
// CHECK:         store float
// CHECK:         ret void
func.func @rows(%x: memref<64x33xf32>, %bias: memref<64xf32>) {
  linalg.generic {indexing_maps = [affine_map<(i, j) -> (i)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
      ins(%bias : memref<64xf32>) outs(%x : memref<64x33xf32>) {
  ^bb0(%b: f32, %o: f32):
    %0 = arith.addf %o, %b : f32
    linalg.yield %0 : f32
  }
  linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
      outs(%x : memref<64x33xf32>) {
  ^bb0(%o: f32):
    %0 = arith.mulf %o, %o : f32
    linalg.yield %0 : f32
  }
  return
}
