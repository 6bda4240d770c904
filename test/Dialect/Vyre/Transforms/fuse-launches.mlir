// RUN: vyre-opt %s -split-input-file -pass-pipeline='builtin.module(vyre.program(vyre-fuse-launches,vyre-verify-launches))' | FileCheck %s
// RUN: vyre-opt %s -split-input-file -pass-pipeline='builtin.module(vyre.program(vyre-fuse-launches,vyre-form-launches,vyre-merge-stages))' --remarks-filter='vyre-(fuse|merge).*' -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK

// What must fuse, and the remarks that say so: bytes as planned, and as they are
// really not written once the launch is one stage.

// Elementwise stages over the same points: one launch, named after them.
// REMARK: [Passed] fused | Category:vyre-fuse-launches | Function=chain | AvoidedBytes=512, AvoidedLaunches=2, Remark="launch @scale_square_shift holds @scale, @square, @shift", RequiredBytes=1024, Stages=3
// REMARK: [Passed] merged | Category:vyre-merge-stages | Function=chain | BytesNotWritten=512, IntermediatesErased=2
// CHECK-LABEL: vyre.program @chain
// CHECK:       vyre.launch @scale_square_shift {
// CHECK-NEXT:    vyre.stage @scale
// CHECK:         vyre.stage @square
// CHECK:         vyre.stage @shift
// CHECK-NOT:   vyre.stage
vyre.program @chain(
    %a: f32,
    %x: memref<64xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>},
    %y: memref<64xf32> {vyre.binding = #vyre.binding<slot = 1, role = output>})
    -> memref<64xf32> {
  %n = arith.constant 64 : index
  %t = vyre.intermediate() : memref<64xf32>
  %u = vyre.intermediate() : memref<64xf32>
  vyre.stage @scale (%i) in (%n) reads(%x : memref<64xf32>) writes(%t : memref<64xf32>) {
    %v = memref.load %x[%i] : memref<64xf32>
    %s = arith.mulf %v, %a : f32
    memref.store %s, %t[%i] : memref<64xf32>
  }
  vyre.stage @square (%i) in (%n) reads(%t : memref<64xf32>) writes(%u : memref<64xf32>) {
    %v = memref.load %t[%i] : memref<64xf32>
    %s = arith.mulf %v, %v : f32
    memref.store %s, %u[%i] : memref<64xf32>
  }
  vyre.stage @shift (%i) in (%n) reads(%u : memref<64xf32>) writes(%y : memref<64xf32>) {
    %v = memref.load %u[%i] : memref<64xf32>
    %s = arith.addf %v, %a : f32
    memref.store %s, %y[%i] : memref<64xf32>
  }
  vyre.return %y : memref<64xf32>
}

// -----

// Broadcasts of a row, a column and a value that the launch does not write.
// REMARK: [Passed] fused | Category:vyre-fuse-launches | Function=broadcast | AvoidedBytes=256, AvoidedLaunches=2, Remark="launch @row_column_one holds @row, @column, @one", RequiredBytes=544, Stages=3
// REMARK: [Passed] merged | Category:vyre-merge-stages | Function=broadcast | BytesNotWritten=256, IntermediatesErased=2
// CHECK-LABEL: vyre.program @broadcast
// CHECK:       vyre.launch @row_column_one {
vyre.program @broadcast(
    %x: memref<4x8xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>},
    %r: memref<8xf32> {vyre.binding = #vyre.binding<slot = 1, role = input>},
    %c: memref<4xf32> {vyre.binding = #vyre.binding<slot = 2, role = input>},
    %o: memref<f32> {vyre.binding = #vyre.binding<slot = 3, role = input>},
    %y: memref<4x8xf32> {vyre.binding = #vyre.binding<slot = 4, role = output>})
    -> memref<4x8xf32> {
  %c4 = arith.constant 4 : index
  %c8 = arith.constant 8 : index
  %t = vyre.intermediate() : memref<4x8xf32>
  %u = vyre.intermediate() : memref<4x8xf32>
  vyre.stage @row (%i, %j) in (%c4, %c8) reads(%x, %r : memref<4x8xf32>, memref<8xf32>) writes(%t : memref<4x8xf32>) {
    %v = memref.load %x[%i, %j] : memref<4x8xf32>
    %w = memref.load %r[%j] : memref<8xf32>
    %s = arith.addf %v, %w : f32
    memref.store %s, %t[%i, %j] : memref<4x8xf32>
  }
  vyre.stage @column (%i, %j) in (%c4, %c8) reads(%t, %c : memref<4x8xf32>, memref<4xf32>) writes(%u : memref<4x8xf32>) {
    %v = memref.load %t[%i, %j] : memref<4x8xf32>
    %w = memref.load %c[%i] : memref<4xf32>
    %s = arith.addf %v, %w : f32
    memref.store %s, %u[%i, %j] : memref<4x8xf32>
  }
  vyre.stage @one (%i, %j) in (%c4, %c8) reads(%u, %o : memref<4x8xf32>, memref<f32>) writes(%y : memref<4x8xf32>) {
    %v = memref.load %u[%i, %j] : memref<4x8xf32>
    %w = memref.load %o[] : memref<f32>
    %s = arith.addf %v, %w : f32
    memref.store %s, %y[%i, %j] : memref<4x8xf32>
  }
  vyre.return %y : memref<4x8xf32>
}

// -----

// A value for each row, then all of the row: the launch runs over the rows, which
// are the first index of every stage.
// REMARK: [Passed] fused | Category:vyre-fuse-launches | Function=rows | AvoidedBytes=4096, AvoidedLaunches=1, Remark="launch @sum_center holds @sum, @center", RequiredBytes=12288, Stages=2
// REMARK: [Passed] merged | Category:vyre-merge-stages | Function=rows | BytesNotWritten=4096, IntermediatesErased=1
// CHECK-LABEL: vyre.program @rows
// CHECK:         %[[M:.*]] = memref.dim %{{.*}}, %c0
// CHECK:         %[[N:.*]] = memref.dim %{{.*}}, %c1
// CHECK:       vyre.launch @sum_center {
// CHECK-NEXT:    vyre.stage @sum (%{{.*}}) in (%[[M]])
// CHECK:         vyre.stage @center (%{{.*}}, %{{.*}}) in (%[[M]], %[[N]])
vyre.program @rows(
    %x: memref<?x?xf32> {vyre.binding = #vyre.binding<slot = 0, role = input, capacity = 4096>},
    %y: memref<?x?xf32> {vyre.binding = #vyre.binding<slot = 1, role = output, capacity = 4096>})
    -> memref<?x?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %m = memref.dim %x, %c0 : memref<?x?xf32>
  %n = memref.dim %x, %c1 : memref<?x?xf32>
  vyre.extents %y[%m, %n] : memref<?x?xf32>
  %s = vyre.intermediate(%m) : memref<?xf32>
  vyre.stage @sum (%i) in (%m) reads(%x : memref<?x?xf32>) writes(%s : memref<?xf32>) {
    %z = arith.constant 0.0 : f32
    %r = scf.parallel (%j) = (%c0) to (%n) step (%c1) init (%z) -> f32 {
      %v = memref.load %x[%i, %j] : memref<?x?xf32>
      scf.reduce(%v : f32) {
      ^bb0(%a: f32, %b: f32):
        %q = arith.addf %a, %b : f32
        scf.reduce.return %q : f32
      }
    }
    memref.store %r, %s[%i] : memref<?xf32>
  }
  vyre.stage @center (%i, %j) in (%m, %n) reads(%x, %s : memref<?x?xf32>, memref<?xf32>) writes(%y : memref<?x?xf32>) {
    %v = memref.load %x[%i, %j] : memref<?x?xf32>
    %w = memref.load %s[%i] : memref<?xf32>
    %d = arith.subf %v, %w : f32
    memref.store %d, %y[%i, %j] : memref<?x?xf32>
  }
  vyre.return %y : memref<?x?xf32>
}

// -----

// A producer with two consumers, which meet again: a diamond; and an update in
// place at the end.
// REMARK: [Passed] fused | Category:vyre-fuse-launches | Function=diamond | AvoidedBytes=1024, AvoidedLaunches=4, Remark="launch @top_left_right_bottom_place holds @top, @left, @right, @bottom, @place", RequiredBytes=1536, Stages=5
// REMARK: [Passed] merged | Category:vyre-merge-stages | Function=diamond | BytesNotWritten=768, IntermediatesErased=3
// CHECK-LABEL: vyre.program @diamond
// CHECK:       vyre.launch @top_left_right_bottom_place {
vyre.program @diamond(
    %x: memref<64xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>},
    %y: memref<64xf32> {vyre.binding = #vyre.binding<slot = 1, role = output>})
    -> memref<64xf32> {
  %n = arith.constant 64 : index
  %t = vyre.intermediate() : memref<64xf32>
  %l = vyre.intermediate() : memref<64xf32>
  %r = vyre.intermediate() : memref<64xf32>
  vyre.stage @top (%i) in (%n) reads(%x : memref<64xf32>) writes(%t : memref<64xf32>) {
    %v = memref.load %x[%i] : memref<64xf32>
    memref.store %v, %t[%i] : memref<64xf32>
  }
  vyre.stage @left (%i) in (%n) reads(%t : memref<64xf32>) writes(%l : memref<64xf32>) {
    %v = memref.load %t[%i] : memref<64xf32>
    memref.store %v, %l[%i] : memref<64xf32>
  }
  vyre.stage @right (%i) in (%n) reads(%t : memref<64xf32>) writes(%r : memref<64xf32>) {
    %v = memref.load %t[%i] : memref<64xf32>
    memref.store %v, %r[%i] : memref<64xf32>
  }
  vyre.stage @bottom (%i) in (%n) reads(%l, %r : memref<64xf32>, memref<64xf32>) writes(%y : memref<64xf32>) {
    %v = memref.load %l[%i] : memref<64xf32>
    %w = memref.load %r[%i] : memref<64xf32>
    %s = arith.addf %v, %w : f32
    memref.store %s, %y[%i] : memref<64xf32>
  }
  vyre.stage @place (%i) in (%n) updates(%y : memref<64xf32>) {
    %v = memref.load %y[%i] : memref<64xf32>
    %s = arith.mulf %v, %v : f32
    memref.store %s, %y[%i] : memref<64xf32>
  }
  vyre.return %y : memref<64xf32>
}

// -----

// Permuted spaces that match: the second stage gets the first one's order, and
// its body the indices under their new names.
// REMARK: [Passed] fused | Category:vyre-fuse-launches | Function=permuted | AvoidedBytes=128, AvoidedLaunches=1, Remark="launch @a_b holds @a, @b", RequiredBytes=384, Stages=2
// REMARK: [Passed] merged | Category:vyre-merge-stages | Function=permuted | BytesNotWritten=128, IntermediatesErased=1
// CHECK-LABEL: vyre.program @permuted
// CHECK:       vyre.launch @a_b {
// CHECK-NEXT:    vyre.stage @a (%[[I:.*]], %[[J:.*]]) in (%c4, %c8)
// CHECK:         vyre.stage @b (%[[K:.*]], %[[L:.*]]) in (%c4, %c8)
// CHECK-NEXT:      memref.load %{{.*}}[%[[K]], %[[L]]]
// CHECK-NEXT:      memref.store %{{.*}}, %{{.*}}[%[[L]], %[[K]]]
vyre.program @permuted(
    %x: memref<4x8xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>},
    %y: memref<8x4xf32> {vyre.binding = #vyre.binding<slot = 1, role = output>})
    -> memref<8x4xf32> {
  %c4 = arith.constant 4 : index
  %c8 = arith.constant 8 : index
  %t = vyre.intermediate() : memref<4x8xf32>
  vyre.stage @a (%i, %j) in (%c4, %c8) reads(%x : memref<4x8xf32>) writes(%t : memref<4x8xf32>) {
    %v = memref.load %x[%i, %j] : memref<4x8xf32>
    memref.store %v, %t[%i, %j] : memref<4x8xf32>
  }
  vyre.stage @b (%j, %i) in (%c8, %c4) reads(%t : memref<4x8xf32>) writes(%y : memref<8x4xf32>) {
    %v = memref.load %t[%i, %j] : memref<4x8xf32>
    memref.store %v, %y[%j, %i] : memref<8x4xf32>
  }
  vyre.return %y : memref<8x4xf32>
}

// -----

// The same for a square, where only the accesses tell which index is which.
// REMARK: [Passed] fused | Category:vyre-fuse-launches | Function=square | AvoidedBytes=256, AvoidedLaunches=1, Remark="launch @a_b holds @a, @b", RequiredBytes=768, Stages=2
// REMARK: [Passed] merged | Category:vyre-merge-stages | Function=square | BytesNotWritten=256, IntermediatesErased=1
// CHECK-LABEL: vyre.program @square
// CHECK:       vyre.launch @a_b {
// CHECK:         vyre.stage @b (%[[K:.*]], %[[L:.*]]) in (%c8, %c8)
// CHECK-NEXT:      memref.load %{{.*}}[%[[K]], %[[L]]]
// CHECK-NEXT:      memref.store %{{.*}}, %{{.*}}[%[[L]], %[[K]]]
vyre.program @square(
    %x: memref<8x8xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>},
    %y: memref<8x8xf32> {vyre.binding = #vyre.binding<slot = 1, role = output>})
    -> memref<8x8xf32> {
  %c8 = arith.constant 8 : index
  %t = vyre.intermediate() : memref<8x8xf32>
  vyre.stage @a (%i, %j) in (%c8, %c8) reads(%x : memref<8x8xf32>) writes(%t : memref<8x8xf32>) {
    %v = memref.load %x[%i, %j] : memref<8x8xf32>
    memref.store %v, %t[%i, %j] : memref<8x8xf32>
  }
  vyre.stage @b (%j, %i) in (%c8, %c8) reads(%t : memref<8x8xf32>) writes(%y : memref<8x8xf32>) {
    %v = memref.load %t[%i, %j] : memref<8x8xf32>
    memref.store %v, %y[%j, %i] : memref<8x8xf32>
  }
  vyre.return %y : memref<8x8xf32>
}

// -----

// A linear space over a matrix that was written by rows and columns: it is split.
// REMARK: [Passed] fused | Category:vyre-fuse-launches | Function=split | AvoidedBytes=128, AvoidedLaunches=1, Remark="launch @matrix_linear holds @matrix, @linear", RequiredBytes=384, Stages=2
// REMARK: [Passed] merged | Category:vyre-merge-stages | Function=split | BytesNotWritten=128, IntermediatesErased=1
// CHECK-LABEL: vyre.program @split
// CHECK:       vyre.launch @matrix_linear {
// CHECK:         vyre.stage @linear (%[[I:.*]], %[[J:.*]]) in (%c4, %c8)
// CHECK-NEXT:      %[[EIGHT:.*]] = arith.constant 8 : index
// CHECK-NEXT:      %[[ROW:.*]] = arith.muli %[[I]], %[[EIGHT]]
// CHECK-NEXT:      %[[L:.*]] = arith.addi %[[ROW]], %[[J]]
// CHECK:           memref.store %{{.*}}, %{{.*}}[%[[L]]]
vyre.program @split(
    %x: memref<4x8xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>},
    %y: memref<32xf32> {vyre.binding = #vyre.binding<slot = 1, role = output>})
    -> memref<32xf32> {
  %c4 = arith.constant 4 : index
  %c8 = arith.constant 8 : index
  %c32 = arith.constant 32 : index
  %t = vyre.intermediate() : memref<4x8xf32>
  vyre.stage @matrix (%i, %j) in (%c4, %c8) reads(%x : memref<4x8xf32>) writes(%t : memref<4x8xf32>) {
    %v = memref.load %x[%i, %j] : memref<4x8xf32>
    memref.store %v, %t[%i, %j] : memref<4x8xf32>
  }
  vyre.stage @linear (%l) in (%c32) reads(%t : memref<4x8xf32>) writes(%y : memref<32xf32>) {
    %view = memref.collapse_shape %t [[0, 1]] : memref<4x8xf32> into memref<32xf32>
    %v = memref.load %view[%l] : memref<32xf32>
    memref.store %v, %y[%l] : memref<32xf32>
  }
  vyre.return %y : memref<32xf32>
}

// -----

// And the other way round: the rows and columns of a linear index.
// REMARK: [Passed] fused | Category:vyre-fuse-launches | Function=collapse | AvoidedBytes=128, AvoidedLaunches=1, Remark="launch @linear_matrix holds @linear, @matrix", RequiredBytes=384, Stages=2
// REMARK: [Passed] merged | Category:vyre-merge-stages | Function=collapse | BytesNotWritten=128, IntermediatesErased=1
// CHECK-LABEL: vyre.program @collapse
// CHECK:       vyre.launch @linear_matrix {
// CHECK:         vyre.stage @matrix (%[[L:.*]]) in (%c32)
// CHECK:           %[[I:.*]] = arith.divui %[[L]], %{{.*}}
// CHECK:           %[[J:.*]] = arith.remui %[[L]], %{{.*}}
// CHECK:           memref.store %{{.*}}, %{{.*}}[%[[I]], %[[J]]]
vyre.program @collapse(
    %x: memref<32xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>},
    %y: memref<4x8xf32> {vyre.binding = #vyre.binding<slot = 1, role = output>})
    -> memref<4x8xf32> {
  %c4 = arith.constant 4 : index
  %c8 = arith.constant 8 : index
  %c32 = arith.constant 32 : index
  %t = vyre.intermediate() : memref<32xf32>
  vyre.stage @linear (%l) in (%c32) reads(%x : memref<32xf32>) writes(%t : memref<32xf32>) {
    %v = memref.load %x[%l] : memref<32xf32>
    memref.store %v, %t[%l] : memref<32xf32>
  }
  vyre.stage @matrix (%i, %j) in (%c4, %c8) reads(%t : memref<32xf32>) writes(%y : memref<4x8xf32>) {
    %view = memref.expand_shape %t [[0, 1]] output_shape [4, 8] : memref<32xf32> into memref<4x8xf32>
    %v = memref.load %view[%i, %j] : memref<4x8xf32>
    memref.store %v, %y[%i, %j] : memref<4x8xf32>
  }
  vyre.return %y : memref<4x8xf32>
}

// -----

// Dynamic extents that are equal because one is stated by the other: of an
// intermediate, of an output, and of a sum that is computed twice.
// REMARK: [Passed] fused | Category:vyre-fuse-launches | Function=tied | AvoidedBytes=8192, AvoidedLaunches=2, Remark="launch @a_b_c holds @a, @b, @c", RequiredBytes=12288, Stages=3
// REMARK: [Passed] merged | Category:vyre-merge-stages | Function=tied | BytesNotWritten=4096, IntermediatesErased=1
// CHECK-LABEL: vyre.program @tied
// CHECK:       vyre.launch @a_b_c {
vyre.program @tied(
    %k: index,
    %x: memref<?xf32> {vyre.binding = #vyre.binding<slot = 0, role = input, capacity = 4096>},
    %y: memref<?xf32> {vyre.binding = #vyre.binding<slot = 1, role = output, capacity = 4096>})
    -> memref<?xf32> {
  %c0 = arith.constant 0 : index
  %x0 = memref.dim %x, %c0 : memref<?xf32>
  %n = arith.addi %x0, %k : index
  %again = arith.addi %k, %x0 : index
  vyre.extents %y[%n] : memref<?xf32>
  %t = vyre.intermediate(%n) : memref<?xf32>
  %t0 = memref.dim %t, %c0 : memref<?xf32>
  %y0 = memref.dim %y, %c0 : memref<?xf32>
  vyre.stage @a (%i) in (%t0) writes(%t : memref<?xf32>) {
    %v = arith.constant 1.0 : f32
    memref.store %v, %t[%i] : memref<?xf32>
  }
  vyre.stage @b (%i) in (%y0) updates(%t : memref<?xf32>) {
    %v = memref.load %t[%i] : memref<?xf32>
    %s = arith.addf %v, %v : f32
    memref.store %s, %t[%i] : memref<?xf32>
  }
  vyre.stage @c (%i) in (%again) reads(%t : memref<?xf32>) writes(%y : memref<?xf32>) {
    %v = memref.load %t[%i] : memref<?xf32>
    memref.store %v, %y[%i] : memref<?xf32>
  }
  vyre.return %y : memref<?xf32>
}

// -----

// Stages that touch different parts of one buffer do not depend on each other.
// REMARK: [Passed] fused | Category:vyre-fuse-launches | Function=parts | AvoidedBytes=256, AvoidedLaunches=1, Remark="launch @even_odd holds @even, @odd", RequiredBytes=512, Stages=2
// REMARK: [Passed] merged | Category:vyre-merge-stages | Function=parts | BytesNotWritten=0, IntermediatesErased=0
// CHECK-LABEL: vyre.program @parts
// CHECK:       vyre.launch @even_odd {
vyre.program @parts(
    %y: memref<64xf32> {vyre.binding = #vyre.binding<slot = 1, role = output>})
    -> memref<64xf32> {
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %n = arith.constant 32 : index
  vyre.stage @even (%i) in (%n) writes(%y : memref<64xf32>) {
    %v = arith.constant 1.0 : f32
    %k = arith.muli %i, %c2 : index
    memref.store %v, %y[%k] : memref<64xf32>
  }
  vyre.stage @odd (%i) in (%n) writes(%y : memref<64xf32>) {
    %v = arith.constant 2.0 : f32
    %k = arith.muli %i, %c2 : index
    %l = arith.addi %k, %c1 : index
    memref.store %v, %y[%l] : memref<64xf32>
  }
  vyre.return %y : memref<64xf32>
}

// -----

// Interleaved chains over different spaces: each is a launch once they are
// sorted. What they use comes before both.
// REMARK: [Passed] fused | Category:vyre-fuse-launches | Function=interleaved | AvoidedBytes=256, AvoidedLaunches=1, Remark="launch @a0_a1 holds @a0, @a1", RequiredBytes=512, Stages=2
// CHECK-LABEL: vyre.program @interleaved
// CHECK:       vyre.intermediate() : memref<64xf32>
// CHECK:       vyre.intermediate() : memref<32xf32>
// CHECK:       vyre.launch @a0_a1 {
// CHECK:       vyre.launch @b0_b1 {
vyre.program @interleaved(
    %x: memref<64xf32> {vyre.binding = #vyre.binding<slot = 0, role = output>},
    %y: memref<32xf32> {vyre.binding = #vyre.binding<slot = 1, role = output>})
    -> (memref<64xf32>, memref<32xf32>) {
  %c64 = arith.constant 64 : index
  %t = vyre.intermediate() : memref<64xf32>
  vyre.stage @a0 (%i) in (%c64) writes(%t : memref<64xf32>) {
    %v = arith.constant 1.0 : f32
    memref.store %v, %t[%i] : memref<64xf32>
  }
  %c32 = arith.constant 32 : index
  %u = vyre.intermediate() : memref<32xf32>
  vyre.stage @b0 (%i) in (%c32) writes(%u : memref<32xf32>) {
    %v = arith.constant 1.0 : f32
    memref.store %v, %u[%i] : memref<32xf32>
  }
  vyre.stage @a1 (%i) in (%c64) reads(%t : memref<64xf32>) writes(%x : memref<64xf32>) {
    %v = memref.load %t[%i] : memref<64xf32>
    memref.store %v, %x[%i] : memref<64xf32>
  }
  vyre.stage @b1 (%i) in (%c32) reads(%u : memref<32xf32>) writes(%y : memref<32xf32>) {
    %v = memref.load %u[%i] : memref<32xf32>
    memref.store %v, %y[%i] : memref<32xf32>
  }
  vyre.return %x : memref<64xf32>, %y : memref<32xf32>
}

// -----

// What is in a launch already stays, nothing moves past it, and names stay
// unique.
// REMARK: [Passed] fused | Category:vyre-fuse-launches | Function=twice | AvoidedBytes=256, AvoidedLaunches=1, Remark="launch @a_b_0 holds @a, @b", RequiredBytes=768, Stages=2
// REMARK: [Passed] merged | Category:vyre-merge-stages | Function=twice | BytesNotWritten=0, IntermediatesErased=0
// CHECK-LABEL: vyre.program @twice
// CHECK:       vyre.launch @a_b {
// CHECK:       vyre.launch @a_b_0 {
vyre.program @twice(
    %y: memref<64xf32> {vyre.binding = #vyre.binding<slot = 1, role = output>})
    -> memref<64xf32> {
  %n = arith.constant 64 : index
  vyre.launch @a_b {
    vyre.stage @first (%i) in (%n) writes(%y : memref<64xf32>) {
      %v = arith.constant 1.0 : f32
      memref.store %v, %y[%i] : memref<64xf32>
    }
  }
  vyre.stage @a (%i) in (%n) updates(%y : memref<64xf32>) {
    %v = memref.load %y[%i] : memref<64xf32>
    memref.store %v, %y[%i] : memref<64xf32>
  }
  vyre.stage @b (%i) in (%n) updates(%y : memref<64xf32>) {
    %v = memref.load %y[%i] : memref<64xf32>
    memref.store %v, %y[%i] : memref<64xf32>
  }
  vyre.return %y : memref<64xf32>
}

// -----

// A fill goes where its memory is first needed, past a stage that it does not
// match.
// REMARK: [Passed] fused | Category:vyre-fuse-launches | Function=late | AvoidedBytes=256, AvoidedLaunches=1, Remark="launch @fill_sum holds @fill, @sum", RequiredBytes=512, Stages=2
// REMARK: [Passed] merged | Category:vyre-merge-stages | Function=late | BytesNotWritten=256, IntermediatesErased=1
// CHECK-LABEL: vyre.program @late
// CHECK:       vyre.stage @other
// CHECK:       vyre.launch @fill_sum {
vyre.program @late(
    %x: memref<32xf32> {vyre.binding = #vyre.binding<slot = 0, role = input_output>},
    %y: memref<64xf32> {vyre.binding = #vyre.binding<slot = 1, role = output>})
    -> memref<64xf32> {
  %c32 = arith.constant 32 : index
  %c64 = arith.constant 64 : index
  %z = arith.constant 0.0 : f32
  %t = vyre.intermediate() : memref<64xf32>
  vyre.stage @fill (%i) in (%c64) writes(%t : memref<64xf32>) {
    memref.store %z, %t[%i] : memref<64xf32>
  }
  vyre.stage @other (%i) in (%c32) updates(%x : memref<32xf32>) {
    %0 = memref.load %x[%i] : memref<32xf32>
    memref.store %0, %x[%i] : memref<32xf32>
  }
  vyre.stage @sum (%i) in (%c64) reads(%t, %x : memref<64xf32>, memref<32xf32>) writes(%y : memref<64xf32>) {
    %c0 = arith.constant 0 : index
    %0 = memref.load %t[%i] : memref<64xf32>
    %1 = memref.load %x[%c0] : memref<32xf32>
    %2 = arith.addf %0, %1 : f32
    memref.store %2, %y[%i] : memref<64xf32>
  }
  vyre.return %y : memref<64xf32>
}

// -----

// Rows of four and rows of six of the same elements: neither is a part of the other.
// REMARK: [Passed] fused | Category:vyre-fuse-launches | Function=regroup | AvoidedBytes=96, AvoidedLaunches=1, Remark="launch @sixes_fours holds @sixes, @fours", RequiredBytes=288, Stages=2
// REMARK: [Passed] merged | Category:vyre-merge-stages | Function=regroup | BytesNotWritten=96, IntermediatesErased=1
// CHECK-LABEL: vyre.program @regroup
// CHECK:       vyre.launch @sixes_fours {
// CHECK:         vyre.stage @fours (%[[I:.*]], %[[J:.*]]) in (%c4, %c6)
vyre.program @regroup(
    %x: memref<4x6xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>},
    %y: memref<6x4xf32> {vyre.binding = #vyre.binding<slot = 1, role = output>})
    -> memref<6x4xf32> {
  %c4 = arith.constant 4 : index
  %c6 = arith.constant 6 : index
  %t = vyre.intermediate() : memref<4x6xf32>
  vyre.stage @sixes (%i, %j) in (%c4, %c6) reads(%x : memref<4x6xf32>) writes(%t : memref<4x6xf32>) {
    %v = memref.load %x[%i, %j] : memref<4x6xf32>
    memref.store %v, %t[%i, %j] : memref<4x6xf32>
  }
  vyre.stage @fours (%i, %j) in (%c6, %c4) reads(%t : memref<4x6xf32>) writes(%y : memref<6x4xf32>) {
    %flat = memref.collapse_shape %t [[0, 1]] : memref<4x6xf32> into memref<24xf32>
    %view = memref.expand_shape %flat [[0, 1]] output_shape [6, 4] : memref<24xf32> into memref<6x4xf32>
    %v = memref.load %view[%i, %j] : memref<6x4xf32>
    memref.store %v, %y[%i, %j] : memref<6x4xf32>
  }
  vyre.return %y : memref<6x4xf32>
}

// -----

// A row backwards, and the sum of the row between: the launch is over rows, and in
// a row all of the first stage comes before the last.
// REMARK: [Passed] fused | Category:vyre-fuse-launches | Function=mirror | {{.*}} Remark="launch @square_sum_back holds @square, @sum, @back", {{.*}} Stages=3
// REMARK: [Passed] merged | Category:vyre-merge-stages | Function=mirror | BytesNotWritten={{[0-9]+}}, IntermediatesErased=2
// CHECK-LABEL: vyre.program @mirror
// CHECK:       vyre.launch @square_sum_back {
vyre.program @mirror(
    %x: memref<?x?xf32> {vyre.binding = #vyre.binding<slot = 0, role = input, capacity = 16384>},
    %y: memref<?x?xf32> {vyre.binding = #vyre.binding<slot = 1, role = output, capacity = 16384>})
    -> memref<?x?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %m = memref.dim %x, %c0 : memref<?x?xf32>
  %n = memref.dim %x, %c1 : memref<?x?xf32>
  vyre.extents %y[%m, %n] : memref<?x?xf32>
  %t = vyre.intermediate(%m, %n) : memref<?x?xf32>
  %s = vyre.intermediate(%m) : memref<?xf32>
  vyre.stage @square (%i, %j) in (%m, %n) reads(%x : memref<?x?xf32>) writes(%t : memref<?x?xf32>) {
    %v = memref.load %x[%i, %j] : memref<?x?xf32>
    %0 = arith.mulf %v, %v : f32
    memref.store %0, %t[%i, %j] : memref<?x?xf32>
  }
  vyre.stage @sum (%i) in (%m) reads(%t : memref<?x?xf32>) writes(%s : memref<?xf32>) {
    %z = arith.constant 0.0 : f32
    %r = scf.parallel (%j) = (%c0) to (%n) step (%c1) init (%z) -> f32 {
      %v = memref.load %t[%i, %j] : memref<?x?xf32>
      scf.reduce(%v : f32) {
      ^bb0(%a: f32, %b: f32):
        %q = arith.addf %a, %b : f32
        scf.reduce.return %q : f32
      }
    }
    memref.store %r, %s[%i] : memref<?xf32>
  }
  vyre.stage @back (%i, %j) in (%m, %n) reads(%t, %s : memref<?x?xf32>, memref<?xf32>) writes(%y : memref<?x?xf32>) {
    %less = arith.subi %n, %c1 : index
    %k = arith.subi %less, %j : index
    %v = memref.load %t[%i, %k] : memref<?x?xf32>
    %w = memref.load %s[%i] : memref<?xf32>
    %0 = arith.subf %v, %w : f32
    memref.store %0, %y[%i, %j] : memref<?x?xf32>
  }
  vyre.return %y : memref<?x?xf32>
}

// -----

// In place and backwards, with the rows' largest between: the store must wait for the
// row's loads.
// REMARK: [Passed] fused | Category:vyre-fuse-launches | Function=turned | {{.*}} Remark="launch @keep_largest_turn holds @keep, @largest, @turn", {{.*}} Stages=3
// CHECK-LABEL: vyre.program @turned
// CHECK:       vyre.launch @keep_largest_turn {
vyre.program @turned(
    %x: memref<5x300xf32> {vyre.binding = #vyre.binding<slot = 0, role = input_output>}) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c299 = arith.constant 299 : index
  %m = arith.constant 5 : index
  %n = arith.constant 300 : index
  %t = vyre.intermediate() : memref<5x300xf32>
  %s = vyre.intermediate() : memref<5xf32>
  vyre.stage @keep (%i, %j) in (%m, %n) reads(%x : memref<5x300xf32>) writes(%t : memref<5x300xf32>) {
    %v = memref.load %x[%i, %j] : memref<5x300xf32>
    memref.store %v, %t[%i, %j] : memref<5x300xf32>
  }
  vyre.stage @largest (%i) in (%m) reads(%x : memref<5x300xf32>) writes(%s : memref<5xf32>) {
    %z = arith.constant 0xFF800000 : f32
    %r = scf.parallel (%j) = (%c0) to (%n) step (%c1) init (%z) -> f32 {
      %v = memref.load %x[%i, %j] : memref<5x300xf32>
      scf.reduce(%v : f32) {
      ^bb0(%a: f32, %b: f32):
        %q = arith.maximumf %a, %b : f32
        scf.reduce.return %q : f32
      }
    }
    memref.store %r, %s[%i] : memref<5xf32>
  }
  vyre.stage @turn (%i, %j) in (%m, %n) reads(%t, %s : memref<5x300xf32>, memref<5xf32>) writes(%x : memref<5x300xf32>) {
    %k = arith.subi %c299, %j : index
    %v = memref.load %t[%i, %j] : memref<5x300xf32>
    %w = memref.load %s[%i] : memref<5xf32>
    %0 = arith.subf %v, %w : f32
    memref.store %0, %x[%i, %k] : memref<5x300xf32>
  }
  vyre.return
}

// -----

// Two parts of a buffer that never meet: extents are never negative.
// REMARK: [Passed] fused | Category:vyre-fuse-launches | Function=beside | {{.*}} Remark="launch @left_right holds @left, @right", {{.*}} Stages=2
// CHECK-LABEL: vyre.program @beside
// CHECK:       vyre.launch @left_right {
vyre.program @beside(
    %x: memref<?xf32> {vyre.binding = #vyre.binding<slot = 0, role = input, capacity = 4096>},
    %z: memref<?xf32> {vyre.binding = #vyre.binding<slot = 1, role = input, capacity = 4096>},
    %y: memref<?xf32> {vyre.binding = #vyre.binding<slot = 2, role = input_output, capacity = 32768>}) {
  %c0 = arith.constant 0 : index
  %n = memref.dim %x, %c0 : memref<?xf32>
  %k = memref.dim %z, %c0 : memref<?xf32>
  vyre.stage @left (%i) in (%n) reads(%x : memref<?xf32>) writes(%y : memref<?xf32>) {
    %v = memref.load %x[%i] : memref<?xf32>
    memref.store %v, %y[%i] : memref<?xf32>
  }
  vyre.stage @right (%i) in (%n) reads(%x : memref<?xf32>) writes(%y : memref<?xf32>) {
    %v = memref.load %x[%i] : memref<?xf32>
    %0 = arith.negf %v : f32
    %j = arith.addi %i, %n : index
    %l = arith.addi %j, %k : index
    memref.store %0, %y[%l] : memref<?xf32>
  }
  vyre.return
}

// -----

// Products of extents in either order are one, so that these spaces are equal.
// REMARK: [Passed] fused | Category:vyre-fuse-launches | Function=areas | {{.*}} Remark="launch @f_g holds @f, @g", {{.*}} Stages=2
// CHECK-LABEL: vyre.program @areas
// CHECK:       vyre.launch @f_g {
vyre.program @areas(
    %m: index, %n: index,
    %y: memref<?xf32> {vyre.binding = #vyre.binding<slot = 1, role = output, capacity = 4096>})
    -> memref<?xf32> {
  %mn = arith.muli %m, %n : index
  %nm = arith.muli %n, %m : index
  vyre.extents %y[%nm] : memref<?xf32>
  %t = vyre.intermediate(%mn) : memref<?xf32>
  %v = arith.constant 1.0 : f32
  vyre.stage @f (%i) in (%mn) writes(%t : memref<?xf32>) {
    memref.store %v, %t[%i] : memref<?xf32>
  }
  vyre.stage @g (%i) in (%nm) reads(%t : memref<?xf32>) writes(%y : memref<?xf32>) {
    %0 = memref.load %t[%i] : memref<?xf32>
    memref.store %0, %y[%i] : memref<?xf32>
  }
  vyre.return %y : memref<?xf32>
}

// -----

// The third stage would join the first, but for what the second still reads of it.
// CHECK-LABEL: vyre.program @reader_first
// CHECK:       vyre.stage @fill
// CHECK:       vyre.stage @read
// CHECK:       vyre.stage @overwrite
// REMARK-NOT:  [Passed] fused {{.*}} Function=reader_first
vyre.program @reader_first(
    %x: memref<64xf32> {vyre.binding = #vyre.binding<slot = 0, role = input_output>},
    %y: memref<64xf32> {vyre.binding = #vyre.binding<slot = 1, role = output>},
    %z: memref<32xf32> {vyre.binding = #vyre.binding<slot = 2, role = output>})
    -> (memref<64xf32>, memref<32xf32>) {
  %c32 = arith.constant 32 : index
  %c64 = arith.constant 64 : index
  %v = arith.constant 1.0 : f32
  vyre.stage @fill (%i) in (%c64) writes(%y : memref<64xf32>) {
    memref.store %v, %y[%i] : memref<64xf32>
  }
  vyre.stage @read (%i) in (%c32) reads(%x : memref<64xf32>) writes(%z : memref<32xf32>) {
    %0 = memref.load %x[%i] : memref<64xf32>
    memref.store %0, %z[%i] : memref<32xf32>
  }
  vyre.stage @overwrite (%i) in (%c64) writes(%x : memref<64xf32>) {
    memref.store %v, %x[%i] : memref<64xf32>
  }
  vyre.return %y : memref<64xf32>, %z : memref<32xf32>
}

// -----

// Extents that the program requires to be the same: no dispatch gets here otherwise.
// REMARK: [Passed] fused | Category:vyre-fuse-launches | Function=required | {{.*}}Remark="launch @double_product holds @double, @product"
// CHECK-LABEL: vyre.program @required
// CHECK:       vyre.launch @double_product {
vyre.program @required(
    %x: memref<?xf32> {vyre.binding = #vyre.binding<slot = 0, role = input, capacity = 4096>},
    %y: memref<?xf32> {vyre.binding = #vyre.binding<slot = 1, role = input, capacity = 4096>},
    %z: memref<?xf32> {vyre.binding = #vyre.binding<slot = 2, role = output, capacity = 4096>})
    -> memref<?xf32> {
  %c0 = arith.constant 0 : index
  %m = memref.dim %x, %c0 : memref<?xf32>
  %n = memref.dim %y, %c0 : memref<?xf32>
  vyre.require "extent 0 of argument 0" %m at_least %n
  vyre.require "extent 0 of argument 1" %n at_least %m
  vyre.extents %z[%n] : memref<?xf32>
  %t = vyre.intermediate(%m) : memref<?xf32>
  vyre.stage @double (%i) in (%m) reads(%x : memref<?xf32>) writes(%t : memref<?xf32>) {
    %v = memref.load %x[%i] : memref<?xf32>
    %w = arith.addf %v, %v : f32
    memref.store %w, %t[%i] : memref<?xf32>
  }
  vyre.stage @product (%i) in (%n) reads(%t, %y : memref<?xf32>, memref<?xf32>) writes(%z : memref<?xf32>) {
    %u = memref.load %t[%i] : memref<?xf32>
    %v = memref.load %y[%i] : memref<?xf32>
    %w = arith.mulf %u, %v : f32
    memref.store %w, %z[%i] : memref<?xf32>
  }
  vyre.return %z : memref<?xf32>
}
