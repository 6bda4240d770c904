// RUN: vyre-opt %s -split-input-file -pass-pipeline='builtin.module(vyre.program(vyre-fuse-launches{reorder=false}))' --remarks-filter=vyre-fuse-launches -o /dev/null 2>&1 | FileCheck %s
// RUN: vyre-opt %s -split-input-file -pass-pipeline='builtin.module(vyre.program(vyre-fuse-launches{reorder=false}))' | FileCheck %s --check-prefix=IR

// What must not fuse, and the one reason for each. Which example of two points is
// given is the solver's choice.

// CHECK: Function=transposed | Reason="it depends on other points of @a: read-after-write of an intermediate of type memref<8x8xf32>, written at [d0, d1] and then read at [d1, d0]: point ([[P:[0-7]]], [[Q:[0-7]]]) meets point ([[Q]], [[P]])", Remark="@b does not join @a"
// IR-LABEL: vyre.program @transposed
// IR-NOT: vyre.launch
vyre.program @transposed(
    %x: memref<8x8xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>},
    %y: memref<8x8xf32> {vyre.binding = #vyre.binding<slot = 1, role = output>})
    -> memref<8x8xf32> {
  %c8 = arith.constant 8 : index
  %t = vyre.intermediate() : memref<8x8xf32>
  vyre.stage @a (%i, %j) in (%c8, %c8) reads(%x : memref<8x8xf32>) writes(%t : memref<8x8xf32>) {
    %v = memref.load %x[%i, %j] : memref<8x8xf32>
    memref.store %v, %t[%i, %j] : memref<8x8xf32>
  }
  // Over either order of the indices it reads or writes across points.
  vyre.stage @b (%i, %j) in (%c8, %c8) reads(%t : memref<8x8xf32>) updates(%y : memref<8x8xf32>) {
    %v = memref.load %t[%j, %i] : memref<8x8xf32>
    %w = memref.load %t[%i, %j] : memref<8x8xf32>
    %s = arith.addf %v, %w : f32
    memref.store %s, %y[%i, %j] : memref<8x8xf32>
  }
  vyre.return %y : memref<8x8xf32>
}

// -----

// A read of the neighbour's element, with the indices wrapping around.
// CHECK: Function=shifted | Reason="it depends on other points of @a: read-after-write of an intermediate of type memref<64xf32>, written at [d0] and then read at [(d0 + 1) mod 64]: point (
// IR-LABEL: vyre.program @shifted
// IR-NOT: vyre.launch
vyre.program @shifted(
    %x: memref<64xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>},
    %y: memref<64xf32> {vyre.binding = #vyre.binding<slot = 1, role = output>})
    -> memref<64xf32> {
  %c1 = arith.constant 1 : index
  %c64 = arith.constant 64 : index
  %t = vyre.intermediate() : memref<64xf32>
  vyre.stage @a (%i) in (%c64) reads(%x : memref<64xf32>) writes(%t : memref<64xf32>) {
    %v = memref.load %x[%i] : memref<64xf32>
    memref.store %v, %t[%i] : memref<64xf32>
  }
  vyre.stage @b (%i) in (%c64) reads(%t : memref<64xf32>) writes(%y : memref<64xf32>) {
    %k = arith.addi %i, %c1 : index
    %l = arith.remui %k, %c64 : index
    %v = memref.load %t[%l] : memref<64xf32>
    memref.store %v, %y[%i] : memref<64xf32>
  }
  vyre.return %y : memref<64xf32>
}

// -----

// The later stage overwrites what another point of the earlier one still reads.
// CHECK: Function=war | Reason="it depends on other points of @a: write-after-read of argument 0, read at [d0 + 1] and then written at [d0]: point ({{[0-9]+}}) meets point ({{[0-9]+}})", Remark="@b does not join @a"
// IR-LABEL: vyre.program @war
// IR-NOT: vyre.launch
vyre.program @war(
    %x: memref<65xf32> {vyre.binding = #vyre.binding<slot = 0, role = input_output>},
    %y: memref<64xf32> {vyre.binding = #vyre.binding<slot = 1, role = output>})
    -> memref<64xf32> {
  %c1 = arith.constant 1 : index
  %c64 = arith.constant 64 : index
  vyre.stage @a (%i) in (%c64) reads(%x : memref<65xf32>) writes(%y : memref<64xf32>) {
    %k = arith.addi %i, %c1 : index
    %v = memref.load %x[%k] : memref<65xf32>
    memref.store %v, %y[%i] : memref<64xf32>
  }
  vyre.stage @b (%i) in (%c64) writes(%x : memref<65xf32>) {
    %v = arith.constant 0.0 : f32
    memref.store %v, %x[%i] : memref<65xf32>
  }
  vyre.return %y : memref<64xf32>
}

// -----

// Two writes to an element, by different points: the later one has to win.
// CHECK: Function=waw | Reason="it depends on other points of @a: write-after-write of argument 0, written at [d0] and then written at [-d0 + 63]: point ({{[0-9]+}}) meets point ({{[0-9]+}})", Remark="@b does not join @a"
// IR-LABEL: vyre.program @waw
// IR-NOT: vyre.launch
vyre.program @waw(
    %y: memref<64xf32> {vyre.binding = #vyre.binding<slot = 1, role = output>})
    -> memref<64xf32> {
  %c63 = arith.constant 63 : index
  %c64 = arith.constant 64 : index
  vyre.stage @a (%i) in (%c64) writes(%y : memref<64xf32>) {
    %v = arith.constant 1.0 : f32
    memref.store %v, %y[%i] : memref<64xf32>
  }
  vyre.stage @b (%i) in (%c64) writes(%y : memref<64xf32>) {
    %v = arith.constant 2.0 : f32
    %k = arith.subi %c63, %i : index
    memref.store %v, %y[%k] : memref<64xf32>
  }
  vyre.return %y : memref<64xf32>
}

// -----

// A sum of all rows, and a consumer that needs it: whole arrays do not go into
// one point.
// CHECK: Function=total | Reason="the index space () and (4, 8) of @a do not match", Remark="@sum does not join @a"
// CHECK: Function=total | Reason="the index space (4, 8) and () of @sum do not match", Remark="@b does not join @sum"
// IR-LABEL: vyre.program @total
// IR-NOT: vyre.launch
vyre.program @total(
    %x: memref<4x8xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>},
    %y: memref<4x8xf32> {vyre.binding = #vyre.binding<slot = 1, role = output>})
    -> memref<4x8xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %c8 = arith.constant 8 : index
  %t = vyre.intermediate() : memref<4x8xf32>
  %s = vyre.intermediate() : memref<f32>
  vyre.stage @a (%i, %j) in (%c4, %c8) reads(%x : memref<4x8xf32>) writes(%t : memref<4x8xf32>) {
    %v = memref.load %x[%i, %j] : memref<4x8xf32>
    memref.store %v, %t[%i, %j] : memref<4x8xf32>
  }
  vyre.stage @sum () in () reads(%t : memref<4x8xf32>) writes(%s : memref<f32>) {
    %z = arith.constant 0.0 : f32
    %r = scf.parallel (%i, %j) = (%c0, %c0) to (%c4, %c8) step (%c1, %c1) init (%z) -> f32 {
      %v = memref.load %t[%i, %j] : memref<4x8xf32>
      scf.reduce(%v : f32) {
      ^bb0(%a: f32, %b: f32):
        %q = arith.addf %a, %b : f32
        scf.reduce.return %q : f32
      }
    }
    memref.store %r, %s[] : memref<f32>
  }
  vyre.stage @b (%i, %j) in (%c4, %c8) reads(%t, %s : memref<4x8xf32>, memref<f32>) writes(%y : memref<4x8xf32>) {
    %v = memref.load %t[%i, %j] : memref<4x8xf32>
    %w = memref.load %s[] : memref<f32>
    %d = arith.divf %v, %w : f32
    memref.store %d, %y[%i, %j] : memref<4x8xf32>
  }
  vyre.return %y : memref<4x8xf32>
}

// -----

// A column's value for each row: the rows would have to wait for each other.
// CHECK: Function=columns | Reason="it depends on other points of @sum: read-after-write of an intermediate of type memref<8xf32>, written at [d0] and then read at [d1]: point ([[P:[0-7]]]) meets point ({{[0-7]}}, [[P]])", Remark="@b does not join @sum"
// IR-LABEL: vyre.program @columns
// IR-NOT: vyre.launch
vyre.program @columns(
    %x: memref<8x8xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>},
    %y: memref<8x8xf32> {vyre.binding = #vyre.binding<slot = 1, role = output>})
    -> memref<8x8xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %s = vyre.intermediate() : memref<8xf32>
  vyre.stage @sum (%i) in (%c8) reads(%x : memref<8x8xf32>) writes(%s : memref<8xf32>) {
    %zero = arith.constant 0.0 : f32
    %r = scf.parallel (%j) = (%c0) to (%c8) step (%c1) init (%zero) -> f32 {
      %v = memref.load %x[%i, %j] : memref<8x8xf32>
      scf.reduce(%v : f32) {
      ^bb0(%a: f32, %b: f32):
        %q = arith.addf %a, %b : f32
        scf.reduce.return %q : f32
      }
    }
    memref.store %r, %s[%i] : memref<8xf32>
  }
  // It needs the sum of its row as well as that of its column.
  vyre.stage @b (%i, %j) in (%c8, %c8) reads(%s : memref<8xf32>) writes(%y : memref<8x8xf32>) {
    %v = memref.load %s[%i] : memref<8xf32>
    %w = memref.load %s[%j] : memref<8xf32>
    %d = arith.mulf %v, %w : f32
    memref.store %d, %y[%i, %j] : memref<8x8xf32>
  }
  vyre.return %y : memref<8x8xf32>
}

// -----

// Indices that depend on data: a gather from what the launch writes, and a
// scatter into what it reads.
// CHECK: Function=gather | Reason="it depends on other points of @a: read-after-write of an intermediate of type memref<64xf32>, written at [d0] and then read at elements that are not known exactly", Remark="@gather does not join @a"
// CHECK: Function=gather | Reason="it depends on other points of @gather: write-after-read of an intermediate of type memref<64xf32>, read at elements that are not known exactly and then written at elements that are not known exactly", Remark="@scatter does not join @gather"
// IR-LABEL: vyre.program @gather
// IR-NOT: vyre.launch
vyre.program @gather(
    %k: memref<64xindex> {vyre.binding = #vyre.binding<slot = 0, role = input>},
    %y: memref<64xf32> {vyre.binding = #vyre.binding<slot = 1, role = output>})
    -> memref<64xf32> {
  %c64 = arith.constant 64 : index
  %t = vyre.intermediate() : memref<64xf32>
  vyre.stage @a (%i) in (%c64) writes(%t : memref<64xf32>) {
    %v = arith.constant 1.0 : f32
    memref.store %v, %t[%i] : memref<64xf32>
  }
  vyre.stage @gather (%i) in (%c64) reads(%t, %k : memref<64xf32>, memref<64xindex>) writes(%y : memref<64xf32>) {
    %p = memref.load %k[%i] : memref<64xindex>
    %v = memref.load %t[%p] : memref<64xf32>
    memref.store %v, %y[%i] : memref<64xf32>
  }
  vyre.stage @scatter (%i) in (%c64) reads(%k : memref<64xindex>) writes(%t : memref<64xf32>) {
    %p = memref.load %k[%i] : memref<64xindex>
    %v = arith.constant 1.0 : f32
    memref.store %v, %t[%p] : memref<64xf32>
  }
  vyre.return %y : memref<64xf32>
}

// -----

// Extents that nothing proves to be equal.
// CHECK: Function=unequal | Reason="the index space (dim(argument1, 0)) and (dim(argument0, 0)) of @a do not match", Remark="@b does not join @a"
// CHECK: Function=unequal | Reason="the index space (dim(argument1, 0) - 1) and (dim(argument1, 0)) of @b do not match", Remark="@c does not join @b"
// IR-LABEL: vyre.program @unequal
// IR-NOT: vyre.launch
vyre.program @unequal(
    %x: memref<?xf32> {vyre.binding = #vyre.binding<slot = 0, role = input_output, capacity = 4096>},
    %y: memref<?xf32> {vyre.binding = #vyre.binding<slot = 1, role = input_output, capacity = 4096>}) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %m = memref.dim %x, %c0 : memref<?xf32>
  %n = memref.dim %y, %c0 : memref<?xf32>
  %less = arith.subi %n, %c1 : index
  %v = arith.constant 1.0 : f32
  vyre.stage @a (%i) in (%m) writes(%x : memref<?xf32>) {
    memref.store %v, %x[%i] : memref<?xf32>
  }
  vyre.stage @b (%i) in (%n) writes(%y : memref<?xf32>) {
    memref.store %v, %y[%i] : memref<?xf32>
  }
  vyre.stage @c (%i) in (%less) writes(%y : memref<?xf32>) {
    memref.store %v, %y[%i] : memref<?xf32>
  }
  vyre.return
}

// -----

// A host boundary ends what is before it, and may begin a launch.
// CHECK: Function=host | Reason="what it reads must be visible to the host before it starts", Remark="@b does not join @a"
// CHECK: [Passed] fused {{.*}} Remark="launch @b_c holds @b, @c"
// IR-LABEL: vyre.program @host
// IR-NEXT:     arith.constant
// IR-NEXT:     arith.constant
// IR-NEXT:     vyre.stage @a
// IR:     vyre.launch @b_c
vyre.program @host(
    %y: memref<64xf32> {vyre.binding = #vyre.binding<slot = 1, role = output>})
    -> memref<64xf32> {
  %n = arith.constant 64 : index
  %v = arith.constant 1.0 : f32
  vyre.stage @a (%i) in (%n) writes(%y : memref<64xf32>) {
    memref.store %v, %y[%i] : memref<64xf32>
  }
  vyre.stage @b (%i) in (%n) updates(%y : memref<64xf32>) host_boundary {
    %0 = memref.load %y[%i] : memref<64xf32>
    memref.store %0, %y[%i] : memref<64xf32>
  }
  vyre.stage @c (%i) in (%n) updates(%y : memref<64xf32>) {
    %0 = memref.load %y[%i] : memref<64xf32>
    memref.store %0, %y[%i] : memref<64xf32>
  }
  vyre.return %y : memref<64xf32>
}

// -----

// A product of matrices and then its rows: a point of the launch would be a row,
// and run all of the product's loops of that row.
// CHECK: Function=product | Reason="with @product many inner points, each with a loop, would run in one point", Remark="@first does not join @product"
// IR-LABEL: vyre.program @product
// IR-NOT: vyre.launch
vyre.program @product(
    %x: memref<128x128xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>},
    %y: memref<128xf32> {vyre.binding = #vyre.binding<slot = 1, role = output>})
    -> memref<128xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = arith.constant 128 : index
  %z = arith.constant 0.0 : f32
  %t = vyre.intermediate() : memref<128x128xf32>
  vyre.stage @product (%i, %j) in (%n, %n) reads(%x : memref<128x128xf32>) writes(%t : memref<128x128xf32>) {
    %sum = scf.for %k = %c0 to %n step %c1 iter_args(%a = %z) -> f32 {
      %0 = memref.load %x[%i, %k] : memref<128x128xf32>
      %1 = memref.load %x[%k, %j] : memref<128x128xf32>
      %2 = arith.mulf %0, %1 : f32
      %3 = arith.addf %a, %2 : f32
      scf.yield %3 : f32
    }
    memref.store %sum, %t[%i, %j] : memref<128x128xf32>
  }
  vyre.stage @first (%i) in (%n) reads(%t : memref<128x128xf32>) writes(%y : memref<128xf32>) {
    %0 = memref.load %t[%i, %c0] : memref<128x128xf32>
    memref.store %0, %y[%i] : memref<128xf32>
  }
  vyre.return %y : memref<128xf32>
}

// -----

// Two computations that differ in an attribute alone are two numbers.
// CHECK: Function=attributes | Reason="the index space (value{{[0-9]+}}) and (value{{[0-9]+}}) of @a do not match", Remark="@b does not join @a"
// IR-LABEL: vyre.program @attributes
// IR-NOT: vyre.launch
vyre.program @attributes(
    %m: index, %n: index,
    %x: memref<?xf32> {vyre.binding = #vyre.binding<slot = 0, role = input_output, capacity = 4096>},
    %y: memref<?xf32> {vyre.binding = #vyre.binding<slot = 1, role = input_output, capacity = 4096>}) {
  %isLess = arith.cmpi slt, %m, %n : index
  %isGreater = arith.cmpi sgt, %m, %n : index
  %least = arith.select %isLess, %m, %n : index
  %most = arith.select %isGreater, %m, %n : index
  %v = arith.constant 1.0 : f32
  vyre.stage @a (%i) in (%least) writes(%x : memref<?xf32>) {
    memref.store %v, %x[%i] : memref<?xf32>
  }
  vyre.stage @b (%i) in (%most) writes(%y : memref<?xf32>) {
    memref.store %v, %y[%i] : memref<?xf32>
  }
  vyre.return
}

// -----

// A stage over rows stands before the two and not between them: a launch of the two alone
// is over all points, and there is no launch that the last may be in.
// CHECK: Function=rows_before | Reason="it depends on other points of @square: read-after-write of an intermediate of type memref<8x8xf32>, written at [d0, d1] and then read at [d0, -d1 + 7]: {{.*}} Remark="@back does not join @square"
// IR-LABEL: vyre.program @rows_before
// IR: vyre.launch @start_square
// IR: vyre.stage @back
vyre.program @rows_before(
    %x: memref<8x8xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>},
    %s: memref<8xf32> {vyre.binding = #vyre.binding<slot = 1, role = output>},
    %y: memref<8x8xf32> {vyre.binding = #vyre.binding<slot = 2, role = output>})
    -> (memref<8xf32>, memref<8x8xf32>) {
  %c7 = arith.constant 7 : index
  %n = arith.constant 8 : index
  %v = arith.constant 1.0 : f32
  %t = vyre.intermediate() : memref<8x8xf32>
  vyre.stage @start (%i) in (%n) writes(%s : memref<8xf32>) {
    memref.store %v, %s[%i] : memref<8xf32>
  }
  vyre.stage @square (%i, %j) in (%n, %n) reads(%x : memref<8x8xf32>) writes(%t : memref<8x8xf32>) {
    %0 = memref.load %x[%i, %j] : memref<8x8xf32>
    %1 = arith.mulf %0, %0 : f32
    memref.store %1, %t[%i, %j] : memref<8x8xf32>
  }
  vyre.stage @back (%i, %j) in (%n, %n) reads(%t : memref<8x8xf32>) writes(%y : memref<8x8xf32>) {
    %k = arith.subi %c7, %j : index
    %0 = memref.load %t[%i, %k] : memref<8x8xf32>
    memref.store %0, %y[%i, %j] : memref<8x8xf32>
  }
  vyre.return %s : memref<8xf32>, %y : memref<8x8xf32>
}

// -----

// That one extent is required to be at least the other is not that they are the same.
// CHECK: Function=at_least | Reason="the index space (dim(argument1, 0)) and (dim(argument0, 0)) of @double do not match"
// IR-LABEL: vyre.program @at_least
// IR-NOT: vyre.launch
vyre.program @at_least(
    %x: memref<?xf32> {vyre.binding = #vyre.binding<slot = 0, role = input, capacity = 4096>},
    %y: memref<?xf32> {vyre.binding = #vyre.binding<slot = 1, role = input, capacity = 4096>},
    %z: memref<?xf32> {vyre.binding = #vyre.binding<slot = 2, role = output, capacity = 4096>})
    -> memref<?xf32> {
  %c0 = arith.constant 0 : index
  %m = memref.dim %x, %c0 : memref<?xf32>
  %n = memref.dim %y, %c0 : memref<?xf32>
  vyre.require "extent 0 of argument 0" %m at_least %n
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
