// RUN: vyre-opt %s -split-input-file -verify-diagnostics

vyre.program @missing(
    %x: memref<i32> {vyre.binding = #vyre.binding<slot = 0, role = output>},
    %y: memref<i32> {vyre.binding = #vyre.binding<slot = 1, role = output>}) -> (memref<i32>, memref<i32>) {
  // expected-error @below {{names 1 result, expected all 2 of the program}}
  vyre.readback direct(%x : memref<i32>) {direct_bytes = 4 : i64, full_bytes = 8 : i64,
      max_record_bytes = 0 : i64, offsets = array<i64>, record_alignment = 1 : i64, slab_bytes = 0 : i64}
  vyre.return %x : memref<i32>, %y : memref<i32>
}

// -----

vyre.program @twice(
    %x: memref<i32> {vyre.binding = #vyre.binding<slot = 0, role = output>}) -> memref<i32> {
  // expected-error @below {{names a result twice}}
  vyre.readback direct(%x : memref<i32>) late(%x : memref<i32>) {direct_bytes = 4 : i64, full_bytes = 8 : i64,
      max_record_bytes = 0 : i64, offsets = array<i64>, record_alignment = 1 : i64, slab_bytes = 0 : i64}
  vyre.return %x : memref<i32>
}

// -----

vyre.program @foreign(
    %x: memref<i32> {vyre.binding = #vyre.binding<slot = 0, role = input>}) {
  // expected-error @below {{names memory of type 'memref<i32>' that is no result of the program}}
  vyre.readback direct(%x : memref<i32>) {direct_bytes = 4 : i64, full_bytes = 8 : i64,
      max_record_bytes = 0 : i64, offsets = array<i64>, record_alignment = 1 : i64, slab_bytes = 0 : i64}
  vyre.return
}

// -----

vyre.program @offsets(
    %x: memref<i32> {vyre.binding = #vyre.binding<slot = 0, role = output>}) -> memref<i32> {
  // expected-error @below {{has the offset 2, expected a multiple of 4 from 0 on}}
  vyre.readback slab(%x : memref<i32>) {direct_bytes = 0 : i64, full_bytes = 4 : i64,
      max_record_bytes = 8 : i64, offsets = array<i64: 2>, record_alignment = 4 : i64, slab_bytes = 6 : i64}
  vyre.return %x : memref<i32>
}

// -----

vyre.program @count(
    %x: memref<i32> {vyre.binding = #vyre.binding<slot = 0, role = output>}) -> memref<i32> {
  // expected-error @below {{has 0 offsets for 1 result in the slab}}
  vyre.readback slab(%x : memref<i32>) {direct_bytes = 0 : i64, full_bytes = 4 : i64,
      max_record_bytes = 8 : i64, offsets = array<i64>, record_alignment = 4 : i64, slab_bytes = 4 : i64}
  vyre.return %x : memref<i32>
}

// -----

vyre.program @alignment(
    %x: memref<i32> {vyre.binding = #vyre.binding<slot = 0, role = output>}) -> memref<i32> {
  // expected-error @below {{has record_alignment = 3, expected a power of two}}
  vyre.readback direct(%x : memref<i32>) {direct_bytes = 4 : i64, full_bytes = 4 : i64,
      max_record_bytes = 0 : i64, offsets = array<i64>, record_alignment = 3 : i64, slab_bytes = 0 : i64}
  vyre.return %x : memref<i32>
}

// -----

vyre.program @several(
    %x: memref<i32> {vyre.binding = #vyre.binding<slot = 0, role = output>}) -> memref<i32> {
  // expected-error @below {{is one of several, expected one}}
  vyre.readback direct(%x : memref<i32>) {direct_bytes = 4 : i64, full_bytes = 4 : i64,
      max_record_bytes = 0 : i64, offsets = array<i64>, record_alignment = 1 : i64, slab_bytes = 0 : i64}
  // expected-note @below {{another one is here}}
  vyre.readback direct(%x : memref<i32>) {direct_bytes = 4 : i64, full_bytes = 4 : i64,
      max_record_bytes = 0 : i64, offsets = array<i64>, record_alignment = 1 : i64, slab_bytes = 0 : i64}
  vyre.return %x : memref<i32>
}
