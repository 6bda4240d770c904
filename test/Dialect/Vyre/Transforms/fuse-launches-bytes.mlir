// RUN: vyre-opt %s -pass-pipeline='builtin.module(vyre.program(vyre-fuse-launches))' --remarks-filter=vyre-fuse-launches -o /dev/null 2>&1 | FileCheck %s

// Bytes of dynamic buffers come from capacities: 4096 of the input bound the
// output and, with as many elements of half the size, the intermediate.
// CHECK: Function=capacities | AvoidedBytes=2048, AvoidedLaunches=1, Remark="launch @f_g holds @f, @g", RequiredBytes=10240, Stages=2
vyre.program @capacities(
    %x: memref<?x?xf32> {vyre.binding = #vyre.binding<slot = 0, role = input, capacity = 4096>},
    %y: memref<?x?xf32> {vyre.binding = #vyre.binding<slot = 1, role = output, capacity = 4096>})
    -> memref<?x?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %m = memref.dim %x, %c0 : memref<?x?xf32>
  %n = memref.dim %x, %c1 : memref<?x?xf32>
  vyre.extents %y[%m, %n] : memref<?x?xf32>
  %t = vyre.intermediate(%n, %m) : memref<?x?xf16>
  vyre.stage @f (%i, %j) in (%m, %n) reads(%x : memref<?x?xf32>) writes(%t : memref<?x?xf16>) {
    %0 = memref.load %x[%i, %j] : memref<?x?xf32>
    %1 = arith.truncf %0 : f32 to f16
    memref.store %1, %t[%j, %i] : memref<?x?xf16>
  }
  vyre.stage @g (%i, %j) in (%m, %n) reads(%t : memref<?x?xf16>) writes(%y : memref<?x?xf32>) {
    %0 = memref.load %t[%j, %i] : memref<?x?xf16>
    %1 = arith.extf %0 : f16 to f32
    memref.store %1, %y[%i, %j] : memref<?x?xf32>
  }
  vyre.return %y : memref<?x?xf32>
}

// Sums and products of extents are bounded by those of their parts: x has at most
// 256 elements, so t has at most 512 + 2, of 8 bytes.
// CHECK: Function=derived | AvoidedBytes=4112, AvoidedLaunches=1, Remark="launch @f_g holds @f, @g", RequiredBytes=9248, Stages=2
vyre.program @derived(
    %x: memref<?xf32> {vyre.binding = #vyre.binding<slot = 0, role = input, capacity = 1024>},
    %y: memref<?xf64> {vyre.binding = #vyre.binding<slot = 1, role = output, capacity = 4112>})
    -> memref<?xf64> {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %n = memref.dim %x, %c0 : memref<?xf32>
  %twice = arith.muli %n, %c2 : index
  %more = arith.addi %twice, %c2 : index
  vyre.extents %y[%more] : memref<?xf64>
  %t = vyre.intermediate(%more) : memref<?xf64>
  vyre.stage @f (%i) in (%more) reads(%x : memref<?xf32>) writes(%t : memref<?xf64>) {
    %0 = memref.load %x[%c0] : memref<?xf32>
    %1 = arith.extf %0 : f32 to f64
    memref.store %1, %t[%i] : memref<?xf64>
  }
  vyre.stage @g (%i) in (%more) reads(%t : memref<?xf64>) writes(%y : memref<?xf64>) {
    %0 = memref.load %t[%i] : memref<?xf64>
    memref.store %0, %y[%i] : memref<?xf64>
  }
  vyre.return %y : memref<?xf64>
}

// An extent that nothing bounds counts as 1 GiB.
// CHECK: Function=unbounded | AvoidedBytes=1073741824
vyre.program @unbounded(
    %n: index,
    %y: memref<?xf32> {vyre.binding = #vyre.binding<slot = 1, role = output, capacity = 4096>})
    -> memref<?xf32> {
  %more = arith.muli %n, %n : index
  vyre.extents %y[%n] : memref<?xf32>
  %t = vyre.intermediate(%more) : memref<?xf32>
  %v = arith.constant 1.0 : f32
  vyre.stage @f (%i) in (%n) writes(%t : memref<?xf32>) {
    memref.store %v, %t[%i] : memref<?xf32>
  }
  vyre.stage @g (%i) in (%n) reads(%t : memref<?xf32>) writes(%y : memref<?xf32>) {
    %0 = memref.load %t[%i] : memref<?xf32>
    memref.store %0, %y[%i] : memref<?xf32>
  }
  vyre.return %y : memref<?xf32>
}
