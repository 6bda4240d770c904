// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Kernels that another compiler made, between stages of ours: a grid over a dynamic
// extent with by-value arguments; workgroup memory whose size the dispatch gives, and
// that of a `shared` binding; a cluster of blocks. The GPU alone has code for them.

module attributes {gpu.container_module} {
  // y[i] = 2 * x[i - by], and 0 where there is no such element.
  vyre.program @shift(
      %x: memref<?xi32> {vyre.binding = #vyre.binding<slot = 0, role = input, capacity = 16384>},
      %y: memref<?xi32> {vyre.binding = #vyre.binding<slot = 1, role = input_output, capacity = 16384>},
      %by: i32) {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c256 = arith.constant 256 : index
    %n = memref.dim %x, %c0 : memref<?xi32>
    %blocks = arith.ceildivsi %n, %c256 : index
    %doubled = vyre.intermediate(%n) : memref<?xi32>
    vyre.stage @double (%i) in (%n) reads(%x : memref<?xi32>) writes(%doubled : memref<?xi32>) {
      %v = memref.load %x[%i] : memref<?xi32>
      %w = arith.addi %v, %v : i32
      memref.store %w, %doubled[%i] : memref<?xi32>
    }
    vyre.opaque_stage @shift @kernels::@shift
        grid(%blocks, %c1, %c1) block(256, 1, 1)
        reads(%doubled : memref<?xi32>) updates(%y : memref<?xi32>) params(%n, %by : index, i32)
    vyre.return
  }

  // Each block of 128 turned around, by way of workgroup memory.
  vyre.program @reverse(
      %x: memref<1024xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>},
      %y: memref<1024xf32> {vyre.binding = #vyre.binding<slot = 1, role = output>},
      %tile: memref<128xf32> {vyre.binding = #vyre.binding<slot = 2, role = shared>}) {
    %c1 = arith.constant 1 : index
    %c8 = arith.constant 8 : index
    vyre.opaque_stage @reverse @kernels::@reverse grid(%c8, %c1, %c1) block(128, 1, 1)
        reads(%x : memref<1024xf32>) writes(%y : memref<1024xf32>)
        shared(%tile : memref<128xf32>)
    vyre.return
  }

  // Which block of its cluster wrote each element.
  vyre.program @ranks(
      %y: memref<64xi32> {vyre.binding = #vyre.binding<slot = 0, role = output>}) {
    %c1 = arith.constant 1 : index
    %c2 = arith.constant 2 : index
    vyre.opaque_stage @ranks @kernels::@ranks grid(%c2, %c1, %c1) block(32, 1, 1) cluster(2, 1, 1)
        writes(%y : memref<64xi32>)
    vyre.return
  }

  gpu.module @kernels {
    gpu.func @shift(%y: !llvm.ptr, %x: !llvm.ptr, %n: i64, %by: i32) kernel {
      %block = gpu.block_id x
      %thread = gpu.thread_id x
      %b = arith.index_cast %block : index to i64
      %t = arith.index_cast %thread : index to i64
      %c256 = arith.constant 256 : i64
      %first = arith.muli %b, %c256 : i64
      %i = arith.addi %first, %t : i64
      %inside = arith.cmpi slt, %i, %n : i64
      scf.if %inside {
        %zero = arith.constant 0 : i64
        %distance = arith.extsi %by : i32 to i64
        %j = arith.subi %i, %distance : i64
        %low = arith.cmpi sge, %j, %zero : i64
        %high = arith.cmpi slt, %j, %n : i64
        %has = arith.andi %low, %high : i1
        %v = scf.if %has -> (i32) {
          %p = llvm.getelementptr %x[%j] : (!llvm.ptr, i64) -> !llvm.ptr, i32
          %loaded = llvm.load %p : !llvm.ptr -> i32
          scf.yield %loaded : i32
        } else {
          %none = arith.constant 0 : i32
          scf.yield %none : i32
        }
        %q = llvm.getelementptr %y[%i] : (!llvm.ptr, i64) -> !llvm.ptr, i32
        llvm.store %v, %q : i32, !llvm.ptr
      }
      gpu.return
    }

    llvm.mlir.global external @tile() {addr_space = 3 : i32, alignment = 16 : i64} : !llvm.array<0 x f32>

    gpu.func @reverse(%x: !llvm.ptr, %y: !llvm.ptr) kernel {
      %block = gpu.block_id x
      %thread = gpu.thread_id x
      %c127 = arith.constant 127 : i64
      %c128 = arith.constant 128 : i64
      %b = arith.index_cast %block : index to i64
      %t = arith.index_cast %thread : index to i64
      %first = arith.muli %b, %c128 : i64
      %i = arith.addi %first, %t : i64
      %tile = llvm.mlir.addressof @tile : !llvm.ptr<3>
      %from = llvm.getelementptr %x[%i] : (!llvm.ptr, i64) -> !llvm.ptr, f32
      %v = llvm.load %from : !llvm.ptr -> f32
      %mine = llvm.getelementptr %tile[%t] : (!llvm.ptr<3>, i64) -> !llvm.ptr<3>, f32
      llvm.store %v, %mine : f32, !llvm.ptr<3>
      gpu.barrier
      %other = arith.subi %c127, %t : i64
      %there = llvm.getelementptr %tile[%other] : (!llvm.ptr<3>, i64) -> !llvm.ptr<3>, f32
      %w = llvm.load %there : !llvm.ptr<3> -> f32
      %to = llvm.getelementptr %y[%i] : (!llvm.ptr, i64) -> !llvm.ptr, f32
      llvm.store %w, %to : f32, !llvm.ptr
      gpu.return
    }

    gpu.func @ranks(%y: !llvm.ptr) kernel {
      %block = gpu.block_id x
      %thread = gpu.thread_id x
      %rank = nvvm.read.ptx.sreg.cluster.ctarank : i32
      %c32 = arith.constant 32 : i64
      %b = arith.index_cast %block : index to i64
      %t = arith.index_cast %thread : index to i64
      %first = arith.muli %b, %c32 : i64
      %i = arith.addi %first, %t : i64
      %q = llvm.getelementptr %y[%i] : (!llvm.ptr, i64) -> !llvm.ptr, i32
      llvm.store %rank, %q : i32, !llvm.ptr
      gpu.return
    }
  }
}
