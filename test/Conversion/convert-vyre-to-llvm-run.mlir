// DEFINE: %{lower} = --convert-scf-to-cf --convert-arith-to-llvm --expand-strided-metadata --finalize-memref-to-llvm --convert-func-to-llvm --convert-cf-to-llvm --reconcile-unrealized-casts
// RUN: vyre-compile %s --targets=cpu -o %t.vyre
// RUN: vyre-opt %s --pass-pipeline='builtin.module(convert-vyre-to-llvm{artifact=%t.vyre device=cpu})' -o %t.mlir
// RUN: vyre-opt %t.mlir %{lower} | mlir-runner -e main --entry-point-result=void \
// RUN:   --shared-libs=%vyre-bin/../lib/libvyre_runtime.so,%llvm-lib/libmlir_runner_utils.so,%llvm-lib/libmlir_c_runner_utils.so \
// RUN:   | FileCheck %s
// RUN: vyre-opt %t.mlir %{lower} | not --crash mlir-runner -e wrong --entry-point-result=void \
// RUN:   --shared-libs=%vyre-bin/../lib/libvyre_runtime.so,%llvm-lib/libmlir_runner_utils.so,%llvm-lib/libmlir_c_runner_utils.so \
// RUN:   2>&1 | FileCheck %s --check-prefix=ABORT
//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Host code that dispatches a program, run as a whole: the artifact is in the
// module, scalars and extents go through, also from a loop, and a dispatch that is
// refused ends the process with the reason.

vyre.program @mix(
    %a: f32, %flag: i1,
    %x: memref<?x3xf32> {vyre.binding = #vyre.binding<slot = 0, role = input, capacity = 4096>},
    %y: memref<?x3xf32> {vyre.binding = #vyre.binding<slot = 1, role = output, capacity = 4096>})
    -> memref<?x3xf32> {
  %c0 = arith.constant 0 : index
  %c3 = arith.constant 3 : index
  %n = memref.dim %x, %c0 : memref<?x3xf32>
  vyre.extents %y[%n] : memref<?x3xf32>
  vyre.stage @mix (%i, %j) in (%n, %c3) reads(%x : memref<?x3xf32>) writes(%y : memref<?x3xf32>) {
    %v = memref.load %x[%i, %j] : memref<?x3xf32>
    %p = arith.mulf %v, %a : f32
    %r = arith.select %flag, %p, %v : f32
    memref.store %r, %y[%i, %j] : memref<?x3xf32>
  }
  vyre.return %y : memref<?x3xf32>
}

func.func private @printMemrefF32(memref<*xf32>) attributes {llvm.emit_c_interface}

func.func @fill(%x: memref<?x3xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %n = memref.dim %x, %c0 : memref<?x3xf32>
  scf.for %i = %c0 to %n step %c1 {
    scf.for %j = %c0 to %c3 step %c1 {
      %row = arith.muli %i, %c3 : index
      %position = arith.addi %row, %j : index
      %integer = arith.index_cast %position : index to i32
      %value = arith.sitofp %integer : i32 to f32
      memref.store %value, %x[%i, %j] : memref<?x3xf32>
    }
  }
  return
}

// CHECK:      [0,   1.5,   3]
// CHECK-NEXT: [4.5,   6,   7.5]
// The second time round the flag is not set, and there is one row more.
// CHECK:      [0,   1,   2]
// CHECK-NEXT: [3,   4,   5]
// CHECK-NEXT: [6,   7,   8]
func.func @main() {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %a = arith.constant 1.5 : f32
  scf.for %turn = %c0 to %c2 step %c1 {
    %n = arith.addi %turn, %c2 : index
    %flag = arith.cmpi eq, %turn, %c0 : index
    %x = memref.alloc(%n) {alignment = 64} : memref<?x3xf32>
    %y = memref.alloc(%n) {alignment = 64} : memref<?x3xf32>
    func.call @fill(%x) : (memref<?x3xf32>) -> ()
    vyre.dispatch @mix(%a, %flag, %x, %y) : f32, i1, memref<?x3xf32>, memref<?x3xf32>
    %any = memref.cast %y : memref<?x3xf32> to memref<*xf32>
    func.call @printMemrefF32(%any) : (memref<*xf32>) -> ()
    memref.dealloc %x : memref<?x3xf32>
    memref.dealloc %y : memref<?x3xf32>
  }
  return
}

// ABORT: vyre: {{.*}}argument 3{{.*}}has shape [2, 3], found [4, 3]. Fix:
func.func @wrong() {
  %c2 = arith.constant 2 : index
  %c4 = arith.constant 4 : index
  %a = arith.constant 1.5 : f32
  %flag = arith.constant true
  %x = memref.alloc(%c2) {alignment = 64} : memref<?x3xf32>
  %y = memref.alloc(%c4) {alignment = 64} : memref<?x3xf32>
  vyre.dispatch @mix(%a, %flag, %x, %y) : f32, i1, memref<?x3xf32>, memref<?x3xf32>
  return
}
