// RUN: not vyre-compile %s --targets=sm_60 2>&1 | FileCheck %s --check-prefix=OLD
// RUN: not vyre-compile %s --targets=cpu,abacus 2>&1 | FileCheck %s --check-prefix=TARGET
// RUN: not vyre-compile %s --targets=cubin:cpu 2>&1 | FileCheck %s --check-prefix=CUBIN
// RUN: not vyre-compile %s --targets=sm_999 -o %t.unknown.vyre 2>&1 | FileCheck %s --check-prefix=UNKNOWN
// RUN: not vyre-compile %s --targets=cpu -o /dev/full 2>&1 | FileCheck %s --check-prefix=DISK
// RUN: not vyre-compile %s --cpu=fast 2>&1 | FileCheck %s --check-prefix=CPU
// RUN: not vyre-compile %s --math=none 2>&1 | FileCheck %s --check-prefix=MATH
// RUN: not vyre-compile %s --default-capacity=0 2>&1 | FileCheck %s --check-prefix=CAPACITY
// RUN: not vyre-compile %s --default-capacity=-5 2>&1 | FileCheck %s --check-prefix=CAPACITY
// RUN: not vyre-compile %s --max-unroll=-1 2>&1 | FileCheck %s --check-prefix=UNROLL
// RUN: not vyre-compile %s '--remarks-filter=vyre-(' 2>&1 | FileCheck %s --check-prefix=REMARKS
// RUN: not script --return --quiet --command 'vyre-compile %s' %t.typescript < /dev/null | FileCheck %s --check-prefix=TERMINAL
// RUN: not vyre-compile %s --emit=bitcode 2>&1 | FileCheck %s --check-prefix=EMIT
// RUN: not vyre-compile %s --fuse=sometimes 2>&1 | FileCheck %s --check-prefix=FUSE
// RUN: not vyre-compile %s --emit=ptx --targets=cpu 2>&1 | FileCheck %s --check-prefix=NO-PTX
// RUN: not vyre-compile %s --emit=llvm --targets=sm_80 2>&1 | FileCheck %s --check-prefix=NO-LLVM
// RUN: not vyre-compile %t.missing.mlir 2>&1 | FileCheck %s --check-prefix=INPUT
// RUN: not vyre-compile %s --targets=cpu -o %t.missing/out.vyre 2>&1 | FileCheck %s --check-prefix=OUTPUT
// RUN: not vyre-compile %s --frobnicate 2>&1 | FileCheck %s --check-prefix=FLAG
// RUN: echo 'func.func private @f()' | not vyre-compile - 2>&1 | FileCheck %s --check-prefix=EMPTY
// RUN: echo 'not mlir' | not vyre-compile - 2>&1 | FileCheck %s --check-prefix=SYNTAX
// RUN: vyre-compile %s --targets=cpu -o %t.vyre 2>&1 | FileCheck %s --check-prefix=NESTED
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What vyre-compile refuses, flag by flag.

// OLD: error: --targets has 'sm_60', expected cpu, sm_<N> or cubin:sm_<N> with N from 70
// TARGET: error: --targets has 'abacus', expected
// CUBIN: error: --targets has 'cubin:cpu', expected
// UNKNOWN: error: can't be compiled for sm_999, which this LLVM does not know
// UNKNOWN: note: fix: name an older architecture in --targets
// DISK: error: can't write /dev/full: No space left on device
// CPU: error: --cpu is 'fast', expected portable or native
// MATH: error: --math is 'none', expected library or portable
// CAPACITY: error: --default-capacity is {{0|-5}}, expected a positive number of bytes
// UNROLL: error: --max-unroll is -1, expected a number of copies
// REMARKS: error: --remarks-filter is 'vyre-(', expected a regular expression: parentheses not balanced
// TERMINAL: error: standard output is a terminal, and an artifact is not text
// TERMINAL: note: fix: pass -o FILE, or --emit=plan
// EMIT: Cannot find option named 'bitcode'
// FUSE: error: the options of fusion can't be used
// FUSE: note: fix: vyre-opt --help lists the options of vyre-fuse-launches
// NO-PTX: error: has no code of the kind that --emit asks for
// NO-PTX: note: fix: name a target that has it in --targets
// NO-LLVM: error: has no code of the kind that --emit asks for
// INPUT: error: cannot open input file '{{.*}}missing.mlir'
// OUTPUT: error: cannot open output file '{{.*}}out.vyre'
// FLAG: Unknown command line argument '--frobnicate'
// EMPTY: error: has no program to compile
// EMPTY: note: fix: give a function or vyre.program public visibility
// SYNTAX: error:
// NESTED: warning: is a module in a module, which is not compiled
// NESTED: note: fix: compile it by itself

func.func @f(%x: memref<4xf32>) {
  %c0 = arith.constant 0 : index
  %v = memref.load %x[%c0] : memref<4xf32>
  %r = arith.negf %v : f32
  memref.store %r, %x[%c0] : memref<4xf32>
  return
}

module @inner {
  func.func @g() {
    return
  }
}
