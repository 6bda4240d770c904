// RUN: vyre-opt %s --split-input-file --pass-pipeline='builtin.module(func.func(vyre-assert-shapes))' | FileCheck %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What casts and reshapes of dynamic extents take for granted.

// A cast to a static extent is asserted in both directions; the other extent stays
// dynamic, and a cast that forgets says nothing.
// CHECK-LABEL: func.func @cast(
// CHECK-SAME:    %[[X:.*]]: tensor<?x?xf32>
// CHECK-DAG:   %[[N:.*]] = tensor.dim %[[X]], %{{.*}}
// CHECK-DAG:   %[[C4:.*]] = arith.constant 4 : index
// CHECK:       %[[ENOUGH:.*]] = arith.cmpi sge, %[[N]], %[[C4]] : index
// CHECK:       cf.assert %[[ENOUGH]], "extent 1 of a tensor<?x?xf32> that is cast to tensor<?x4xf32>"
// CHECK:       %[[FITS:.*]] = arith.cmpi sle, %[[N]], %[[C4]] : index
// CHECK:       cf.assert %[[FITS]], "extent 1 of tensor<?x4xf32> that a tensor<?x?xf32> is cast to"
// CHECK:       tensor.cast
// CHECK-NOT:   cf.assert
func.func @cast(%x: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %y = tensor.cast %x : tensor<?x?xf32> to tensor<?x4xf32>
  %z = tensor.cast %y : tensor<?x4xf32> to tensor<?x?xf32>
  return %z : tensor<?x?xf32>
}

// -----

// CHECK-LABEL: func.func @buffer(
// CHECK:       memref.dim
// CHECK:       cf.assert %{{.*}}, "extent 0 of a memref<?xf32> that is cast to memref<4xf32>"
// CHECK:       cf.assert %{{.*}}, "extent 0 of memref<4xf32> that a memref<?xf32> is cast to"
func.func @buffer(%x: memref<?xf32>) -> memref<4xf32> {
  %y = memref.cast %x : memref<?xf32> to memref<4xf32>
  return %y : memref<4xf32>
}

// -----

// What an extent is expanded to has as many elements; a static group needs nothing.
// CHECK-LABEL: func.func @expand(
// CHECK-SAME:    %[[X:.*]]: tensor<?x6xf32>, %[[N:.*]]: index
// CHECK-DAG:   %[[FOUND:.*]] = tensor.dim %[[X]], %{{.*}}
// CHECK-DAG:   %[[MADE:.*]] = arith.muli %[[N]], %{{.*}} : index
// CHECK:       arith.cmpi sge, %[[FOUND]], %[[MADE]]
// CHECK:       cf.assert %{{.*}}, "extent 0 of a tensor<?x6xf32> that 'tensor.expand_shape' expands"
// CHECK:       arith.cmpi sge, %[[MADE]], %[[FOUND]]
// CHECK:       cf.assert %{{.*}}, "what 'tensor.expand_shape' expands extent 0 of a tensor<?x6xf32> to"
// CHECK-NOT:   cf.assert
func.func @expand(%x: tensor<?x6xf32>, %n: index) -> tensor<?x4x2x3xf32> {
  %y = tensor.expand_shape %x [[0, 1], [2, 3]] output_shape [%n, 4, 2, 3] : tensor<?x6xf32> into tensor<?x4x2x3xf32>
  return %y : tensor<?x4x2x3xf32>
}

// -----

// An extent that is left to tosa is what the others leave, without a rest.
// CHECK-LABEL: func.func @inferred(
// CHECK:       %[[ROWS:.*]] = arith.divsi %[[FOUND:.*]], %{{.*}} : index
// CHECK:       %[[MADE:.*]] = arith.muli %[[ROWS]], %{{.*}} : index
// CHECK:       arith.cmpi sge, %[[MADE]], %[[FOUND]]
// CHECK:       cf.assert %{{.*}}, "the number of elements in the shape that 'tosa.reshape' gives a tensor<?x5xf32>"
func.func @inferred(%x: tensor<?x5xf32>) -> tensor<?x4xf32> {
  %shape = tosa.const_shape {values = dense<[-1, 4]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %y = tosa.reshape %x, %shape : (tensor<?x5xf32>, !tosa.shape<2>) -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}

// -----

// CHECK-LABEL: func.func @reshape(
// CHECK:       cf.assert %{{.*}}, "the number of elements of a tensor<?xf32> that 'tensor.reshape' gives another shape"
// CHECK:       cf.assert %{{.*}}, "the number of elements in the shape that 'tensor.reshape' gives a tensor<?xf32>"
func.func @reshape(%x: tensor<?xf32>, %m: index, %n: index) -> tensor<?x?xf32> {
  %shape = tensor.from_elements %m, %n : tensor<2xindex>
  %y = tensor.reshape %x(%shape) : (tensor<?xf32>, tensor<2xindex>) -> tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}

// -----

// Nothing is dynamic here.
// CHECK-LABEL: func.func @static(
// CHECK-NOT:   cf.assert
func.func @static(%x: tensor<12xf32>) -> tensor<3x4xf32> {
  %shape = tosa.const_shape {values = dense<[3, 4]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %y = tosa.reshape %x, %shape : (tensor<12xf32>, !tosa.shape<2>) -> tensor<3x4xf32>
  return %y : tensor<3x4xf32>
}
