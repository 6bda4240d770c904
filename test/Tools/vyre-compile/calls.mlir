// RUN: vyre-compile %s --targets=cpu,sm_90 -o %t.vyre
// RUN: vyre-run %t.vyre --list | FileCheck %s --check-prefix=LIST
// RUN: vyre-compile %s --emit=plan | FileCheck %s --check-prefix=PLAN
// RUN: not vyre-compile %s --capture=require -o %t.none 2>&1 | FileCheck %s --check-prefix=REQUIRE
// RUN: not vyre-run %t.vyre --program=wait --device=cpu --fill=1 --shape=0=4 2>&1 | FileCheck %s --check-prefix=MISSING
// RUN: not vyre-run %t.vyre --program=wait --device=cpu --fill=1 --shape=0=4 --call-library=%vyre-bin/vyre_test_calls.so 2>&1 | FileCheck %s --check-prefix=UNDEFINED
// RUN: not vyre-run %t.vyre --program=wait --device=cpu --fill=1 --shape=0=4 --call-library=%t.vyre 2>&1 | FileCheck %s --check-prefix=NONE
// RUN: not vyre-run %t.vyre --program=fails --device=cpu --fill=1 --call-library=%vyre-bin/vyre_test_calls.so 2>&1 | FileCheck %s --check-prefix=FAILS
// RUN: vyre-compile %s --targets=cpu -o %t.again
// RUN: vyre-run %t.again --list | FileCheck %s --check-prefix=LIST
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Programs that call functions of the host, from the command line.

// The name is one of the C library's, which a call library does not define itself.
func.func private @strlen(
    memref<?xf32> {bufferization.access = "read"},
    memref<?xf32> {bufferization.access = "write"}) -> memref<?xf32>
    attributes {vyre.call = #vyre.call<no_capture = true>}
func.func private @test_fail(memref<4xf32>) attributes {vyre.call = #vyre.call}

// LIST: program wait: 2 launches
// LIST: calls strlen
// LIST: math function 'strlen' of the host: cpu ? ulp, gpu ? ulp
// LIST: program fails: 1 launch
// LIST: calls test_fail

// PLAN: program @wait: 2 stages in 2 launches, 1 result
// PLAN: stage @strlen_0 (call of strlen, not captured), reads arg0, writes intermediate0
// PLAN: stage @{{.*}} over (arg0.0), reads intermediate0, writes arg1
// PLAN: capture never
// PLAN: program @fails: 1 stage in 1 launch, 0 results
// PLAN: stage @test_fail_0 (call of test_fail), updates arg0
// PLAN: capture auto

// REQUIRE: error: 'vyre.call_stage' op calls @strlen, which must not be captured, expected a program that is captured as one graph
// REQUIRE: note: fix: leave out no_capture, or plan with capture=auto

// MISSING: vyre-run: error: the program calls the host's function 'strlen', which no --call-library provides. Fix: pass --call-library=LIB.so
// UNDEFINED: vyre-run: error: the program calls the host's function 'strlen', which none of the libraries of --call-library defines. Fix:
// NONE: vyre-run: error: --call-library '{{.*}}' cannot be loaded: {{.*}}. Fix: pass a shared library for this host.
// FAILS: vyre-run: error: the host's function 'test_fail', which launch 'test_fail_0' of program 'fails' calls, failed: it was told to fail. Fix: call another.

func.func @wait(%x: memref<?xf32>) -> memref<?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = memref.dim %x, %c0 : memref<?xf32>
  %t = memref.alloc(%n) : memref<?xf32>
  %r = call @strlen(%x, %t) : (memref<?xf32>, memref<?xf32>) -> memref<?xf32>
  %y = memref.alloc(%n) : memref<?xf32>
  scf.parallel (%i) = (%c0) to (%n) step (%c1) {
    %v = memref.load %r[%i] : memref<?xf32>
    %w = arith.addf %v, %v : f32
    memref.store %w, %y[%i] : memref<?xf32>
  }
  return %y : memref<?xf32>
}

func.func @fails(%x: memref<4xf32>) {
  call @test_fail(%x) : (memref<4xf32>) -> ()
  return
}
