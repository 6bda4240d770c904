// RUN: vyre-test-opt %s -mlir-disable-threading -pass-pipeline='builtin.module(vyre.program(test-vyre-streamed-buffers))' -o /dev/null | FileCheck %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Which buffers a launch reads a few times an element: those may stay in the host's memory.

// Four reads are few, five are not, of one stage or of several; what is read with another
// index than one for each dimension may be read by many points, and so may what all points
// of another dimension share. What one thread reads step by step, in a loop that has an order,
// would wait for the bus at each.
// CHECK: launch @few streams argument 0 argument 1
// CHECK: launch @many streams argument 1
// CHECK: launch @neighbours streams{{$}}
// CHECK: launch @shared streams argument 1
// CHECK: launch @looped streams{{$}}
// CHECK: launch @rows streams argument 1 intermediate
// CHECK: launch @walk streams{{$}}
// CHECK: launch @unknown streams{{$}}
gpu.module @kernels {
  gpu.func @take(%x: memref<64xf32>, %y: memref<64xf32>) kernel {
    gpu.return
  }
}
vyre.program @streams(
    %x: memref<64xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>},
    %m: memref<64x64xf32> {vyre.binding = #vyre.binding<slot = 1, role = input>},
    %y: memref<64xf32> {vyre.binding = #vyre.binding<slot = 2, role = output>},
    %z: memref<64x64xf32> {vyre.binding = #vyre.binding<slot = 3, role = output>}) {
  %n = arith.constant 64 : index
  %t = vyre.intermediate() : memref<64x64xf32>
  vyre.launch @few {
    vyre.stage @few_a (%i) in (%n) reads(%x : memref<64xf32>) writes(%y : memref<64xf32>) {
      %a = memref.load %x[%i] : memref<64xf32>
      %b = memref.load %x[%i] : memref<64xf32>
      %c = memref.load %x[%i] : memref<64xf32>
      %d = memref.load %x[%i] : memref<64xf32>
      %e = arith.addf %a, %b : f32
      %f = arith.addf %c, %d : f32
      %g = arith.addf %e, %f : f32
      memref.store %g, %y[%i] : memref<64xf32>
    }
    vyre.stage @few_b (%i, %j) in (%n, %n) reads(%m : memref<64x64xf32>) writes(%t : memref<64x64xf32>) {
      %a = memref.load %m[%j, %i] : memref<64x64xf32>
      memref.store %a, %t[%i, %j] : memref<64x64xf32>
    }
  }
  vyre.launch @many {
    vyre.stage @many_a (%i) in (%n) reads(%x : memref<64xf32>) updates(%y : memref<64xf32>) {
      %a = memref.load %x[%i] : memref<64xf32>
      %b = memref.load %x[%i] : memref<64xf32>
      %c = memref.load %x[%i] : memref<64xf32>
      %d = arith.addf %a, %b : f32
      %e = arith.addf %c, %d : f32
      memref.store %e, %y[%i] : memref<64xf32>
    }
    vyre.stage @many_b (%i) in (%n) reads(%x : memref<64xf32>) updates(%y : memref<64xf32>) {
      %a = memref.load %x[%i] : memref<64xf32>
      %b = memref.load %x[%i] : memref<64xf32>
      %c = arith.addf %a, %b : f32
      memref.store %c, %y[%i] : memref<64xf32>
    }
    vyre.stage @many_c (%i, %j) in (%n, %n) reads(%m : memref<64x64xf32>) writes(%z : memref<64x64xf32>) {
      %a = memref.load %m[%i, %j] : memref<64x64xf32>
      memref.store %a, %z[%i, %j] : memref<64x64xf32>
    }
  }
  vyre.launch @neighbours {
    vyre.stage @neighbours (%i) in (%n) reads(%x : memref<64xf32>) updates(%y : memref<64xf32>) {
      %last = arith.constant 63 : index
      %k = arith.subi %last, %i : index
      %a = memref.load %x[%k] : memref<64xf32>
      memref.store %a, %y[%i] : memref<64xf32>
    }
  }
  vyre.launch @shared {
    vyre.stage @shared (%i, %j) in (%n, %n) reads(%x, %m : memref<64xf32>, memref<64x64xf32>) updates(%z : memref<64x64xf32>) {
      %a = memref.load %x[%j] : memref<64xf32>
      %b = memref.load %m[%i, %j] : memref<64x64xf32>
      %c = arith.addf %a, %b : f32
      memref.store %c, %z[%i, %j] : memref<64x64xf32>
    }
  }
  vyre.launch @looped {
    vyre.stage @looped (%i) in (%n) reads(%x : memref<64xf32>) updates(%y : memref<64xf32>) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c64 = arith.constant 64 : index
      scf.for %k = %c0 to %c64 step %c1 {
        %a = memref.load %x[%i] : memref<64xf32>
        memref.store %a, %y[%i] : memref<64xf32>
      }
    }
  }
  vyre.launch @rows {
    vyre.stage @rows (%i) in (%n) reads(%m, %t : memref<64x64xf32>, memref<64x64xf32>) updates(%y : memref<64xf32>) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c64 = arith.constant 64 : index
      scf.parallel (%k) = (%c0) to (%c64) step (%c1) {
        %a = memref.load %m[%i, %k] : memref<64x64xf32>
        %b = memref.load %t[%k, %i] : memref<64x64xf32>
        %c = arith.addf %a, %b : f32
        memref.store %c, %y[%i] : memref<64xf32>
      }
    }
  }
  vyre.launch @walk {
    vyre.stage @walk (%i) in (%n) reads(%m, %t : memref<64x64xf32>, memref<64x64xf32>) updates(%y : memref<64xf32>) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c64 = arith.constant 64 : index
      scf.for %k = %c0 to %c64 step %c1 {
        %a = memref.load %m[%i, %k] : memref<64x64xf32>
        %b = memref.load %t[%k, %i] : memref<64x64xf32>
        %c = arith.addf %a, %b : f32
        memref.store %c, %y[%i] : memref<64xf32>
      }
    }
  }
  vyre.launch @unknown {
    vyre.opaque_stage @unknown @kernels::@take grid(%n, %n, %n) block(1, 1, 1) reads(%x : memref<64xf32>) updates(%y : memref<64xf32>)
  }
  vyre.return
}
