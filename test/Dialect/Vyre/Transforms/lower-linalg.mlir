// RUN: vyre-opt --vyre-lower-linalg --split-input-file %s | FileCheck %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Parallel iterators become one loop nest that carries the op's name, reduction iterators
// a reduction of free order whose initial value is the output.

// CHECK-LABEL: func.func @sums(
// CHECK-SAME:    %[[X:.+]]: memref<?x?xf32>, %[[C:.+]]: memref<?xf32>
// CHECK:         scf.parallel (%[[I:.+]]) =
// CHECK:           %[[INIT:.+]] = memref.load %[[C]][%[[I]]]
// CHECK:           %[[SUM:.+]] = scf.parallel (%[[K:.+]]) = {{.*}} init (%[[INIT]]) -> f32 {
// CHECK:             %[[V:.+]] = memref.load %[[X]][%[[I]], %[[K]]]
// CHECK:             scf.reduce(%[[V]] : f32) {
// CHECK-NEXT:        ^bb0(%[[L:.+]]: f32, %[[R:.+]]: f32):
// CHECK-NEXT:          %[[S:.+]] = arith.addf %[[L]], %[[R]]
// CHECK-NEXT:          scf.reduce.return %[[S]]
// CHECK:           memref.store %[[SUM]], %[[C]][%[[I]]]
// CHECK:         } {vyre.covers, vyre.stage_name = "reduce"}
func.func @sums(%x: memref<?x?xf32>, %c: memref<?xf32>) {
  linalg.reduce { arith.addf } ins(%x : memref<?x?xf32>) outs(%c : memref<?xf32>) dimensions = [1]
  return
}

// -----

// A contraction is a sequential loop, which a thread can run for a tile of points.

// CHECK-LABEL: func.func @matmul(
// CHECK-SAME:    %[[A:.+]]: memref<?x?xf32>, %[[B:.+]]: memref<?x?xf32>, %[[C:.+]]: memref<?x?xf32>
// CHECK:         scf.parallel (%[[I:.+]], %[[J:.+]]) =
// CHECK:           %[[INIT:.+]] = memref.load %[[C]][%[[I]], %[[J]]]
// CHECK:           %[[SUM:.+]] = scf.for %[[K:.+]] = {{.*}} iter_args(%[[T:.+]] = %[[INIT]]) -> (f32) {
// CHECK-DAG:         %[[VA:.+]] = memref.load %[[A]][%[[I]], %[[K]]]
// CHECK-DAG:         %[[VB:.+]] = memref.load %[[B]][%[[K]], %[[J]]]
// CHECK:             %[[P:.+]] = arith.mulf %[[VA]], %[[VB]]
// CHECK:             %[[S:.+]] = arith.addf %[[T]], %[[P]]
// CHECK:             scf.yield %[[S]]
// CHECK:           memref.store %[[SUM]], %[[C]][%[[I]], %[[J]]]
// CHECK:         } {vyre.covers, vyre.stage_name = "matmul"}
func.func @matmul(%a: memref<?x?xf32>, %b: memref<?x?xf32>, %c: memref<?x?xf32>) {
  linalg.matmul ins(%a, %b : memref<?x?xf32>, memref<?x?xf32>) outs(%c : memref<?x?xf32>)
  return
}

// -----

// Few points leave no tiles: groups of threads share their reductions. Nor is a product
// with a vector a contraction, since it uses each element of the matrix once.

// CHECK-LABEL: func.func @small(
// CHECK-NOT:     scf.for
// CHECK:         return
func.func @small(%a: memref<16x512xf32>, %b: memref<512x128xf32>, %c: memref<16x128xf32>, %m: memref<4096x512xf32>, %x: memref<512xf32>, %y: memref<4096xf32>) {
  linalg.matmul ins(%a, %b : memref<16x512xf32>, memref<512x128xf32>) outs(%c : memref<16x128xf32>)
  linalg.matvec ins(%m, %x : memref<4096x512xf32>, memref<512xf32>) outs(%y : memref<4096xf32>)
  return
}

// -----

// Parallel iterators come first, wherever they stand; several reduction iterators are
// one reduction. Every associative combiner is known, and several outputs at once.

#all = affine_map<(d0, d1, d2) -> (d0, d1, d2)>
#mid = affine_map<(d0, d1, d2) -> (d1)>

