// RUN: vyre-opt %s -split-input-file -vyre-form-program -verify-diagnostics | FileCheck %s

// The attribute on a result becomes the count of vyre.return.
// CHECK-LABEL: vyre.program @hits
// CHECK-NOT:     vyre.count_result
// CHECK:         vyre.return %[[Y:.*]] count(%[[N:.*]] : memref<1xi32>) : memref<8xi32>, %[[N]] : memref<1xi32>
func.func @hits(%x: memref<8xi32>) -> (memref<8xi32> {vyre.count_result = 1 : i64}, memref<1xi32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %y = memref.alloc() : memref<8xi32>
  %n = memref.alloc() : memref<1xi32>
  scf.parallel (%i) = (%c0) to (%c8) step (%c1) {
    %v = memref.load %x[%i] : memref<8xi32>
    memref.store %v, %y[%i] : memref<8xi32>
    scf.reduce
  }
  %first = memref.load %x[%c0] : memref<8xi32>
  memref.store %first, %n[%c0] : memref<1xi32>
  return %y, %n : memref<8xi32>, memref<1xi32>
}

// -----

// expected-error @below {{result 0 has vyre.count_result = 0, expected another of the 1 results}}
func.func @itself(%x: memref<8xi32>) -> (memref<8xi32> {vyre.count_result = 0 : i64}) {
  return %x : memref<8xi32>
}

// -----

// expected-error @below {{result 0 has vyre.count_result = 1, which has type 'f32', expected one integer}}
func.func @float(%x: memref<8xi32>, %n: f32) -> (memref<8xi32> {vyre.count_result = 1 : i64}, f32) {
  return %x, %n : memref<8xi32>, f32
}

// -----

// expected-error @below {{result 0 has vyre.count_result = 1, and type 'i32', expected rows to count}}
func.func @rank(%x: i32, %n: i32) -> (i32 {vyre.count_result = 1 : i64}, i32) {
  return %x, %n : i32, i32
}

// -----

// expected-error @below {{result 0: 'vyre.count_result' is "n", expected an i64}}
func.func @text(%x: i32) -> (i32 {vyre.count_result = "n"}) {
  return %x : i32
}
