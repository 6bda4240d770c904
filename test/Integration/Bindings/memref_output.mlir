// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A memref argument that is wholly written before any read: an output, whose old
// contents are not uploaded.

func.func @scale(%x: memref<700xf32>, %out: memref<700xf32>, %factor: f32) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = arith.constant 700 : index
  scf.parallel (%i) = (%c0) to (%n) step (%c1) {
    %a = memref.load %x[%i] : memref<700xf32>
    %b = arith.mulf %a, %factor : f32
    memref.store %b, %out[%i] : memref<700xf32>
    scf.reduce
  }
  return
}
