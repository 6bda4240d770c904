// RUN: vyre-opt --vyre-input-pipeline --split-input-file %s | FileCheck %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Tensors become bindings; names of stages come from the ops.

// CHECK-LABEL: vyre.program @dense(
// CHECK-SAME:    %[[X:[a-z0-9]+]]: memref<?x16xf32> {{{[^}]*}}slot = 0, role = input
// CHECK-SAME:    %[[W:[a-z0-9]+]]: memref<16x8xf32> {{{[^}]*}}slot = 1, role = input
// CHECK-SAME:    %[[Y:[a-z0-9]+]]: memref<?x8xf32> {{{[^}]*}}slot = 2, role = output
// CHECK:         %[[N:.+]] = memref.dim %[[X]]
// CHECK:         vyre.extents %[[Y]][%[[N]]]
// CHECK:         vyre.stage @fill_0 (%{{.+}}, %{{.+}}) in (%[[N]], %{{.+}}) writes(%[[Y]]
// CHECK:         vyre.stage @matmul_1 (%{{.+}}, %{{.+}}) in (%[[N]], %{{.+}}) reads(%[[X]], %[[W]] : {{.*}}) updates(%[[Y]]
// CHECK:           scf.for {{.*}} iter_args
// CHECK:         vyre.return %[[Y]]
// CHECK-NOT:   func.func
func.func @dense(%x: tensor<?x16xf32>, %w: tensor<16x8xf32>) -> tensor<?x8xf32> {
  %c0 = arith.constant 0 : index
  %z = arith.constant 0.0 : f32
  %n = tensor.dim %x, %c0 : tensor<?x16xf32>
  %e = tensor.empty(%n) : tensor<?x8xf32>
  %i = linalg.fill ins(%z : f32) outs(%e : tensor<?x8xf32>) -> tensor<?x8xf32>
  %r = linalg.matmul ins(%x, %w : tensor<?x16xf32>, tensor<16x8xf32>) outs(%i : tensor<?x8xf32>) -> tensor<?x8xf32>
  return %r : tensor<?x8xf32>
}

// -----

// Tensor arguments are never written to, whatever they say, not even by an op that
// writes over one.

