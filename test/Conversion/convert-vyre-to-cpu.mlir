// RUN: vyre-opt %s -convert-vyre-to-cpu | FileCheck %s -enable-var-scope
// RUN: vyre-opt %s -convert-vyre-to-cpu -convert-vyre-to-cpu | FileCheck %s -enable-var-scope

// A function for the launch, over a range of work items: rows, and the part of
// each that is in the range. The launch names it and keeps its stage.
// CHECK:       module @vyre_cpu {
// CHECK-COUNT-1: func.func
// CHECK-SAME:    @p_double(%{{.*}}: memref<f32> {llvm.align = 16 : i64, llvm.noalias, llvm.readonly}, %{{.*}}: memref<f32> {llvm.align = 16 : i64, llvm.noalias}, %[[ROWS:.*]]: i64, %[[BEGIN:.*]]: i64, %[[END:.*]]: i64)
// CHECK-DAG:     %[[B:.*]] = arith.index_cast %[[BEGIN]]
// CHECK-DAG:     %[[E:.*]] = arith.index_cast %[[END]]
// CHECK:         %[[FIRST:.*]] = arith.divsi %[[B]]
// CHECK:         %[[LAST:.*]] = arith.ceildivsi %[[E]]
// CHECK:         scf.for %[[I:.*]] = %[[FIRST]] to %[[LAST]]
// CHECK:           arith.maxsi
// CHECK:           arith.minsi
// CHECK:           scf.for %[[J:.*]] =
// CHECK:             memref.load %{{.*}}[%[[I]], %[[J]]]
// CHECK:             memref.store %{{.*}}[%[[I]], %[[J]]]
// CHECK-NOT:   func.func
// CHECK:       vyre.launch @double cpu @vyre_cpu::@p_double {
// CHECK-NEXT:    vyre.stage @double
vyre.program @p(%x: memref<?x8xf32> {vyre.binding = #vyre.binding<slot = 0, role = input, alignment = 16, capacity = 4096>}, %y: memref<?x8xf32> {vyre.binding = #vyre.binding<slot = 1, role = output, alignment = 16, capacity = 4096>}) -> memref<?x8xf32> {
  %c0 = arith.constant 0 : index
  %c8 = arith.constant 8 : index
  %n = memref.dim %x, %c0 : memref<?x8xf32>
  vyre.extents %y[%n] : memref<?x8xf32>
  vyre.launch @double {
    vyre.stage @double (%i, %j) in (%n, %c8) reads(%x : memref<?x8xf32>) writes(%y : memref<?x8xf32>) {
      %v = memref.load %x[%i, %j] : memref<?x8xf32>
      %w = arith.addf %v, %v : f32
      memref.store %w, %y[%i, %j] : memref<?x8xf32>
    }
  }
  vyre.return %y : memref<?x8xf32>
}
