// RUN: vyre-opt %s -split-input-file -verify-diagnostics -o /dev/null -pass-pipeline='builtin.module(vyre.program(vyre-plan-capture{capture=require max-arena-bytes=1000}))'
// RUN: not vyre-opt %s -split-input-file -o /dev/null -pass-pipeline='builtin.module(vyre.program(vyre-plan-capture{capture=always}))' 2>&1 | FileCheck %s --check-prefix=POLICY
// RUN: not vyre-opt %s -split-input-file -o /dev/null -pass-pipeline='builtin.module(vyre.program(vyre-plan-capture{max-arena-bytes=-1}))' 2>&1 | FileCheck %s --check-prefix=BYTES
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// POLICY: error: vyre-plan-capture: capture is 'always', expected auto, never or require
// BYTES:  error: vyre-plan-capture: max-arena-bytes is '-1', expected a number of bytes below 2^63
// BYTES:  note: fix: leave it out for no limit

// A host that looks on between two launches keeps a graph from holding both.
vyre.program @boundary(
    %x: memref<64xf32> {vyre.binding = #vyre.binding<slot = 0, role = input_output>}) {
  %c64 = arith.constant 64 : index
  // expected-note @below {{the launch is here}}
  vyre.launch @first {
    vyre.stage @first (%i) in (%c64) updates(%x : memref<64xf32>) {
      %v = memref.load %x[%i] : memref<64xf32>
      memref.store %v, %x[%i] : memref<64xf32>
    }
  }
  vyre.launch @second {
    // expected-error @below {{'vyre.stage' op waits for the host to see what an earlier launch wrote, expected a program that is captured as one graph}}
    // expected-note @below {{fix: leave out host_boundary, or plan with capture=auto}}
    vyre.stage @second (%i) in (%c64) updates(%x : memref<64xf32>) host_boundary {
      %v = memref.load %x[%i] : memref<64xf32>
      memref.store %v, %x[%i] : memref<64xf32>
    }
  }
  vyre.return
}

// -----

// Nothing to capture.
// expected-error @below {{'vyre.program' op has no launch, expected one to capture}}
vyre.program @nothing() {
  vyre.return
}

// -----

// A program that is still in logical form.
vyre.program @logical(
    %x: memref<64xf32> {vyre.binding = #vyre.binding<slot = 0, role = input_output>}) {
  %c64 = arith.constant 64 : index
  // expected-error @below {{'vyre.stage' op stands in no launch, expected a program in physical form}}
  // expected-note @below {{fix: run vyre-form-launches before vyre-plan-capture}}
  vyre.stage @stage (%i) in (%c64) updates(%x : memref<64xf32>) {
    %v = memref.load %x[%i] : memref<64xf32>
    memref.store %v, %x[%i] : memref<64xf32>
  }
  vyre.return
}

// -----

// An arena that cannot be as small as asked for.
// expected-error @below {{'vyre.program' op has intermediates that take 1024 bytes with one launch after the other, expected at most 1000}}
// expected-note @below {{fix: raise max-arena-bytes}}
vyre.program @large(
    %x: memref<256xf32> {vyre.binding = #vyre.binding<slot = 0, role = input_output>}) {
  %c256 = arith.constant 256 : index
  %t = vyre.intermediate() : memref<256xf32>
  vyre.launch @first {
    vyre.stage @first (%i) in (%c256) reads(%x : memref<256xf32>) writes(%t : memref<256xf32>) {
      %v = memref.load %x[%i] : memref<256xf32>
      memref.store %v, %t[%i] : memref<256xf32>
    }
  }
  vyre.launch @second {
    vyre.stage @second (%i) in (%c256) reads(%t : memref<256xf32>) writes(%x : memref<256xf32>) {
      %v = memref.load %t[%i] : memref<256xf32>
      memref.store %v, %x[%i] : memref<256xf32>
    }
  }
  vyre.return
}
