// RUN: not vyre-opt %s -pass-pipeline='builtin.module(vyre.program(vyre-fuse-launches{max-group-bytes=0}))' -o /dev/null 2>&1 | FileCheck %s --check-prefix=ZERO
// RUN: not vyre-opt %s -pass-pipeline='builtin.module(vyre.program(vyre-fuse-launches{max-group-bytes=18446744073709551616}))' -o /dev/null 2>&1 | FileCheck %s --check-prefix=NUMBER
// RUN: not vyre-opt %s -pass-pipeline='builtin.module(vyre.program(vyre-fuse-launches{max-group-bytes=600}))' -o /dev/null 2>&1 | FileCheck %s --check-prefix=OVER
// RUN: not vyre-opt %s -pass-pipeline='builtin.module(vyre.program(vyre-fuse-launches{strategy=best}))' -o /dev/null 2>&1 | FileCheck %s --check-prefix=STRATEGY
// RUN: not vyre-opt %s -pass-pipeline='builtin.module(vyre.program(vyre-fuse-launches{accounting=none}))' -o /dev/null 2>&1 | FileCheck %s --check-prefix=ACCOUNTING
// RUN: not vyre-opt %s -pass-pipeline='builtin.module(vyre.program(vyre-fuse-launches))' -o /dev/null 2>&1 | FileCheck %s --check-prefix=OVERFLOW

// ZERO:       error: vyre-fuse-launches: max-group-bytes is '0', expected a number of bytes from 1 on
// ZERO:       note: fix: leave it out for no limit
// NUMBER:     error: vyre-fuse-launches: max-group-bytes is '18446744073709551616', expected a number of bytes from 1 on
// STRATEGY:   error: vyre-fuse-launches: strategy is 'best', expected greedy or optimal
// ACCOUNTING: error: vyre-fuse-launches: accounting is 'none', expected sum or live

// A stage that does not fit alone.
// OVER:       :[[# @LINE + 7]]:3: error: 'vyre.stage' op needs 612 bytes, expected at most max-group-bytes = 600
// OVER:       note: fix: raise max-group-bytes to at least 612
vyre.program @over(
    %x: memref<64xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>},
    %y: memref<64xf32> {vyre.binding = #vyre.binding<slot = 1, role = output>})
    -> memref<64xf32> {
  %n = arith.constant 64 : index
  vyre.stage @a (%i) in (%n) reads(%x : memref<64xf32>) writes(%y : memref<64xf32>)
      attributes {scratch_bytes = 100 : i64} {
    %0 = memref.load %x[%i] : memref<64xf32>
    memref.store %0, %y[%i] : memref<64xf32>
  }
  vyre.return %y : memref<64xf32>
}

// Buffers larger than all memory.
// OVERFLOW:   :[[# @LINE + 2]]:1: error: 'vyre.program' op has stages whose stage io bytes are 2^64 or more, expected fewer
// OVERFLOW:   note: fix: make the buffers or their capacities smaller
vyre.program @huge(
    %x: memref<1152921504606846976xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>},
    %y: memref<1152921504606846976xf32> {vyre.binding = #vyre.binding<slot = 1, role = input>},
    %z: memref<1152921504606846976xf32> {vyre.binding = #vyre.binding<slot = 2, role = input>},
    %w: memref<1152921504606846976xf32> {vyre.binding = #vyre.binding<slot = 3, role = input_output>}) {
  %n = arith.constant 1152921504606846976 : index
  vyre.stage @a (%i) in (%n) reads(%x, %y, %z : memref<1152921504606846976xf32>, memref<1152921504606846976xf32>, memref<1152921504606846976xf32>) updates(%w : memref<1152921504606846976xf32>) {
    %0 = memref.load %x[%i] : memref<1152921504606846976xf32>
    %1 = memref.load %y[%i] : memref<1152921504606846976xf32>
    %2 = memref.load %z[%i] : memref<1152921504606846976xf32>
    %3 = memref.load %w[%i] : memref<1152921504606846976xf32>
    %4 = arith.addf %0, %1 : f32
    %5 = arith.addf %2, %3 : f32
    %6 = arith.addf %4, %5 : f32
    memref.store %6, %w[%i] : memref<1152921504606846976xf32>
  }
  vyre.return
}
