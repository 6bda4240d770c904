// RUN: vyre-opt %s -split-input-file -convert-vyre-to-gpu | FileCheck %s -enable-var-scope

// Eight buffers over a few points: eight parts, each of which stores to one
// buffer and computes what it needs for that alone. 40 points take two warps, so
// that there are 8 * 64 threads.
// CHECK-LABEL: gpu.module @eight_l
// CHECK-SAME:    vyre.block_count = 2 : i64
// CHECK:         %[[WARPS:.*]] = arith.constant 64 : index
// CHECK:         %[[PART:.*]] = arith.divui %{{.*}}, %[[WARPS]]
// CHECK:         %[[POINT:.*]] = arith.remui %{{.*}}, %[[WARPS]]
// CHECK:         %[[IS_POINT:.*]] = arith.cmpi ult, %[[POINT]]
// CHECK:         scf.if %[[IS_POINT]]
// CHECK:           scf.index_switch %[[PART]]
// CHECK:           case 0 {
// CHECK-NEXT:        memref.load %{{.*}}[%[[POINT]]]
// CHECK-NEXT:        arith.addf
// CHECK-NEXT:        memref.store
// CHECK-NEXT:        scf.yield
// CHECK:           case 1 {
// CHECK-NEXT:        memref.load
// CHECK-NEXT:        arith.addf
// CHECK-NEXT:        arith.mulf
// CHECK-NEXT:        memref.store
// CHECK-NEXT:        scf.yield
// CHECK:           case 7 {
// CHECK:           default {
vyre.program @eight(%x: memref<40xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>}, %a: memref<40xf32> {vyre.binding = #vyre.binding<slot = 1, role = output>}, %b: memref<40xf32> {vyre.binding = #vyre.binding<slot = 2, role = output>}, %c: memref<40xf32> {vyre.binding = #vyre.binding<slot = 3, role = output>}, %d: memref<40xf32> {vyre.binding = #vyre.binding<slot = 4, role = output>}, %e: memref<40xf32> {vyre.binding = #vyre.binding<slot = 5, role = output>}, %f: memref<40xf32> {vyre.binding = #vyre.binding<slot = 6, role = output>}, %g: memref<40xf32> {vyre.binding = #vyre.binding<slot = 7, role = output>}, %h: memref<40xf32> {vyre.binding = #vyre.binding<slot = 8, role = output>}) -> memref<40xf32> {
  %n = arith.constant 40 : index
  vyre.launch @l {
    vyre.stage @s (%i) in (%n) reads(%x : memref<40xf32>) writes(%a, %b, %c, %d, %e, %f, %g, %h : memref<40xf32>, memref<40xf32>, memref<40xf32>, memref<40xf32>, memref<40xf32>, memref<40xf32>, memref<40xf32>, memref<40xf32>) {
      %v = memref.load %x[%i] : memref<40xf32>
      %w = arith.addf %v, %v : f32
      memref.store %w, %a[%i] : memref<40xf32>
      %u = arith.mulf %w, %v : f32
      memref.store %u, %b[%i] : memref<40xf32>
      memref.store %v, %c[%i] : memref<40xf32>
      memref.store %v, %d[%i] : memref<40xf32>
      memref.store %v, %e[%i] : memref<40xf32>
      memref.store %v, %f[%i] : memref<40xf32>
      memref.store %v, %g[%i] : memref<40xf32>
      memref.store %v, %h[%i] : memref<40xf32>
    }
  }
  vyre.return %a : memref<40xf32>
}

// -----

// What is stored is loaded again: the order of these accesses matters, and one
// thread makes them all.
// CHECK-LABEL: gpu.module @again_l
// CHECK-NOT:     vyre.block_count
// CHECK-NOT:     scf.index_switch
vyre.program @again(%x: memref<40xf32> {vyre.binding = #vyre.binding<slot = 0, role = input_output>}, %a: memref<40xf32> {vyre.binding = #vyre.binding<slot = 1, role = output>}, %b: memref<40xf32> {vyre.binding = #vyre.binding<slot = 2, role = output>}, %c: memref<40xf32> {vyre.binding = #vyre.binding<slot = 3, role = output>}, %d: memref<40xf32> {vyre.binding = #vyre.binding<slot = 4, role = output>}, %e: memref<40xf32> {vyre.binding = #vyre.binding<slot = 5, role = output>}, %f: memref<40xf32> {vyre.binding = #vyre.binding<slot = 6, role = output>}, %g: memref<40xf32> {vyre.binding = #vyre.binding<slot = 7, role = output>}) -> memref<40xf32> {
  %n = arith.constant 40 : index
  vyre.launch @l {
    vyre.stage @s (%i) in (%n) writes(%a, %b, %c, %d, %e, %f, %g : memref<40xf32>, memref<40xf32>, memref<40xf32>, memref<40xf32>, memref<40xf32>, memref<40xf32>, memref<40xf32>) updates(%x : memref<40xf32>) {
      %v = memref.load %x[%i] : memref<40xf32>
      %w = arith.addf %v, %v : f32
      memref.store %w, %x[%i] : memref<40xf32>
      memref.store %v, %a[%i] : memref<40xf32>
      memref.store %v, %b[%i] : memref<40xf32>
      memref.store %v, %c[%i] : memref<40xf32>
      memref.store %v, %d[%i] : memref<40xf32>
      memref.store %v, %e[%i] : memref<40xf32>
      memref.store %v, %f[%i] : memref<40xf32>
      memref.store %v, %g[%i] : memref<40xf32>
    }
  }
  vyre.return %a : memref<40xf32>
}
