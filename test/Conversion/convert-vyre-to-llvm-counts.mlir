// DEFINE: %{lower} = --convert-scf-to-cf --convert-arith-to-llvm --expand-strided-metadata --finalize-memref-to-llvm --convert-func-to-llvm --convert-cf-to-llvm --reconcile-unrealized-casts
// DEFINE: %{libraries} = --shared-libs=%vyre-bin/../lib/libvyre_runtime.so,%llvm-lib/libmlir_runner_utils.so,%llvm-lib/libmlir_c_runner_utils.so
// DEFINE: %{wanted} =
// DEFINE: %{known} =
// DEFINE: %{run} = sed 's/WANTED/%{wanted}/; s/KNOWN/%{known}/' %s > %t.in.mlir && vyre-compile %t.in.mlir --targets=cpu -o %t.vyre && \
// DEFINE:   vyre-opt %t.in.mlir --pass-pipeline='builtin.module(convert-vyre-to-llvm{artifact=%t.vyre device=cpu})' -o %t.mlir && \
// DEFINE:   vyre-opt %t.mlir %{lower} -o %t.lowered.mlir
// REDEFINE: %{wanted} = 3
// REDEFINE: %{known} = 1
// RUN: %{run} && mlir-runner %t.lowered.mlir -e main --entry-point-result=void %{libraries} | FileCheck %s --check-prefix=SOME
// REDEFINE: %{wanted} = 0
// REDEFINE: %{known} = 8
// RUN: %{run} && mlir-runner %t.lowered.mlir -e main --entry-point-result=void %{libraries} | FileCheck %s --check-prefix=NONE
// REDEFINE: %{wanted} = 9
// RUN: %{run} && not --crash mlir-runner %t.lowered.mlir -e main --entry-point-result=void %{libraries} 2>&1 | FileCheck %s --check-prefix=ABOVE
// REDEFINE: %{wanted} = -1
// RUN: %{run} && not --crash mlir-runner %t.lowered.mlir -e main --entry-point-result=void %{libraries} 2>&1 | FileCheck %s --check-prefix=NEGATIVE
// REDEFINE: %{wanted} = 1
// REDEFINE: %{known} = 9
// RUN: %{run} && not --crash mlir-runner %t.lowered.mlir -e main --entry-point-result=void %{libraries} 2>&1 | FileCheck %s --check-prefix=KNOWN
//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Host code that dispatches a program whose results have counts: one that the program
// writes and the host reads, and one that is known at the dispatch. A count that can't
// be right ends the process with the reason.

vyre.program @keep(
    %known: index,
    %x: memref<8xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>},
    %wanted: memref<1xi32> {vyre.binding = #vyre.binding<slot = 1, role = input>},
    %y: memref<8xf32> {vyre.binding = #vyre.binding<slot = 2, role = output>},
    %n: memref<1xi32> {vyre.binding = #vyre.binding<slot = 3, role = output>},
    %z: memref<8xf32> {vyre.binding = #vyre.binding<slot = 4, role = output>})
    -> (memref<8xf32>, memref<1xi32>, memref<8xf32>) {
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  vyre.stage @double (%i) in (%c8) reads(%x : memref<8xf32>) writes(%y, %z : memref<8xf32>, memref<8xf32>) {
    %v = memref.load %x[%i] : memref<8xf32>
    %w = arith.addf %v, %v : f32
    memref.store %w, %y[%i] : memref<8xf32>
    memref.store %v, %z[%i] : memref<8xf32>
  }
  vyre.stage @count (%i) in (%c1) reads(%wanted : memref<1xi32>) writes(%n : memref<1xi32>) {
    %v = memref.load %wanted[%i] : memref<1xi32>
    memref.store %v, %n[%i] : memref<1xi32>
  }
  vyre.return %y count(%n : memref<1xi32>) : memref<8xf32>, %n : memref<1xi32>, %z count(%known : index) : memref<8xf32>
}

func.func private @printMemrefF32(memref<*xf32>) attributes {llvm.emit_c_interface}

// As many rows of the first result as the program says, and of the last as the caller did.
// SOME:          sizes = [3]
// SOME-NEXT:     [0,  2,  4]
// SOME:          sizes = [1]
// SOME-NEXT:     [0]
// NONE:          sizes = [0]
// NONE:          sizes = [8]
// NONE-NEXT:     [0,  1,  2,  3,  4,  5,  6,  7]
// ABOVE:         vyre: {{.*}}result 0 ({{.*}}) has the count 9, expected 0 to its 8 rows
// NEGATIVE:      vyre: {{.*}}result 0 ({{.*}}) has the count -1, expected 0 to its 8 rows
// KNOWN:         vyre: {{.*}}has 8 rows, and its count would be 9
func.func @main() {
  %wanted = arith.constant WANTED : i32
  %known = arith.constant KNOWN : index
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %x = memref.alloc() {alignment = 64} : memref<8xf32>
  scf.for %i = %c0 to %c8 step %c1 {
    %integer = arith.index_cast %i : index to i32
    %value = arith.sitofp %integer : i32 to f32
    memref.store %value, %x[%i] : memref<8xf32>
  }
  %w = memref.alloc() {alignment = 64} : memref<1xi32>
  memref.store %wanted, %w[%c0] : memref<1xi32>
  %y = memref.alloc() {alignment = 64} : memref<8xf32>
  %n = memref.alloc() {alignment = 64} : memref<1xi32>
  %z = memref.alloc() {alignment = 64} : memref<8xf32>
  vyre.dispatch @keep(%known, %x, %w, %y, %n, %z) : index, memref<8xf32>, memref<1xi32>, memref<8xf32>, memref<1xi32>, memref<8xf32>
  %count = memref.load %n[%c0] : memref<1xi32>
  %rows = arith.index_cast %count : i32 to index
  %hits = memref.subview %y[0] [%rows] [1] : memref<8xf32> to memref<?xf32, strided<[1]>>
  %any = memref.cast %hits : memref<?xf32, strided<[1]>> to memref<*xf32>
  func.call @printMemrefF32(%any) : (memref<*xf32>) -> ()
  %others = memref.subview %z[0] [%known] [1] : memref<8xf32> to memref<?xf32, strided<[1]>>
  %anyOther = memref.cast %others : memref<?xf32, strided<[1]>> to memref<*xf32>
  func.call @printMemrefF32(%anyOther) : (memref<*xf32>) -> ()
  memref.dealloc %x : memref<8xf32>
  memref.dealloc %w : memref<1xi32>
  memref.dealloc %y : memref<8xf32>
  memref.dealloc %n : memref<1xi32>
  memref.dealloc %z : memref<8xf32>
  return
}
