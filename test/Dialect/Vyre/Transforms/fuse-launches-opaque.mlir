// RUN: vyre-opt %s -split-input-file -pass-pipeline='builtin.module(vyre.program(vyre-fuse-launches{reorder=false}))' --remarks-filter=vyre-fuse-launches -o /dev/null 2>&1 | FileCheck %s
// RUN: vyre-opt %s -split-input-file -pass-pipeline='builtin.module(vyre.program(vyre-fuse-launches{reorder=false}))' | FileCheck %s --check-prefix=IR

// An opaque kernel joins nothing, on either side.
// CHECK: Function=opaque | Reason="the accesses of @k are not known", Remark="@k does not join @a"
// CHECK: Function=opaque | Reason="the accesses of @k are not known", Remark="@b does not join @k"
// IR-LABEL: vyre.program @opaque
// IR-NOT: vyre.launch
module attributes {gpu.container_module} {
  gpu.module @kernels {
    gpu.func @k(%x: memref<f32>) kernel {
      gpu.return
    }
  }
  vyre.program @opaque(
      %x: memref<64xf32> {vyre.binding = #vyre.binding<slot = 0, role = input_output>},
      %y: memref<64xf32> {vyre.binding = #vyre.binding<slot = 1, role = output>})
      -> memref<64xf32> {
    %c1 = arith.constant 1 : index
    %n = arith.constant 64 : index
    %v = arith.constant 1.0 : f32
    vyre.stage @a (%i) in (%n) writes(%x : memref<64xf32>) {
      memref.store %v, %x[%i] : memref<64xf32>
    }
    vyre.opaque_stage @k @kernels::@k grid(%c1, %c1, %c1) block(32, 1, 1) updates(%x : memref<64xf32>)
    vyre.stage @b (%i) in (%n) writes(%y : memref<64xf32>) {
      memref.store %v, %y[%i] : memref<64xf32>
    }
    vyre.return %y : memref<64xf32>
  }
}