// CHECK-LABEL: vyre.program @value(
// CHECK-SAME:    %[[X:[a-z0-9]+]]: memref<4xf32> {{{[^}]*}}role = input
// CHECK-SAME:    %[[Y:[a-z0-9]+]]: memref<4xf32> {{{[^}]*}}role = output
// CHECK:         vyre.stage @add_0 {{.*}} reads(%[[X]] : memref<4xf32>) writes(%[[Y]] : memref<4xf32>)
func.func @value(%x: tensor<4xf32> {bufferization.writable = true}) -> tensor<4xf32> {
  %0 = linalg.add ins(%x, %x : tensor<4xf32>, tensor<4xf32>) outs(%x : tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

// Every rank, element type and kind of extent, empty ones too. A dimension that is
// known to be 1 takes no index; where one is known to be 0, nothing is left to do.

// CHECK-LABEL: vyre.program @ranks(
// CHECK-SAME:    memref<f16>
// CHECK-SAME:    memref<?xbf16>
// CHECK-SAME:    memref<0x?xf64>
// CHECK-SAME:    memref<2x?x0xi8>
// CHECK-SAME:    memref<1x2x?x3xi16>
// CHECK-SAME:    memref<1x2x3x?x?xindex>
// CHECK:         vyre.stage @generic_0 () in ()
// CHECK:         vyre.stage @generic_1 (%{{[^,]+}}) in
// CHECK:         vyre.stage @generic_2 (%{{[^,]+}}, %{{[^,]+}}, %{{[^,]+}}) in
// CHECK:         vyre.stage @generic_3 (%{{[^,]+}}, %{{[^,]+}}, %{{[^,]+}}, %{{[^,]+}}) in
// CHECK-NOT:     vyre.stage
// CHECK:         vyre.return
func.func @ranks(%a: tensor<f16>, %b: tensor<?xbf16>, %c: tensor<0x?xf64>, %d: tensor<2x?x0xi8>,
                 %e: tensor<1x2x?x3xi16>, %f: tensor<1x2x3x?x?xindex>)
    -> (tensor<f16>, tensor<?xbf16>, tensor<0x?xf64>, tensor<2x?x0xi8>, tensor<1x2x?x3xi16>, tensor<1x2x3x?x?xindex>) {
  %0 = arith.addf %a, %a : tensor<f16>
  %1 = arith.addf %b, %b : tensor<?xbf16>
  %2 = arith.addf %c, %c : tensor<0x?xf64>
  %3 = arith.addi %d, %d : tensor<2x?x0xi8>
  %4 = arith.addi %e, %e : tensor<1x2x?x3xi16>
  %5 = arith.addi %f, %f : tensor<1x2x3x?x?xindex>
  return %0, %1, %2, %3, %4, %5 : tensor<f16>, tensor<?xbf16>, tensor<0x?xf64>, tensor<2x?x0xi8>, tensor<1x2x?x3xi16>, tensor<1x2x3x?x?xindex>
}

// -----

// Private functions are inlined. Weights are constants of the artifact, resources too.

// CHECK-NOT:   func.func
// CHECK-NOT:   memref.global
// CHECK-LABEL: vyre.program @weights(
// CHECK-DAG:     vyre.constant dense<[1.000000e+00, 2.000000e+00]> : tensor<2xf32> as memref<2xf32>
// CHECK-DAG:     vyre.constant dense_resource<blob> : tensor<2xf32> as memref<2xf32>
func.func private @scale(%x: tensor<2xf32>) -> tensor<2xf32> {
  %w = arith.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %r = arith.mulf %x, %w : tensor<2xf32>
  return %r : tensor<2xf32>
}
func.func @weights(%x: tensor<2xf32>) -> tensor<2xf32> {
  %b = arith.constant dense_resource<blob> : tensor<2xf32>
  %s = call @scale(%x) : (tensor<2xf32>) -> tensor<2xf32>
  %r = arith.addf %s, %b : tensor<2xf32>
  return %r : tensor<2xf32>
}

{-#
  dialect_resources: {
    builtin: {
      blob: "0x040000000000803F00000040"
    }
  }
#-}

// -----

// A loop over tensors with constant bounds is unrolled; one whose points do not need
// each other runs in the stage, as often as a scalar says.

// CHECK-LABEL: vyre.program @loops(
// CHECK:         vyre.stage @copy_0
// CHECK:         vyre.stage @generic_1 (%{{.+}}) in (%{{.+}})
// CHECK-NEXT:      scf.for
// CHECK:         vyre.stage @map_2
// CHECK:         vyre.stage @map_3
// CHECK-NOT:     vyre.stage
func.func @loops(%x: tensor<8xf32>, %n: index) -> tensor<8xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c7 = arith.constant 7 : index
  %a = scf.for %i = %c0 to %n step %c1 iter_args(%t = %x) -> tensor<8xf32> {
    %u = math.tanh %t : tensor<8xf32>
    scf.yield %u : tensor<8xf32>
  }
  %b = scf.for %i = %c0 to %c2 step %c1 iter_args(%t = %a) -> tensor<8xf32> {
    %u = tensor.generate {
    ^bb0(%j: index):
      %k = arith.subi %c7, %j : index
      %e = tensor.extract %t[%k] : tensor<8xf32>
      tensor.yield %e : f32
    } : tensor<8xf32>
    scf.yield %u : tensor<8xf32>
  }
  return %b : tensor<8xf32>
}

// -----

// Tiles that scf.forall writes: the tile's points are part of the space.

// CHECK-LABEL: vyre.program @tiles(
// CHECK:         vyre.stage @{{.+}}_0 (%{{[^,]+}}, %{{[^,]+}}) in (%c4{{.*}}, %c16{{.*}}) {{.*}} writes
// CHECK-NOT:     vyre.stage
func.func @tiles(%x: tensor<64xf32>) -> tensor<64xf32> {
  %e = tensor.empty() : tensor<64xf32>
  %r = scf.forall (%i) in (4) shared_outs(%o = %e) -> (tensor<64xf32>) {
    %at = affine.apply affine_map<(d0) -> (d0 * 16)>(%i)
    %tile = tensor.extract_slice %x[%at] [16] [1] : tensor<64xf32> to tensor<16xf32>
    %to = tensor.extract_slice %o[%at] [16] [1] : tensor<64xf32> to tensor<16xf32>
    %s = linalg.square ins(%tile : tensor<16xf32>) outs(%to : tensor<16xf32>) -> tensor<16xf32>
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %s into %o[%at] [16] [1] : tensor<16xf32> into tensor<64xf32>
    }
  }
  return %r : tensor<64xf32>
}

// -----

// A network of tosa ops over a dynamic batch: nothing is left to be chosen on the host,
// and all stages run over the batch's extent.

// CHECK-LABEL: vyre.program @network(
// CHECK-SAME:    %[[X:[a-z0-9]+]]: memref<?x8x8x3xf32>
// CHECK:         %[[N:.+]] = memref.dim %[[X]], %c0
// CHECK-NOT:     memref.dim
// CHECK:         vyre.stage @conv_2d_nhwc_fhwc_{{[0-9]+}} (%{{.+}}) in (%[[N]],
// CHECK:         vyre.stage @pooling_nhwc_max_{{[0-9]+}} (%{{.+}}) in (%[[N]],
// CHECK:         vyre.stage @matmul_{{[0-9]+}} (%{{.+}}) in (%[[N]],
// CHECK-NOT:     arith.select %{{.+}} : index
// CHECK:         vyre.return
func.func @network(%x: tensor<?x8x8x3xf32>, %k: tensor<4x3x3x3xf32>, %b: tensor<4xf32>, %w: tensor<64x10xf32>) -> tensor<?x10xf32> {
  %zp = "tosa.const"() <{values = dense<0.0> : tensor<1xf32>}> : () -> tensor<1xf32>
  %shift = "tosa.const"() <{values = dense<0> : tensor<1xi8>}> : () -> tensor<1xi8>
  %c = tosa.conv2d %x, %k, %b, %zp, %zp {acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 1, 1, 1, 1>, stride = array<i64: 1, 1>}
      : (tensor<?x8x8x3xf32>, tensor<4x3x3x3xf32>, tensor<4xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<?x8x8x4xf32>
  %p = tosa.max_pool2d %c {kernel = array<i64: 2, 2>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 2, 2>} : (tensor<?x8x8x4xf32>) -> tensor<?x4x4x4xf32>
  %c0 = arith.constant 0 : index
  %z = arith.constant 0.0 : f32
  %f = tensor.collapse_shape %p [[0], [1, 2, 3]] : tensor<?x4x4x4xf32> into tensor<?x64xf32>
  %n = tensor.dim %f, %c0 : tensor<?x64xf32>
  %e = tensor.empty(%n) : tensor<?x10xf32>
  %i = linalg.fill ins(%z : f32) outs(%e : tensor<?x10xf32>) -> tensor<?x10xf32>
  %m = linalg.matmul ins(%f, %w : tensor<?x64xf32>, tensor<64x10xf32>) outs(%i : tensor<?x10xf32>) -> tensor<?x10xf32>
  %most = tosa.reduce_max %m {axis = 1 : i32} : (tensor<?x10xf32>) -> tensor<?x1xf32>
  %moved = tosa.sub %m, %most : (tensor<?x10xf32>, tensor<?x1xf32>) -> tensor<?x10xf32>
  %power = tosa.exp %moved : (tensor<?x10xf32>) -> tensor<?x10xf32>
  %sum = tosa.reduce_sum %power {axis = 1 : i32} : (tensor<?x10xf32>) -> tensor<?x1xf32>
  %inverse = tosa.reciprocal %sum : (tensor<?x1xf32>) -> tensor<?x1xf32>
  %r = tosa.mul %power, %inverse, %shift : (tensor<?x10xf32>, tensor<?x1xf32>, tensor<1xi8>) -> tensor<?x10xf32>
  return %r : tensor<?x10xf32>
}

// -----

// Host code that runs programs stays, and so do they.

// CHECK-LABEL: func.func @host(
// CHECK-NEXT:    vyre.dispatch @copy
// CHECK-LABEL: vyre.program @copy(
func.func @host(%x: memref<4xf32>, %y: memref<4xf32>) {
  vyre.dispatch @copy(%x, %y) : memref<4xf32>, memref<4xf32>
  return
}
vyre.program @copy(
    %x: memref<4xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>},
    %y: memref<4xf32> {vyre.binding = #vyre.binding<slot = 1, role = output>}) -> memref<4xf32> {
  %c4 = arith.constant 4 : index
  vyre.stage @copy (%i) in (%c4) reads(%x : memref<4xf32>) writes(%y : memref<4xf32>) {
    %v = memref.load %x[%i] : memref<4xf32>
    memref.store %v, %y[%i] : memref<4xf32>
  }
  vyre.return %y : memref<4xf32>
}
