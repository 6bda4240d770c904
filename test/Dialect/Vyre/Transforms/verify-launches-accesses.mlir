// RUN: vyre-opt %s -split-input-file -verify-diagnostics -o /dev/null -pass-pipeline='builtin.module(vyre.program(vyre-verify-launches))'
// RUN: vyre-opt %s -split-input-file -verify-diagnostics -o /dev/null -pass-pipeline='builtin.module(vyre.program(vyre-merge-stages))'
// RUN: vyre-opt %s -split-input-file -mlir-print-op-generic | not vyre-opt -split-input-file -o /dev/null -pass-pipeline='builtin.module(vyre.program(vyre-verify-launches))' 2>&1 | FileCheck %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Wrong launches whose accesses go through views, loops, clamps and divisions. In each,
// @a writes an element that another point of @b reads. They stay wrong when printed and
// parsed again, and are not merged.
//
// CHECK-COUNT-21: whose points are not independent

// Every second element by a view.
vyre.program @strided(
    %y: memref<64xf32> {vyre.binding = #vyre.binding<slot = 0, role = output>})
    -> memref<64xf32> {
  %n = arith.constant 32 : index
  %v = arith.constant 1.0 : f32
  %t = vyre.intermediate() : memref<64xf32>
  // expected-error @below {{holds the stages @a and @b, whose points are not independent: read-after-write of an intermediate}}
  // expected-note @below {{fix: put the stages into launches of their own}}
  vyre.launch @l {
    vyre.stage @a (%i) in (%n) writes(%t : memref<64xf32>) {
      // expected-note @below {{the earlier access}}
      memref.store %v, %t[%i] : memref<64xf32>
    }
    vyre.stage @b (%i) in (%n) reads(%t : memref<64xf32>) writes(%y : memref<64xf32>) {
      %w = memref.subview %t[0] [32] [2] : memref<64xf32> to memref<32xf32, strided<[2]>>
      // expected-note @below {{the later access}}
      %0 = memref.load %w[%i] : memref<32xf32, strided<[2]>>
      memref.store %0, %y[%i] : memref<64xf32>
    }
  }
  vyre.return %y : memref<64xf32>
}

// -----

// A view with a negative stride.
vyre.program @mirrored(
    %y: memref<64xf32> {vyre.binding = #vyre.binding<slot = 0, role = output>})
    -> memref<64xf32> {
  %n = arith.constant 64 : index
  %v = arith.constant 1.0 : f32
  %t = vyre.intermediate() : memref<64xf32>
  // expected-error @below {{holds the stages @a and @b, whose points are not independent: read-after-write of an intermediate}}
  // expected-note @below {{fix: put the stages into launches of their own}}
  vyre.launch @l {
    vyre.stage @a (%i) in (%n) writes(%t : memref<64xf32>) {
      // expected-note @below {{the earlier access}}
      memref.store %v, %t[%i] : memref<64xf32>
    }
    vyre.stage @b (%i) in (%n) reads(%t : memref<64xf32>) writes(%y : memref<64xf32>) {
      %w = memref.reinterpret_cast %t to offset: [63], sizes: [64], strides: [-1] : memref<64xf32> to memref<64xf32, strided<[-1], offset: 63>>
      // expected-note @below {{the later access}}
      %0 = memref.load %w[%i] : memref<64xf32, strided<[-1], offset: 63>>
      memref.store %0, %y[%i] : memref<64xf32>
    }
  }
  vyre.return %y : memref<64xf32>
}

// -----

// A view whose rows overlap: row 1 is row 0 from its second element on.
vyre.program @overlapping(
    %y: memref<64xf32> {vyre.binding = #vyre.binding<slot = 0, role = output>})
    -> memref<64xf32> {
  %c1 = arith.constant 1 : index
  %n = arith.constant 63 : index
  %v = arith.constant 1.0 : f32
  %t = vyre.intermediate() : memref<64xf32>
  // expected-error @below {{holds the stages @a and @b, whose points are not independent: read-after-write of an intermediate}}
  // expected-note @below {{fix: put the stages into launches of their own}}
  vyre.launch @l {
    vyre.stage @a (%i) in (%n) writes(%t : memref<64xf32>) {
      // expected-note @below {{the earlier access}}
      memref.store %v, %t[%i] : memref<64xf32>
    }
    vyre.stage @b (%i) in (%n) reads(%t : memref<64xf32>) writes(%y : memref<64xf32>) {
      %w = memref.reinterpret_cast %t to offset: [0], sizes: [2, 63], strides: [1, 1] : memref<64xf32> to memref<2x63xf32, strided<[1, 1]>>
      // expected-note @below {{the later access}}
      %0 = memref.load %w[%c1, %i] : memref<2x63xf32, strided<[1, 1]>>
      memref.store %0, %y[%i] : memref<64xf32>
    }
  }
  vyre.return %y : memref<64xf32>
}

// -----

// A view of a view's memory: the first view's stride is no longer there.
vyre.program @past_layout(
    %y: memref<64xf32> {vyre.binding = #vyre.binding<slot = 0, role = output>})
    -> memref<64xf32> {
  %n = arith.constant 32 : index
  %v = arith.constant 1.0 : f32
  %t = vyre.intermediate() : memref<64xf32>
  // expected-error @below {{holds the stages @a and @b, whose points are not independent: read-after-write of an intermediate}}
  // expected-note @below {{fix: put the stages into launches of their own}}
  vyre.launch @l {
    vyre.stage @a (%i) in (%n) writes(%t : memref<64xf32>) {
      %s = memref.subview %t[0] [32] [2] : memref<64xf32> to memref<32xf32, strided<[2]>>
      // expected-note @below {{the earlier access}}
      memref.store %v, %s[%i] : memref<32xf32, strided<[2]>>
    }
    vyre.stage @b (%i) in (%n) reads(%t : memref<64xf32>) writes(%y : memref<64xf32>) {
      %s = memref.subview %t[0] [32] [2] : memref<64xf32> to memref<32xf32, strided<[2]>>
      %w = memref.reinterpret_cast %s to offset: [0], sizes: [32], strides: [1] : memref<32xf32, strided<[2]>> to memref<32xf32>
      // expected-note @below {{the later access}}
      %0 = memref.load %w[%i] : memref<32xf32>
      memref.store %0, %y[%i] : memref<64xf32>
    }
  }
  vyre.return %y : memref<64xf32>
}

// -----

// Three dimensions as one, taken apart in another way.
vyre.program @collapsed(
    %y: memref<64xf32> {vyre.binding = #vyre.binding<slot = 0, role = output>})
    -> memref<64xf32> {
  %n = arith.constant 24 : index
  %v = arith.constant 1.0 : f32
  %t = vyre.intermediate() : memref<2x3x4xf32>
  // expected-error @below {{holds the stages @a and @b, whose points are not independent: read-after-write of an intermediate}}
  // expected-note @below {{fix: put the stages into launches of their own}}
  vyre.launch @l {
    vyre.stage @a (%i) in (%n) writes(%t : memref<2x3x4xf32>) {
      %w = memref.collapse_shape %t [[0, 1, 2]] : memref<2x3x4xf32> into memref<24xf32>
      // expected-note @below {{the earlier access}}
      memref.store %v, %w[%i] : memref<24xf32>
    }
    vyre.stage @b (%i) in (%n) reads(%t : memref<2x3x4xf32>) writes(%y : memref<64xf32>) {
      %p = affine.apply affine_map<(d0) -> (d0 floordiv 16)>(%i)
      %q = affine.apply affine_map<(d0) -> ((d0 floordiv 4) mod 3)>(%i)
      %r = affine.apply affine_map<(d0) -> (d0 mod 4)>(%i)
      // expected-note @below {{the later access}}
      %0 = memref.load %t[%p, %q, %r] : memref<2x3x4xf32>
      memref.store %0, %y[%i] : memref<64xf32>
    }
  }
  vyre.return %y : memref<64xf32>
}

// -----

// One dimension as two, and these exchanged.
vyre.program @expanded(
    %y: memref<64xf32> {vyre.binding = #vyre.binding<slot = 0, role = output>})
    -> memref<64xf32> {
  %n = arith.constant 64 : index
  %v = arith.constant 1.0 : f32
  %t = vyre.intermediate() : memref<64xf32>
  // expected-error @below {{holds the stages @a and @b, whose points are not independent: read-after-write of an intermediate}}
  // expected-note @below {{fix: put the stages into launches of their own}}
  vyre.launch @l {
    vyre.stage @a (%i) in (%n) writes(%t : memref<64xf32>) {
      // expected-note @below {{the earlier access}}
      memref.store %v, %t[%i] : memref<64xf32>
    }
    vyre.stage @b (%i) in (%n) reads(%t : memref<64xf32>) writes(%y : memref<64xf32>) {
      %w = memref.expand_shape %t [[0, 1]] output_shape [8, 8] : memref<64xf32> into memref<8x8xf32>
      %p = affine.apply affine_map<(d0) -> (d0 floordiv 8)>(%i)
      %q = affine.apply affine_map<(d0) -> (d0 mod 8)>(%i)
      // expected-note @below {{the later access}}
      %0 = memref.load %w[%q, %p] : memref<8x8xf32>
      memref.store %0, %y[%i] : memref<64xf32>
    }
  }
  vyre.return %y : memref<64xf32>
}

// -----

// A row of a matrix by a view without that dimension.
vyre.program @dropped(
    %y: memref<64xf32> {vyre.binding = #vyre.binding<slot = 0, role = output>})
    -> memref<64xf32> {
  %n = arith.constant 64 : index
  %v = arith.constant 1.0 : f32
  %t = vyre.intermediate() : memref<8x8xf32>
  // expected-error @below {{holds the stages @a and @b, whose points are not independent: read-after-write of an intermediate}}
  // expected-note @below {{fix: put the stages into launches of their own}}
  vyre.launch @l {
    vyre.stage @a (%i) in (%n) writes(%t : memref<8x8xf32>) {
      %p = affine.apply affine_map<(d0) -> (d0 floordiv 8)>(%i)
      %q = affine.apply affine_map<(d0) -> (d0 mod 8)>(%i)
      // expected-note @below {{the earlier access}}
      memref.store %v, %t[%p, %q] : memref<8x8xf32>
    }
    vyre.stage @b (%i) in (%n) reads(%t : memref<8x8xf32>) writes(%y : memref<64xf32>) {
      %q = affine.apply affine_map<(d0) -> (d0 mod 8)>(%i)
      %w = memref.subview %t[3, 0] [1, 8] [1, 1] : memref<8x8xf32> to memref<8xf32, strided<[1], offset: 24>>
      // expected-note @below {{the later access}}
      %0 = memref.load %w[%q] : memref<8xf32, strided<[1], offset: 24>>
      memref.store %0, %y[%i] : memref<64xf32>
    }
  }
  vyre.return %y : memref<64xf32>
}

// -----

// The least as unsigned: of -1 and 12 it is 12.
vyre.program @unsigned_minimum(
    %y: memref<64xf32> {vyre.binding = #vyre.binding<slot = 0, role = output>})
    -> memref<64xf32> {
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %n = arith.constant 8 : index
  %v = arith.constant 1.0 : f32
  %t = vyre.intermediate() : memref<64xf32>
  // expected-error @below {{holds the stages @a and @b, whose points are not independent: read-after-write of an intermediate}}
  // expected-note @below {{fix: put the stages into launches of their own}}
  vyre.launch @l {
    vyre.stage @a (%i) in (%n) writes(%t : memref<64xf32>) {
      %k = arith.addi %i, %c8 : index
      // expected-note @below {{the earlier access}}
      memref.store %v, %t[%k] : memref<64xf32>
    }
    vyre.stage @b (%i) in (%n) reads(%t : memref<64xf32>) writes(%y : memref<64xf32>) {
      %less = arith.subi %i, %c1 : index
      %c12 = arith.constant 12 : index
      %k = arith.minui %less, %c12 : index
      // expected-note @below {{the later access}}
      %0 = memref.load %t[%k] : memref<64xf32>
      memref.store %0, %y[%i] : memref<64xf32>
    }
  }
  vyre.return %y : memref<64xf32>
}

// -----

// The neighbour, or the last element.
vyre.program @clamped(
    %y: memref<64xf32> {vyre.binding = #vyre.binding<slot = 0, role = output>})
    -> memref<64xf32> {
  %c1 = arith.constant 1 : index
  %n = arith.constant 64 : index
  %v = arith.constant 1.0 : f32
  %t = vyre.intermediate() : memref<64xf32>
  // expected-error @below {{holds the stages @a and @b, whose points are not independent: read-after-write of an intermediate}}
  // expected-note @below {{fix: put the stages into launches of their own}}
  vyre.launch @l {
    vyre.stage @a (%i) in (%n) writes(%t : memref<64xf32>) {
      // expected-note @below {{the earlier access}}
      memref.store %v, %t[%i] : memref<64xf32>
    }
    vyre.stage @b (%i) in (%n) reads(%t : memref<64xf32>) writes(%y : memref<64xf32>) {
      %next = arith.addi %i, %c1 : index
      %c63 = arith.constant 63 : index
      %k = arith.minsi %next, %c63 : index
      // expected-note @below {{the later access}}
      %0 = memref.load %t[%k] : memref<64xf32>
      memref.store %0, %y[%i] : memref<64xf32>
    }
  }
  vyre.return %y : memref<64xf32>
}

// -----

// The neighbour, or its own.
vyre.program @selected(
    %y: memref<64xf32> {vyre.binding = #vyre.binding<slot = 0, role = output>})
    -> memref<64xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = arith.constant 64 : index
  %v = arith.constant 1.0 : f32
  %t = vyre.intermediate() : memref<64xf32>
  // expected-error @below {{holds the stages @a and @b, whose points are not independent: read-after-write of an intermediate}}
  // expected-note @below {{fix: put the stages into launches of their own}}
  vyre.launch @l {
    vyre.stage @a (%i) in (%n) writes(%t : memref<64xf32>) {
      // expected-note @below {{the earlier access}}
      memref.store %v, %t[%i] : memref<64xf32>
    }
    vyre.stage @b (%i) in (%n) reads(%t : memref<64xf32>) writes(%y : memref<64xf32>) {
      %less = arith.subi %i, %c1 : index
      %is = arith.cmpi sgt, %i, %c0 : index
      %k = arith.select %is, %less, %i : index
      // expected-note @below {{the later access}}
      %0 = memref.load %t[%k] : memref<64xf32>
      memref.store %0, %y[%i] : memref<64xf32>
    }
  }
  vyre.return %y : memref<64xf32>
}

// -----

// An element for each two points.
vyre.program @halved(
    %y: memref<64xf32> {vyre.binding = #vyre.binding<slot = 0, role = output>})
    -> memref<64xf32> {
  %n = arith.constant 64 : index
  %v = arith.constant 1.0 : f32
  %t = vyre.intermediate() : memref<64xf32>
  // expected-error @below {{holds the stages @a and @b, whose points are not independent: read-after-write of an intermediate}}
  // expected-note @below {{fix: put the stages into launches of their own}}
  vyre.launch @l {
    vyre.stage @a (%i) in (%n) writes(%t : memref<64xf32>) {
      // expected-note @below {{the earlier access}}
      memref.store %v, %t[%i] : memref<64xf32>
    }
    vyre.stage @b (%i) in (%n) reads(%t : memref<64xf32>) writes(%y : memref<64xf32>) {
      %c2 = arith.constant 2 : index
      %k = arith.divui %i, %c2 : index
      // expected-note @below {{the later access}}
      %0 = memref.load %t[%k] : memref<64xf32>
      memref.store %0, %y[%i] : memref<64xf32>
    }
  }
  vyre.return %y : memref<64xf32>
}

// -----

// The same, rounded up.
vyre.program @rounded_up(
    %y: memref<64xf32> {vyre.binding = #vyre.binding<slot = 0, role = output>})
    -> memref<64xf32> {
  %n = arith.constant 64 : index
  %v = arith.constant 1.0 : f32
  %t = vyre.intermediate() : memref<64xf32>
  // expected-error @below {{holds the stages @a and @b, whose points are not independent: read-after-write of an intermediate}}
  // expected-note @below {{fix: put the stages into launches of their own}}
  vyre.launch @l {
    vyre.stage @a (%i) in (%n) writes(%t : memref<64xf32>) {
      // expected-note @below {{the earlier access}}
      memref.store %v, %t[%i] : memref<64xf32>
    }
    vyre.stage @b (%i) in (%n) reads(%t : memref<64xf32>) writes(%y : memref<64xf32>) {
      %c2 = arith.constant 2 : index
      %k = arith.ceildivsi %i, %c2 : index
      // expected-note @below {{the later access}}
      %0 = memref.load %t[%k] : memref<64xf32>
      memref.store %0, %y[%i] : memref<64xf32>
    }
  }
  vyre.return %y : memref<64xf32>
}

// -----

// A loop over every second element.
vyre.program @looped(
    %y: memref<64xf32> {vyre.binding = #vyre.binding<slot = 0, role = output>})
    -> memref<64xf32> {
  %c0 = arith.constant 0 : index
  %n = arith.constant 64 : index
  %v = arith.constant 1.0 : f32
  %t = vyre.intermediate() : memref<64xf32>
  // expected-error @below {{holds the stages @a and @b, whose points are not independent: read-after-write of an intermediate}}
  // expected-note @below {{fix: put the stages into launches of their own}}
  vyre.launch @l {
    vyre.stage @a (%i) in (%n) writes(%t : memref<64xf32>) {
      // expected-note @below {{the earlier access}}
      memref.store %v, %t[%i] : memref<64xf32>
    }
    vyre.stage @b (%i) in (%n) reads(%t : memref<64xf32>) writes(%y : memref<64xf32>) {
      %c2 = arith.constant 2 : index
      scf.for %k = %c0 to %n step %c2 {
        // expected-note @below {{the later access}}
        %0 = memref.load %t[%k] : memref<64xf32>
        memref.store %0, %y[%i] : memref<64xf32>
      }
    }
  }
  vyre.return %y : memref<64xf32>
}

// -----

// A loop up to the point, and one element more.
vyre.program @triangle(
    %y: memref<64xf32> {vyre.binding = #vyre.binding<slot = 0, role = output>})
    -> memref<64xf32> {
  %c1 = arith.constant 1 : index
  %n = arith.constant 64 : index
  %v = arith.constant 1.0 : f32
  %t = vyre.intermediate() : memref<64xf32>
  // expected-error @below {{holds the stages @a and @b, whose points are not independent: read-after-write of an intermediate}}
  // expected-note @below {{fix: put the stages into launches of their own}}
  vyre.launch @l {
    vyre.stage @a (%i) in (%n) writes(%t : memref<64xf32>) {
      // expected-note @below {{the earlier access}}
      memref.store %v, %t[%i] : memref<64xf32>
    }
    vyre.stage @b (%i) in (%n) reads(%t : memref<64xf32>) writes(%y : memref<64xf32>) {
      scf.for %k = %i to %n step %c1 {
        // expected-note @below {{the later access}}
        %0 = memref.load %t[%k] : memref<64xf32>
        memref.store %0, %y[%i] : memref<64xf32>
      }
    }
  }
  vyre.return %y : memref<64xf32>
}

// -----

// An index that a loop carries.
vyre.program @carried(
    %y: memref<64xf32> {vyre.binding = #vyre.binding<slot = 0, role = output>})
    -> memref<64xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %n = arith.constant 32 : index
  %v = arith.constant 1.0 : f32
  %t = vyre.intermediate() : memref<64xf32>
  // expected-error @below {{holds the stages @a and @b, whose points are not independent: read-after-write of an intermediate}}
  // expected-note @below {{fix: put the stages into launches of their own}}
  vyre.launch @l {
    vyre.stage @a (%i) in (%n) writes(%t : memref<64xf32>) {
      // expected-note @below {{the earlier access}}
      memref.store %v, %t[%i] : memref<64xf32>
    }
    vyre.stage @b (%i) in (%n) reads(%t : memref<64xf32>) writes(%y : memref<64xf32>) {
      %end = scf.for %k = %c0 to %c8 step %c1 iter_args(%at = %i) -> index {
        // expected-note @below {{the later access}}
        %0 = memref.load %t[%at] : memref<64xf32>
        memref.store %0, %y[%i] : memref<64xf32>
        %next = arith.addi %at, %c1 : index
        scf.yield %next : index
      }
    }
  }
  vyre.return %y : memref<64xf32>
}

// -----

// A write that only some points do.
vyre.program @guarded(
    %y: memref<64xf32> {vyre.binding = #vyre.binding<slot = 0, role = output>})
    -> memref<64xf32> {
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %n = arith.constant 64 : index
  %v = arith.constant 1.0 : f32
  %t = vyre.intermediate() : memref<64xf32>
  // expected-error @below {{holds the stages @a and @b, whose points are not independent: read-after-write of an intermediate}}
  // expected-note @below {{fix: put the stages into launches of their own}}
  vyre.launch @l {
    vyre.stage @a (%i) in (%n) writes(%t : memref<64xf32>) {
      %is = arith.cmpi slt, %i, %c8 : index
      scf.if %is {
        // expected-note @below {{the earlier access}}
        memref.store %v, %t[%i] : memref<64xf32>
      }
    }
    vyre.stage @b (%i) in (%n) reads(%t : memref<64xf32>) writes(%y : memref<64xf32>) {
      %next = arith.addi %i, %c1 : index
      %k = arith.minsi %next, %c8 : index
      // expected-note @below {{the later access}}
      %0 = memref.load %t[%k] : memref<64xf32>
      memref.store %0, %y[%i] : memref<64xf32>
    }
  }
  vyre.return %y : memref<64xf32>
}

// -----

// Four elements from a point's own on.
vyre.program @vectors(
    %y: memref<64xf32> {vyre.binding = #vyre.binding<slot = 0, role = output>})
    -> memref<64xf32> {
  %n = arith.constant 60 : index
  %v = arith.constant 1.0 : f32
  %t = vyre.intermediate() : memref<64xf32>
  // expected-error @below {{holds the stages @a and @b, whose points are not independent: read-after-write of an intermediate}}
  // expected-note @below {{fix: put the stages into launches of their own}}
  vyre.launch @l {
    vyre.stage @a (%i) in (%n) writes(%t : memref<64xf32>) {
      // expected-note @below {{the earlier access}}
      memref.store %v, %t[%i] : memref<64xf32>
    }
    vyre.stage @b (%i) in (%n) reads(%t : memref<64xf32>) writes(%y : memref<64xf32>) {
      // expected-note @below {{the later access}}
      %w = vector.load %t[%i] : memref<64xf32>, vector<4xf32>
      %0 = vector.reduction <add>, %w : vector<4xf32> into f32
      memref.store %0, %y[%i] : memref<64xf32>
    }
  }
  vyre.return %y : memref<64xf32>
}

// -----

// A whole buffer, by each point.
vyre.program @whole(
    %y: memref<64xf32> {vyre.binding = #vyre.binding<slot = 0, role = output>})
    -> memref<64xf32> {
  %n = arith.constant 64 : index
  %v = arith.constant 1.0 : f32
  %t = vyre.intermediate() : memref<64xf32>
  // expected-error @below {{holds the stages @a and @b, whose points are not independent: read-after-write of an intermediate}}
  // expected-note @below {{fix: put the stages into launches of their own}}
  vyre.launch @l {
    vyre.stage @a (%i) in (%n) writes(%t : memref<64xf32>) {
      // expected-note @below {{the earlier access}}
      memref.store %v, %t[%i] : memref<64xf32>
    }
    vyre.stage @b (%i) in (%n) reads(%t : memref<64xf32>) writes(%y : memref<64xf32>) {
      // expected-note @below {{the later access}}
      memref.copy %t, %y : memref<64xf32> to memref<64xf32>
    }
  }
  vyre.return %y : memref<64xf32>
}

// -----

// An index that went through eight bits.
vyre.program @narrow(
    %y: memref<64xf32> {vyre.binding = #vyre.binding<slot = 0, role = output>})
    -> memref<64xf32> {
  %n = arith.constant 64 : index
  %v = arith.constant 1.0 : f32
  %t = vyre.intermediate() : memref<64xf32>
  // expected-error @below {{holds the stages @a and @b, whose points are not independent: read-after-write of an intermediate}}
  // expected-note @below {{fix: put the stages into launches of their own}}
  vyre.launch @l {
    vyre.stage @a (%i) in (%n) writes(%t : memref<64xf32>) {
      // expected-note @below {{the earlier access}}
      memref.store %v, %t[%i] : memref<64xf32>
    }
    vyre.stage @b (%i) in (%n) reads(%t : memref<64xf32>) writes(%y : memref<64xf32>) {
      %b = arith.index_cast %i : index to i8
      %k = arith.index_castui %b : i8 to index
      // expected-note @below {{the later access}}
      %0 = memref.load %t[%k] : memref<64xf32>
      memref.store %0, %y[%i] : memref<64xf32>
    }
  }
  vyre.return %y : memref<64xf32>
}

// -----

// A remainder by a number of the caller's.
vyre.program @remainder(
    %p: index,
    %y: memref<64xf32> {vyre.binding = #vyre.binding<slot = 0, role = output>})
    -> memref<64xf32> {
  %n = arith.constant 64 : index
  %v = arith.constant 1.0 : f32
  %t = vyre.intermediate() : memref<64xf32>
  // expected-error @below {{holds the stages @a and @b, whose points are not independent: read-after-write of an intermediate}}
  // expected-note @below {{fix: put the stages into launches of their own}}
  vyre.launch @l {
    vyre.stage @a (%i) in (%n) writes(%t : memref<64xf32>) {
      // expected-note @below {{the earlier access}}
      memref.store %v, %t[%i] : memref<64xf32>
    }
    vyre.stage @b (%i) in (%n) reads(%t : memref<64xf32>) writes(%y : memref<64xf32>) {
      %k = arith.remui %i, %p : index
      // expected-note @below {{the later access}}
      %0 = memref.load %t[%k] : memref<64xf32>
      memref.store %0, %y[%i] : memref<64xf32>
    }
  }
  vyre.return %y : memref<64xf32>
}

// -----

// What a stage writes is an access of its own where an earlier one read the same.
vyre.program @read_and_then_written(
    %x: memref<64xf32> {vyre.binding = #vyre.binding<slot = 0, role = input_output>},
    %y: memref<64xf32> {vyre.binding = #vyre.binding<slot = 1, role = output>},
    %z: memref<64xf32> {vyre.binding = #vyre.binding<slot = 2, role = output>})
    -> (memref<64xf32>, memref<64xf32>) {
  %c1 = arith.constant 1 : index
  %n = arith.constant 63 : index
  %v = arith.constant 1.0 : f32
  // expected-error @below {{holds the stages @b and @c, whose points are not independent: read-after-write of argument 0}}
  // expected-note @below {{fix: put the stages into launches of their own}}
  vyre.launch @l {
    vyre.stage @a (%i) in (%n) reads(%x : memref<64xf32>) writes(%y : memref<64xf32>) {
      %0 = memref.load %x[%i] : memref<64xf32>
      memref.store %0, %y[%i] : memref<64xf32>
    }
    vyre.stage @b (%i) in (%n) writes(%x : memref<64xf32>) {
      // expected-note @below {{the earlier access}}
      memref.store %v, %x[%i] : memref<64xf32>
    }
    vyre.stage @c (%i) in (%n) reads(%x : memref<64xf32>) writes(%z : memref<64xf32>) {
      %k = arith.addi %i, %c1 : index
      // expected-note @below {{the later access}}
      %0 = memref.load %x[%k] : memref<64xf32>
      memref.store %0, %z[%i] : memref<64xf32>
    }
  }
  vyre.return %y : memref<64xf32>, %z : memref<64xf32>
}
