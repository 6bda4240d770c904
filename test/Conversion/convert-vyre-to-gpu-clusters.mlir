// RUN: vyre-opt %s -split-input-file -convert-vyre-to-gpu | FileCheck %s -enable-var-scope
// RUN: vyre-opt %s -split-input-file -convert-vyre-to-gpu=persistent | FileCheck %s --check-prefix=PERSISTENT
// RUN: vyre-opt %s -split-input-file -pass-pipeline='builtin.module(convert-vyre-to-gpu,gpu.module(vyre-expand-reductions))' | FileCheck %s -enable-var-scope --check-prefix=EXPANDED
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// 40 rows of 4,096 lanes: two blocks of 512 threads each. Without clusters the first of two
// blocks computes the row; with them all 1,024 threads do, whose warps are in one block and the
// other in turn, and which meet after each row.
// CHECK-LABEL: gpu.module @rows_l
// CHECK-SAME:    vyre.cluster_blocks = 2 : i64
// CHECK-SAME:    vyre.points_per_block = 1 : i64
// CHECK:       gpu.func @rows_l(
// CHECK-SAME:    known_block_size = array<i32: 512, 1, 1>
// CHECK-NOT:     nvvm.cluster_dim
// CHECK:         %[[BLOCK:.*]] = gpu.block_id x
// CHECK:         %[[RANK:.*]] = arith.remui %[[BLOCK]], %c2{{.*}} : index
// CHECK:         %[[ROW:.*]] = arith.divui %[[BLOCK]], %c2{{.*}} : index
// CHECK:         %[[IS_FIRST:.*]] = arith.cmpi eq, %[[RANK]]
// CHECK:         scf.if %[[IS_FIRST]]
// CHECK:           scf.for
// CHECK:             scf.parallel
// CHECK:             {vyre.threads = 512 : i64}
// CHECK:       gpu.func @rows_l$clustered(
// CHECK-SAME:    known_block_size = array<i32: 512, 1, 1>
// CHECK-SAME:    nvvm.cluster_dim = array<i32: 2, 1, 1>
// CHECK:         %[[BLOCK:.*]] = gpu.block_id x
// CHECK:         %[[THREAD:.*]] = gpu.thread_id x
// CHECK:         arith.divui %{{.*}}, %c32{{.*}} : index
// CHECK-NOT:     scf.if
// CHECK:         scf.for
// CHECK:           scf.parallel
// CHECK:           {vyre.threads = 1024 : i64}
// CHECK:           nvvm.cluster.arrive {aligned}
// CHECK-NEXT:      nvvm.cluster.wait {aligned}
// CHECK:       vyre.launch @l kernel @rows_l::@rows_l
//
// A kernel that is to stay on the device is one block.
// PERSISTENT-LABEL: gpu.module @rows_l
// PERSISTENT-NOT:     cluster
// PERSISTENT:       vyre.program @rows
//
// The tree: in each block that of its 16 warps, through workgroup memory; then the first warp's
// 128 values, which the other block reads where they are.
// EXPANDED-LABEL: gpu.func @rows_l$clustered
// EXPANDED-SAME:    workgroup(%[[OWN:.*]] : memref<2048xf32, #gpu.address_space<workgroup>> {{.*}}, %[[ALL:.*]] : memref<128xf32, #gpu.address_space<workgroup>>
// EXPANDED:         gpu.barrier
// EXPANDED-COUNT-4: memref.store %{{.*}}, %[[OWN]]
// EXPANDED:         gpu.barrier
// EXPANDED:         scf.if
// EXPANDED-COUNT-4:   memref.store %{{.*}}, %[[OWN]]
// EXPANDED:         gpu.barrier
// EXPANDED:         scf.if
// EXPANDED-COUNT-4:   memref.store %{{.*}}, %[[ALL]]
// EXPANDED:         nvvm.cluster.arrive {aligned}
// EXPANDED-NEXT:    nvvm.cluster.wait {aligned}
// EXPANDED:         %[[FIRST:.*]] = nvvm.mapa %{{.*}}, %c0_i32{{.*}} : !llvm.ptr<3> -> !llvm.ptr<7>
// EXPANDED:         llvm.load %{{.*}} {alignment = 16 : i64} : !llvm.ptr<7> -> vector<4xf32>
// EXPANDED:         %[[SECOND:.*]] = nvvm.mapa %{{.*}}, %c1_i32{{.*}} : !llvm.ptr<3> -> !llvm.ptr<7>
// EXPANDED:         llvm.load %{{.*}} {alignment = 16 : i64} : !llvm.ptr<7> -> vector<4xf32>
// EXPANDED:         gpu.shuffle
// EXPANDED:         nvvm.cluster.arrive {aligned}
// EXPANDED-NEXT:    nvvm.cluster.wait {aligned}
vyre.program @rows(%x: memref<40x65536xf32> {vyre.binding = #vyre.binding<slot = 0, role = input, alignment = 16>}, %y: memref<40xf32> {vyre.binding = #vyre.binding<slot = 1, role = output>}) -> memref<40xf32> {
  %m = arith.constant 40 : index
  vyre.launch @l {
    vyre.stage @s (%i) in (%m) reads(%x : memref<40x65536xf32>) writes(%y : memref<40xf32>) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %n = arith.constant 65536 : index
      %zero = arith.constant 0.0 : f32
      %sum = scf.parallel (%j) = (%c0) to (%n) step (%c1) init (%zero) -> f32 {
        %v = memref.load %x[%i, %j] : memref<40x65536xf32>
        scf.reduce(%v : f32) {
        ^bb0(%a: f32, %b: f32):
          %r = arith.addf %a, %b : f32
          scf.reduce.return %r : f32
        }
      }
      memref.store %sum, %y[%i] : memref<40xf32>
    }
  }
  vyre.return %y : memref<40xf32>
}

