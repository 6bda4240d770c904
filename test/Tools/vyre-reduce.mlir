// RUN: vyre-reduce %s -reduction-tree='traversal-mode=0 test=%S/Inputs/holds-divf.sh' 2>/dev/null | FileCheck %s

// Of a program that is kept for the division in its second stage, the first one goes.
// What the reducer tries in vain is on stderr.
// CHECK-LABEL: vyre.program @reduced
// CHECK-NOT:     vyre.stage @before
// CHECK:         vyre.stage @middle
// CHECK:           arith.divf
vyre.program @reduced(
    %x: memref<64xf32> {vyre.binding = #vyre.binding<slot = 0, role = input_output>}) {
  %n = arith.constant 64 : index
  vyre.stage @before (%i) in (%n) updates(%x : memref<64xf32>) {
    %0 = memref.load %x[%i] : memref<64xf32>
    %1 = arith.addf %0, %0 : f32
    memref.store %1, %x[%i] : memref<64xf32>
  }
  vyre.stage @middle (%i) in (%n) updates(%x : memref<64xf32>) {
    %0 = memref.load %x[%i] : memref<64xf32>
    %1 = arith.divf %0, %0 : f32
    memref.store %1, %x[%i] : memref<64xf32>
  }
  vyre.return
}
