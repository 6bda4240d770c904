// RUN: vyre-compile %s --targets=cpu -o %t.vyre
// RUN: vyre-run %t.vyre --device cpu --program add --fill 1 --shape arg0=5 --shape arg1=5
// RUN: not vyre-run %t.vyre --device cpu --program add --fill 1 --shape arg0=5 --shape arg1=3 2>&1 | FileCheck %s --check-prefix=ADD
// RUN: not vyre-run %t.vyre --device cpu --program matmul --fill 1 --shape arg0=4x5 --shape arg1=3x7 2>&1 | FileCheck %s --check-prefix=MATMUL
// RUN: vyre-run %t.vyre --device cpu --program matmul --fill 1 --shape arg0=4x5 --shape arg1=5x7
// RUN: not vyre-run %t.vyre --device cpu --program copy --fill 1 --shape arg0=4 --shape arg1=5 2>&1 | FileCheck %s --check-prefix=COPY
// RUN: vyre-run %t.vyre --device cpu --program copy --fill 1 --shape arg0=5 --shape arg1=5
// RUN: not vyre-run %t.vyre --device cpu --program slice --fill 1 --shape arg0=5 --in arg1=3 2>&1 | FileCheck %s --check-prefix=SLICE
// RUN: not vyre-run %t.vyre --device cpu --program broadcast --fill 1 --shape arg0=6 --shape arg1=9 2>&1 | FileCheck %s --check-prefix=BROADCAST
// RUN: vyre-run %t.vyre --device cpu --program slice --fill 1 --shape arg0=5 --in arg1=1
// RUN: not vyre-run %t.vyre --device cpu --program tail --fill 1 --shape arg0=3 --shape arg1=5 2>&1 | FileCheck %s --check-prefix=TAIL
// RUN: not vyre-run %t.vyre --device cpu --program cast --fill 1 --shape arg0=5 2>&1 | FileCheck %s --check-prefix=CAST
// RUN: not vyre-run %t.vyre --device cpu --program cast --fill 1 --shape arg0=3 2>&1 | FileCheck %s --check-prefix=CAST-LESS
// RUN: vyre-run %t.vyre --device cpu --program cast --fill 1 --shape arg0=4
// RUN: not vyre-run %t.vyre --device cpu --program rows --fill 1 --shape arg0=10 2>&1 | FileCheck %s --check-prefix=ROWS
// RUN: vyre-run %t.vyre --device cpu --program rows --fill 1 --shape arg0=12
// RUN: not vyre-run %t.vyre --device cpu --program asserted --fill 1 --shape arg0=4 --shape arg1=5 2>&1 | FileCheck %s --check-prefix=ASSERTED
// RUN: vyre-run %t.vyre --device cpu --program asserted --fill 1 --shape arg0=5 --shape arg1=5
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Dynamic extents that do not agree are refused before anything is launched, by exit
// code 2 and a sentence that says which.

// ADD: extent 0 of argument 1{{.*}}is 3, expected at least 5{{.*}}Fix:
func.func @add(%x: tensor<?xf32>, %y: tensor<?xf32>) -> tensor<?xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?xf32>
  %e = tensor.empty(%n) : tensor<?xf32>
  %r = linalg.add ins(%x, %y : tensor<?xf32>, tensor<?xf32>) outs(%e : tensor<?xf32>) -> tensor<?xf32>
  return %r : tensor<?xf32>
}

// MATMUL: extent 0 of argument 1{{.*}}is 3, expected at least 5{{.*}}Fix:
func.func @matmul(%x: tensor<?x?xf32>, %y: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %m = tensor.dim %x, %c0 : tensor<?x?xf32>
  %n = tensor.dim %y, %c1 : tensor<?x?xf32>
  %e = tensor.empty(%m, %n) : tensor<?x?xf32>
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<?x?xf32>) -> tensor<?x?xf32>
  %r = linalg.matmul ins(%x, %y : tensor<?x?xf32>, tensor<?x?xf32>) outs(%z : tensor<?x?xf32>) -> tensor<?x?xf32>
  return %r : tensor<?x?xf32>
}

