// RUN: vyre-opt %s -split-input-file -verify-diagnostics -o /dev/null -pass-pipeline='builtin.module(vyre.program(vyre-verify-launches))'

// Further launches that were made by hand and are wrong, one of each kind.

// A transposed read of what the launch writes.
vyre.program @transposed(
    %y: memref<8x8xf32> {vyre.binding = #vyre.binding<slot = 0, role = output>})
    -> memref<8x8xf32> {
  %n = arith.constant 8 : index
  %v = arith.constant 1.0 : f32
  %t = vyre.intermediate() : memref<8x8xf32>
  // expected-error @below {{read-after-write of an intermediate of type memref<8x8xf32>, written at [d0, d1] and then read at [d1, d0]: point (}}
  // expected-note @below {{fix: put the stages into launches of their own}}
  vyre.launch @l {
    vyre.stage @a (%i, %j) in (%n, %n) writes(%t : memref<8x8xf32>) {
      // expected-note @below {{the earlier access}}
      memref.store %v, %t[%i, %j] : memref<8x8xf32>
    }
    vyre.stage @b (%i, %j) in (%n, %n) reads(%t : memref<8x8xf32>) writes(%y : memref<8x8xf32>) {
      // expected-note @below {{the later access}}
      %0 = memref.load %t[%j, %i] : memref<8x8xf32>
      memref.store %0, %y[%i, %j] : memref<8x8xf32>
    }
  }
  vyre.return %y : memref<8x8xf32>
}

// -----

// The same, with the order of the indices in which it would be right lost.
vyre.program @permuted(
    %y: memref<8x8xf32> {vyre.binding = #vyre.binding<slot = 0, role = output>})
    -> memref<8x8xf32> {
  %n = arith.constant 8 : index
  %v = arith.constant 1.0 : f32
  %t = vyre.intermediate() : memref<8x8xf32>
  // expected-error @below {{read-after-write of an intermediate of type memref<8x8xf32>, written at [d0, d1] and then read at [d1, d0]: point (}}
  // expected-note @below {{fix: put the stages into launches of their own}}
  vyre.launch @l {
    vyre.stage @a (%i, %j) in (%n, %n) writes(%t : memref<8x8xf32>) {
      // expected-note @below {{the earlier access}}
      memref.store %v, %t[%i, %j] : memref<8x8xf32>
    }
    vyre.stage @b (%j, %i) in (%n, %n) reads(%t : memref<8x8xf32>) writes(%y : memref<8x8xf32>) {
      // expected-note @below {{the later access}}
      %0 = memref.load %t[%i, %j] : memref<8x8xf32>
      memref.store %0, %y[%j, %i] : memref<8x8xf32>
    }
  }
  vyre.return %y : memref<8x8xf32>
}

// -----

// Two writes of one element by different points: the later stage has to win.
vyre.program @waw(
    %y: memref<64xf32> {vyre.binding = #vyre.binding<slot = 0, role = output>})
    -> memref<64xf32> {
  %n = arith.constant 64 : index
  %c63 = arith.constant 63 : index
  %v = arith.constant 1.0 : f32
  // expected-error @below {{write-after-write of argument 0, written at [d0] and then written at [-d0 + 63]: point (}}
  // expected-note @below {{fix: put the stages into launches of their own}}
  vyre.launch @l {
    vyre.stage @a (%i) in (%n) writes(%y : memref<64xf32>) {
      // expected-note @below {{the earlier access}}
      memref.store %v, %y[%i] : memref<64xf32>
    }
    vyre.stage @b (%i) in (%n) writes(%y : memref<64xf32>) {
      %k = arith.subi %c63, %i : index
      // expected-note @below {{the later access}}
      memref.store %v, %y[%k] : memref<64xf32>
    }
  }
  vyre.return %y : memref<64xf32>
}

// -----

// A sum over all points of the launch.
vyre.program @total(
    %y: memref<8xf32> {vyre.binding = #vyre.binding<slot = 0, role = output>})
    -> memref<8xf32> {
  %n = arith.constant 8 : index
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %z = arith.constant 0.0 : f32
  %t = vyre.intermediate() : memref<8xf32>
  // expected-error @below {{read-after-write of an intermediate of type memref<8xf32>, written at [d0] and then read at [d1]: point (}}
  // expected-note @below {{fix: put the stages into launches of their own}}
  vyre.launch @l {
    vyre.stage @a (%i) in (%n) writes(%t : memref<8xf32>) {
      // expected-note @below {{the earlier access}}
      memref.store %z, %t[%i] : memref<8xf32>
    }
    vyre.stage @b (%i) in (%n) reads(%t : memref<8xf32>) writes(%y : memref<8xf32>) {
      %s = scf.for %k = %c0 to %n step %c1 iter_args(%sum = %z) -> f32 {
        // expected-note @below {{the later access}}
        %0 = memref.load %t[%k] : memref<8xf32>
        %1 = arith.addf %sum, %0 : f32
        scf.yield %1 : f32
      }
      memref.store %s, %y[%i] : memref<8xf32>
    }
  }
  vyre.return %y : memref<8xf32>
}

// -----

// A scatter, and what reads where it may have written.
vyre.program @scatter(
    %k: memref<64xindex> {vyre.binding = #vyre.binding<slot = 0, role = input>},
    %x: memref<64xf32> {vyre.binding = #vyre.binding<slot = 1, role = input_output>},
    %y: memref<64xf32> {vyre.binding = #vyre.binding<slot = 2, role = output>})
    -> memref<64xf32> {
  %n = arith.constant 64 : index
  %v = arith.constant 1.0 : f32
  // expected-error @below {{read-after-write of argument 1, written at elements that are not known exactly and then read at [d0]}}
  // expected-note @below {{fix: put the stages into launches of their own}}
  vyre.launch @l {
    vyre.stage @a (%i) in (%n) reads(%k : memref<64xindex>) writes(%x : memref<64xf32>) {
      %p = memref.load %k[%i] : memref<64xindex>
      // expected-note @below {{the earlier access}}
      memref.store %v, %x[%p] : memref<64xf32>
    }
    vyre.stage @b (%i) in (%n) reads(%x : memref<64xf32>) writes(%y : memref<64xf32>) {
      // expected-note @below {{the later access}}
      %0 = memref.load %x[%i] : memref<64xf32>
      memref.store %0, %y[%i] : memref<64xf32>
    }
  }
  vyre.return %y : memref<64xf32>
}

// -----

// Atomic additions to one element, and what reads the sum.
vyre.program @atomics(
    %x: memref<1xi32> {vyre.binding = #vyre.binding<slot = 0, role = input_output>},
    %y: memref<64xi32> {vyre.binding = #vyre.binding<slot = 1, role = output>})
    -> memref<64xi32> {
  %n = arith.constant 64 : index
  %c0 = arith.constant 0 : index
  %v = arith.constant 1 : i32
  // expected-error @below {{read-after-write of argument 0, updated at [0] and then read at [0]: point (}}
  // expected-note @below {{fix: put the stages into launches of their own}}
  vyre.launch @l {
    vyre.stage @a (%i) in (%n) updates(%x : memref<1xi32>) {
      // expected-note @below {{the earlier access}}
      %old = memref.atomic_rmw addi %v, %x[%c0] : (i32, memref<1xi32>) -> i32
    }
    vyre.stage @b (%i) in (%n) reads(%x : memref<1xi32>) writes(%y : memref<64xi32>) {
      // expected-note @below {{the later access}}
      %0 = memref.load %x[%c0] : memref<1xi32>
      memref.store %0, %y[%i] : memref<64xi32>
    }
  }
  vyre.return %y : memref<64xi32>
}

// -----

// Constants that differ.
vyre.program @constants(
    %x: memref<64xf32> {vyre.binding = #vyre.binding<slot = 0, role = output>},
    %y: memref<64xf32> {vyre.binding = #vyre.binding<slot = 1, role = output>})
    -> (memref<64xf32>, memref<64xf32>) {
  %n = arith.constant 64 : index
  %m = arith.constant 63 : index
  %v = arith.constant 1.0 : f32
  // expected-error @below {{holds the stages @a and @b, whose extents of index 0 are not proved to be equal}}
  vyre.launch @l {
    vyre.stage @a (%i) in (%n) writes(%x : memref<64xf32>) {
      memref.store %v, %x[%i] : memref<64xf32>
    }
    // expected-note @below {{found 63, expected 64}}
    vyre.stage @b (%i) in (%m) writes(%y : memref<64xf32>) {
      memref.store %v, %y[%i] : memref<64xf32>
    }
  }
  vyre.return %x : memref<64xf32>, %y : memref<64xf32>
}

// -----

// Two dynamic extents that nothing ties together, behind one that is shared.
vyre.program @untied(
    %x: memref<?x?xf32> {vyre.binding = #vyre.binding<slot = 0, role = input_output, capacity = 4096>},
    %z: memref<?xf32> {vyre.binding = #vyre.binding<slot = 1, role = input_output, capacity = 4096>}) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %m = memref.dim %x, %c0 : memref<?x?xf32>
  %n = memref.dim %x, %c1 : memref<?x?xf32>
  %o = memref.dim %z, %c0 : memref<?xf32>
  %v = arith.constant 1.0 : f32
  // expected-error @below {{holds the stages @a and @b, whose extents of index 1 are not proved to be equal}}
  vyre.launch @l {
    vyre.stage @a (%i, %j) in (%m, %n) writes(%x : memref<?x?xf32>) {
      memref.store %v, %x[%i, %j] : memref<?x?xf32>
    }
    // expected-note @below {{found dim(argument1, 0), expected dim(argument0, 1)}}
    vyre.stage @b (%i, %j) in (%m, %o) updates(%z : memref<?xf32>) {
      %0 = memref.atomic_rmw addf %v, %z[%j] : (f32, memref<?xf32>) -> f32
    }
  }
  vyre.return
}

// -----

// The column is the launch's index in one stage and the row in the other.
vyre.program @columns_first(
    %x: memref<8x8xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>},
    %y: memref<8xf32> {vyre.binding = #vyre.binding<slot = 1, role = output>})
    -> memref<8xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = arith.constant 8 : index
  %t = vyre.intermediate() : memref<8x8xf32>
  // expected-error @below {{read-after-write of an intermediate of type memref<8x8xf32>, written at [d1, d0] and then read at [d0, d1]: point (}}
  // expected-note @below {{fix: put the stages into launches of their own}}
  vyre.launch @l {
    vyre.stage @a (%j, %i) in (%n, %n) reads(%x : memref<8x8xf32>) writes(%t : memref<8x8xf32>) {
      %0 = memref.load %x[%i, %j] : memref<8x8xf32>
      // expected-note @below {{the earlier access}}
      memref.store %0, %t[%i, %j] : memref<8x8xf32>
    }
    vyre.stage @b (%i) in (%n) reads(%t : memref<8x8xf32>) writes(%y : memref<8xf32>) {
      %z = arith.constant 0.0 : f32
      %s = scf.for %j = %c0 to %n step %c1 iter_args(%sum = %z) -> f32 {
        // expected-note @below {{the later access}}
        %0 = memref.load %t[%i, %j] : memref<8x8xf32>
        %1 = arith.addf %sum, %0 : f32
        scf.yield %1 : f32
      }
      memref.store %s, %y[%i] : memref<8xf32>
    }
  }
  vyre.return %y : memref<8xf32>
}

// -----

// The consumer before its producer: it would see what an earlier point of the launch
// made, where one by one it sees what was there before.
vyre.program @consumer_first(
    %x: memref<64xf32> {vyre.binding = #vyre.binding<slot = 0, role = input_output>},
    %y: memref<63xf32> {vyre.binding = #vyre.binding<slot = 1, role = output>})
    -> memref<63xf32> {
  %c1 = arith.constant 1 : index
  %n = arith.constant 63 : index
  %v = arith.constant 1.0 : f32
  // expected-error @below {{write-after-read of argument 0, read at [d0 + 1] and then written at [d0]: point (}}
  // expected-note @below {{fix: put the stages into launches of their own}}
  vyre.launch @l {
    vyre.stage @b (%i) in (%n) reads(%x : memref<64xf32>) writes(%y : memref<63xf32>) {
      %k = arith.addi %i, %c1 : index
      // expected-note @below {{the earlier access}}
      %0 = memref.load %x[%k] : memref<64xf32>
      memref.store %0, %y[%i] : memref<63xf32>
    }
    vyre.stage @a (%i) in (%n) writes(%x : memref<64xf32>) {
      // expected-note @below {{the later access}}
      memref.store %v, %x[%i] : memref<64xf32>
    }
  }
  vyre.return %y : memref<63xf32>
}

// -----

// A view that shifts by one: the same indices, another element.
vyre.program @view(
    %y: memref<63xf32> {vyre.binding = #vyre.binding<slot = 0, role = output>})
    -> memref<63xf32> {
  %n = arith.constant 63 : index
  %v = arith.constant 1.0 : f32
  %t = vyre.intermediate() : memref<64xf32>
  // expected-error @below {{written at [d0] and then read at [d0 + 1]: point (}}
  // expected-note @below {{fix: put the stages into launches of their own}}
  vyre.launch @l {
    vyre.stage @a (%i) in (%n) writes(%t : memref<64xf32>) {
      // expected-note @below {{the earlier access}}
      memref.store %v, %t[%i] : memref<64xf32>
    }
    vyre.stage @b (%i) in (%n) reads(%t : memref<64xf32>) writes(%y : memref<63xf32>) {
      %w = memref.subview %t[1] [63] [1] : memref<64xf32> to memref<63xf32, strided<[1], offset: 1>>
      // expected-note @below {{the later access}}
      %0 = memref.load %w[%i] : memref<63xf32, strided<[1], offset: 1>>
      memref.store %0, %y[%i] : memref<63xf32>
    }
  }
  vyre.return %y : memref<63xf32>
}

// -----

// An opaque stage beside another: the launch's own verifier refuses it.
module attributes {gpu.container_module} {
  gpu.module @kernels {
    gpu.func @k(%x: memref<f32>) kernel {
      gpu.return
    }
  }
  vyre.program @opaque(
      %x: memref<64xf32> {vyre.binding = #vyre.binding<slot = 0, role = input_output>}) {
    %c1 = arith.constant 1 : index
    %n = arith.constant 64 : index
    %v = arith.constant 1.0 : f32
    // expected-error @below {{holds an opaque stage and 1 other, expected it alone}}
    vyre.launch @l {
      vyre.stage @a (%i) in (%n) writes(%x : memref<64xf32>) {
        memref.store %v, %x[%i] : memref<64xf32>
      }
      vyre.opaque_stage @k @kernels::@k grid(%c1, %c1, %c1) block(32, 1, 1) updates(%x : memref<64xf32>)
    }
    vyre.return
  }
}
