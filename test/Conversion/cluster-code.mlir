// RUN: vyre-compile %s --targets=sm_90 --emit=ptx -o - | FileCheck %s --check-prefix=HOPPER
// RUN: vyre-compile %s --targets=sm_80 --emit=ptx -o - | FileCheck %s --check-prefix=AMPERE
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One kernel for each architecture, of one name and for one launch. Each thread of a cluster
// reads its part of the row once, and keeps it in registers.

// HOPPER-LABEL: .entry rows_fill_0_reduce_1_generic_2
// HOPPER:         .maxntid 512, 1, 1
// HOPPER:         .reqnctapercluster 2, 1, 1
// HOPPER:         mapa.shared::cluster
// HOPPER:         barrier.cluster.arrive.aligned;
// HOPPER-NEXT:    barrier.cluster.wait.aligned;
// HOPPER-NEXT:    ld.shared::cluster.v4.b32
// HOPPER-COUNT-16: st.global.v4.b32
// HOPPER:         barrier.cluster.arrive.aligned;
// HOPPER-NEXT:    barrier.cluster.wait.aligned;
// HOPPER-COUNT-16: ld.global.nc.v4.b32
// HOPPER-NOT:     ld.global
// HOPPER-NOT:   .entry

// AMPERE-LABEL: .entry rows_fill_0_reduce_1_generic_2
// AMPERE:         .maxntid 512, 1, 1
// AMPERE-NOT:     cluster
// AMPERE:         ret;
// AMPERE-NOT:   .entry
func.func @rows(%x: tensor<64x65536xf32>) -> tensor<64x65536xf32> {
  %zero = arith.constant 0.0 : f32
  %row = tensor.empty() : tensor<64xf32>
  %init = linalg.fill ins(%zero : f32) outs(%row : tensor<64xf32>) -> tensor<64xf32>
  %sum = linalg.reduce { arith.addf } ins(%x : tensor<64x65536xf32>) outs(%init : tensor<64xf32>) dimensions = [1]
  %e = tensor.empty() : tensor<64x65536xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>, affine_map<(i, j) -> (i, j)>],
      iterator_types = ["parallel", "parallel"]}
      ins(%x, %sum : tensor<64x65536xf32>, tensor<64xf32>) outs(%e : tensor<64x65536xf32>) {
  ^bb0(%a: f32, %s: f32, %o: f32):
    %d = arith.subf %a, %s : f32
    linalg.yield %d : f32
  } -> tensor<64x65536xf32>
  return %r : tensor<64x65536xf32>
}
