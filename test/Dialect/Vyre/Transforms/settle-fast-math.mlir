// RUN: vyre-opt %s -pass-pipeline='builtin.module(vyre.program(vyre-settle-fast-math))' | FileCheck %s
// RUN: vyre-opt %s -pass-pipeline='builtin.module(vyre.program(vyre-settle-fast-math,vyre-settle-fast-math))' | FileCheck %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the flags permit is used within a stage, and then they are gone.

// CHECK-LABEL: vyre.program @flags
vyre.program @flags(
    %x: memref<64xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>},
    %t: memref<64xf32> {vyre.binding = #vyre.binding<slot = 1, role = output>},
    %y: memref<64xf32> {vyre.binding = #vyre.binding<slot = 2, role = output>})
    -> (memref<64xf32>, memref<64xf32>) {
  %n = arith.constant 64 : index
  // A sum takes in a product, where both may be contracted.
  // CHECK:      %[[A:.+]] = memref.load
  // CHECK:      math.fma %[[A]], %[[A]], %[[A]] fastmath<nnan,ninf,afn>
  // CHECK:      %[[MINUS:.+]] = arith.negf %[[A]]
  // CHECK:      math.fma %[[A]], %[[A]], %[[MINUS]] : f32
  // CHECK:      %[[OTHER:.+]] = arith.negf %[[A]]
  // CHECK:      math.fma %[[OTHER]], %[[A]], %[[A]] : f32
  // CHECK:      %[[P:.+]] = arith.mulf %[[A]], %[[A]] : f32
  // CHECK:      arith.addf %[[P]], %[[A]] : f32
  vyre.stage @within (%i) in (%n) reads(%x : memref<64xf32>) writes(%t : memref<64xf32>) {
    %a = memref.load %x[%i] : memref<64xf32>
    %p = arith.mulf %a, %a fastmath<fast> : f32
    %s = arith.addf %p, %a fastmath<fast> : f32
    %q = arith.mulf %a, %a fastmath<contract> : f32
    %d = arith.subf %q, %a fastmath<contract> : f32
    %m = arith.subf %a, %q fastmath<contract> : f32
    %r = arith.mulf %a, %a fastmath<contract> : f32
    %u = arith.addf %r, %a fastmath<nsz> : f32
    %v = arith.addf %s, %d : f32
    %o = arith.addf %m, %v : f32
    %w = arith.addf %u, %o : f32
    memref.store %w, %t[%i] : memref<64xf32>
  }
  // A product that comes from another stage stays one. What speaks of one operation
  // stays, and so does what has no flags.
  // CHECK:      vyre.stage @across
  // CHECK:      %[[B:.+]] = memref.load
  // CHECK:      %[[C:.+]] = arith.addf %[[B]], %[[B]] fastmath<nnan> : f32
  // CHECK:      %[[D:.+]] = arith.divf %[[C]], %[[B]] fastmath<afn> : f32
  // CHECK:      math.exp %[[D]] fastmath<ninf> : f32
  // CHECK:      arith.cmpf olt, %[[C]], %[[D]] : f32
  vyre.stage @across (%i) in (%n) reads(%t : memref<64xf32>) writes(%y : memref<64xf32>) {
    %b = memref.load %t[%i] : memref<64xf32>
    %c = arith.addf %b, %b fastmath<reassoc,nnan,contract> : f32
    %d = arith.divf %c, %b fastmath<arcp,afn> : f32
    %e = math.exp %d fastmath<ninf,contract> : f32
    %l = arith.cmpf olt, %c, %d fastmath<nsz> : f32
    %f = arith.select %l, %e, %d : f32
    memref.store %f, %y[%i] : memref<64xf32>
  }
  vyre.return %t : memref<64xf32>, %y : memref<64xf32>
}
