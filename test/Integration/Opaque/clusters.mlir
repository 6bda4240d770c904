// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A chain in which every other launch is one of clusters. The input goes up by a kernel, and each
// launch is started while the one before it ends (programmatic edges). Blocks read what other blocks
// wrote, so that a launch which does not wait for all of them shows. The GPU alone has code for it.

module attributes {gpu.container_module} {
  vyre.program @chain(
      %x: memref<4096xi32> {vyre.binding = #vyre.binding<slot = 0, role = input>},
      %y: memref<4096xi32> {vyre.binding = #vyre.binding<slot = 1, role = output>}) {
    %c1 = arith.constant 1 : index
    %c16 = arith.constant 16 : index
    %n = arith.constant 4096 : index
    %last = arith.constant 4095 : index
    %a = vyre.intermediate() : memref<4096xi32>
    %b = vyre.intermediate() : memref<4096xi32>
    %c = vyre.intermediate() : memref<4096xi32>
    %d = vyre.intermediate() : memref<4096xi32>
    vyre.stage @first (%i) in (%n) reads(%x : memref<4096xi32>) writes(%a : memref<4096xi32>) {
      %j = arith.subi %last, %i : index
      %v = memref.load %x[%j] : memref<4096xi32>
      %three = arith.constant 3 : i32
      %w = arith.muli %v, %three : i32
      memref.store %w, %a[%i] : memref<4096xi32>
    }
    vyre.opaque_stage @swap @kernels::@swap grid(%c16, %c1, %c1) block(256, 1, 1) cluster(2, 1, 1)
        reads(%a : memref<4096xi32>) writes(%b : memref<4096xi32>)
    vyre.stage @second (%i) in (%n) reads(%x, %b : memref<4096xi32>, memref<4096xi32>) writes(%c : memref<4096xi32>) {
      %j = arith.subi %last, %i : index
      %u = memref.load %b[%j] : memref<4096xi32>
      %v = memref.load %x[%i] : memref<4096xi32>
      %w = arith.addi %u, %v : i32
      memref.store %w, %c[%i] : memref<4096xi32>
    }
    vyre.opaque_stage @swap_again @kernels::@swap grid(%c16, %c1, %c1) block(256, 1, 1) cluster(2, 1, 1)
        reads(%c : memref<4096xi32>) writes(%d : memref<4096xi32>)
    vyre.stage @third (%i) in (%n) reads(%d : memref<4096xi32>) writes(%y : memref<4096xi32>) {
      %j = arith.subi %last, %i : index
      %u = memref.load %d[%j] : memref<4096xi32>
      %five = arith.constant 5 : i32
      %w = arith.muli %u, %five : i32
      memref.store %w, %y[%i] : memref<4096xi32>
    }
    vyre.return
  }

  gpu.module @kernels {
    // What the cluster's other block has there, and this block's rank.
    gpu.func @swap(%from: !llvm.ptr, %to: !llvm.ptr) kernel {
      %block = gpu.block_id x
      %thread = gpu.thread_id x
      %rank = nvvm.read.ptx.sreg.cluster.ctarank : i32
      %c256 = arith.constant 256 : i64
      %b = arith.index_cast %block : index to i64
      %t = arith.index_cast %thread : index to i64
      %first = arith.muli %b, %c256 : i64
      %i = arith.addi %first, %t : i64
      %j = arith.xori %i, %c256 : i64
      %p = llvm.getelementptr %from[%j] : (!llvm.ptr, i64) -> !llvm.ptr, i32
      %v = llvm.load %p : !llvm.ptr -> i32
      %w = arith.addi %v, %rank : i32
      %q = llvm.getelementptr %to[%i] : (!llvm.ptr, i64) -> !llvm.ptr, i32
      llvm.store %w, %q : i32, !llvm.ptr
      gpu.return
    }
  }
}