// COPY: extent 0 of argument 0{{.*}}is 4, expected at least 5{{.*}}Fix:
func.func @copy(%x: memref<?xf32>, %y: memref<?xf32>) {
  memref.copy %x, %y : memref<?xf32> to memref<?xf32>
  return
}

// SLICE: extent 0 of argument 0{{.*}}is 5, expected at least 7{{.*}}Fix:
func.func @slice(%x: memref<?xf32>, %at: index) -> memref<4xf32> {
  %part = memref.subview %x[%at] [4] [1] : memref<?xf32> to memref<4xf32, strided<[1], offset: ?>>
  %r = memref.alloc() : memref<4xf32>
  memref.copy %part, %r : memref<4xf32, strided<[1], offset: ?>> to memref<4xf32>
  return %r : memref<4xf32>
}

// Neither is broadcast, and they do not agree.
// BROADCAST: extent 0 of argument 0{{.*}}is 6, expected at least 9{{.*}}Fix:
func.func @broadcast(%x: tensor<?xf32>, %y: tensor<?xf32>) -> tensor<?xf32> {
  %r = tosa.add %x, %y : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
  return %r : tensor<?xf32>
}

// As many elements are written as %x has, and the result has as many as %y.
// TAIL: extent 0 of what stage 'add_0' writes as all of its result, is 3, expected at least 5{{.*}}Fix:
func.func @tail(%x: tensor<?xf32>, %y: tensor<?xf32>) -> tensor<?xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %y, %c0 : tensor<?xf32>
  %e = tensor.empty(%n) : tensor<?xf32>
  %r = linalg.add ins(%x, %y : tensor<?xf32>, tensor<?xf32>) outs(%e : tensor<?xf32>) -> tensor<?xf32>
  return %r : tensor<?xf32>
}

// Canonicalization would take the cast into the op before it.
// CAST: extent 0 of tensor<4xf32> that a tensor<?xf32> is cast to, is 4, expected at least 5{{.*}}Fix:
// CAST-LESS: extent 0 of a tensor<?xf32> that is cast to tensor<4xf32>, is 3, expected at least 4{{.*}}Fix:
func.func @cast(%x: tensor<?xf32>) -> tensor<4xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?xf32>
  %e = tensor.empty(%n) : tensor<?xf32>
  %r = linalg.exp ins(%x : tensor<?xf32>) outs(%e : tensor<?xf32>) -> tensor<?xf32>
  %c = tensor.cast %r : tensor<?xf32> to tensor<4xf32>
  return %c : tensor<4xf32>
}

// ROWS: the number of elements in the shape that 'tosa.reshape' gives a tensor<?xf32>, is 8, expected at least 10{{.*}}Fix:
func.func @rows(%x: tensor<?xf32>) -> tensor<?x4xf32> {
  %shape = tosa.const_shape {values = dense<[-1, 4]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %r = tosa.reshape %x, %shape : (tensor<?xf32>, !tosa.shape<2>) -> tensor<?x4xf32>
  return %r : tensor<?x4xf32>
}

// As torch-mlir states that shapes agree.
// ASSERTED: mismatched size for broadcast, is 4, expected at least 5{{.*}}Fix:
func.func @asserted(%x: tensor<?xf32>, %y: tensor<?xf32>) -> tensor<?xf32> {
  %c0 = arith.constant 0 : index
  %m = tensor.dim %x, %c0 : tensor<?xf32>
  %n = tensor.dim %y, %c0 : tensor<?xf32>
  %same = arith.cmpi eq, %m, %n : index
  cf.assert %same, "mismatched size for broadcast"
  %e = tensor.empty(%m) : tensor<?xf32>
  %r = linalg.sub ins(%x, %y : tensor<?xf32>, tensor<?xf32>) outs(%e : tensor<?xf32>) -> tensor<?xf32>
  return %r : tensor<?xf32>
}
