// DEFINE: %{lower} = --convert-scf-to-cf --convert-arith-to-llvm --expand-strided-metadata --finalize-memref-to-llvm --convert-func-to-llvm --convert-cf-to-llvm --reconcile-unrealized-casts
// RUN: vyre-compile %s --targets=cpu -o %t.vyre
// RUN: vyre-opt %s --pass-pipeline='builtin.module(vyre-form-program,convert-vyre-to-llvm{artifact=%t.vyre device=cpu})' -o %t.mlir
// RUN: FileCheck %s --input-file=%t.mlir --check-prefix=IR
// RUN: vyre-opt %t.mlir %{lower} | not --crash mlir-runner -e main --entry-point-result=void \
// RUN:   --shared-libs=%vyre-bin/../lib/libvyre_runtime.so,%llvm-lib/libmlir_runner_utils.so,%llvm-lib/libmlir_c_runner_utils.so \
// RUN:   2>&1 | FileCheck %s --check-prefix=ABORT
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Host code that dispatches a program with a call of the host's. Its declaration goes with
// the program; which function it is, the process says, and here it does not.

// IR-NOT: @sort
func.func private @sort(memref<4xf32>) attributes {vyre.call = #vyre.call}

vyre.program @sorted(
    %x: memref<4xf32> {vyre.binding = #vyre.binding<slot = 0, role = input_output>}) {
  vyre.call_stage @sort @sort updates(%x : memref<4xf32>)
  vyre.return
}

// ABORT: launch 'sort' of program 'sorted' calls the host's function 'sort', which is not registered for cpu. Found: none. Fix: pass it to vyreCallRegister before the pipeline is made.
func.func @main() {
  %x = memref.alloc() : memref<4xf32>
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  memref.store %zero, %x[%c0] : memref<4xf32>
  vyre.dispatch @sorted(%x) : memref<4xf32>
  memref.dealloc %x : memref<4xf32>
  return
}