// CHECK-LABEL: func.func @outer(
// CHECK:         scf.parallel (%[[J:.+]]) =
// CHECK:           %[[R:.+]]:2 = scf.parallel (%[[I:.+]], %[[K:.+]]) = {{.*}} -> (f32, i32)
// CHECK:             memref.load %{{.+}}[%[[I]], %[[J]], %[[K]]]
// CHECK:             scf.reduce(%{{.+}}, %{{.+}} : f32, i32) {
// CHECK:               arith.maximumf
// CHECK:               arith.xori
// CHECK:           memref.store %[[R]]#0, %{{.+}}[%[[J]]]
// CHECK:           memref.store %[[R]]#1, %{{.+}}[%[[J]]]
func.func @outer(%x: memref<4x5x6xf32>, %y: memref<4x5x6xi32>, %a: memref<5xf32>, %b: memref<5xi32>) {
  linalg.generic {indexing_maps = [#all, #all, #mid, #mid], iterator_types = ["reduction", "parallel", "reduction"]}
      ins(%x, %y : memref<4x5x6xf32>, memref<4x5x6xi32>) outs(%a, %b : memref<5xf32>, memref<5xi32>) {
  ^bb0(%v: f32, %w: i32, %o: f32, %p: i32):
    %m = arith.maximumf %v, %o : f32
    %n = arith.xori %p, %w : i32
    linalg.yield %m, %n : f32, i32
  }
  return
}

// -----

// A body that is no single combination keeps its order: loops that carry the outputs.

#matrix = affine_map<(d0, d1) -> (d0, d1)>
#row = affine_map<(d0, d1) -> (d0)>

// CHECK-LABEL: func.func @argmax(
// CHECK:         scf.parallel (%[[I:.+]]) =
// CHECK-DAG:       %[[V0:.+]] = memref.load %[[A:.+]][%[[I]]] : memref<4xf32>
// CHECK-DAG:       %[[W0:.+]] = memref.load %[[B:.+]][%[[I]]] : memref<4xindex>
// CHECK:           %[[R:.+]]:2 = scf.for %[[J:.+]] = {{.*}} iter_args(%[[V:.+]] = %[[V0]], %[[W:.+]] = %[[W0]])
// CHECK:             arith.cmpf ogt, %{{.+}}, %[[V]]
// CHECK:             arith.select %{{.+}}, %[[J]], %[[W]]
// CHECK:           memref.store %[[R]]#0, %[[A]][%[[I]]]
// CHECK:         } {vyre.covers, vyre.stage_name = "generic"}
func.func @argmax(%x: memref<4x8xf32>, %a: memref<4xf32>, %b: memref<4xindex>) {
  linalg.generic {indexing_maps = [#matrix, #row, #row], iterator_types = ["parallel", "reduction"]}
      ins(%x : memref<4x8xf32>) outs(%a, %b : memref<4xf32>, memref<4xindex>) {
  ^bb0(%v: f32, %o: f32, %p: index):
    %j = linalg.index 1 : index
    %c = arith.cmpf ogt, %v, %o : f32
    %m = arith.select %c, %v, %o : f32
    %n = arith.select %c, %j, %p : index
    linalg.yield %m, %n : f32, index
  }
  return
}

// -----

// So does a subtraction, and a sum whose value uses the output once more.

#vector = affine_map<(d0) -> (d0)>
#none = affine_map<(d0) -> ()>

// CHECK-LABEL: func.func @ordered(
// CHECK:         scf.for
// CHECK:           arith.subf
// CHECK:         scf.for
// CHECK:           arith.addf
// CHECK-NOT:     scf.reduce(
func.func @ordered(%x: memref<4xf32>, %s: memref<f32>) {
  linalg.generic {indexing_maps = [#vector, #none], iterator_types = ["reduction"]}
      ins(%x : memref<4xf32>) outs(%s : memref<f32>) {
  ^bb0(%v: f32, %o: f32):
    %r = arith.subf %o, %v : f32
    linalg.yield %r : f32
  }
  linalg.generic {indexing_maps = [#vector, #none], iterator_types = ["reduction"]}
      ins(%x : memref<4xf32>) outs(%s : memref<f32>) {
  ^bb0(%v: f32, %o: f32):
    %w = arith.mulf %v, %o : f32
    %r = arith.addf %o, %w : f32
    linalg.yield %r : f32
  }
  return
}

// -----

// Index expressions of convolutions are applied to the loops' indices; scalars are used
// as they are; rank 0 has no loop.

// CHECK-LABEL: func.func @shapes(
// CHECK-SAME:    %[[S:.+]]: f32
// CHECK:         scf.parallel (%[[I:.+]]) =
// CHECK:           scf.parallel (%[[K:.+]]) =
// CHECK:             %[[AT:.+]] = affine.apply #{{.+}}(%[[I]], %[[K]])
// CHECK:             memref.load %{{.+}}[%[[AT]]]
// CHECK:         } {vyre.covers, vyre.stage_name = "conv_1d"}
// CHECK:         scf.parallel
// CHECK:           memref.store %[[S]]
// CHECK:         } {vyre.covers, vyre.stage_name = "fill"}
// CHECK:         memref.store %[[S]], %{{.+}}[] {vyre.stage_name = "fill"} : memref<f32>
func.func @shapes(%s: f32, %x: memref<8xf32>, %w: memref<3xf32>, %y: memref<6xf32>, %z: memref<f32>) {
  linalg.conv_1d ins(%x, %w : memref<8xf32>, memref<3xf32>) outs(%y : memref<6xf32>)
  linalg.fill ins(%s : f32) outs(%y : memref<6xf32>)
  linalg.fill ins(%s : f32) outs(%z : memref<f32>)
  return
}

// -----

// A long sum of one point is that of its parts: 8,192 of four rows, each over 16,384
// elements, then their sum from the output on.

// CHECK-LABEL: func.func @long(
// CHECK-SAME:    %[[X:.+]]: memref<32768x4096xf32>, %[[S:.+]]: memref<f32>
// CHECK-DAG:     %[[P:.+]] = memref.alloc() : memref<8192xf32>
// CHECK-DAG:     %[[ZERO:.+]] = arith.constant -0.000000e+00 : f32
// CHECK:         scf.parallel (%[[C:.+]]) =
// CHECK:           %[[PART:.+]] = scf.parallel (%[[I:.+]], %[[J:.+]]) = {{.*}} init (%[[ZERO]]) -> f32 {
// CHECK:             %[[FIRST:.+]] = arith.muli %[[C]], %c4{{.*}} : index
// CHECK:             %[[ROW:.+]] = arith.addi %[[FIRST]], %[[I]] : index
// CHECK:             memref.load %[[X]][%[[ROW]], %[[J]]]
// CHECK:           memref.store %[[PART]], %[[P]][%[[C]]]
// CHECK:         } {vyre.stage_name = "reduce"}
// CHECK:         %[[INIT:.+]] = memref.load %[[S]][]
// CHECK:         %[[SUM:.+]] = scf.parallel (%[[K:.+]]) = {{.*}} init (%[[INIT]]) -> f32 {
// CHECK:           memref.load %[[P]][%[[K]]]
// CHECK:         memref.store %[[SUM]], %[[S]][]
func.func @long(%x: memref<32768x4096xf32>, %s: memref<f32>) {
  linalg.reduce { arith.addf } ins(%x : memref<32768x4096xf32>) outs(%s : memref<f32>) dimensions = [0, 1]
  return
}

// -----

// Of a length that is not known, whole parts, and what is left over from the sum of these on.

// CHECK-LABEL: func.func @unknown(
// CHECK-SAME:    %[[X:.+]]: memref<?xf32>, %[[S:.+]]: memref<f32>
// CHECK:         %[[N:.+]] = memref.dim %[[X]]
// CHECK:         %[[COUNT:.+]] = arith.divsi %[[N]], %c16384{{.*}} : index
// CHECK:         %[[REST:.+]] = arith.remsi %[[N]], %c16384{{.*}} : index
// CHECK:         %[[P:.+]] = memref.alloc(%[[COUNT]]) : memref<?xf32>
// CHECK:         scf.parallel (%[[C:.+]]) = (%{{.+}}) to (%[[COUNT]])
// CHECK:           scf.parallel (%[[I:.+]]) = (%{{.+}}) to (%c16384{{.*}})
// CHECK:             %[[FIRST:.+]] = arith.muli %[[C]], %c16384{{.*}} : index
// CHECK:             %[[AT:.+]] = arith.addi %[[FIRST]], %[[I]] : index
// CHECK:             memref.load %[[X]][%[[AT]]]
// CHECK:         %[[PARTS:.+]] = scf.parallel (%{{.+}}) = (%{{.+}}) to (%[[COUNT]])
// CHECK:         memref.store %[[PARTS]], %[[S]][]
// CHECK:         %[[INIT:.+]] = memref.load %[[S]][]
// CHECK:         %[[ALL:.+]] = scf.parallel (%[[I:.+]]) = (%{{.+}}) to (%[[REST]]) {{.*}} init (%[[INIT]])
// CHECK:           %[[FIRST:.+]] = arith.muli %[[COUNT]], %c16384{{.*}} : index
// CHECK:           %[[AT:.+]] = arith.addi %[[FIRST]], %[[I]] : index
// CHECK:           memref.load %[[X]][%[[AT]]]
// CHECK:         memref.store %[[ALL]], %[[S]][]
func.func @unknown(%x: memref<?xf32>, %s: memref<f32>) {
  linalg.reduce { arith.addf } ins(%x : memref<?xf32>) outs(%s : memref<f32>) dimensions = [0]
  return
}

// -----

// Columns of a length that is not known are parts of 32 rows, the last of which may be
// shorter; so nothing is left over.

// CHECK-LABEL: func.func @unknown_columns(
// CHECK-SAME:    %[[X:.+]]: memref<?x?xf32>, %[[S:.+]]: memref<?xf32>
// CHECK:         %[[N:.+]] = memref.dim %[[X]], %c0
// CHECK:         %[[M:.+]] = memref.dim %[[X]], %c1
// CHECK:         %[[COUNT:.+]] = arith.ceildivsi %[[N]], %c32{{.*}} : index
// CHECK:         %[[P:.+]] = memref.alloc(%[[COUNT]], %[[M]]) : memref<?x?xf32>
// CHECK:         scf.parallel (%[[C:.+]], %[[J:.+]]) = (%{{.+}}, %{{.+}}) to (%[[COUNT]], %[[M]])
// CHECK:           %[[FIRST:.+]] = arith.muli %[[C]], %{{.+}} : index
// CHECK:           %[[LEFT:.+]] = arith.subi %[[N]], %[[FIRST]]
// CHECK:           %[[TO:.+]] = arith.minsi %{{.+}}, %[[LEFT]]
// CHECK:           %[[SUM:.+]] = scf.parallel (%[[I:.+]]) = (%{{.+}}) to (%[[TO]])
// CHECK:             memref.load %[[X]][%{{.+}}, %[[J]]]
// CHECK:           memref.store %[[SUM]], %[[P]][%[[C]], %[[J]]]
// CHECK:         scf.parallel (%[[J:.+]]) = (%{{.+}}) to (%[[M]])
// CHECK:           %[[INIT:.+]] = memref.load %[[S]][%[[J]]]
// CHECK:           scf.parallel (%[[I:.+]]) = (%{{.+}}) to (%[[COUNT]]) step (%{{.+}}) init (%[[INIT]])
// CHECK:             memref.load %[[P]][%[[I]], %[[J]]]
// CHECK-NOT:       scf.parallel
// CHECK:           return
func.func @unknown_columns(%x: memref<?x?xf32>, %s: memref<?xf32>) {
  linalg.reduce { arith.addf } ins(%x : memref<?x?xf32>) outs(%s : memref<?xf32>) dimensions = [0]
  return
}

// -----

// Two reduction iterators behind each other in memory are one, of which parts can be made.

// CHECK-LABEL: func.func @unknown_matrix(
// CHECK-SAME:    %[[X:.+]]: memref<?x?xf32>
// CHECK:         %[[ALL:.+]] = memref.collapse_shape %[[X]] {{\[\[}}0, 1]]
// CHECK:         %[[N:.+]] = memref.dim %[[ALL]]
// CHECK:         arith.divsi %[[N]], %c16384
// CHECK:         {vyre.stage_name = "reduce"}
func.func @unknown_matrix(%x: memref<?x?xf32>, %s: memref<f32>) {
  linalg.reduce { arith.addf } ins(%x : memref<?x?xf32>) outs(%s : memref<f32>) dimensions = [0, 1]
  return
}

// -----

// So are those of columns; the sums of each channel of some images.

// CHECK-LABEL: func.func @channels(
// CHECK-SAME:    %[[X:.+]]: memref<8x56x56x32xf32>
// CHECK:         memref.collapse_shape %[[X]] {{\[\[}}0, 1, 2], [3]] : memref<8x56x56x32xf32> into memref<25088x32xf32>
// CHECK:         memref.alloc() : memref<448x32xf32>
func.func @channels(%x: memref<8x56x56x32xf32>, %s: memref<32xf32>) {
  linalg.reduce { arith.addf } ins(%x : memref<8x56x56x32xf32>) outs(%s : memref<32xf32>) dimensions = [0, 1, 2]
  return
}

// -----

// A view whose rows are apart has no such form: its iterators stay, and all of them are
// reduced at once.

// CHECK-LABEL: func.func @apart(
// CHECK-NOT:     memref.collapse_shape
// CHECK:         scf.parallel (%{{.+}}, %{{.+}}) =
// CHECK:         return
func.func @apart(%x: memref<?x?xf32, strided<[?, 1]>>, %s: memref<f32>) {
  linalg.reduce { arith.addf } ins(%x : memref<?x?xf32, strided<[?, 1]>>) outs(%s : memref<f32>) dimensions = [0, 1]
  return
}

// -----

// Columns are parts of up to 63 rows, which a thread adds up in order.

// CHECK-LABEL: func.func @columns(
// CHECK:         memref.alloc() : memref<128x32xf32>
// CHECK:         scf.parallel (%[[C:.+]], %[[J:.+]]) =
// CHECK:           scf.parallel (%[[K:.+]]) =
// CHECK:         scf.parallel (%[[J2:.+]]) =
// CHECK:           scf.parallel (%[[C2:.+]]) =
func.func @columns(%x: memref<4096x32xf32>, %s: memref<32xf32>) {
  linalg.reduce { arith.addf } ins(%x : memref<4096x32xf32>) outs(%s : memref<32xf32>) dimensions = [0]
  return
}
