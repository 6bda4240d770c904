// RUN: vyre-opt --convert-vyre-to-cpu --convert-vyre-to-gpu --vyre-share-kernels %s | FileCheck %s
// RUN: vyre-opt --convert-vyre-to-cpu --convert-vyre-to-gpu --vyre-share-kernels --vyre-share-kernels %s | FileCheck %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Launches that do the same to other buffers share a kernel, also those of another
// program; what differs in a constant, a type, an extent or an operation does not. A
// kernel of another compiler stays, whatever it is equal to.

// CHECK:     module @vyre_cpu
// CHECK:       func.func @f_first(
// CHECK-NOT:   func.func @f_second
// CHECK:       func.func @f_constant(
// CHECK:       func.func @f_shorter(
// CHECK:       func.func @f_sub(
// CHECK-NOT:   func.func @g_
// CHECK:     gpu.module @f_first
// CHECK-NOT: gpu.module @f_second
// CHECK:     gpu.module @f_constant
// CHECK:     gpu.module @f_shorter
// CHECK:     gpu.module @f_sub

// CHECK-LABEL: vyre.program @f(
// CHECK: vyre.launch @first kernel @f_first::@f_first cpu @vyre_cpu::@f_first {
// CHECK: vyre.launch @second kernel @f_first::@f_first cpu @vyre_cpu::@f_first {
// CHECK: vyre.launch @constant kernel @f_constant::@f_constant cpu @vyre_cpu::@f_constant {
// CHECK: vyre.launch @shorter kernel @f_shorter::@f_shorter cpu @vyre_cpu::@f_shorter {
// CHECK: vyre.launch @sub kernel @f_sub::@f_sub cpu @vyre_cpu::@f_sub {
module attributes {gpu.container_module} {
vyre.program @f(
    %x: memref<64xi32> {vyre.binding = #vyre.binding<slot = 0, role = input, alignment = 16>},
    %y: memref<64xi32> {vyre.binding = #vyre.binding<slot = 1, role = output, alignment = 16>},
    %z: memref<64xi32> {vyre.binding = #vyre.binding<slot = 2, role = output, alignment = 16>}) {
  %n = arith.constant 64 : index
  %m = arith.constant 63 : index
  vyre.launch @first {
    vyre.stage @first (%i) in (%n) reads(%x : memref<64xi32>) writes(%y : memref<64xi32>) {
      %c = arith.constant 3 : i32
      %v = memref.load %x[%i] : memref<64xi32>
      %w = arith.addi %v, %c : i32
      memref.store %w, %y[%i] : memref<64xi32>
    }
  }
  vyre.launch @second {
    vyre.stage @second (%i) in (%n) reads(%x : memref<64xi32>) writes(%z : memref<64xi32>) {
      %c = arith.constant 3 : i32
      %v = memref.load %x[%i] : memref<64xi32>
      %w = arith.addi %v, %c : i32
      memref.store %w, %z[%i] : memref<64xi32>
    }
  }
  vyre.launch @constant {
    vyre.stage @constant (%i) in (%n) reads(%x : memref<64xi32>) writes(%y : memref<64xi32>) {
      %c = arith.constant 4 : i32
      %v = memref.load %x[%i] : memref<64xi32>
      %w = arith.addi %v, %c : i32
      memref.store %w, %y[%i] : memref<64xi32>
    }
  }
  vyre.launch @shorter {
    vyre.stage @shorter (%i) in (%m) reads(%x : memref<64xi32>) writes(%y : memref<64xi32>) {
      %c = arith.constant 3 : i32
      %v = memref.load %x[%i] : memref<64xi32>
      %w = arith.addi %v, %c : i32
      memref.store %w, %y[%i] : memref<64xi32>
    }
  }
  vyre.launch @sub {
    vyre.stage @sub (%i) in (%n) reads(%x : memref<64xi32>) writes(%y : memref<64xi32>) {
      %c = arith.constant 3 : i32
      %v = memref.load %x[%i] : memref<64xi32>
      %w = arith.subi %v, %c : i32
      memref.store %w, %y[%i] : memref<64xi32>
    }
  }
  vyre.return
}

// CHECK-LABEL: vyre.program @g(
// CHECK: vyre.launch @only kernel @f_first::@f_first cpu @vyre_cpu::@f_first {
// CHECK: vyre.opaque_stage @foreign @kernels::@one
// CHECK: vyre.opaque_stage @another @kernels::@two
vyre.program @g(
    %x: memref<64xi32> {vyre.binding = #vyre.binding<slot = 0, role = input, alignment = 16>},
    %y: memref<64xi32> {vyre.binding = #vyre.binding<slot = 1, role = input_output, alignment = 16>}) {
  %one = arith.constant 1 : index
  %n = arith.constant 64 : index
  vyre.launch @only {
    vyre.stage @only (%i) in (%n) reads(%x : memref<64xi32>) writes(%y : memref<64xi32>) {
      %c = arith.constant 3 : i32
      %v = memref.load %x[%i] : memref<64xi32>
      %w = arith.addi %v, %c : i32
      memref.store %w, %y[%i] : memref<64xi32>
    }
  }
  vyre.launch @foreign {
    vyre.opaque_stage @foreign @kernels::@one grid(%one, %one, %one) block(32, 1, 1) updates(%y : memref<64xi32>)
  }
  vyre.launch @another {
    vyre.opaque_stage @another @kernels::@two grid(%one, %one, %one) block(32, 1, 1) updates(%y : memref<64xi32>)
  }
  vyre.return
}

// CHECK: gpu.module @kernels
// CHECK: gpu.func @one
// CHECK: gpu.func @two
gpu.module @kernels {
  gpu.func @one(%y: !llvm.ptr) kernel {
    gpu.return
  }
  gpu.func @two(%y: !llvm.ptr) kernel {
    gpu.return
  }
}
}
