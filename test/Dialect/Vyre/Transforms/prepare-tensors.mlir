// RUN: vyre-opt --pass-pipeline="builtin.module(func.func(vyre-prepare-tensors))" --split-input-file %s | FileCheck %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Tensor arguments are values, whatever they say.

// CHECK-LABEL: func.func @values(
// CHECK-SAME:    tensor<4xf32> {bufferization.writable = false}, %{{.+}}: tensor<4xf32> {bufferization.writable = false}, %{{.+}}: memref<4xf32>, %{{.+}}: f32)
func.func @values(%x: tensor<4xf32>, %y: tensor<4xf32> {bufferization.writable = true}, %z: memref<4xf32>, %s: f32) {
  return
}

// -----

// CHECK-LABEL: func.func @softmax(
// CHECK-NOT:     linalg.softmax
// CHECK:         math.exp
// CHECK-NOT:     linalg.softmax
// CHECK:         bufferization.materialize_in_destination %{{.+}} in restrict writable %{{.+}} : (tensor<2x3xf32>, memref<2x3xf32>)
func.func @softmax(%x: tensor<2x3xf32>, %m: memref<2x3xf32>, %n: memref<2x3xf32>) -> tensor<2x3xf32> {
  %e = tensor.empty() : tensor<2x3xf32>
  %r = linalg.softmax dimension(1) ins(%x : tensor<2x3xf32>) outs(%e : tensor<2x3xf32>) -> tensor<2x3xf32>
  linalg.softmax dimension(1) ins(%m : memref<2x3xf32>) outs(%n : memref<2x3xf32>)
  return %r : tensor<2x3xf32>
}

// -----

// CHECK-LABEL: func.func @pack(
// CHECK:         tensor.expand_shape
// CHECK:         linalg.transpose
func.func @pack(%x: tensor<16x16xf32>, %e: tensor<4x4x4x4xf32>) -> tensor<4x4x4x4xf32> {
  %p = linalg.pack %x inner_dims_pos = [0, 1] inner_tiles = [4, 4] into %e : tensor<16x16xf32> -> tensor<4x4x4x4xf32>
  return %p : tensor<4x4x4x4xf32>
}

// -----

// The result has the batch dimensions of the indices, then those of the source: without
// the gathered ones or with 1 in their place.

// CHECK-LABEL: func.func @gather(
// CHECK-SAME:    %[[X:.+]]: tensor<?x5x7xf32> {{.*}}, %[[I:.+]]: tensor<3x?x1xi32>
// CHECK:         tensor.generate
// CHECK:         ^bb0(%[[A:.+]]: index, %[[B:.+]]: index, %[[C:.+]]: index, %[[D:.+]]: index):
// CHECK:           %[[E:.+]] = tensor.extract %[[I]][%[[A]], %[[B]], %{{.+}}]
// CHECK:           %[[AT:.+]] = arith.index_cast %[[E]]
// CHECK:           tensor.extract %[[X]][%[[C]], %[[AT]], %[[D]]]
// CHECK:         tensor.generate
// CHECK:         ^bb0(%[[A:.+]]: index, %[[B:.+]]: index, %[[C:.+]]: index, %{{.+}}: index, %[[D:.+]]: index):
// CHECK:           tensor.extract %[[X]][%[[C]], %{{.+}}, %[[D]]]
func.func @gather(%x: tensor<?x5x7xf32>, %i: tensor<3x?x1xi32>) -> (tensor<3x?x?x7xf32>, tensor<3x?x?x1x7xf32>) {
  %a = tensor.gather %x[%i] gather_dims([1]) : (tensor<?x5x7xf32>, tensor<3x?x1xi32>) -> tensor<3x?x?x7xf32>
  %b = tensor.gather %x[%i] gather_dims([1]) : (tensor<?x5x7xf32>, tensor<3x?x1xi32>) -> tensor<3x?x?x1x7xf32>
  return %a, %b : tensor<3x?x?x7xf32>, tensor<3x?x?x1x7xf32>
}

// -----

// CHECK-LABEL: func.func @scatter(
// CHECK-SAME:    %[[X:.+]]: tensor<3x5xf32> {{.*}}, %[[D:.+]]: tensor<8x5xf32> {{.*}}, %[[I:.+]]: tensor<3x1xindex>
// CHECK:         %[[R:.+]] = scf.forall (%[[B:.+]]) in (3) shared_outs(%[[O:.+]] = %[[D]])
// CHECK:           %[[ROW:.+]] = tensor.extract_slice %[[X]][%[[B]], 0] [1, 5] [1, 1]
// CHECK:           %[[AT:.+]] = tensor.extract %[[I]][%[[B]], %{{.+}}]
// CHECK:             tensor.parallel_insert_slice %[[ROW]] into %[[O]][%[[AT]], 0] [1, 5] [1, 1]
// CHECK:         return %[[R]]
func.func @scatter(%x: tensor<3x5xf32>, %d: tensor<8x5xf32>, %i: tensor<3x1xindex>) -> tensor<8x5xf32> {
  %r = tensor.scatter %x into %d[%i] scatter_dims([0]) unique : (tensor<3x5xf32>, tensor<8x5xf32>, tensor<3x1xindex>) -> tensor<8x5xf32>
  return %r : tensor<8x5xf32>
}

