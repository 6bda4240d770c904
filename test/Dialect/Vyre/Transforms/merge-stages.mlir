// RUN: vyre-opt %s -split-input-file -pass-pipeline='builtin.module(vyre.program(vyre-merge-stages))' | FileCheck %s
// RUN: vyre-opt %s -split-input-file -pass-pipeline='builtin.module(vyre.program(vyre-merge-stages,vyre-merge-stages))' | FileCheck %s

// Values go through registers, a load of the same element is made once, and the
// intermediates are gone.
// CHECK-LABEL: vyre.program @diamond
// CHECK-NOT:   vyre.intermediate
// CHECK:       vyre.launch @l attributes {vyre.merged_stages = {{.*}}} {
// CHECK-NEXT:    vyre.stage @l (%[[I:.*]]) in (%c64) reads(%[[X:.*]] : memref<64xf32>) writes(%[[Y:.*]] : memref<64xf32>) {
// CHECK-NEXT:      %[[V:.*]] = memref.load %[[X]][%[[I]]]
// CHECK-NEXT:      %[[T:.*]] = arith.mulf %[[V]], %[[V]]
// CHECK-NEXT:      %[[L:.*]] = arith.addf %[[T]], %[[V]]
// CHECK-NEXT:      %[[R:.*]] = arith.subf %[[T]], %[[L]]
// CHECK-NEXT:      memref.store %[[R]], %[[Y]][%[[I]]]
// CHECK-NEXT:    }
vyre.program @diamond(
    %x: memref<64xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>},
    %y: memref<64xf32> {vyre.binding = #vyre.binding<slot = 1, role = output>})
    -> memref<64xf32> {
  %n = arith.constant 64 : index
  %t = vyre.intermediate() : memref<64xf32>
  %u = vyre.intermediate() : memref<64xf32>
  vyre.launch @l {
    vyre.stage @a (%i) in (%n) reads(%x : memref<64xf32>) writes(%t : memref<64xf32>) {
      %v = memref.load %x[%i] : memref<64xf32>
      %s = arith.mulf %v, %v : f32
      memref.store %s, %t[%i] : memref<64xf32>
    }
    vyre.stage @b (%i) in (%n) reads(%t, %x : memref<64xf32>, memref<64xf32>) writes(%u : memref<64xf32>) {
      %v = memref.load %t[%i] : memref<64xf32>
      %w = memref.load %x[%i] : memref<64xf32>
      %s = arith.addf %v, %w : f32
      memref.store %s, %u[%i] : memref<64xf32>
    }
    vyre.stage @c (%i) in (%n) reads(%t, %u : memref<64xf32>, memref<64xf32>) writes(%y : memref<64xf32>) {
      %v = memref.load %t[%i] : memref<64xf32>
      %w = memref.load %u[%i] : memref<64xf32>
      %s = arith.subf %v, %w : f32
      memref.store %s, %y[%i] : memref<64xf32>
    }
  }
  vyre.return %y : memref<64xf32>
}

// -----

// The sum of a product of matrices is in a register from the fill to the end,
// also where it is returned: it is stored once.
// CHECK-LABEL: vyre.program @dense
// CHECK:         vyre.stage @l (%[[I:.*]], %[[J:.*]]) in
// CHECK-SAME:        writes(%[[C:.*]], %[[Y:.*]] : memref<32x16xf32>, memref<32x16xf32>)
// CHECK-NEXT:      %[[ZERO:.*]] = arith.constant 0.0
// CHECK-NEXT:      %[[SUM:.*]] = scf.for %[[K:.*]] = {{.*}} iter_args(%[[ACC:.*]] = %[[ZERO]])
// CHECK-NEXT:        memref.load %{{.*}}[%[[I]], %[[K]]]
// CHECK-NEXT:        memref.load %{{.*}}[%[[K]], %[[J]]]
// CHECK-NEXT:        arith.mulf
// CHECK-NEXT:        %[[NEXT:.*]] = arith.addf %[[ACC]]
// CHECK-NEXT:        scf.yield %[[NEXT]]
// CHECK-NEXT:      }
// CHECK-NEXT:      memref.store %[[SUM]], %[[C]][%[[I]], %[[J]]]
// CHECK-NEXT:      %[[B:.*]] = memref.load %{{.*}}[%[[J]]]
// CHECK-NEXT:      %[[BIASED:.*]] = arith.addf %[[SUM]], %[[B]]
// CHECK-NEXT:      %[[RELU:.*]] = arith.maximumf %[[BIASED]], %[[ZERO]]
// CHECK-NEXT:      memref.store %[[RELU]], %[[Y]][%[[I]], %[[J]]]
// CHECK-NEXT:    }
vyre.program @dense(
    %a: memref<32x64xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>},
    %w: memref<64x16xf32> {vyre.binding = #vyre.binding<slot = 1, role = input>},
    %b: memref<16xf32> {vyre.binding = #vyre.binding<slot = 2, role = input>},
    %c: memref<32x16xf32> {vyre.binding = #vyre.binding<slot = 3, role = output>},
    %y: memref<32x16xf32> {vyre.binding = #vyre.binding<slot = 4, role = output>})
    -> (memref<32x16xf32>, memref<32x16xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c16 = arith.constant 16 : index
  %c32 = arith.constant 32 : index
  %c64 = arith.constant 64 : index
  %d = vyre.intermediate() : memref<32x16xf32>
  vyre.launch @l {
    vyre.stage @fill (%i, %j) in (%c32, %c16) writes(%c : memref<32x16xf32>) {
      %z = arith.constant 0.0 : f32
      memref.store %z, %c[%i, %j] : memref<32x16xf32>
    }
    vyre.stage @matmul (%i, %j) in (%c32, %c16) reads(%a, %w : memref<32x64xf32>, memref<64x16xf32>) updates(%c : memref<32x16xf32>) {
      scf.for %k = %c0 to %c64 step %c1 {
        %0 = memref.load %a[%i, %k] : memref<32x64xf32>
        %1 = memref.load %w[%k, %j] : memref<64x16xf32>
        %2 = memref.load %c[%i, %j] : memref<32x16xf32>
        %3 = arith.mulf %0, %1 : f32
        %4 = arith.addf %2, %3 : f32
        memref.store %4, %c[%i, %j] : memref<32x16xf32>
      }
    }
    vyre.stage @bias (%i, %j) in (%c32, %c16) reads(%c, %b : memref<32x16xf32>, memref<16xf32>) writes(%d : memref<32x16xf32>) {
      %0 = memref.load %c[%i, %j] : memref<32x16xf32>
      %1 = memref.load %b[%j] : memref<16xf32>
      %2 = arith.addf %0, %1 : f32
      memref.store %2, %d[%i, %j] : memref<32x16xf32>
    }
    vyre.stage @relu (%i, %j) in (%c32, %c16) reads(%d : memref<32x16xf32>) writes(%y : memref<32x16xf32>) {
      %z = arith.constant 0.0 : f32
      %0 = memref.load %d[%i, %j] : memref<32x16xf32>
      %1 = arith.maximumf %0, %z : f32
      memref.store %1, %y[%i, %j] : memref<32x16xf32>
    }
  }
  vyre.return %c : memref<32x16xf32>, %y : memref<32x16xf32>
}

// -----

// Softmax over rows: three passes over a row. The exponentials are summed where
// they are made, and made again where they are divided.
// CHECK-LABEL: vyre.program @softmax
// CHECK-NOT:   vyre.intermediate
// CHECK:         vyre.stage @l (%[[I:.*]]) in (%c4) reads(%[[X:.*]] : memref<4x8xf32>) writes(%[[Y:.*]] : memref<4x8xf32>) {
// CHECK:           %[[MAX:.*]] = scf.parallel (%[[J:.*]]) =
// CHECK-NEXT:        %[[V:.*]] = memref.load %[[X]][%[[I]], %[[J]]]
// CHECK-NEXT:        scf.reduce(%[[V]] : f32)
// CHECK:           %[[SUM:.*]] = scf.parallel (%[[J:.*]]) =
// CHECK-NEXT:        %[[V:.*]] = memref.load %[[X]][%[[I]], %[[J]]]
// CHECK-NEXT:        %[[C:.*]] = arith.subf %[[V]], %[[MAX]]
// CHECK-NEXT:        %[[E:.*]] = math.exp %[[C]]
// CHECK-NEXT:        scf.reduce(%[[E]] : f32)
// CHECK:           scf.parallel (%[[J:.*]]) =
// CHECK-NEXT:        %[[V:.*]] = memref.load %[[X]][%[[I]], %[[J]]]
// CHECK-NEXT:        %[[C:.*]] = arith.subf %[[V]], %[[MAX]]
// CHECK-NEXT:        %[[E:.*]] = math.exp %[[C]]
// CHECK-NEXT:        %[[D:.*]] = arith.divf %[[E]], %[[SUM]]
// CHECK-NEXT:        memref.store %[[D]], %[[Y]][%[[I]], %[[J]]]
// CHECK-NEXT:        scf.reduce
// CHECK-NEXT:      }
// CHECK-NEXT:    }
vyre.program @softmax(
    %x: memref<4x8xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>},
    %y: memref<4x8xf32> {vyre.binding = #vyre.binding<slot = 1, role = output>})
    -> memref<4x8xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %m = arith.constant 4 : index
  %n = arith.constant 8 : index
  %max = vyre.intermediate() : memref<4xf32>
  %t = vyre.intermediate() : memref<4x8xf32>
  %s = vyre.intermediate() : memref<4xf32>
  vyre.launch @l {
    vyre.stage @max (%i) in (%m) reads(%x : memref<4x8xf32>) writes(%max : memref<4xf32>) {
      %z = arith.constant 0xFF800000 : f32
      %r = scf.parallel (%j) = (%c0) to (%n) step (%c1) init (%z) -> f32 {
        %v = memref.load %x[%i, %j] : memref<4x8xf32>
        scf.reduce(%v : f32) {
        ^bb0(%a: f32, %b: f32):
          %q = arith.maximumf %a, %b : f32
          scf.reduce.return %q : f32
        }
      }
      memref.store %r, %max[%i] : memref<4xf32>
    }
    vyre.stage @exp (%i, %j) in (%m, %n) reads(%x, %max : memref<4x8xf32>, memref<4xf32>) writes(%t : memref<4x8xf32>) {
      %a = memref.load %x[%i, %j] : memref<4x8xf32>
      %b = memref.load %max[%i] : memref<4xf32>
      %c = arith.subf %a, %b : f32
      %d = math.exp %c : f32
      memref.store %d, %t[%i, %j] : memref<4x8xf32>
    }
    vyre.stage @zero (%i) in (%m) writes(%s : memref<4xf32>) {
      %z = arith.constant 0.0 : f32
      memref.store %z, %s[%i] : memref<4xf32>
    }
    vyre.stage @sum (%i) in (%m) reads(%t : memref<4x8xf32>) updates(%s : memref<4xf32>) {
      %z = memref.load %s[%i] : memref<4xf32>
      %r = scf.parallel (%j) = (%c0) to (%n) step (%c1) init (%z) -> f32 {
        %v = memref.load %t[%i, %j] : memref<4x8xf32>
        scf.reduce(%v : f32) {
        ^bb0(%a: f32, %b: f32):
          %q = arith.addf %a, %b : f32
          scf.reduce.return %q : f32
        }
      }
      memref.store %r, %s[%i] : memref<4xf32>
    }
    vyre.stage @div (%i, %j) in (%m, %n) reads(%t, %s : memref<4x8xf32>, memref<4xf32>) writes(%y : memref<4x8xf32>) {
      %a = memref.load %t[%i, %j] : memref<4x8xf32>
      %b = memref.load %s[%i] : memref<4xf32>
      %c = arith.divf %a, %b : f32
      memref.store %c, %y[%i, %j] : memref<4x8xf32>
    }
  }
  vyre.return %y : memref<4x8xf32>
}

// -----

// An intermediate whose elements cost a loop each is not made again: it stays in
// memory, and so does the barrier that two loops stand for.
// CHECK-LABEL: vyre.program @kept
// CHECK:         %[[T:.*]] = vyre.intermediate() : memref<4x8xf32>
// CHECK:         vyre.stage @l (%[[I:.*]]) in (%c4)
// CHECK-SAME:        updates(%[[T]] : memref<4x8xf32>)
// CHECK:           scf.parallel (%[[J:.*]]) =
// CHECK:             %[[SUM:.*]] = scf.for
// CHECK:             memref.store %[[SUM]], %[[T]][%[[I]], %[[J]]]
// CHECK:           scf.parallel (%[[J:.*]]) =
// CHECK:             memref.load %[[T]][%[[I]], %[[J]]]
vyre.program @kept(
    %x: memref<4x8xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>},
    %w: memref<8x8xf32> {vyre.binding = #vyre.binding<slot = 1, role = input>},
    %y: memref<4x8xf32> {vyre.binding = #vyre.binding<slot = 2, role = output>})
    -> memref<4x8xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %m = arith.constant 4 : index
  %n = arith.constant 8 : index
  %z = arith.constant 0.0 : f32
  %t = vyre.intermediate() : memref<4x8xf32>
  %s = vyre.intermediate() : memref<4xf32>
  vyre.launch @l {
    vyre.stage @matmul (%i, %j) in (%m, %n) reads(%x, %w : memref<4x8xf32>, memref<8x8xf32>) writes(%t : memref<4x8xf32>) {
      %sum = scf.for %k = %c0 to %n step %c1 iter_args(%a = %z) -> f32 {
        %0 = memref.load %x[%i, %k] : memref<4x8xf32>
        %1 = memref.load %w[%k, %j] : memref<8x8xf32>
        %2 = arith.mulf %0, %1 : f32
        %3 = arith.addf %a, %2 : f32
        scf.yield %3 : f32
      }
      memref.store %sum, %t[%i, %j] : memref<4x8xf32>
    }
    vyre.stage @sum (%i) in (%m) reads(%t : memref<4x8xf32>) writes(%s : memref<4xf32>) {
      %r = scf.parallel (%j) = (%c0) to (%n) step (%c1) init (%z) -> f32 {
        %v = memref.load %t[%i, %j] : memref<4x8xf32>
        scf.reduce(%v : f32) {
        ^bb0(%a: f32, %b: f32):
          %q = arith.addf %a, %b : f32
          scf.reduce.return %q : f32
        }
      }
      memref.store %r, %s[%i] : memref<4xf32>
    }
    vyre.stage @div (%i, %j) in (%m, %n) reads(%t, %s : memref<4x8xf32>, memref<4xf32>) writes(%y : memref<4x8xf32>) {
      %a = memref.load %t[%i, %j] : memref<4x8xf32>
      %b = memref.load %s[%i] : memref<4xf32>
      %c = arith.divf %a, %b : f32
      memref.store %c, %y[%i, %j] : memref<4x8xf32>
    }
  }
  vyre.return %y : memref<4x8xf32>
}

// -----

// A loop that may not run at all: its accumulator is loaded in front of it only
// where that is known to be in bounds.
// CHECK-LABEL: vyre.program @maybe
// CHECK:         vyre.stage @inside (%[[I:.*]]) in
// CHECK-NEXT:      %[[INIT:.*]] = memref.load %[[Y:.*]][%[[I]]]
// CHECK-NEXT:      scf.for {{.*}} iter_args(%{{.*}} = %[[INIT]])
// CHECK:         vyre.stage @unknown (%[[I:.*]]) in
// CHECK-NEXT:      %[[K:.*]] = memref.load
// CHECK-NEXT:      scf.for
// CHECK-NEXT:        memref.load %{{.*}}[%[[K]]]
vyre.program @maybe(
    %n: index,
    %k: memref<8xindex> {vyre.binding = #vyre.binding<slot = 0, role = input>},
    %y: memref<8xf32> {vyre.binding = #vyre.binding<slot = 1, role = input_output>},
    %z: memref<8xf32> {vyre.binding = #vyre.binding<slot = 2, role = input_output>}) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  vyre.launch @a {
    vyre.stage @inside (%i) in (%c8) updates(%y : memref<8xf32>) {
      scf.for %j = %c0 to %n step %c1 {
        %0 = memref.load %y[%i] : memref<8xf32>
        %1 = arith.addf %0, %0 : f32
        memref.store %1, %y[%i] : memref<8xf32>
      }
    }
  }
  vyre.launch @b {
    vyre.stage @unknown (%i) in (%c8) reads(%k : memref<8xindex>) updates(%z : memref<8xf32>) {
      %p = memref.load %k[%i] : memref<8xindex>
      scf.for %j = %c0 to %n step %c1 {
        %0 = memref.load %z[%p] : memref<8xf32>
        %1 = arith.addf %0, %0 : f32
        memref.store %1, %z[%p] : memref<8xf32>
      }
    }
  }
  vyre.return
}

// -----

// A store under a condition keeps what was there: nothing is forwarded past it,
// and the store before it is not dead.
// CHECK-LABEL: vyre.program @conditional
// CHECK:         vyre.stage @l (%[[I:.*]]) in
// CHECK:           memref.store %[[X:.*]], %[[Y:.*]][%[[I]]]
// CHECK:           scf.if
// CHECK-NEXT:        memref.store %{{.*}}, %[[Y]][%[[I]]]
// CHECK:           %[[V:.*]] = memref.load %[[Y]][%[[I]]]
// CHECK-NEXT:      arith.mulf %[[V]], %[[V]]
vyre.program @conditional(
    %x: memref<8xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>},
    %y: memref<8xf32> {vyre.binding = #vyre.binding<slot = 1, role = output>})
    -> memref<8xf32> {
  %c4 = arith.constant 4 : index
  %c8 = arith.constant 8 : index
  vyre.launch @l {
    vyre.stage @a (%i) in (%c8) reads(%x : memref<8xf32>) writes(%y : memref<8xf32>) {
      %v = memref.load %x[%i] : memref<8xf32>
      memref.store %v, %y[%i] : memref<8xf32>
    }
    vyre.stage @b (%i) in (%c8) writes(%y : memref<8xf32>) {
      %z = arith.constant 0.0 : f32
      %isLow = arith.cmpi slt, %i, %c4 : index
      scf.if %isLow {
        memref.store %z, %y[%i] : memref<8xf32>
      }
    }
    vyre.stage @c (%i) in (%c8) updates(%y : memref<8xf32>) {
      %v = memref.load %y[%i] : memref<8xf32>
      %s = arith.mulf %v, %v : f32
      memref.store %s, %y[%i] : memref<8xf32>
    }
  }
  vyre.return %y : memref<8xf32>
}

// -----

// A launch that only wrote what nobody reads is gone, and what asked for the
// extents of its intermediate gets them elsewhere.
// CHECK-LABEL: vyre.program @dead
// CHECK-NOT:   vyre.launch @gone
// CHECK:       vyre.launch @l {
// CHECK-NEXT:    vyre.stage @b (%{{.*}}) in (%[[N:.*]]) writes(
vyre.program @dead(
    %n: index,
    %y: memref<?xf32> {vyre.binding = #vyre.binding<slot = 0, role = output, capacity = 4096>})
    -> memref<?xf32> {
  %c0 = arith.constant 0 : index
  %z = arith.constant 0.0 : f32
  vyre.extents %y[%n] : memref<?xf32>
  %t = vyre.intermediate(%n) : memref<?xf32>
  %t0 = memref.dim %t, %c0 : memref<?xf32>
  vyre.launch @gone {
    vyre.stage @a (%i) in (%n) writes(%t : memref<?xf32>) {
      memref.store %z, %t[%i] : memref<?xf32>
    }
  }
  vyre.launch @l {
    vyre.stage @b (%i) in (%t0) writes(%y : memref<?xf32>) {
      memref.store %z, %y[%i] : memref<?xf32>
    }
  }
  vyre.return %y : memref<?xf32>
}

// -----

// Loops over the same inner points are fused past what stands between them: it
// goes in front where the later one needs it (the product), behind where it needs
// the earlier one (the quotient).
// CHECK-LABEL: vyre.program @past
// CHECK:         vyre.stage @l (%[[I:.*]]) in
// CHECK:           %[[SUM:.*]] = scf.parallel
// CHECK:           %[[TWICE:.*]] = arith.mulf %[[SUM]],
// CHECK:           %[[LAST:.*]] = scf.parallel
// CHECK:             arith.addf %{{.*}}, %[[SUM]]
// CHECK:             arith.addf %{{.*}}, %[[TWICE]]
// CHECK-NOT:       scf.parallel
// CHECK:           arith.divf %[[LAST]], %[[TWICE]]
vyre.program @past(
    %x: memref<4x8xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>},
    %y: memref<4x8xf32> {vyre.binding = #vyre.binding<slot = 1, role = output>},
    %z: memref<4x8xf32> {vyre.binding = #vyre.binding<slot = 2, role = output>},
    %w: memref<4xf32> {vyre.binding = #vyre.binding<slot = 3, role = output>})
    -> (memref<4x8xf32>, memref<4x8xf32>, memref<4xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %c8 = arith.constant 8 : index
  %s = vyre.intermediate() : memref<4xf32>
  %t = vyre.intermediate() : memref<4xf32>
  %u = vyre.intermediate() : memref<4xf32>
  vyre.launch @l {
    vyre.stage @sum (%i) in (%c4) reads(%x : memref<4x8xf32>) writes(%s : memref<4xf32>) {
      %zero = arith.constant 0.0 : f32
      %sum = scf.parallel (%k) = (%c0) to (%c8) step (%c1) init (%zero) -> f32 {
        %v = memref.load %x[%i, %k] : memref<4x8xf32>
        scf.reduce(%v : f32) {
        ^bb0(%a: f32, %b: f32):
          %c = arith.addf %a, %b : f32
          scf.reduce.return %c : f32
        }
      }
      memref.store %sum, %s[%i] : memref<4xf32>
    }
    vyre.stage @first (%i, %j) in (%c4, %c8) reads(%x, %s : memref<4x8xf32>, memref<4xf32>) writes(%y : memref<4x8xf32>) {
      %v = memref.load %x[%i, %j] : memref<4x8xf32>
      %a = memref.load %s[%i] : memref<4xf32>
      %b = arith.addf %v, %a : f32
      memref.store %b, %y[%i, %j] : memref<4x8xf32>
    }
    vyre.stage @total (%i) in (%c4) reads(%y : memref<4x8xf32>) writes(%u : memref<4xf32>) {
      %one = arith.constant 1.0 : f32
      %product = scf.parallel (%k) = (%c0) to (%c8) step (%c1) init (%one) -> f32 {
        %v = memref.load %y[%i, %k] : memref<4x8xf32>
        scf.reduce(%v : f32) {
        ^bb0(%a: f32, %b: f32):
          %c = arith.mulf %a, %b : f32
          scf.reduce.return %c : f32
        }
      }
      memref.store %product, %u[%i] : memref<4xf32>
    }
    vyre.stage @twice (%i) in (%c4) reads(%s : memref<4xf32>) writes(%t : memref<4xf32>) {
      %two = arith.constant 2.0 : f32
      %a = memref.load %s[%i] : memref<4xf32>
      %b = arith.mulf %a, %two : f32
      memref.store %b, %t[%i] : memref<4xf32>
    }
    vyre.stage @quotient (%i) in (%c4) reads(%u, %t : memref<4xf32>, memref<4xf32>) writes(%w : memref<4xf32>) {
      %a = memref.load %u[%i] : memref<4xf32>
      %b = memref.load %t[%i] : memref<4xf32>
      %q = arith.divf %a, %b : f32
      memref.store %q, %w[%i] : memref<4xf32>
    }
    vyre.stage @second (%i, %j) in (%c4, %c8) reads(%x, %t : memref<4x8xf32>, memref<4xf32>) writes(%z : memref<4x8xf32>) {
      %v = memref.load %x[%i, %j] : memref<4x8xf32>
      %a = memref.load %t[%i] : memref<4xf32>
      %b = arith.addf %v, %a : f32
      memref.store %b, %z[%i, %j] : memref<4x8xf32>
    }
  }
  vyre.return %y : memref<4x8xf32>, %z : memref<4x8xf32>, %w : memref<4xf32>
}

// -----

// The last stage looks at elements that the first has not made, and does not use them.
// They are not made again: x is not that long.
// CHECK-LABEL: vyre.program @beyond
// CHECK:       vyre.intermediate
// CHECK-COUNT-2: memref.load %{{.*}} : memref<2x4xf32>
// CHECK-NOT:     memref.load %{{.*}} : memref<2x4xf32>
// CHECK:       arith.select
vyre.program @beyond(
    %x: memref<2x4xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>},
    %m: memref<2xf32> {vyre.binding = #vyre.binding<slot = 1, role = output>},
    %y: memref<2x262144xf32> {vyre.binding = #vyre.binding<slot = 2, role = output>})
    -> (memref<2xf32>, memref<2x262144xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %rows = arith.constant 2 : index
  %short = arith.constant 4 : index
  %long = arith.constant 262144 : index
  %z = arith.constant 0.0 : f32
  %t = vyre.intermediate() : memref<2x262144xf32>
  vyre.launch @l {
    vyre.stage @square (%i, %j) in (%rows, %short) reads(%x : memref<2x4xf32>) writes(%t : memref<2x262144xf32>) {
      %a = memref.load %x[%i, %j] : memref<2x4xf32>
      %b = memref.load %x[%i, %c0] : memref<2x4xf32>
      %0 = arith.mulf %a, %b : f32
      memref.store %0, %t[%i, %j] : memref<2x262144xf32>
    }
    vyre.stage @sum (%i) in (%rows) reads(%t : memref<2x262144xf32>) writes(%m : memref<2xf32>) {
      %r = scf.parallel (%j) = (%c0) to (%short) step (%c1) init (%z) -> f32 {
        %v = memref.load %t[%i, %j] : memref<2x262144xf32>
        scf.reduce(%v : f32) {
        ^bb0(%a: f32, %b: f32):
          %q = arith.addf %a, %b : f32
          scf.reduce.return %q : f32
        }
      }
      memref.store %r, %m[%i] : memref<2xf32>
    }
    vyre.stage @pad (%i, %j) in (%rows, %long) reads(%t : memref<2x262144xf32>) writes(%y : memref<2x262144xf32>) {
      %0 = memref.load %t[%i, %j] : memref<2x262144xf32>
      %isMade = arith.cmpi ult, %j, %short : index
      %1 = arith.select %isMade, %0, %z : f32
      memref.store %1, %y[%i, %j] : memref<2x262144xf32>
    }
  }
  vyre.return %m : memref<2xf32>, %y : memref<2x262144xf32>
}

// -----

// The stage waits for the host as the first of those that it is made of did.
// CHECK-LABEL: vyre.program @waits
// CHECK:       vyre.stage @l {{.*}} host_boundary {
vyre.program @waits(
    %x: memref<64xf32> {vyre.binding = #vyre.binding<slot = 0, role = input_output>}) {
  %n = arith.constant 64 : index
  vyre.launch @l {
    vyre.stage @a (%i) in (%n) updates(%x : memref<64xf32>) host_boundary {
      %0 = memref.load %x[%i] : memref<64xf32>
      %1 = arith.addf %0, %0 : f32
      memref.store %1, %x[%i] : memref<64xf32>
    }
    vyre.stage @b (%i) in (%n) updates(%x : memref<64xf32>) {
      %0 = memref.load %x[%i] : memref<64xf32>
      %1 = arith.mulf %0, %0 : f32
      memref.store %1, %x[%i] : memref<64xf32>
    }
  }
  vyre.return
}

// -----

// What a loop may have stored is loaded again in its next iteration.
// CHECK-LABEL: vyre.program @doubled
// CHECK:       scf.for
// CHECK:         memref.load %[[Y:.*]][%{{.*}}] : memref<8xf32>
// CHECK:         scf.if
// CHECK:           memref.store %{{.*}}, %[[Y]][%{{.*}}] : memref<8xf32>
vyre.program @doubled(
    %x: memref<8xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>},
    %y: memref<8xf32> {vyre.binding = #vyre.binding<slot = 1, role = output>})
    -> memref<8xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = arith.constant 8 : index
  %limit = arith.constant 100.0 : f32
  vyre.launch @l {
    vyre.stage @start (%i) in (%n) reads(%x : memref<8xf32>) writes(%y : memref<8xf32>) {
      %0 = memref.load %x[%i] : memref<8xf32>
      memref.store %0, %y[%i] : memref<8xf32>
    }
    vyre.stage @double (%i) in (%n) updates(%y : memref<8xf32>) {
      scf.for %k = %c0 to %n step %c1 {
        %0 = memref.load %y[%i] : memref<8xf32>
        %isSmall = arith.cmpf olt, %0, %limit : f32
        scf.if %isSmall {
          %1 = arith.addf %0, %0 : f32
          memref.store %1, %y[%i] : memref<8xf32>
        }
      }
    }
  }
  vyre.return %y : memref<8xf32>
}

// -----

// Two elements that change each other are not one.
// CHECK-LABEL: vyre.program @fibonacci
// CHECK:       scf.for
// CHECK-COUNT-2: memref.load
// CHECK-COUNT-2: memref.store
vyre.program @fibonacci(
    %y: memref<3x2xf32> {vyre.binding = #vyre.binding<slot = 0, role = input_output>}) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c10 = arith.constant 10 : index
  %n = arith.constant 3 : index
  vyre.launch @l {
    vyre.stage @step (%i) in (%n) updates(%y : memref<3x2xf32>) {
      scf.for %k = %c0 to %c10 step %c1 {
        %0 = memref.load %y[%i, %c0] : memref<3x2xf32>
        %1 = memref.load %y[%i, %c1] : memref<3x2xf32>
        %2 = arith.addf %0, %1 : f32
        memref.store %1, %y[%i, %c0] : memref<3x2xf32>
        memref.store %2, %y[%i, %c1] : memref<3x2xf32>
      }
    }
  }
  vyre.return
}

// -----

// A loop reads what is overwritten behind it: the first store stays.
// CHECK-LABEL: vyre.program @read_between
// CHECK:       memref.store %{{.*}}, %[[T:.*]][%{{.*}}] : memref<8xf32>
// CHECK:       scf.for
// CHECK:       memref.store %{{.*}}, %[[T]][%{{.*}}] : memref<8xf32>
vyre.program @read_between(
    %x: memref<8xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>},
    %t: memref<8xf32> {vyre.binding = #vyre.binding<slot = 1, role = input_output>},
    %y: memref<8xf32> {vyre.binding = #vyre.binding<slot = 2, role = output>})
    -> memref<8xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = arith.constant 8 : index
  %zero = arith.constant 0.0 : f32
  vyre.launch @l {
    vyre.stage @first (%i) in (%n) reads(%x : memref<8xf32>) writes(%t : memref<8xf32>) {
      %0 = memref.load %x[%i] : memref<8xf32>
      memref.store %0, %t[%i] : memref<8xf32>
    }
    vyre.stage @sum (%i) in (%n) reads(%t : memref<8xf32>) writes(%y : memref<8xf32>) {
      %end = arith.addi %i, %c1 : index
      %s = scf.for %k = %i to %end step %c1 iter_args(%a = %zero) -> f32 {
        %0 = memref.load %t[%k] : memref<8xf32>
        %1 = arith.addf %a, %0 : f32
        scf.yield %1 : f32
      }
      memref.store %s, %y[%i] : memref<8xf32>
    }
    vyre.stage @last (%i) in (%n) writes(%t : memref<8xf32>) {
      memref.store %zero, %t[%i] : memref<8xf32>
    }
  }
  vyre.return %y : memref<8xf32>
}

// -----

// The squares are needed after what they are squares of is overwritten: they stay in
// memory.
// CHECK-LABEL: vyre.program @overwritten
// CHECK:         %[[T:.*]] = vyre.intermediate() : memref<2x4xf32>
// CHECK:         memref.store %{{.*}}, %[[T]]
// CHECK:         memref.load %[[T]]
vyre.program @overwritten(
    %x: memref<2x4xf32> {vyre.binding = #vyre.binding<slot = 0, role = input_output>},
    %y: memref<2x4xf32> {vyre.binding = #vyre.binding<slot = 1, role = output>})
    -> memref<2x4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %m = arith.constant 2 : index
  %n = arith.constant 4 : index
  %z = arith.constant 0.0 : f32
  %t = vyre.intermediate() : memref<2x4xf32>
  %s = vyre.intermediate() : memref<2xf32>
  vyre.launch @l {
    vyre.stage @square (%i, %j) in (%m, %n) reads(%x : memref<2x4xf32>) writes(%t : memref<2x4xf32>) {
      %0 = memref.load %x[%i, %j] : memref<2x4xf32>
      %1 = arith.mulf %0, %0 : f32
      memref.store %1, %t[%i, %j] : memref<2x4xf32>
    }
    vyre.stage @sum (%i) in (%m) reads(%t : memref<2x4xf32>) writes(%s : memref<2xf32>) {
      %r = scf.parallel (%j) = (%c0) to (%n) step (%c1) init (%z) -> f32 {
        %v = memref.load %t[%i, %j] : memref<2x4xf32>
        scf.reduce(%v : f32) {
        ^bb0(%a: f32, %b: f32):
          %q = arith.addf %a, %b : f32
          scf.reduce.return %q : f32
        }
      }
      memref.store %r, %s[%i] : memref<2xf32>
    }
    vyre.stage @place (%i, %j) in (%m, %n) reads(%s : memref<2xf32>) writes(%x : memref<2x4xf32>) {
      %0 = memref.load %s[%i] : memref<2xf32>
      memref.store %0, %x[%i, %j] : memref<2x4xf32>
    }
    vyre.stage @use (%i, %j) in (%m, %n) reads(%t : memref<2x4xf32>) writes(%y : memref<2x4xf32>) {
      %0 = memref.load %t[%i, %j] : memref<2x4xf32>
      memref.store %0, %y[%i, %j] : memref<2x4xf32>
    }
  }
  vyre.return %y : memref<2x4xf32>
}

// -----

// A buffer that is itself a value in memory may be read by way of that: what is
// stored to it stays, though nothing reads it by its name.

// CHECK-LABEL: vyre.program @in_memory
// CHECK: %[[B:.*]] = vyre.intermediate
// CHECK: memref.store %{{.*}}, %[[B]][
// CHECK: memref.store %[[B]], %
vyre.program @in_memory(
    %x: memref<8xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>},
    %y: memref<8xf32> {vyre.binding = #vyre.binding<slot = 1, role = output>}) {
  %n = arith.constant 8 : index
  %c0 = arith.constant 0 : index
  %b = vyre.intermediate() : memref<8xf32>
  vyre.launch @l {
    vyre.stage @s (%i) in (%n) reads(%x : memref<8xf32>) writes(%y, %b : memref<8xf32>, memref<8xf32>) {
      %own = memref.alloca() : memref<1xmemref<8xf32>>
      %v = memref.load %x[%i] : memref<8xf32>
      memref.store %v, %b[%i] : memref<8xf32>
      memref.store %b, %own[%c0] : memref<1xmemref<8xf32>>
      memref.store %v, %y[%i] : memref<8xf32>
    }
  }
  vyre.return
}
