// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// tosa's transcendental activations: sigmoid, tanh, erf, log, pow, rsqrt.

func.func @activations(%x: tensor<?xf32>, %p: tensor<?xf32>)
    -> (tensor<?xf32>, tensor<?xf32>, tensor<?xf32>, tensor<?xf32>, tensor<?xf32>, tensor<?xf32>) {
  %r0 = tosa.sigmoid %x : (tensor<?xf32>) -> tensor<?xf32>
  %r1 = tosa.tanh %x : (tensor<?xf32>) -> tensor<?xf32>
  %r2 = tosa.erf %x : (tensor<?xf32>) -> tensor<?xf32>
  %r3 = tosa.log %p : (tensor<?xf32>) -> tensor<?xf32>
  %r4 = tosa.pow %p, %x : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
  %r5 = tosa.rsqrt %p : (tensor<?xf32>) -> tensor<?xf32>
  return %r0, %r1, %r2, %r3, %r4, %r5 : tensor<?xf32>, tensor<?xf32>, tensor<?xf32>, tensor<?xf32>, tensor<?xf32>, tensor<?xf32>
}