// -----

// CHECK-LABEL: func.func @tosa_scatter(
// CHECK:         scf.forall (%[[N:.+]], %[[W:.+]]) in (3, 26)
// CHECK:           %[[ROW:.+]] = tensor.extract_slice %{{.+}}[%[[N]], %[[W]], 0] [1, 1, 5] [1, 1, 1]
// CHECK:             tensor.parallel_insert_slice %[[ROW]] into %{{.+}}[%[[N]], %{{.+}}, 0] [1, 1, 5] [1, 1, 1]
func.func @tosa_scatter(%d: tensor<3x40x5xf32>, %i: tensor<3x26xi32>, %x: tensor<3x26x5xf32>) -> tensor<3x40x5xf32> {
  %r = tosa.scatter %d, %i, %x : (tensor<3x40x5xf32>, tensor<3x26xi32>, tensor<3x26x5xf32>) -> tensor<3x40x5xf32>
  return %r : tensor<3x40x5xf32>
}

// -----

// CHECK-LABEL: func.func @reshape(
// CHECK-SAME:    %[[X:.+]]: tensor<?x6xf32> {{.*}}, %[[N:.+]]: i32,
// CHECK:         %[[E:.+]] = arith.index_cast %[[N]]
// CHECK:         %[[FLAT:.+]] = tensor.collapse_shape %[[X]] {{\[\[}}0, 1]]
// CHECK:         tensor.expand_shape %[[FLAT]] {{\[\[}}0, 1]] output_shape [%[[E]], 2]
// CHECK:         tensor.expand_shape %{{.+}} [] output_shape [1]
func.func @reshape(%x: tensor<?x6xf32>, %n: i32, %z: tensor<f32>) -> (tensor<?x2xf32>, tensor<1xf32>) {
  %c2 = arith.constant 2 : i32
  %shape = tensor.from_elements %n, %c2 : tensor<2xi32>
  %a = tensor.reshape %x(%shape) : (tensor<?x6xf32>, tensor<2xi32>) -> tensor<?x2xf32>
  %one = arith.constant dense<1> : tensor<1xindex>
  %b = tensor.reshape %z(%one) : (tensor<f32>, tensor<1xindex>) -> tensor<1xf32>
  return %a, %b : tensor<?x2xf32>, tensor<1xf32>
}

// -----

// What several ops write over is made for each, so that nothing is copied.

// CHECK-LABEL: func.func @shared(
// CHECK-COUNT-2: linalg.fill
// CHECK-COUNT-2: linalg.reduce
func.func @shared(%x: tensor<4x8xf32>, %z: f32) -> (tensor<4xf32>, tensor<4xf32>) {
  %e = tensor.empty() : tensor<4xf32>
  %init = linalg.fill ins(%z : f32) outs(%e : tensor<4xf32>) -> tensor<4xf32>
  %a = linalg.reduce { arith.addf } ins(%x : tensor<4x8xf32>) outs(%init : tensor<4xf32>) dimensions = [1]
  %b = linalg.reduce { arith.maximumf } ins(%x : tensor<4x8xf32>) outs(%init : tensor<4xf32>) dimensions = [1]
  return %a, %b : tensor<4xf32>, tensor<4xf32>
}

// -----

// tosa chooses on the host between an operand and its broadcast. Where nothing is to be
// broadcast, because the extents have one origin, the operand is taken as it is.

#id = affine_map<(d0, d1) -> (d0, d1)>
#broadcast = affine_map<(d0, d1) -> (0, d1)>

