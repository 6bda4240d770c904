// RUN: not vyre-compile %s --targets=sm_80 -o %t.vyre 2>&1 | FileCheck %s
// RUN: vyre-compile %s --targets=sm_90 --emit=ptx | FileCheck %s --check-prefix=PTX
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A kernel of another compiler that needs what an architecture lacks is an error, where
// LLVM's back end by itself would end the process.

// CHECK: vyre-compile: error: LLVM: Cannot select
// CHECK: missing-instructions.mlir:[[#@LINE+4]]:1: error: has a kernel that sm_80 has not the instructions for
// CHECK: note: fix: leave sm_80 out of --targets
// CHECK-NOT: error:
// PTX: %cluster_ctarank
module attributes {gpu.container_module} {
  vyre.program @ranks(
      %y: memref<64xi32> {vyre.binding = #vyre.binding<slot = 0, role = output>}) {
    %c1 = arith.constant 1 : index
    %c2 = arith.constant 2 : index
    vyre.opaque_stage @ranks @kernels::@ranks grid(%c2, %c1, %c1) block(32, 1, 1) cluster(2, 1, 1)
        writes(%y : memref<64xi32>)
    vyre.return
  }
  gpu.module @kernels {
    gpu.func @ranks(%y: !llvm.ptr) kernel {
      %rank = nvvm.read.ptx.sreg.cluster.ctarank : i32
      llvm.store %rank, %y : i32, !llvm.ptr
      gpu.return
    }
  }
}