// -----

// Ten rows: four blocks of 256 threads each.
// CHECK-LABEL: gpu.module @few_l
// CHECK-SAME:    vyre.cluster_blocks = 4 : i64
// CHECK:       gpu.func @few_l$clustered(
// CHECK-SAME:    known_block_size = array<i32: 256, 1, 1>
// CHECK-SAME:    nvvm.cluster_dim = array<i32: 4, 1, 1>
// PERSISTENT-LABEL: vyre.program @few
//
// EXPANDED-LABEL: gpu.func @few_l$clustered
// EXPANDED-COUNT-4: nvvm.mapa
vyre.program @few(%x: memref<10x65536xi64> {vyre.binding = #vyre.binding<slot = 0, role = input, alignment = 16>}, %y: memref<10xi64> {vyre.binding = #vyre.binding<slot = 1, role = output>}) -> memref<10xi64> {
  %m = arith.constant 10 : index
  vyre.launch @l {
    vyre.stage @s (%i) in (%m) reads(%x : memref<10x65536xi64>) writes(%y : memref<10xi64>) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %n = arith.constant 65536 : index
      %zero = arith.constant 0 : i64
      %sum = scf.parallel (%j) = (%c0) to (%n) step (%c1) init (%zero) -> i64 {
        %v = memref.load %x[%i, %j] : memref<10x65536xi64>
        scf.reduce(%v : i64) {
        ^bb0(%a: i64, %b: i64):
          %r = arith.addi %a, %b : i64
          scf.reduce.return %r : i64
        }
      }
      memref.store %sum, %y[%i] : memref<10xi64>
    }
  }
  vyre.return %y : memref<10xi64>
}

// -----

// No cluster: rows enough for every multiprocessor; and rows of 1,024 lanes, of which a small
// block computes one.
// CHECK-LABEL: gpu.module @many_l
// CHECK-NOT:     cluster
// CHECK-LABEL: gpu.module @many_short
// CHECK-NOT:     cluster
// CHECK-LABEL: vyre.program @many
// PERSISTENT-LABEL: vyre.program @many
vyre.program @many(%x: memref<67x65536xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>}, %z: memref<10x16000xf32> {vyre.binding = #vyre.binding<slot = 1, role = input>}, %y: memref<67xf32> {vyre.binding = #vyre.binding<slot = 2, role = output>}) -> memref<67xf32> {
  %m = arith.constant 67 : index
  %few = arith.constant 10 : index
  vyre.launch @l {
    vyre.stage @s (%i) in (%m) reads(%x : memref<67x65536xf32>) writes(%y : memref<67xf32>) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %n = arith.constant 65536 : index
      %zero = arith.constant 0.0 : f32
      %sum = scf.parallel (%j) = (%c0) to (%n) step (%c1) init (%zero) -> f32 {
        %v = memref.load %x[%i, %j] : memref<67x65536xf32>
        scf.reduce(%v : f32) {
        ^bb0(%a: f32, %b: f32):
          %r = arith.addf %a, %b : f32
          scf.reduce.return %r : f32
        }
      }
      memref.store %sum, %y[%i] : memref<67xf32>
    }
  }
  vyre.launch @short {
    vyre.stage @of_short (%i) in (%few) reads(%z : memref<10x16000xf32>) writes(%y : memref<67xf32>) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %n = arith.constant 16000 : index
      %zero = arith.constant 0.0 : f32
      %sum = scf.parallel (%j) = (%c0) to (%n) step (%c1) init (%zero) -> f32 {
        %v = memref.load %z[%i, %j] : memref<10x16000xf32>
        scf.reduce(%v : f32) {
        ^bb0(%a: f32, %b: f32):
          %r = arith.addf %a, %b : f32
          scf.reduce.return %r : f32
        }
      }
      memref.store %sum, %y[%i] : memref<67xf32>
    }
  }
  vyre.return %y : memref<67xf32>
}
