// RUN: vyre-opt %s -split-input-file -convert-vyre-to-gpu | FileCheck %s -enable-var-scope

// Bodies of many operations over many points: a thread has four runs of four
// neighbours, and a block 1,024 runs side by side.

// All blocks are whole: no condition.
// CHECK-LABEL: gpu.module @whole_l
// CHECK-SAME:    vyre.points_per_block = 4096 : i64
// CHECK:         scf.for %[[FIRST:.*]] =
// CHECK-NOT:       scf.if
// CHECK:           arith.muli %[[FIRST]], %c4{{.*}} : index
// CHECK:           %[[SECOND:.*]] = arith.addi %[[FIRST]], %c256{{.*}} : index
// CHECK:           arith.muli %[[SECOND]], %c4{{.*}} : index
// CHECK-COUNT-4:   vector.load %{{.*}} {alignment = 16 : i64} : memref<4194304xf32>, vector<4xf32>
// CHECK-COUNT-512: arith.mulf
// CHECK-COUNT-4:   vector.store %{{.*}} {alignment = 16 : i64}
// CHECK-NOT:       memref.store
// CHECK:         gpu.return
vyre.program @whole(%x: memref<4194304xf32> {vyre.binding = #vyre.binding<slot = 0, role = input, alignment = 16>}, %y: memref<4194304xf32> {vyre.binding = #vyre.binding<slot = 1, role = output, alignment = 16>}) -> memref<4194304xf32> {
  %m = arith.constant 4194304 : index
  vyre.launch @l {
    vyre.stage @s (%i) in (%m) reads(%x : memref<4194304xf32>) writes(%y : memref<4194304xf32>) {
      %v0 = memref.load %x[%i] : memref<4194304xf32>
      %v1 = arith.mulf %v0, %v0 : f32
      %v2 = arith.mulf %v1, %v0 : f32
      %v3 = arith.mulf %v2, %v0 : f32
      %v4 = arith.mulf %v3, %v0 : f32
      %v5 = arith.mulf %v4, %v0 : f32
      %v6 = arith.mulf %v5, %v0 : f32
      %v7 = arith.mulf %v6, %v0 : f32
      %v8 = arith.mulf %v7, %v0 : f32
      %v9 = arith.mulf %v8, %v0 : f32
      %v10 = arith.mulf %v9, %v0 : f32
      %v11 = arith.mulf %v10, %v0 : f32
      %v12 = arith.mulf %v11, %v0 : f32
      %v13 = arith.mulf %v12, %v0 : f32
      %v14 = arith.mulf %v13, %v0 : f32
      %v15 = arith.mulf %v14, %v0 : f32
      %v16 = arith.mulf %v15, %v0 : f32
      %v17 = arith.mulf %v16, %v0 : f32
      %v18 = arith.mulf %v17, %v0 : f32
      %v19 = arith.mulf %v18, %v0 : f32
      %v20 = arith.mulf %v19, %v0 : f32
      %v21 = arith.mulf %v20, %v0 : f32
      %v22 = arith.mulf %v21, %v0 : f32
      %v23 = arith.mulf %v22, %v0 : f32
      %v24 = arith.mulf %v23, %v0 : f32
      %v25 = arith.mulf %v24, %v0 : f32
      %v26 = arith.mulf %v25, %v0 : f32
      %v27 = arith.mulf %v26, %v0 : f32
      %v28 = arith.mulf %v27, %v0 : f32
      %v29 = arith.mulf %v28, %v0 : f32
      %v30 = arith.mulf %v29, %v0 : f32
      %v31 = arith.mulf %v30, %v0 : f32
      %v32 = arith.mulf %v31, %v0 : f32
      memref.store %v32, %y[%i] : memref<4194304xf32>
    }
  }
  vyre.return %y : memref<4194304xf32>
}

// -----

// The last runs of a row, and the last run, may be cut short: point by point then.
// CHECK-LABEL: gpu.module @rest_l
// CHECK:         scf.for %[[FIRST:.*]] = %{{.*}} to %[[END:.*]] step
// CHECK:           %[[ROOM:.*]] = arith.addi %[[FIRST]], %c769
// CHECK:           %[[LIMIT:.*]] = arith.muli %[[ROOM]], %c4
// CHECK:           %[[WHOLE:.*]] = arith.cmpi ule, %[[LIMIT]], %c4194306
// CHECK:           scf.if %[[WHOLE]] {
// CHECK-COUNT-4:     vector.store
// CHECK:           } else {
// CHECK:             scf.for %[[NEXT:.*]] = %[[FIRST]] to %[[END]] step %c256
// CHECK:               arith.minui
// CHECK:               scf.for
// CHECK:                 memref.store
vyre.program @rest(%x: memref<4194306xf32> {vyre.binding = #vyre.binding<slot = 0, role = input, alignment = 16>}, %y: memref<4194306xf32> {vyre.binding = #vyre.binding<slot = 1, role = output, alignment = 16>}) -> memref<4194306xf32> {
  %m = arith.constant 4194306 : index
  vyre.launch @l {
    vyre.stage @s (%i) in (%m) reads(%x : memref<4194306xf32>) writes(%y : memref<4194306xf32>) {
      %v0 = memref.load %x[%i] : memref<4194306xf32>
      %v1 = arith.mulf %v0, %v0 : f32
      %v2 = arith.mulf %v1, %v0 : f32
      %v3 = arith.mulf %v2, %v0 : f32
      %v4 = arith.mulf %v3, %v0 : f32
      %v5 = arith.mulf %v4, %v0 : f32
      %v6 = arith.mulf %v5, %v0 : f32
      %v7 = arith.mulf %v6, %v0 : f32
      %v8 = arith.mulf %v7, %v0 : f32
      %v9 = arith.mulf %v8, %v0 : f32
      %v10 = arith.mulf %v9, %v0 : f32
      %v11 = arith.mulf %v10, %v0 : f32
      %v12 = arith.mulf %v11, %v0 : f32
      %v13 = arith.mulf %v12, %v0 : f32
      %v14 = arith.mulf %v13, %v0 : f32
      %v15 = arith.mulf %v14, %v0 : f32
      %v16 = arith.mulf %v15, %v0 : f32
      %v17 = arith.mulf %v16, %v0 : f32
      %v18 = arith.mulf %v17, %v0 : f32
      %v19 = arith.mulf %v18, %v0 : f32
      %v20 = arith.mulf %v19, %v0 : f32
      %v21 = arith.mulf %v20, %v0 : f32
      %v22 = arith.mulf %v21, %v0 : f32
      %v23 = arith.mulf %v22, %v0 : f32
      %v24 = arith.mulf %v23, %v0 : f32
      %v25 = arith.mulf %v24, %v0 : f32
      %v26 = arith.mulf %v25, %v0 : f32
      %v27 = arith.mulf %v26, %v0 : f32
      %v28 = arith.mulf %v27, %v0 : f32
      %v29 = arith.mulf %v28, %v0 : f32
      %v30 = arith.mulf %v29, %v0 : f32
      %v31 = arith.mulf %v30, %v0 : f32
      %v32 = arith.mulf %v31, %v0 : f32
      memref.store %v32, %y[%i] : memref<4194306xf32>
    }
  }
  vyre.return %y : memref<4194306xf32>
}

// -----

// Rows consist of runs, but the last block may have fewer.
// CHECK-LABEL: gpu.module @rows_l
// CHECK:         scf.for %[[FIRST:.*]] = %{{.*}} to %[[END:.*]] step
// CHECK:           scf.if
// CHECK-COUNT-4:     vector.store
// CHECK:           } else {
// CHECK:             scf.for %[[NEXT:.*]] = %[[FIRST]] to %[[END]] step %c256
// CHECK-COUNT-1:       vector.store
// CHECK-NOT:           vector.store
// CHECK:         gpu.return
vyre.program @rows(%x: memref<2050x2052xf32> {vyre.binding = #vyre.binding<slot = 0, role = input, alignment = 16>}, %y: memref<2050x2052xf32> {vyre.binding = #vyre.binding<slot = 1, role = output, alignment = 16>}) -> memref<2050x2052xf32> {
  %m = arith.constant 2050 : index
  %n = arith.constant 2052 : index
  vyre.launch @l {
    vyre.stage @s (%i, %j) in (%m, %n) reads(%x : memref<2050x2052xf32>) writes(%y : memref<2050x2052xf32>) {
      %v0 = memref.load %x[%i, %j] : memref<2050x2052xf32>
      %v1 = arith.mulf %v0, %v0 : f32
      %v2 = arith.mulf %v1, %v0 : f32
      %v3 = arith.mulf %v2, %v0 : f32
      %v4 = arith.mulf %v3, %v0 : f32
      %v5 = arith.mulf %v4, %v0 : f32
      %v6 = arith.mulf %v5, %v0 : f32
      %v7 = arith.mulf %v6, %v0 : f32
      %v8 = arith.mulf %v7, %v0 : f32
      %v9 = arith.mulf %v8, %v0 : f32
      %v10 = arith.mulf %v9, %v0 : f32
      %v11 = arith.mulf %v10, %v0 : f32
      %v12 = arith.mulf %v11, %v0 : f32
      %v13 = arith.mulf %v12, %v0 : f32
      %v14 = arith.mulf %v13, %v0 : f32
      %v15 = arith.mulf %v14, %v0 : f32
      %v16 = arith.mulf %v15, %v0 : f32
      %v17 = arith.mulf %v16, %v0 : f32
      %v18 = arith.mulf %v17, %v0 : f32
      %v19 = arith.mulf %v18, %v0 : f32
      %v20 = arith.mulf %v19, %v0 : f32
      %v21 = arith.mulf %v20, %v0 : f32
      %v22 = arith.mulf %v21, %v0 : f32
      %v23 = arith.mulf %v22, %v0 : f32
      %v24 = arith.mulf %v23, %v0 : f32
      %v25 = arith.mulf %v24, %v0 : f32
      %v26 = arith.mulf %v25, %v0 : f32
      %v27 = arith.mulf %v26, %v0 : f32
      %v28 = arith.mulf %v27, %v0 : f32
      %v29 = arith.mulf %v28, %v0 : f32
      %v30 = arith.mulf %v29, %v0 : f32
      %v31 = arith.mulf %v30, %v0 : f32
      %v32 = arith.mulf %v31, %v0 : f32
      memref.store %v32, %y[%i, %j] : memref<2050x2052xf32>
    }
  }
  vyre.return %y : memref<2050x2052xf32>
}
