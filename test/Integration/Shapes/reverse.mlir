// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A vector read backwards: an access that is affine but not the identity.

#map = affine_map<(d0) -> (d0)>
func.func @reverse(%x: tensor<?xf64>) -> tensor<?xf64> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = tensor.dim %x, %c0 : tensor<?xf64>
  %last = arith.subi %n, %c1 : index
  %e = tensor.empty(%n) : tensor<?xf64>
  %r = linalg.generic {indexing_maps = [#map], iterator_types = ["parallel"]} outs(%e : tensor<?xf64>) {
  ^bb0(%o: f64):
    %i = linalg.index 0 : index
    %j = arith.subi %last, %i : index
    %value = tensor.extract %x[%j] : tensor<?xf64>
    linalg.yield %value : f64
  } -> tensor<?xf64>
  return %r : tensor<?xf64>
}
