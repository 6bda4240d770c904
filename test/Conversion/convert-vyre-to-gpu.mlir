// RUN: vyre-opt %s -split-input-file -convert-vyre-to-gpu | FileCheck %s -enable-var-scope

// A few points: a thread computes one.
// CHECK-LABEL: gpu.module @few_double
// CHECK-SAME:    vyre.index_bitwidth = 32 : i32, vyre.points_per_block = 256 : i64
// CHECK:         gpu.func @few_double(%[[X:[^:]+]]: memref<f32> {llvm.align = 16 : i64, llvm.noalias, llvm.readonly}, %{{[^:]+}}: memref<f32> {llvm.align = 16 : i64, llvm.noalias}) kernel
// CHECK-SAME:      known_block_size = array<i32: 256, 1, 1>
// CHECK:         memref.load
// CHECK-NOT:     vector.load
// CHECK:         memref.store
// CHECK:       vyre.launch @double kernel @few_double::@few_double
vyre.program @few(%x: memref<1000xf32> {vyre.binding = #vyre.binding<slot = 0, role = input, alignment = 16>}, %y: memref<1000xf32> {vyre.binding = #vyre.binding<slot = 1, role = output, alignment = 16>}) -> memref<1000xf32> {
  %n = arith.constant 1000 : index
  vyre.launch @double {
    vyre.stage @double (%i) in (%n) reads(%x : memref<1000xf32>) writes(%y : memref<1000xf32>) {
      %v = memref.load %x[%i] : memref<1000xf32>
      %w = arith.addf %v, %v : f32
      memref.store %w, %y[%i] : memref<1000xf32>
    }
  }
  vyre.return %y : memref<1000xf32>
}

// -----

// Many points in rows of whole vectors: a thread computes four neighbours. A
// value that is the same for all four is loaded once for each, and merged later.
// CHECK-LABEL: gpu.module @many_scale
// CHECK-SAME:    vyre.points_per_block = 1024 : i64
// CHECK:         vector.load %{{.*}} {alignment = 16 : i64} : memref<256x1024xf32>, vector<4xf32>
// CHECK-COUNT-4: memref.load %{{.*}} : memref<256xf32>
// CHECK-COUNT-4: arith.mulf
// CHECK:         vector.store %{{.*}} {alignment = 16 : i64} : memref<256x1024xf32>, vector<4xf32>
vyre.program @many(%x: memref<256x1024xf32> {vyre.binding = #vyre.binding<slot = 0, role = input, alignment = 16>}, %s: memref<256xf32> {vyre.binding = #vyre.binding<slot = 1, role = input, alignment = 16>}, %y: memref<256x1024xf32> {vyre.binding = #vyre.binding<slot = 2, role = output, alignment = 16>}) -> memref<256x1024xf32> {
  %m = arith.constant 256 : index
  %n = arith.constant 1024 : index
  vyre.launch @scale {
    vyre.stage @scale (%i, %j) in (%m, %n) reads(%x, %s : memref<256x1024xf32>, memref<256xf32>) writes(%y : memref<256x1024xf32>) {
      %v = memref.load %x[%i, %j] : memref<256x1024xf32>
      %f = memref.load %s[%i] : memref<256xf32>
      %w = arith.mulf %v, %f : f32
      memref.store %w, %y[%i, %j] : memref<256x1024xf32>
    }
  }
  vyre.return %y : memref<256x1024xf32>
}

// -----

// A row of unknown length: the last vector may be cut short. With an alignment of
// 4 bytes, there are no vectors.
// CHECK-LABEL: gpu.module @row_copy
// CHECK:         %[[WHOLE:.*]] = arith.cmpi ule
// CHECK:         scf.if %[[WHOLE]] {
// CHECK:           vector.load %{{.*}} {alignment = 16 : i64} : memref<?xf32>, vector<4xf32>
// CHECK-COUNT-4:   memref.store %{{.*}} : memref<?xf32>
// CHECK:         } else {
// CHECK:           scf.for
// CHECK-COUNT-1:     memref.store
vyre.program @row(%x: memref<?xf32> {vyre.binding = #vyre.binding<slot = 0, role = input, alignment = 16, capacity = 1048576>}, %y: memref<?xf32> {vyre.binding = #vyre.binding<slot = 1, role = output, alignment = 4, capacity = 1048576>}) -> memref<?xf32> {
  %c0 = arith.constant 0 : index
  %n = memref.dim %x, %c0 : memref<?xf32>
  vyre.extents %y[%n] : memref<?xf32>
  vyre.launch @copy {
    vyre.stage @copy (%i) in (%n) reads(%x : memref<?xf32>) writes(%y : memref<?xf32>) {
      %v = memref.load %x[%i] : memref<?xf32>
      memref.store %v, %y[%i] : memref<?xf32>
    }
  }
  vyre.return %y : memref<?xf32>
}

// -----

// Rows of 1,024: 128 lanes, a warp for each row, four rows a block. The store is
// the first thread's, and the second loop waits for it.
// CHECK-LABEL: gpu.module @rows_center
// CHECK-SAME:    vyre.points_per_block = 4 : i64
// CHECK:         known_block_size = array<i32: 128, 1, 1>
// CHECK:         %[[THREAD:.*]] = arith.remui
// CHECK:         scf.for
// CHECK:           %[[FIRST:.*]] = arith.cmpi eq, %[[THREAD]]
// CHECK:           %[[SUM:.*]] = scf.parallel
// CHECK:           } {vyre.threads = 32 : i64}
// CHECK:           scf.if %[[FIRST]] {
// CHECK-NEXT:        memref.store %[[SUM]]
// CHECK-NEXT:      }
// CHECK:           nvvm.bar.warp.sync
// CHECK:           scf.parallel
// CHECK:           } {vyre.threads = 32 : i64}
vyre.program @rows(%x: memref<64x1024xf32> {vyre.binding = #vyre.binding<slot = 0, role = input, alignment = 16>}, %s: memref<64xf32> {vyre.binding = #vyre.binding<slot = 1, role = input_output, alignment = 16>}, %y: memref<64x1024xf32> {vyre.binding = #vyre.binding<slot = 2, role = output, alignment = 16>}) -> memref<64x1024xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %m = arith.constant 64 : index
  %n = arith.constant 1024 : index
  vyre.launch @center {
    vyre.stage @center (%i) in (%m) reads(%x : memref<64x1024xf32>) writes(%y : memref<64x1024xf32>) updates(%s : memref<64xf32>) {
      %sum = scf.parallel (%j) = (%c0) to (%n) step (%c1) init (%zero) -> f32 {
        %v = memref.load %x[%i, %j] : memref<64x1024xf32>
        scf.reduce(%v : f32) {
        ^bb0(%a: f32, %b: f32):
          %r = arith.addf %a, %b : f32
          scf.reduce.return %r : f32
        }
      }
      memref.store %sum, %s[%i] : memref<64xf32>
      scf.parallel (%j) = (%c0) to (%n) step (%c1) {
        %v = memref.load %x[%i, %j] : memref<64x1024xf32>
        %t = memref.load %s[%i] : memref<64xf32>
        %w = arith.subf %v, %t : f32
        memref.store %w, %y[%i, %j] : memref<64x1024xf32>
        scf.reduce
      }
    }
  }
  vyre.return %y : memref<64x1024xf32>
}

// -----

// Columns of many points: neighbouring threads have neighbouring columns, and each
// runs its loop alone.
// CHECK-LABEL: gpu.module @columns_sum
// CHECK-SAME:    vyre.points_per_block = 256 : i64
// CHECK:         scf.parallel
// CHECK-NOT:     vyre.threads
vyre.program @columns(%x: memref<256x65536xf32> {vyre.binding = #vyre.binding<slot = 0, role = input, alignment = 16>}, %s: memref<65536xf32> {vyre.binding = #vyre.binding<slot = 1, role = output, alignment = 16>}) -> memref<65536xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %m = arith.constant 65536 : index
  %n = arith.constant 256 : index
  vyre.launch @sum {
    vyre.stage @sum (%i) in (%m) reads(%x : memref<256x65536xf32>) writes(%s : memref<65536xf32>) {
      %sum = scf.parallel (%j) = (%c0) to (%n) step (%c1) init (%zero) -> f32 {
        %v = memref.load %x[%j, %i] : memref<256x65536xf32>
        scf.reduce(%v : f32) {
        ^bb0(%a: f32, %b: f32):
          %r = arith.addf %a, %b : f32
          scf.reduce.return %r : f32
        }
      }
      memref.store %sum, %s[%i] : memref<65536xf32>
    }
  }
  vyre.return %s : memref<65536xf32>
}

// -----

// A row of 32,768 elements: a block of 1,024 threads, of which one has to fit a
// multiprocessor, so that a thread may have as many registers as there are.
// CHECK-LABEL: gpu.module @long_row_sum
// CHECK-SAME:    vyre.points_per_block = 1 : i64
// CHECK:         gpu.func @long_row_sum
// CHECK-SAME:      known_block_size = array<i32: 1024, 1, 1>, nvvm.minctasm = 1 : i32
vyre.program @long_row(%x: memref<128x32768xf32> {vyre.binding = #vyre.binding<slot = 0, role = input, alignment = 16>}, %s: memref<128xf32> {vyre.binding = #vyre.binding<slot = 1, role = output, alignment = 16>}) -> memref<128xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %m = arith.constant 128 : index
  %n = arith.constant 32768 : index
  vyre.launch @sum {
    vyre.stage @sum (%i) in (%m) reads(%x : memref<128x32768xf32>) writes(%s : memref<128xf32>) {
      %sum = scf.parallel (%j) = (%c0) to (%n) step (%c1) init (%zero) -> f32 {
        %v = memref.load %x[%i, %j] : memref<128x32768xf32>
        scf.reduce(%v : f32) {
        ^bb0(%a: f32, %b: f32):
          %r = arith.addf %a, %b : f32
          scf.reduce.return %r : f32
        }
      }
      memref.store %sum, %s[%i] : memref<128xf32>
    }
  }
  vyre.return %s : memref<128xf32>
}

// -----

// Indices in between may be beyond 32 bits: what is exact modulo 2^32 ends where it
// would with 64 bits.
// CHECK-LABEL: gpu.module @wraps_turn
// CHECK-SAME:    vyre.index_bitwidth = 32 : i32
vyre.program @wraps(%x: memref<1024x64xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>}, %y: memref<65536xf32> {vyre.binding = #vyre.binding<slot = 1, role = output>}) -> memref<65536xf32> {
  %m = arith.constant 1024 : index
  %n = arith.constant 64 : index
  %large = arith.constant 4194304 : index
  %less = arith.constant 4194240 : index
  vyre.launch @turn {
    vyre.stage @turn (%i, %j) in (%m, %n) reads(%x : memref<1024x64xf32>) writes(%y : memref<65536xf32>) {
      %a = arith.muli %i, %large : index
      %b = arith.addi %a, %j : index
      %c = arith.muli %i, %less : index
      %place = arith.subi %b, %c : index
      %v = memref.load %x[%i, %j] : memref<1024x64xf32>
      memref.store %v, %y[%place] : memref<65536xf32>
    }
  }
  vyre.return %y : memref<65536xf32>
}

// -----

// One that is said not to overflow has to fit.
// CHECK-LABEL: gpu.module @marked_turn
// CHECK-SAME:    vyre.index_bitwidth = 64 : i32
vyre.program @marked(%x: memref<1024x64xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>}, %y: memref<65536xf32> {vyre.binding = #vyre.binding<slot = 1, role = output>}) -> memref<65536xf32> {
  %m = arith.constant 1024 : index
  %n = arith.constant 64 : index
  %large = arith.constant 4194304 : index
  %less = arith.constant 4194240 : index
  vyre.launch @turn {
    vyre.stage @turn (%i, %j) in (%m, %n) reads(%x : memref<1024x64xf32>) writes(%y : memref<65536xf32>) {
      %a = arith.muli %i, %large overflow<nsw> : index
      %b = arith.addi %a, %j : index
      %c = arith.muli %i, %less : index
      %place = arith.subi %b, %c : index
      %v = memref.load %x[%i, %j] : memref<1024x64xf32>
      memref.store %v, %y[%place] : memref<65536xf32>
    }
  }
  vyre.return %y : memref<65536xf32>
}