// CHECK-LABEL: func.func @same_origin(
// CHECK-SAME:    %[[X:.+]]: tensor<?x8xf32>
// CHECK-NOT:     scf.if
// CHECK:         linalg.generic {{.*}} ins(%[[X]], %[[X]] :
func.func @same_origin(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %d0 = tensor.dim %x, %c0 : tensor<?x8xf32>
  %d1 = tensor.dim %x, %c0 : tensor<?x8xf32>
  %target = arith.maxui %d0, %d1 : index
  %is_one = arith.cmpi eq, %d0, %c1 : index
  %chosen = scf.if %is_one -> tensor<?x8xf32> {
    %e = tensor.empty(%target) : tensor<?x8xf32>
    %b = linalg.generic {indexing_maps = [#broadcast, #id], iterator_types = ["parallel", "parallel"]}
        ins(%x : tensor<?x8xf32>) outs(%e : tensor<?x8xf32>) {
    ^bb0(%v: f32, %o: f32):
      linalg.yield %v : f32
    } -> tensor<?x8xf32>
    scf.yield %b : tensor<?x8xf32>
  } else {
    scf.yield %x : tensor<?x8xf32>
  }
  %e = tensor.empty(%target) : tensor<?x8xf32>
  %r = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%chosen, %x : tensor<?x8xf32>, tensor<?x8xf32>) outs(%e : tensor<?x8xf32>) {
  ^bb0(%v: f32, %w: f32, %o: f32):
    %s = arith.addf %v, %w : f32
    linalg.yield %s : f32
  } -> tensor<?x8xf32>
  return %r : tensor<?x8xf32>
}

// -----

// Else each point decides at which index it reads.

#id = affine_map<(d0, d1) -> (d0, d1)>
#broadcast = affine_map<(d0, d1) -> (0, d1)>

// CHECK-LABEL: func.func @other_origin(
// CHECK-SAME:    %[[X:.+]]: tensor<?x8xf32> {{.*}}, %[[Y:.+]]: tensor<?x8xf32>
// CHECK:         %[[IS_ONE:.+]] = arith.cmpi eq
// CHECK-NOT:     scf.if
// CHECK:         linalg.generic {{.*}} ins(%[[Y]] :
// CHECK:           %[[I:.+]] = linalg.index 0
// CHECK:           %[[J:.+]] = linalg.index 1
// CHECK:           %[[AT:.+]] = arith.select %[[IS_ONE]], %{{.+}}, %[[I]]
// CHECK:           tensor.extract %[[X]][%[[AT]], %[[J]]]
func.func @other_origin(%x: tensor<?x8xf32>, %y: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %d0 = tensor.dim %x, %c0 : tensor<?x8xf32>
  %d1 = tensor.dim %y, %c0 : tensor<?x8xf32>
  %target = arith.maxui %d0, %d1 : index
  %is_one = arith.cmpi eq, %d0, %c1 : index
  %chosen = scf.if %is_one -> tensor<?x8xf32> {
    %e = tensor.empty(%target) : tensor<?x8xf32>
    %b = linalg.generic {indexing_maps = [#broadcast, #id], iterator_types = ["parallel", "parallel"]}
        ins(%x : tensor<?x8xf32>) outs(%e : tensor<?x8xf32>) {
    ^bb0(%v: f32, %o: f32):
      linalg.yield %v : f32
    } -> tensor<?x8xf32>
    scf.yield %b : tensor<?x8xf32>
  } else {
    scf.yield %x : tensor<?x8xf32>
  }
  %e = tensor.empty(%target) : tensor<?x8xf32>
  %r = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%chosen, %y : tensor<?x8xf32>, tensor<?x8xf32>) outs(%e : tensor<?x8xf32>) {
  ^bb0(%v: f32, %w: f32, %o: f32):
    %s = arith.addf %v, %w : f32
    linalg.yield %s : f32
  } -> tensor<?x8xf32>
  return %r : tensor<?x8xf32>
}

// -----

// CHECK-LABEL: func.func @bitcast(
// CHECK-SAME:    %[[X:.+]]: tensor<?xf32>
// CHECK:         linalg.map { arith.bitcast } ins(%[[X]] : tensor<?xf32>) outs(%{{.+}} : tensor<?xi32>)
func.func @bitcast(%x: tensor<?xf32>) -> tensor<?xi32> {
  %y = tensor.bitcast %x : tensor<?xf32> to tensor<?xi32>
  return %y : tensor<?xi32>
}

// -----

// What an op writes over is not one of its inputs, unless it reads what was there or
// goes around a loop.

// CHECK-LABEL: func.func @destinations(
// CHECK-SAME:    %[[X:.+]]: tensor<4xf32>
// CHECK:         %[[EMPTY:.+]] = tensor.empty() : tensor<4xf32>
// CHECK:         linalg.generic {{.*}} ins(%[[X]] : tensor<4xf32>) outs(%[[EMPTY]] : tensor<4xf32>)
// CHECK:         linalg.generic {{.*}} ins(%[[X]] : tensor<4xf32>) outs(%[[X]] : tensor<4xf32>)
// CHECK:         scf.for {{.*}} iter_args(%[[Y:.+]] = %[[X]])
// CHECK:           linalg.generic {{.*}} ins(%[[Y]] : tensor<4xf32>) outs(%[[Y]] : tensor<4xf32>)
#map = affine_map<(i) -> (i)>
func.func @destinations(%x: tensor<4xf32>, %n: index) -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %0 = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel"]}
      ins(%x : tensor<4xf32>) outs(%x : tensor<4xf32>) {
  ^bb0(%a: f32, %b: f32):
    %s = arith.negf %a : f32
    linalg.yield %s : f32
  } -> tensor<4xf32>
  %1 = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel"]}
      ins(%x : tensor<4xf32>) outs(%x : tensor<4xf32>) {
  ^bb0(%a: f32, %b: f32):
    %s = arith.addf %a, %b : f32
    linalg.yield %s : f32
  } -> tensor<4xf32>
  %2 = scf.for %i = %c0 to %n step %c1 iter_args(%y = %x) -> tensor<4xf32> {
    %3 = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel"]}
        ins(%y : tensor<4xf32>) outs(%y : tensor<4xf32>) {
    ^bb0(%a: f32, %b: f32):
      %s = arith.negf %a : f32
      linalg.yield %s : f32
    } -> tensor<4xf32>
    scf.yield %3 : tensor<4xf32>
  }
  return %0, %1, %2 : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
}
