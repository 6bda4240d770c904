// RUN: vyre-compile %s --targets=cpu -o %t.vyre
// RUN: vyre-opt %s --pass-pipeline='builtin.module(convert-vyre-to-llvm{artifact=%t.vyre device=cpu})' | FileCheck %s
// RUN: vyre-opt %s --pass-pipeline='builtin.module(convert-vyre-to-llvm{artifact=%t.vyre failure-handler=on_failure})' | FileCheck %s --check-prefix=HANDLER
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a dispatch becomes: the artifact and the names as bytes, a descriptor for each
// program that is dispatched, and a call with an array of bindings.

// The programs are gone, also the one that nobody dispatches.
// CHECK-NOT: vyre.program
// CHECK-DAG: llvm.mlir.global internal constant @vyre_artifact_data("VYRE
// CHECK-DAG: llvm.mlir.global internal constant @vyre_device("cpu\00")
// CHECK-DAG: llvm.mlir.global internal @vyre_artifact()
// CHECK-DAG: llvm.mlir.global internal constant @vyre_name_copy("copy\00")
// CHECK-DAG: llvm.mlir.global internal @vyre_program_copy()
// CHECK-DAG: llvm.func @vyreEmbeddedDispatch(!llvm.ptr, !llvm.ptr, i64) -> !llvm.ptr
// CHECK-NOT: @vyre_program_other
// Without a handler a failure aborts.
// CHECK: llvm.func internal @vyre_check(
// CHECK: llvm.call @abort

// HANDLER: llvm.func internal @vyre_check(%[[STATUS:.*]]: !llvm.ptr)
// HANDLER-NOT: @abort
// HANDLER: llvm.call @on_failure(%{{.*}}) : (!llvm.ptr) -> ()
// HANDLER: llvm.return

vyre.program @copy(
    %x: memref<4xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>},
    %y: memref<4xf32> {vyre.binding = #vyre.binding<slot = 1, role = output>})
    -> memref<4xf32> {
  %c4 = arith.constant 4 : index
  vyre.stage @copy (%i) in (%c4) reads(%x : memref<4xf32>) writes(%y : memref<4xf32>) {
    %v = memref.load %x[%i] : memref<4xf32>
    memref.store %v, %y[%i] : memref<4xf32>
  }
  vyre.return %y : memref<4xf32>
}

vyre.program @other(
    %x: memref<4xf32> {vyre.binding = #vyre.binding<slot = 0, role = input_output>}) {
  %c4 = arith.constant 4 : index
  vyre.stage @negate (%i) in (%c4) updates(%x : memref<4xf32>) {
    %v = memref.load %x[%i] : memref<4xf32>
    %r = arith.negf %v : f32
    memref.store %r, %x[%i] : memref<4xf32>
  }
  vyre.return
}

// The bindings are made once, at the function's top, for both dispatches of the loop.
// CHECK-LABEL: func.func @host(
// CHECK:         %[[BINDINGS:.*]] = llvm.alloca %{{.*}} x !llvm.struct<
// CHECK:         scf.for
// CHECK-NOT:       llvm.alloca
// CHECK:           %[[PROGRAM:.*]] = llvm.mlir.addressof @vyre_program_copy
// CHECK:           %[[STATUS:.*]] = llvm.call @vyreEmbeddedDispatch(%[[PROGRAM]], %[[BINDINGS]], %{{.*}})
// CHECK-NEXT:      llvm.call @vyre_check(%[[STATUS]])
func.func @host(%x: memref<4xf32>, %y: memref<4xf32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.for %i = %c0 to %n step %c1 {
    vyre.dispatch @copy(%x, %y) : memref<4xf32>, memref<4xf32>
  }
  return
}
