// RUN: vyre-test-opt %s -split-input-file -mlir-disable-threading -pass-pipeline='builtin.module(vyre.program(test-vyre-dependences))' -o /dev/null | FileCheck %s

// Programs that want a wrong "same-index": of each, what @a writes must not be taken
// for what only the same point of a later stage reads.

// A view whose indices are others than the buffer's.
// CHECK-LABEL: program @reinterpret
// CHECK:       @a -> @b: read-after-write of %0 over 1 indices: cross-index, (31) meets (30)
// CHECK-NOT:   @a ->
vyre.program @reinterpret(
    %y: memref<64xf32> {vyre.binding = #vyre.binding<slot = 0, role = output>}) -> memref<64xf32> {
  %n = arith.constant 32 : index
  %v = arith.constant 1.0 : f32
  %t = vyre.intermediate() : memref<64xf32>
  vyre.stage @a (%i) in (%n) writes(%t : memref<64xf32>) {
    memref.store %v, %t[%i] : memref<64xf32>
  }
  vyre.stage @b (%i) in (%n) reads(%t : memref<64xf32>) writes(%y : memref<64xf32>) {
    %w = memref.reinterpret_cast %t to offset: [1], sizes: [32], strides: [1] : memref<64xf32> to memref<32xf32, strided<[1], offset: 1>>
    %0 = memref.load %w[%i] : memref<32xf32, strided<[1], offset: 1>>
    memref.store %0, %y[%i] : memref<64xf32>
  }
  vyre.return %y : memref<64xf32>
}

// -----

// A product that wraps at 2^64 is no coefficient.
// CHECK-LABEL: program @product
// CHECK:       @a -> @b: read-after-write of %0 over 1 indices: unknown
// CHECK-NEXT:  @a -> @b: read-after-write of %0 over 1 indices: unknown
// CHECK-NOT:   @a ->
vyre.program @product(
    %y: memref<64xf32> {vyre.binding = #vyre.binding<slot = 0, role = output>}) -> memref<64xf32> {
  %n = arith.constant 64 : index
  %big = arith.constant 4294967296 : index
  %t = vyre.intermediate() : memref<64xf32>
  %v = arith.constant 1.0 : f32
  vyre.stage @a (%i) in (%n) updates(%t : memref<64xf32>) {
    memref.store %v, %t[%i] : memref<64xf32>
  }
  vyre.stage @b (%i) in (%n) reads(%t : memref<64xf32>) writes(%y : memref<64xf32>) {
    %c63 = arith.constant 63 : index
    %a = arith.muli %i, %big : index
    %b = arith.muli %a, %big : index
    %k = arith.addi %b, %i : index
    %l = arith.addi %b, %c63 : index
    %0 = memref.load %t[%k] : memref<64xf32>
    %1 = memref.load %t[%l] : memref<64xf32>
    %2 = arith.addf %0, %1 : f32
    memref.store %2, %y[%i] : memref<64xf32>
  }
  vyre.return %y : memref<64xf32>
}

// -----

// Folded to zero, as it is at run time: all rows are one.
// CHECK-LABEL: program @folded
// CHECK:       @a -> @b: read-after-write of %0 over 2 indices: cross-index
// CHECK-NOT:   @a ->
vyre.program @folded(
    %y: memref<64xf32> {vyre.binding = #vyre.binding<slot = 0, role = output>}) -> memref<64xf32> {
  %n = arith.constant 8 : index
  %big = arith.constant 4611686018427387904 : index
  %c8 = arith.constant 8 : index
  %t = vyre.intermediate() : memref<64xf32>
  %v = arith.constant 1.0 : f32
  vyre.stage @a (%i, %k) in (%n, %n) writes(%t : memref<64xf32>) {
    %q = arith.muli %i, %c8 : index
    %b = arith.muli %q, %big : index
    %b2 = arith.addi %b, %k : index
    memref.store %v, %t[%b2] : memref<64xf32>
  }
  vyre.stage @b (%i, %k) in (%n, %n) reads(%t : memref<64xf32>) writes(%y : memref<64xf32>) {
    %q = arith.muli %i, %c8 : index
    %b = arith.muli %q, %big : index
    %b2 = arith.addi %b, %k : index
    %0 = memref.load %t[%b2] : memref<64xf32>
    memref.store %0, %y[%i] : memref<64xf32>
  }
  vyre.return %y : memref<64xf32>
}

// -----

// Divisors that are not positive; -2 * i is element 0 at i = 0 alone.
// CHECK-LABEL: program @divisors
// CHECK:       @a -> @b: read-after-write of %0 over 1 indices: unknown
// CHECK-NEXT:  @a -> @b: read-after-write of %0 over 1 indices: unknown
// CHECK-NEXT:  @a -> @b: read-after-write of %0 over 1 indices: same-index
// CHECK-NOT:   @a ->
vyre.program @divisors(
    %y: memref<64xf32> {vyre.binding = #vyre.binding<slot = 0, role = output>}) -> memref<64xf32> {
  %n = arith.constant 64 : index
  %z = arith.constant 0 : index
  %m = arith.constant -2 : index
  %v = arith.constant 1.0 : f32
  %t = vyre.intermediate() : memref<64xf32>
  vyre.stage @a (%i) in (%n) writes(%t : memref<64xf32>) {
    memref.store %v, %t[%i] : memref<64xf32>
  }
  vyre.stage @b (%i) in (%n) reads(%t : memref<64xf32>) writes(%y : memref<64xf32>) {
    %k = affine.apply affine_map<(d0)[s0] -> (d0 mod s0)>(%i)[%z]
    %l = affine.apply affine_map<(d0)[s0] -> (d0 floordiv s0)>(%i)[%m]
    %o = affine.apply affine_map<(d0)[s0] -> (d0 * s0)>(%i)[%m]
    %0 = memref.load %t[%k] : memref<64xf32>
    %1 = memref.load %t[%l] : memref<64xf32>
    %2 = memref.load %t[%o] : memref<64xf32>
    memref.store %0, %y[%i] : memref<64xf32>
    memref.store %1, %y[%i] : memref<64xf32>
    memref.store %2, %y[%i] : memref<64xf32>
  }
  vyre.return %y : memref<64xf32>
}

// -----

// A loop over i32.
// CHECK-LABEL: program @narrow
// CHECK:       @a -> @b: read-after-write of %0 over 1 indices: unknown
// CHECK-NOT:   @a ->
vyre.program @narrow(
    %y: memref<64xf32> {vyre.binding = #vyre.binding<slot = 0, role = output>}) -> memref<64xf32> {
  %n = arith.constant 64 : index
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %c4 = arith.constant 4 : i32
  %v = arith.constant 1.0 : f32
  %t = vyre.intermediate() : memref<64xf32>
  vyre.stage @a (%i) in (%n) writes(%t : memref<64xf32>) {
    memref.store %v, %t[%i] : memref<64xf32>
  }
  vyre.stage @b (%i) in (%n) reads(%t : memref<64xf32>) writes(%y : memref<64xf32>) {
    scf.for %k = %c0 to %c4 step %c1 : i32 {
      %l = arith.index_cast %k : i32 to index
      %0 = memref.load %t[%l] : memref<64xf32>
      memref.store %0, %y[%i] : memref<64xf32>
    }
  }
  vyre.return %y : memref<64xf32>
}

// -----

// A loop whose bounds are compared as unsigned: -1 is large.
// CHECK-LABEL: program @unsigned
// CHECK:       @a -> @b: read-after-write of %0 over 1 indices: unknown
// CHECK-NOT:   @a ->
vyre.program @unsigned(
    %y: memref<64xf32> {vyre.binding = #vyre.binding<slot = 0, role = output>}) -> memref<64xf32> {
  %n = arith.constant 64 : index
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %m1 = arith.constant -1 : index
  %big = arith.constant 4611686018427387904 : index
  %v = arith.constant 1.0 : f32
  %t = vyre.intermediate() : memref<64xf32>
  vyre.stage @a (%i) in (%n) writes(%t : memref<64xf32>) {
    memref.store %v, %t[%i] : memref<64xf32>
  }
  vyre.stage @b (%i) in (%n) reads(%t : memref<64xf32>) writes(%y : memref<64xf32>) {
    scf.for unsigned %k = %c0 to %m1 step %big {
      %c2 = arith.constant 60 : index
      %l = arith.shrui %k, %c2 : index
      %0 = memref.load %t[%l] : memref<64xf32>
      memref.store %0, %y[%i] : memref<64xf32>
    }
  }
  vyre.return %y : memref<64xf32>
}

// -----

// A cast that forgets the shape.
// CHECK-LABEL: program @unranked
// CHECK:       @a -> @b: read-after-write of %0 over 1 indices: unknown
// CHECK-NOT:   @a ->
vyre.program @unranked(
    %y: memref<64xf32> {vyre.binding = #vyre.binding<slot = 0, role = output>}) -> memref<64xf32> {
  %n = arith.constant 64 : index
  %c0 = arith.constant 0 : index
  %v = arith.constant 1.0 : f32
  %t = vyre.intermediate() : memref<64xf32>
  vyre.stage @a (%i) in (%n) writes(%t : memref<64xf32>) {
    memref.store %v, %t[%i] : memref<64xf32>
  }
  vyre.stage @b (%i) in (%n) reads(%t : memref<64xf32>) writes(%y : memref<64xf32>) {
    %u = memref.cast %t : memref<64xf32> to memref<*xf32>
    %w = memref.cast %u : memref<*xf32> to memref<64xf32>
    %0 = memref.load %w[%c0] : memref<64xf32>
    memref.store %0, %y[%i] : memref<64xf32>
  }
  vyre.return %y : memref<64xf32>
}

// -----

// A load of more elements than its indices name.
// CHECK-LABEL: program @vectors
// CHECK:       @a -> @b: read-after-write of %0 over 1 indices: unknown
// CHECK-NOT:   @a ->
vyre.program @vectors(
    %y: memref<64xf32> {vyre.binding = #vyre.binding<slot = 0, role = output>}) -> memref<64xf32> {
  %n = arith.constant 60 : index
  %v = arith.constant 1.0 : f32
  %t = vyre.intermediate() : memref<64xf32>
  vyre.stage @a (%i) in (%n) writes(%t : memref<64xf32>) {
    memref.store %v, %t[%i] : memref<64xf32>
  }
  vyre.stage @b (%i) in (%n) reads(%t : memref<64xf32>) writes(%y : memref<64xf32>) {
    %w = vector.load %t[%i] : memref<64xf32>, vector<4xf32>
    %0 = vector.reduction <add>, %w : vector<4xf32> into f32
    memref.store %0, %y[%i] : memref<64xf32>
  }
  vyre.return %y : memref<64xf32>
}

// -----

// An op that touches a whole buffer.
// CHECK-LABEL: program @copies
// CHECK:       @a -> @b: read-after-write of %0 over 1 indices: unknown
// CHECK-NOT:   @a ->
vyre.program @copies(
    %y: memref<64xf32> {vyre.binding = #vyre.binding<slot = 0, role = output>}) -> memref<64xf32> {
  %n = arith.constant 1 : index
  %c64 = arith.constant 64 : index
  %v = arith.constant 1.0 : f32
  %t = vyre.intermediate() : memref<64xf32>
  vyre.stage @a (%i) in (%c64) writes(%t : memref<64xf32>) {
    memref.store %v, %t[%i] : memref<64xf32>
  }
  vyre.stage @b (%i) in (%c64) reads(%t : memref<64xf32>) writes(%y : memref<64xf32>) {
    memref.copy %t, %y : memref<64xf32> to memref<64xf32>
  }
  vyre.return %y : memref<64xf32>
}

// -----

// i * 2^62 is the same element for i = 0 and i = 4.
// CHECK-LABEL: program @modulus
// CHECK:       @a -> @b: read-after-write of %0 over 1 indices: unknown
// CHECK-NOT:   @a ->
vyre.program @modulus(
    %y: memref<64xf32> {vyre.binding = #vyre.binding<slot = 0, role = output>}) -> memref<64xf32> {
  %n = arith.constant 8 : index
  %c0 = arith.constant 0 : index
  %c4 = arith.constant 4 : index
  %big = arith.constant 4611686018427387904 : index
  %v = arith.constant 1.0 : f32
  %t = vyre.intermediate() : memref<64xf32>
  vyre.stage @a (%i) in (%n) writes(%t : memref<64xf32>) {
    %is = arith.cmpi eq, %i, %c0 : index
    scf.if %is {
      %b = arith.muli %i, %big : index
      memref.store %v, %t[%b] : memref<64xf32>
    }
  }
  vyre.stage @b (%i) in (%n) reads(%t : memref<64xf32>) writes(%y : memref<64xf32>) {
    %is = arith.cmpi eq, %i, %c4 : index
    scf.if %is {
      %b = arith.muli %i, %big : index
      %0 = memref.load %t[%b] : memref<64xf32>
      memref.store %0, %y[%i] : memref<64xf32>
    }
  }
  vyre.return %y : memref<64xf32>
}

// -----

// Divisions: the same element said in another way, the neighbour's, and those of what
// may be negative. A loop that never runs touches nothing.
// CHECK-LABEL: program @divisions
// CHECK:       @a -> @same: read-after-write of %0 over 1 indices: same-index
// CHECK-NEXT:  @a -> @near: read-after-write of %0 over 1 indices: cross-index
// CHECK-NEXT:  @a -> @negative: read-after-write of %0 over 1 indices: unknown
// CHECK-NEXT:  @a -> @negative: read-after-write of %0 over 1 indices: unknown
// CHECK-NEXT:  @a -> @negative: read-after-write of %0 over 1 indices: unknown
// CHECK-NOT:   @a ->
vyre.program @divisions(
    %y: memref<64xf32> {vyre.binding = #vyre.binding<slot = 0, role = output>}) -> memref<64xf32> {
  %n = arith.constant 64 : index
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c63 = arith.constant 63 : index
  %v = arith.constant 1.0 : f32
  %t = vyre.intermediate() : memref<64xf32>
  vyre.stage @a (%i) in (%n) writes(%t : memref<64xf32>) {
    memref.store %v, %t[%i] : memref<64xf32>
  }
  vyre.stage @same (%i) in (%n) reads(%t : memref<64xf32>) writes(%y : memref<64xf32>) {
    %k = affine.apply affine_map<(d0) -> ((d0 floordiv 4) * 4 + d0 mod 4)>(%i)
    %0 = memref.load %t[%k] : memref<64xf32>
    memref.store %0, %y[%i] : memref<64xf32>
  }
  vyre.stage @near (%i) in (%n) reads(%t : memref<64xf32>) writes(%y : memref<64xf32>) {
    %k = affine.apply affine_map<(d0) -> ((d0 floordiv 4) * 4 + (d0 + 1) mod 4)>(%i)
    %0 = memref.load %t[%k] : memref<64xf32>
    memref.store %0, %y[%i] : memref<64xf32>
  }
  vyre.stage @never (%i) in (%n) reads(%t : memref<64xf32>) writes(%y : memref<64xf32>) {
    scf.for %k = %c2 to %c1 step %c1 {
      %0 = memref.load %t[%k] : memref<64xf32>
      memref.store %0, %y[%i] : memref<64xf32>
    }
  }
  vyre.stage @maybe (%i) in (%n) reads(%t : memref<64xf32>) writes(%y : memref<64xf32>) {
    scf.for %k = %c63 to %i step %c1 {
      %0 = memref.load %t[%k] : memref<64xf32>
      memref.store %0, %y[%i] : memref<64xf32>
    }
  }
  vyre.stage @negative (%i) in (%n) reads(%t : memref<64xf32>) writes(%y : memref<64xf32>) {
    %less = arith.subi %i, %c1 : index
    %k = arith.divsi %less, %c2 : index
    %l = arith.remsi %less, %c2 : index
    %m = arith.divui %less, %c2 : index
    %0 = memref.load %t[%k] : memref<64xf32>
    %1 = memref.load %t[%l] : memref<64xf32>
    %2 = memref.load %t[%m] : memref<64xf32>
    memref.store %0, %y[%i] : memref<64xf32>
    memref.store %1, %y[%i] : memref<64xf32>
    memref.store %2, %y[%i] : memref<64xf32>
  }
  vyre.return %y : memref<64xf32>
}

// -----

// Windows at offsets that are arguments: the same one twice, another one, and one
// with a stride that is not known.
// CHECK-LABEL: program @windows
// CHECK:       @a -> @same: read-after-write of %0 over 1 indices: same-index
// CHECK-NEXT:  @a -> @other: read-after-write of %0 over 1 indices: cross-index
// CHECK-NEXT:  @a -> @stride: read-after-write of %0 over 1 indices: unknown
vyre.program @windows(
    %p: index, %q: index,
    %y: memref<64xf32> {vyre.binding = #vyre.binding<slot = 0, role = output>}) -> memref<64xf32> {
  %n = arith.constant 16 : index
  %v = arith.constant 1.0 : f32
  %t = vyre.intermediate() : memref<64xf32>
  vyre.stage @a (%i) in (%n) writes(%t : memref<64xf32>) {
    %w = memref.subview %t[%p] [16] [1] : memref<64xf32> to memref<16xf32, strided<[1], offset: ?>>
    memref.store %v, %w[%i] : memref<16xf32, strided<[1], offset: ?>>
  }
  vyre.stage @same (%i) in (%n) reads(%t : memref<64xf32>) writes(%y : memref<64xf32>) {
    %w = memref.subview %t[%p] [16] [1] : memref<64xf32> to memref<16xf32, strided<[1], offset: ?>>
    %0 = memref.load %w[%i] : memref<16xf32, strided<[1], offset: ?>>
    memref.store %0, %y[%i] : memref<64xf32>
  }
  vyre.stage @other (%i) in (%n) reads(%t : memref<64xf32>) writes(%y : memref<64xf32>) {
    %w = memref.subview %t[%q] [16] [1] : memref<64xf32> to memref<16xf32, strided<[1], offset: ?>>
    %0 = memref.load %w[%i] : memref<16xf32, strided<[1], offset: ?>>
    memref.store %0, %y[%i] : memref<64xf32>
  }
  vyre.stage @stride (%i) in (%n) reads(%t : memref<64xf32>) writes(%y : memref<64xf32>) {
    %w = memref.subview %t[%p] [16] [%q] : memref<64xf32> to memref<16xf32, strided<[?], offset: ?>>
    %0 = memref.load %w[%i] : memref<16xf32, strided<[?], offset: ?>>
    memref.store %0, %y[%i] : memref<64xf32>
  }
  vyre.return %y : memref<64xf32>
}

// -----

// Products with numbers from the caller and from data, which wrap where the numbers are
// large: 3 * k + 1 is element 3 for k = (2^64 + 2) / 3. Of an i32, of an index into a
// buffer and of a loop's they don't.
// CHECK-LABEL: program @scaled
// CHECK:       @a -> @scalar: read-after-write of %0 over 1 indices: unknown
// CHECK-NEXT:  @a -> @sum: read-after-write of %0 over 1 indices: unknown
// CHECK-NEXT:  @a -> @map: read-after-write of %0 over 1 indices: unknown
// CHECK-NEXT:  @a -> @access: read-after-write of %0 over 1 indices: unknown
// CHECK-NEXT:  @a -> @data: read-after-write of %0 over 1 indices: unknown
// CHECK-NOT:   @a ->
vyre.program @scaled(
    %s: index,
    %d: memref<64xi64> {vyre.binding = #vyre.binding<slot = 1, role = input>},
    %e: memref<64xi32> {vyre.binding = #vyre.binding<slot = 2, role = input>},
    %y: memref<64xf32> {vyre.binding = #vyre.binding<slot = 0, role = output>}) -> memref<64xf32> {
  %n = arith.constant 16 : index
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %v = arith.constant 1.0 : f32
  %t = vyre.intermediate() : memref<64xf32>
  vyre.stage @a (%i) in (%n) writes(%t : memref<64xf32>) {
    %k = arith.muli %i, %c3 : index
    memref.store %v, %t[%k] : memref<64xf32>
  }
  vyre.stage @scalar (%i) in (%n) reads(%t : memref<64xf32>) writes(%y : memref<64xf32>) {
    %k = arith.muli %c3, %s : index
    %l = arith.addi %k, %c1 : index
    %0 = memref.load %t[%l] : memref<64xf32>
    memref.store %0, %y[%i] : memref<64xf32>
  }
  vyre.stage @sum (%i) in (%n) reads(%t : memref<64xf32>) writes(%y : memref<64xf32>) {
    %j = arith.addi %s, %s : index
    %k = arith.addi %j, %s : index
    %l = arith.addi %k, %c1 : index
    %0 = memref.load %t[%l] : memref<64xf32>
    memref.store %0, %y[%i] : memref<64xf32>
  }
  vyre.stage @map (%i) in (%n) reads(%t : memref<64xf32>) writes(%y : memref<64xf32>) {
    %l = affine.apply affine_map<()[s0] -> (s0 * 3 + 1)>()[%s]
    %0 = memref.load %t[%l] : memref<64xf32>
    memref.store %0, %y[%i] : memref<64xf32>
  }
  vyre.stage @access (%i) in (%n) reads(%t : memref<64xf32>) writes(%y : memref<64xf32>) {
    %0 = affine.load %t[symbol(%s) * 3 + 1] : memref<64xf32>
    memref.store %0, %y[%i] : memref<64xf32>
  }
  vyre.stage @data (%i) in (%n) reads(%t, %d : memref<64xf32>, memref<64xi64>) writes(%y : memref<64xf32>) {
    %p = memref.load %d[%i] : memref<64xi64>
    %q = arith.index_cast %p : i64 to index
    %k = arith.muli %q, %c3 : index
    %l = arith.addi %k, %c1 : index
    %0 = memref.load %t[%l] : memref<64xf32>
    memref.store %0, %y[%i] : memref<64xf32>
  }
  vyre.stage @narrow (%i) in (%n) reads(%t, %e : memref<64xf32>, memref<64xi32>) writes(%y : memref<64xf32>) {
    %p = memref.load %e[%i] : memref<64xi32>
    %q = arith.index_cast %p : i32 to index
    %k = arith.muli %q, %c3 : index
    %l = arith.addi %k, %c1 : index
    %0 = memref.load %t[%l] : memref<64xf32>
    memref.store %0, %y[%i] : memref<64xf32>
  }
  vyre.stage @clamped (%i) in (%n) reads(%t, %d : memref<64xf32>, memref<64xi64>) writes(%y : memref<64xf32>) {
    %p = memref.load %d[%i] : memref<64xi64>
    %q = arith.index_cast %p : i64 to index
    %r = arith.maxsi %q, %c0 : index
    %m = arith.minsi %r, %n : index
    %k = arith.muli %m, %c3 : index
    %l = arith.addi %k, %c1 : index
    %0 = memref.load %t[%l] : memref<64xf32>
    memref.store %0, %y[%i] : memref<64xf32>
  }
  vyre.stage @loop (%i) in (%n) reads(%t : memref<64xf32>) writes(%y : memref<64xf32>) {
    scf.for %j = %c0 to %s step %c1 {
      %k = arith.muli %j, %c3 : index
      %l = arith.addi %k, %c1 : index
      %0 = memref.load %t[%l] : memref<64xf32>
      memref.store %0, %y[%i] : memref<64xf32>
    }
  }
  vyre.return %y : memref<64xf32>
}

// -----

// (8 * i + j) / 8 is i, and with one less it is not, where j is 0.
// CHECK-LABEL: program @below
// CHECK:       @a -> @same: read-after-write of %0 over 2 indices: same-index
// CHECK-NEXT:  @a -> @less: read-after-write of %0 over 2 indices: cross-index
// CHECK-NOT:   @a ->
vyre.program @below(
    %y: memref<9x8xf32> {vyre.binding = #vyre.binding<slot = 0, role = output>}) -> memref<9x8xf32> {
  %n = arith.constant 8 : index
  %v = arith.constant 1.0 : f32
  %t = vyre.intermediate() : memref<9x8xf32>
  vyre.stage @a (%i, %j) in (%n, %n) writes(%t : memref<9x8xf32>) {
    memref.store %v, %t[%i, %j] : memref<9x8xf32>
  }
  vyre.stage @same (%i, %j) in (%n, %n) reads(%t : memref<9x8xf32>) writes(%y : memref<9x8xf32>) {
    %k = affine.apply affine_map<(d0, d1) -> ((d0 * 8 + d1) floordiv 8)>(%i, %j)
    %0 = memref.load %t[%k, %j] : memref<9x8xf32>
    memref.store %0, %y[%i, %j] : memref<9x8xf32>
  }
  vyre.stage @less (%i, %j) in (%n, %n) reads(%t : memref<9x8xf32>) writes(%y : memref<9x8xf32>) {
    %k = affine.apply affine_map<(d0, d1) -> ((d0 * 8 + d1 + 7) floordiv 8)>(%i, %j)
    %l = affine.apply affine_map<(d0, d1) -> ((d0 * 8 + d1 - 1) floordiv 8)>(%k, %j)
    %0 = memref.load %t[%l, %j] : memref<9x8xf32>
    memref.store %0, %y[%i, %j] : memref<9x8xf32>
  }
  vyre.return %y : memref<9x8xf32>
}

// -----

// A sum of twelve indices whose factors share nothing: not solved, which would take
// longer than anybody waits.
// CHECK-LABEL: program @knapsack
// CHECK:       @a -> @b: read-after-write of %0 over 1 indices: unknown
// CHECK-NOT:   @a ->
vyre.program @knapsack(
    %y: memref<64xf32> {vyre.binding = #vyre.binding<slot = 0, role = output>}) -> memref<64xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = arith.constant 64 : index
  %v = arith.constant 1.0 : f32
  %t = vyre.intermediate() : memref<16777216xf32>
  vyre.stage @a (%i) in (%n) writes(%t : memref<16777216xf32>) {
    scf.parallel (%k0, %k1, %k2, %k3, %k4, %k5, %k6, %k7, %k8, %k9, %k10, %k11) = (%c0, %c0, %c0, %c0, %c0, %c0, %c0, %c0, %c0, %c0, %c0, %c0) to (%n, %n, %n, %n, %n, %n, %n, %n, %n, %n, %n, %n) step (%c1, %c1, %c1, %c1, %c1, %c1, %c1, %c1, %c1, %c1, %c1, %c1) {
      %e = affine.apply affine_map<(d0, d1, d2, d3, d4, d5, d6, d7, d8, d9, d10, d11, d12) -> (d0 * 12223 + d1 * 12224 + d2 * 36674 + d3 * 61119 + d4 * 85569 + d5 * 8191 + d6 * 10007 + d7 * 4099 + d8 * 7919 + d9 * 6007 + d10 * 3989 + d11 * 9973 + d12)>(%k0, %k1, %k2, %k3, %k4, %k5, %k6, %k7, %k8, %k9, %k10, %k11, %i)
      memref.store %v, %t[%e] : memref<16777216xf32>
    }
  }
  vyre.stage @b (%i) in (%n) reads(%t : memref<16777216xf32>) writes(%y : memref<64xf32>) {
    scf.parallel (%k0, %k1, %k2, %k3, %k4, %k5, %k6, %k7, %k8, %k9, %k10, %k11) = (%c0, %c0, %c0, %c0, %c0, %c0, %c0, %c0, %c0, %c0, %c0, %c0) to (%n, %n, %n, %n, %n, %n, %n, %n, %n, %n, %n, %n) step (%c1, %c1, %c1, %c1, %c1, %c1, %c1, %c1, %c1, %c1, %c1, %c1) {
      %e = affine.apply affine_map<(d0, d1, d2, d3, d4, d5, d6, d7, d8, d9, d10, d11, d12) -> (d0 * 12223 + d1 * 12224 + d2 * 36674 + d3 * 61119 + d4 * 85569 + d5 * 8191 + d6 * 10007 + d7 * 4099 + d8 * 7919 + d9 * 6007 + d10 * 3989 + d11 * 9973 + d12)>(%k0, %k1, %k2, %k3, %k4, %k5, %k6, %k7, %k8, %k9, %k10, %k11, %i)
      %0 = memref.load %t[%e] : memref<16777216xf32>
      memref.store %0, %y[%i] : memref<64xf32>
    }
  }
  vyre.return %y : memref<64xf32>
}

// -----

// (8 * i + k) / 8 is i where k is in [0, 8), and i - 1 where k is negative.
// CHECK-LABEL: program @from_below
// CHECK:       @a -> @loop: read-after-write of %0 over 1 indices: cross-index
// CHECK-NOT:   @a ->
vyre.program @from_below(
    %y: memref<8xf32> {vyre.binding = #vyre.binding<slot = 0, role = output>}) -> memref<8xf32> {
  %c1 = arith.constant 1 : index
  %c5 = arith.constant 5 : index
  %m3 = arith.constant -3 : index
  %n = arith.constant 8 : index
  %v = arith.constant 1.0 : f32
  %t = vyre.intermediate() : memref<8xf32>
  vyre.stage @a (%i) in (%n) writes(%t : memref<8xf32>) {
    memref.store %v, %t[%i] : memref<8xf32>
  }
  vyre.stage @loop (%i) in (%n) reads(%t : memref<8xf32>) writes(%y : memref<8xf32>) {
    scf.for %k = %m3 to %c5 step %c1 {
      %e = affine.apply affine_map<(d0, d1) -> ((d0 * 8 + d1) floordiv 8)>(%i, %k)
      %0 = memref.load %t[%e] : memref<8xf32>
      memref.store %0, %y[%i] : memref<8xf32>
    }
  }
  vyre.return %y : memref<8xf32>
}

// -----

// Three dimensions as one, and as three again.
// CHECK-LABEL: program @taken_apart
// CHECK:       @a -> @b: read-after-write of %0 over 1 indices: same-index
// CHECK-NOT:   @a ->
vyre.program @taken_apart(
    %y: memref<24xf32> {vyre.binding = #vyre.binding<slot = 0, role = output>}) -> memref<24xf32> {
  %n = arith.constant 24 : index
  %v = arith.constant 1.0 : f32
  %t = vyre.intermediate() : memref<2x3x4xf32>
  vyre.stage @a (%i) in (%n) writes(%t : memref<2x3x4xf32>) {
    %w = memref.collapse_shape %t [[0, 1, 2]] : memref<2x3x4xf32> into memref<24xf32>
    memref.store %v, %w[%i] : memref<24xf32>
  }
  vyre.stage @b (%i) in (%n) reads(%t : memref<2x3x4xf32>) writes(%y : memref<24xf32>) {
    %p = affine.apply affine_map<(d0) -> (d0 floordiv 12)>(%i)
    %q = affine.apply affine_map<(d0) -> ((d0 floordiv 4) mod 3)>(%i)
    %r = affine.apply affine_map<(d0) -> (d0 mod 4)>(%i)
    %0 = memref.load %t[%p, %q, %r] : memref<2x3x4xf32>
    memref.store %0, %y[%i] : memref<24xf32>
  }
  vyre.return %y : memref<24xf32>
}
