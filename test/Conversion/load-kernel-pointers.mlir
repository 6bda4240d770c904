// RUN: vyre-opt %s -split-input-file -verify-diagnostics -pass-pipeline='builtin.module(gpu.module(vyre-load-kernel-pointers))' | FileCheck %s -enable-var-scope
// RUN: vyre-opt %s -split-input-file -verify-diagnostics -pass-pipeline='builtin.module(gpu.module(vyre-load-kernel-pointers,vyre-load-kernel-pointers))' | FileCheck %s -enable-var-scope

// A pointer is loaded where it is used, once in each block, and what the entry makes of it
// goes along; what nobody uses is not loaded. A function that is no kernel stays.
// CHECK-LABEL: gpu.module @kernel attributes {vyre.index_bitwidth = 32 : i32} {
// CHECK:         gpu.func @kernel(%[[TABLE:.*]]: memref<3xi64> {llvm.align = 8 : i64, llvm.noalias, llvm.readonly}, %[[N:.*]]: index) kernel {
// CHECK-NEXT:      %[[C0:.*]] = arith.constant 0 : index
// CHECK-NEXT:      %[[BITS_X:.*]] = memref.load %[[TABLE]][%[[C0]]] : memref<3xi64>
// CHECK-NEXT:      %[[GLOBAL_X:.*]] = llvm.inttoptr %[[BITS_X]] : i64 to !llvm.ptr<1>
// CHECK-NEXT:      %[[AT_X:.*]] = llvm.addrspacecast %[[GLOBAL_X]] : !llvm.ptr<1> to !llvm.ptr
// CHECK:           llvm.insertvalue %[[AT_X]], %{{.*}}[0] : !llvm.struct<(ptr, ptr, i32)>
// CHECK:           llvm.insertvalue %[[AT_X]], %{{.*}}[1]
// CHECK:           %[[DESCRIPTOR_X:.*]] = llvm.insertvalue %{{.*}}, %{{.*}}[2]
// CHECK-NEXT:      %[[X:.*]] = builtin.unrealized_conversion_cast %[[DESCRIPTOR_X]] : !llvm.struct<(ptr, ptr, i32)> to memref<f32>
// CHECK-NEXT:      %[[V:.*]] = memref.load %[[X]][]
// CHECK-NEXT:      memref.store %[[V]], %[[X]][]
// CHECK-NOT:       memref.load
// CHECK:           scf.index_switch %[[N]]
// CHECK-NEXT:      case 0 {
// CHECK-NEXT:        %[[C1:.*]] = arith.constant 1 : index
// CHECK-NEXT:        memref.load %[[TABLE]][%[[C1]]]
// CHECK:             %[[Y:.*]] = builtin.unrealized_conversion_cast {{.*}} to memref<f32>
// CHECK-NEXT:        %[[ROW:.*]] = memref.reinterpret_cast %[[Y]] to offset: [0], sizes: [4], strides: [1]
// CHECK-NEXT:        memref.store %[[V]], %[[ROW]][%[[N]]]
// CHECK-NEXT:        memref.store %[[V]], %[[ROW]][%{{.*}}]
// CHECK-NEXT:        scf.yield
// CHECK:         gpu.func @helper(%{{.*}}: memref<f32>)
gpu.module @kernel attributes {vyre.index_bitwidth = 32 : i32, vyre.pointer_table = 3 : i64} {
  gpu.func @kernel(%x: memref<f32> {llvm.align = 16 : i64, llvm.noalias}, %y: memref<f32>, %z: memref<f32>, %n: index) kernel {
    %row = memref.reinterpret_cast %y to offset: [0], sizes: [4], strides: [1] : memref<f32> to memref<4xf32>
    %v = memref.load %x[] : memref<f32>
    memref.store %v, %x[] : memref<f32>
    %c2 = arith.constant 2 : index
    scf.index_switch %n
    case 0 {
      memref.store %v, %row[%n] : memref<4xf32>
      memref.store %v, %row[%c2] : memref<4xf32>
      scf.yield
    }
    default {
    }
    gpu.return
  }
  gpu.func @helper(%x: memref<f32>) {
    gpu.return
  }
}

// -----

// Without the attribute nothing changes.
// CHECK-LABEL: gpu.module @plain
// CHECK:         gpu.func @plain(%{{.*}}: memref<f32>, %{{.*}}: memref<f32>)
gpu.module @plain {
  gpu.func @plain(%x: memref<f32>, %y: memref<f32>) kernel {
    gpu.return
  }
}

// -----

gpu.module @wrong attributes {vyre.pointer_table = 2 : i64} {
  // expected-error @below {{has 2 parameters, expected 2 memrefs of rank 0 first, as vyre.pointer_table says}}
  gpu.func @wrong(%x: memref<f32>, %n: i64) kernel {
    gpu.return
  }
}
