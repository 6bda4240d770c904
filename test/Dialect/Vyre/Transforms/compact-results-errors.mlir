// RUN: not vyre-opt %s -split-input-file -pass-pipeline='builtin.module(vyre.program(vyre-compact-results))' -o /dev/null 2>&1 | FileCheck %s
// RUN: not vyre-opt %s -split-input-file -pass-pipeline='builtin.module(vyre.program(vyre-compact-results{record-alignment=12}))' -o /dev/null 2>&1 | FileCheck %s --check-prefix=ALIGN
// RUN: not vyre-opt %s -split-input-file -pass-pipeline='builtin.module(vyre.program(vyre-compact-results{max-slab-bytes=x}))' -o /dev/null 2>&1 | FileCheck %s --check-prefix=SLAB
// RUN: not vyre-opt %s -split-input-file -pass-pipeline='builtin.module(vyre.program(vyre-compact-results{max-compact-record-bytes=9223372036854775808}))' -o /dev/null 2>&1 | FileCheck %s --check-prefix=RECORD

// ALIGN:  error: vyre-compact-results: record-alignment is 12, expected a power of two up to 4096
// SLAB:   error: vyre-compact-results: max-slab-bytes is 'x', expected a number of bytes below 2^63
// SLAB:   note: fix: leave it out for no limit
// RECORD: error: vyre-compact-results: max-compact-record-bytes is 9223372036854775808, expected less than 2^63

// A constant count of more rows than there are.
// CHECK: error: 'vyre.return' op result 0 has a count for which it needs 20 bytes, expected at most its 16
// CHECK: note: fix: make the result larger, or the count smaller
vyre.program @exceeds(
    %y: memref<4xi32> {vyre.binding = #vyre.binding<slot = 0, role = output>}) -> memref<4xi32> {
  %c5 = arith.constant 5 : index
  vyre.return %y count(%c5 : index) : memref<4xi32>
}

// -----

// CHECK: error: 'vyre.return' op result 0 has the count -1, expected a number of rows
vyre.program @negative(
    %y: memref<4xi32> {vyre.binding = #vyre.binding<slot = 0, role = output>}) -> memref<4xi32> {
  %m1 = arith.constant -1 : index
  vyre.return %y count(%m1 : index) : memref<4xi32>
}
