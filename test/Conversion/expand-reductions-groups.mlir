// RUN: vyre-opt %s -split-input-file -vyre-expand-reductions | FileCheck %s -enable-var-scope

// 128 lanes in a warp: four neighbouring elements of each round a thread, then
// seven steps of shuffles. In the first, threads share two lanes with each other,
// in the second one; every thread has the result.
// CHECK-LABEL: gpu.func @warp
// CHECK-SAME:    kernel
// CHECK-COUNT-2: vector.load %{{.*}} {alignment = 16 : i64} : memref<1x256xf32>, vector<4xf32>
// CHECK:         %[[SIXTEEN:.*]] = arith.andi %{{.*}}, %c16{{.*}} : index
// CHECK:         %[[UPPER:.*]] = arith.cmpi ne, %[[SIXTEEN]]
// CHECK-COUNT-4: arith.select %[[UPPER]]
// CHECK-COUNT-2: gpu.shuffle xor
// CHECK-COUNT-2: arith.select
// CHECK-COUNT-6: gpu.shuffle xor
// CHECK-NOT:     gpu.shuffle
// CHECK-NOT:     gpu.barrier
gpu.module @kernels {
  gpu.func @warp(%p: memref<f32> {llvm.align = 16 : i64}, %q: memref<f32> {llvm.align = 4 : i64}) kernel attributes {known_block_size = array<i32: 128, 1, 1>} {
    %x = memref.reinterpret_cast %p to offset: [0], sizes: [1, 256], strides: [256, 1] : memref<f32> to memref<1x256xf32>
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %n = arith.constant 256 : index
    %zero = arith.constant 0.0 : f32
    %sum = scf.parallel (%j) = (%c0) to (%n) step (%c1) init (%zero) -> f32 {
      %v = memref.load %x[%c0, %j] : memref<1x256xf32>
      scf.reduce(%v : f32) {
      ^bb0(%a: f32, %b: f32):
        %r = arith.addf %a, %b : f32
        scf.reduce.return %r : f32
      }
    } {vyre.threads = 32 : i64}
    memref.store %sum, %q[] : memref<f32>
    gpu.return
  }
}

// -----

// 1,024 lanes in a block of 256 threads: once through workgroup memory, between
// two barriers. 4,097 elements: one is left, and the first thread's.
// CHECK-LABEL: gpu.func @block
// CHECK-SAME:    workgroup(%[[P:.*]] : memref<1024xi64, #gpu.address_space<workgroup>> {llvm.align = 16 : i64})
// CHECK:         arith.cmpi ult
// CHECK:         scf.if
// CHECK:         gpu.barrier
// CHECK-COUNT-4: memref.store %{{.*}}, %[[P]]
// CHECK:         gpu.barrier
// CHECK-COUNT-32: memref.load %[[P]]
// CHECK-COUNT-16: gpu.shuffle xor
// CHECK-NOT:     gpu.shuffle
gpu.module @kernels {
  gpu.func @block(%p: memref<i64>, %q: memref<i64>) kernel attributes {known_block_size = array<i32: 256, 1, 1>} {
    %x = memref.reinterpret_cast %p to offset: [0], sizes: [4097], strides: [1] : memref<i64> to memref<4097xi64>
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %n = arith.constant 4097 : index
    %zero = arith.constant 0 : i64
    %sum = scf.parallel (%j) = (%c0) to (%n) step (%c1) init (%zero) -> i64 {
      %v = memref.load %x[%j] : memref<4097xi64>
      scf.reduce(%v : i64) {
      ^bb0(%a: i64, %b: i64):
        %r = arith.addi %a, %b : i64
        scf.reduce.return %r : i64
      }
    } {vyre.threads = 256 : i64}
    memref.store %sum, %q[] : memref<i64>
    gpu.return
  }
}

// -----

