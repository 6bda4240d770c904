// RUN: vyre-opt %s -split-input-file -verify-diagnostics -o /dev/null -pass-pipeline='builtin.module(vyre.program(vyre-verify-launches))'

// Launches that were made by hand and are wrong. Right ones are those of
// fuse-launches.mlir, which runs this pass as well.

vyre.program @shifted(
    %y: memref<64xf32> {vyre.binding = #vyre.binding<slot = 0, role = output>})
    -> memref<64xf32> {
  %c1 = arith.constant 1 : index
  %n = arith.constant 63 : index
  %v = arith.constant 1.0 : f32
  %t = vyre.intermediate() : memref<64xf32>
  // expected-error @below {{'vyre.launch' op holds the stages @a and @b, whose points are not independent: read-after-write of an intermediate of type memref<64xf32>, written at [d0] and then read at [d0 + 1]: point (}}
  // expected-note @below {{fix: put the stages into launches of their own}}
  vyre.launch @l {
    vyre.stage @a (%i) in (%n) writes(%t : memref<64xf32>) {
      // expected-note @below {{the earlier access}}
      memref.store %v, %t[%i] : memref<64xf32>
    }
    vyre.stage @b (%i) in (%n) reads(%t : memref<64xf32>) writes(%y : memref<64xf32>) {
      %k = arith.addi %i, %c1 : index
      // expected-note @below {{the later access}}
      %0 = memref.load %t[%k] : memref<64xf32>
      memref.store %0, %y[%i] : memref<64xf32>
    }
  }
  vyre.return %y : memref<64xf32>
}

// -----

// The stages meet two stages apart.
vyre.program @far(
    %x: memref<64xf32> {vyre.binding = #vyre.binding<slot = 0, role = input_output>},
    %y: memref<64xf32> {vyre.binding = #vyre.binding<slot = 1, role = output>})
    -> memref<64xf32> {
  %n = arith.constant 64 : index
  %c63 = arith.constant 63 : index
  %v = arith.constant 1.0 : f32
  // expected-error @below {{holds the stages @a and @c, whose points are not independent: write-after-read of argument 0}}
  // expected-note @below {{fix: put the stages into launches of their own}}
  vyre.launch @l {
    vyre.stage @a (%i) in (%n) reads(%x : memref<64xf32>) writes(%y : memref<64xf32>) {
      // expected-note @below {{the earlier access}}
      %0 = memref.load %x[%i] : memref<64xf32>
      memref.store %0, %y[%i] : memref<64xf32>
    }
    vyre.stage @b (%i) in (%n) updates(%y : memref<64xf32>) {
      %0 = memref.load %y[%i] : memref<64xf32>
      memref.store %0, %y[%i] : memref<64xf32>
    }
    vyre.stage @c (%i) in (%n) writes(%x : memref<64xf32>) {
      %k = arith.subi %c63, %i : index
      // expected-note @below {{the later access}}
      memref.store %v, %x[%k] : memref<64xf32>
    }
  }
  vyre.return %y : memref<64xf32>
}

// -----

// A row of the launch needs all rows.
vyre.program @columns(
    %x: memref<8x8xf32> {vyre.binding = #vyre.binding<slot = 0, role = input_output>}) {
  %n = arith.constant 8 : index
  %t = vyre.intermediate() : memref<8xf32>
  %v = arith.constant 1.0 : f32
  // expected-error @below {{holds the stages @a and @b, whose points are not independent: read-after-write of an intermediate of type memref<8xf32>, written at [d0] and then read at [d1]}}
  // expected-note @below {{fix: put the stages into launches of their own}}
  vyre.launch @l {
    vyre.stage @a (%i) in (%n) writes(%t : memref<8xf32>) {
      // expected-note @below {{the earlier access}}
      memref.store %v, %t[%i] : memref<8xf32>
    }
    vyre.stage @b (%i, %j) in (%n, %n) reads(%t : memref<8xf32>) writes(%x : memref<8x8xf32>) {
      // expected-note @below {{the later access}}
      %0 = memref.load %t[%j] : memref<8xf32>
      memref.store %0, %x[%i, %j] : memref<8x8xf32>
    }
  }
  vyre.return
}

// -----

// What is not known is wrong.
vyre.program @gather(
    %k: memref<64xindex> {vyre.binding = #vyre.binding<slot = 0, role = input>},
    %y: memref<64xf32> {vyre.binding = #vyre.binding<slot = 1, role = output>})
    -> memref<64xf32> {
  %n = arith.constant 64 : index
  %v = arith.constant 1.0 : f32
  %t = vyre.intermediate() : memref<64xf32>
  // expected-error @below {{read-after-write of an intermediate of type memref<64xf32>, written at [d0] and then read at elements that are not known exactly}}
  // expected-note @below {{fix: put the stages into launches of their own}}
  vyre.launch @l {
    vyre.stage @a (%i) in (%n) writes(%t : memref<64xf32>) {
      // expected-note @below {{the earlier access}}
      memref.store %v, %t[%i] : memref<64xf32>
    }
    vyre.stage @b (%i) in (%n) reads(%k, %t : memref<64xindex>, memref<64xf32>) writes(%y : memref<64xf32>) {
      %p = memref.load %k[%i] : memref<64xindex>
      // expected-note @below {{the later access}}
      %0 = memref.load %t[%p] : memref<64xf32>
      memref.store %0, %y[%i] : memref<64xf32>
    }
  }
  vyre.return %y : memref<64xf32>
}

// -----

vyre.program @unequal(
    %x: memref<?xf32> {vyre.binding = #vyre.binding<slot = 0, role = input_output, capacity = 4096>},
    %y: memref<64xf32> {vyre.binding = #vyre.binding<slot = 1, role = output>})
    -> memref<64xf32> {
  %c0 = arith.constant 0 : index
  %n = arith.constant 64 : index
  %m = memref.dim %x, %c0 : memref<?xf32>
  %v = arith.constant 1.0 : f32
  // expected-error @below {{holds the stages @a and @b, whose extents of index 0 are not proved to be equal}}
  vyre.launch @l {
    vyre.stage @a (%i) in (%n) writes(%y : memref<64xf32>) {
      memref.store %v, %y[%i] : memref<64xf32>
    }
    // expected-note @below {{found dim(argument0, 0), expected 64}}
    vyre.stage @b (%i) in (%m) writes(%x : memref<?xf32>) {
      memref.store %v, %x[%i] : memref<?xf32>
    }
  }
  vyre.return %y : memref<64xf32>
}

// -----

vyre.program @host(
    %y: memref<64xf32> {vyre.binding = #vyre.binding<slot = 0, role = output>})
    -> memref<64xf32> {
  %n = arith.constant 64 : index
  %v = arith.constant 1.0 : f32
  // expected-error @below {{holds the stage @b, which waits for the host, behind others}}
  // expected-note @below {{fix: begin a launch with it}}
  vyre.launch @l {
    vyre.stage @a (%i) in (%n) writes(%y : memref<64xf32>) {
      memref.store %v, %y[%i] : memref<64xf32>
    }
    // expected-note @below {{the stage is here}}
    vyre.stage @b (%i) in (%n) updates(%y : memref<64xf32>) host_boundary {
      %0 = memref.load %y[%i] : memref<64xf32>
      memref.store %0, %y[%i] : memref<64xf32>
    }
  }
  vyre.return %y : memref<64xf32>
}

// -----

// All is well: the second stage reads, along a row, what the first wrote in it.
vyre.program @right(
    %x: memref<8x8xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>},
    %y: memref<8xf32> {vyre.binding = #vyre.binding<slot = 1, role = output>})
    -> memref<8xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c7 = arith.constant 7 : index
  %n = arith.constant 8 : index
  %t = vyre.intermediate() : memref<8x8xf32>
  vyre.launch @l {
    vyre.stage @a (%i, %j) in (%n, %n) reads(%x : memref<8x8xf32>) writes(%t : memref<8x8xf32>) {
      %0 = memref.load %x[%i, %j] : memref<8x8xf32>
      memref.store %0, %t[%i, %j] : memref<8x8xf32>
    }
    vyre.stage @b (%i) in (%n) reads(%t : memref<8x8xf32>) writes(%y : memref<8xf32>) {
      %z = arith.constant 0.0 : f32
      %s = scf.for %j = %c0 to %n step %c1 iter_args(%sum = %z) -> f32 {
        %k = arith.subi %c7, %j : index
        %0 = memref.load %t[%i, %k] : memref<8x8xf32>
        %1 = arith.addf %sum, %0 : f32
        scf.yield %1 : f32
      }
      memref.store %s, %y[%i] : memref<8xf32>
    }
  }
  vyre.return %y : memref<8xf32>
}
