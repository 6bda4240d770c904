// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// scf.parallel with a reduction of its own, over one and over two dimensions.

func.func @reduce(%x: memref<?xf32>, %y: memref<?x?xi64>, %out: memref<f32>, %total: memref<i64>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %start = arith.constant 5 : i64
  %n = memref.dim %x, %c0 : memref<?xf32>
  %l = memref.dim %y, %c0 : memref<?x?xi64>
  %m = memref.dim %y, %c1 : memref<?x?xi64>
  %s = scf.parallel (%i) = (%c0) to (%n) step (%c1) init (%zero) -> f32 {
    %a = memref.load %x[%i] : memref<?xf32>
    scf.reduce(%a : f32) {
    ^bb0(%p: f32, %q: f32):
      %r = arith.addf %p, %q : f32
      scf.reduce.return %r : f32
    }
  }
  memref.store %s, %out[] : memref<f32>
  %t = scf.parallel (%i, %j) = (%c0, %c0) to (%l, %m) step (%c1, %c1) init (%start) -> i64 {
    %a = memref.load %y[%i, %j] : memref<?x?xi64>
    scf.reduce(%a : i64) {
    ^bb0(%p: i64, %q: i64):
      %r = arith.addi %p, %q : i64
      scf.reduce.return %r : i64
    }
  }
  memref.store %t, %total[] : memref<i64>
  return
}