// An extent that only the kernel knows: the threads have the lanes in turn, by their
// number. Of one lane each thread takes all points; of 128, 16 rounds at once, with the
// last point in place of those that are not there; of 1,024 four lanes of a thread, of
// 4,096 sixteen. The rest of the tree is eight warps in workgroup memory and shuffles.
// CHECK-LABEL: gpu.func @dynamic
// CHECK-SAME:    workgroup(%[[FEW:.+]] : memref<128xf32, #gpu.address_space<workgroup>> {{.+}}, %[[ALL:.+]] : memref<256xf32, #gpu.address_space<workgroup>>
// CHECK:         %[[R:.+]] = scf.index_switch %{{.+}} -> f32
// CHECK-NEXT:    case 1 {
// CHECK:           scf.for %{{.+}} = %c0{{.*}} to %[[N:.+]] step %c1
// CHECK-NOT:       gpu.shuffle
// CHECK:         case 128 {
// CHECK:           arith.remui %{{.+}}, %c128
// CHECK-NOT:       scf.for
// CHECK-COUNT-16:  arith.minui
// CHECK:           gpu.barrier
// CHECK-NEXT:      %{{.+}} = arith.constant 1 : index
// CHECK:           memref.store %{{.+}}, %[[FEW]]
// CHECK:           gpu.barrier
// CHECK-COUNT-4:   memref.load %[[FEW]]
// CHECK-COUNT-5:   gpu.shuffle xor
// CHECK:         case 1024 {
// CHECK:           %[[LANES:.+]]:4 = scf.for %{{.+}} step %c4096
// CHECK-COUNT-16:    arith.addf
// CHECK-COUNT-16:  arith.minui
// CHECK:           gpu.barrier
// CHECK:           memref.store %{{.+}}, %[[ALL]]
// CHECK-COUNT-8:   memref.load %[[ALL]]
// CHECK-COUNT-5:   gpu.shuffle xor
// CHECK:         default {
// CHECK:           %[[LANES:.+]]:16 = scf.for %{{.+}} step %c4096
// CHECK-COUNT-5:   gpu.shuffle xor
// CHECK:         arith.addf %{{.+}}, %[[R]]
gpu.module @kernels {
  gpu.func @dynamic(%p: memref<f32>, %q: memref<f32>, %n64: i64) kernel attributes {known_block_size = array<i32: 256, 1, 1>} {
    %n = arith.index_cast %n64 : i64 to index
    %x = memref.reinterpret_cast %p to offset: [0], sizes: [%n], strides: [1] : memref<f32> to memref<?xf32>
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %zero = arith.constant 0.0 : f32
    %sum = scf.parallel (%j) = (%c0) to (%n) step (%c1) init (%zero) -> f32 {
      %v = memref.load %x[%j] : memref<?xf32>
      scf.reduce(%v : f32) {
      ^bb0(%a: f32, %b: f32):
        %r = arith.addf %a, %b : f32
        scf.reduce.return %r : f32
      }
    } {vyre.threads = 256 : i64}
    memref.store %sum, %q[] : memref<f32>
    gpu.return
  }
}

// -----

// Columns side by side: thread t is the (t / 8)-th of column t % 8. 4,096 lanes are 128 a
// thread, 16 of them at a time; of its 32 threads, 4 are in a warp. What writes is not done
// for points that are not there.
// CHECK-LABEL: gpu.func @columns
// CHECK:         %[[T:.+]] = arith.divui %{{.+}}, %c8
// CHECK:         scf.index_switch
// CHECK:         case 128 {
// CHECK:           %{{.+}}:4 = scf.for %{{.+}} step %c512
// CHECK-COUNT-16:  scf.if
// CHECK:           gpu.barrier
// CHECK-COUNT-8:   memref.load %{{.+}} : memref<256xf32, #gpu.address_space<workgroup>>
// CHECK-COUNT-2:   gpu.shuffle xor
// CHECK-NOT:       gpu.shuffle
// CHECK:         case 1024 {
// CHECK:           scf.for %{{.+}} = %{{.+}} to %c2{{.*}} step %c1
// CHECK:             %{{.+}}:16 = scf.for
// CHECK-COUNT-2:   memref.load %{{.+}} : memref<2xf32>
// CHECK:         default {
// CHECK:           scf.for %{{.+}} = %{{.+}} to %c8{{.*}} step %c1
// CHECK:             %{{.+}}:16 = scf.for
// CHECK-COUNT-8:   memref.load %{{.+}} : memref<8xf32>
gpu.module @kernels {
  gpu.func @columns(%p: memref<f32>, %q: memref<f32>, %n64: i64, %m64: i64, %j64: i64) kernel attributes {known_block_size = array<i32: 256, 1, 1>} {
    %n = arith.index_cast %n64 : i64 to index
    %m = arith.index_cast %m64 : i64 to index
    %j = arith.index_cast %j64 : i64 to index
    %x = memref.reinterpret_cast %p to offset: [0], sizes: [%n, %m], strides: [%m, 1] : memref<f32> to memref<?x?xf32, strided<[?, 1]>>
    %y = memref.reinterpret_cast %q to offset: [0], sizes: [%n, %m], strides: [%m, 1] : memref<f32> to memref<?x?xf32, strided<[?, 1]>>
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %zero = arith.constant 0.0 : f32
    %sum = scf.parallel (%i) = (%c0) to (%n) step (%c1) init (%zero) -> f32 {
      %v = memref.load %x[%i, %j] : memref<?x?xf32, strided<[?, 1]>>
      memref.store %v, %y[%i, %j] : memref<?x?xf32, strided<[?, 1]>>
      scf.reduce(%v : f32) {
      ^bb0(%a: f32, %b: f32):
        %r = arith.addf %a, %b : f32
        scf.reduce.return %r : f32
      }
    } {vyre.threads = 32 : i64, vyre.columns = 8 : i64}
    memref.store %sum, %q[] : memref<f32>
    gpu.return
  }
}
