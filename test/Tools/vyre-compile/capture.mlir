// RUN: vyre-compile %s --emit=plan | FileCheck %s
// RUN: vyre-compile %s --emit=plan --capture=require | FileCheck %s --check-prefix=REQUIRE
// RUN: vyre-compile %s --emit=plan --capture='capture=never max-arena-bytes=1024' | FileCheck %s --check-prefix=LESS
// RUN: vyre-compile %s --emit=plan --capture=off | FileCheck %s --check-prefix=OFF
// RUN: not vyre-compile %s --emit=plan --capture=always 2>&1 | FileCheck %s --check-prefix=WRONG
// RUN: not vyre-compile %s --targets=cpu --capture='max-arena-bytes=1023' -o %t.small.vyre 2>&1 | FileCheck %s --check-prefix=SMALL
// RUN: vyre-compile %s --targets=cpu -o %t.vyre
// RUN: vyre-run %t.vyre --device cpu --fill 1 --report %t.json
// RUN: FileCheck %s --check-prefix=RUN-ALL --input-file=%t.json
// RUN: vyre-compile %s --targets=cpu --capture='capture=require max-arena-bytes=1024' -o %t.less.vyre
// RUN: vyre-run %t.less.vyre --device cpu --fill 1 --report %t.less.json
// RUN: FileCheck %s --check-prefix=RUN-LESS --input-file=%t.less.json
// RUN: vyre-compile %s --targets=cpu --capture=off -o %t.off.vyre
// RUN: vyre-run %t.off.vyre --device cpu --fill 1 --report %t.off.json
// RUN: FileCheck %s --check-prefix=RUN-ALL --input-file=%t.off.json
// RUN: vyre-opt %s -pass-pipeline='builtin.module(vyre.program(vyre-plan-capture))' | sed 's/after = 2, 4/after = 4/' > %t.stale.mlir
// RUN: not vyre-compile %t.stale.mlir --targets=cpu --capture=off -o %t.stale.vyre 2>&1 | FileCheck %s --check-prefix=STALE
// RUN: vyre-compile %t.stale.mlir --targets=cpu -o %t.stale.vyre
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// How a program is captured, from the compiler to the runtime: two branches that meet.

// CHECK:        capture auto, may be replayed without uploads
// CHECK-NEXT:     upload arg0
// CHECK-NEXT:     launch @a0 after upload arg0
// CHECK-NEXT:     launch @a1 after launch @a0
// CHECK-NEXT:     launch @b0 after upload arg0
// CHECK-NEXT:     launch @b1 after launch @b0
// CHECK-NEXT:     launch @join after launch @a1, launch @b1
// CHECK-NEXT:     pack after launch @join
// CHECK-NEXT:   arena of 1536 bytes, 1536 side by side, 1024 in order, 0 added dependences
// REQUIRE:      capture require
// LESS:         capture never
// LESS:         arena of 1024 bytes, 1536 side by side, 1024 in order, 1 added dependences
// OFF-NOT:      capture
// WRONG:        error: the options of capture can't be used
// SMALL:        error: 'vyre.program' op has intermediates that take 1024 bytes with one launch after the other, expected at most 1023
// RUN-ALL:      "arena_bytes": 1536
// RUN-LESS:     "arena_bytes": 1024

// A plan that is not the program's own any more is found where it is used, and replaced where
// the compiler plans.
// STALE:        error: 'vyre.program' op has a capture plan that is not its own any more
// STALE:        note: found #vyre.capture_plan<{{.*}}launch = @join, after = 4>
// STALE:        note: expected #vyre.capture_plan<{{.*}}launch = @join, after = 2, 4>
// STALE:        note: fix: run vyre-plan-capture after the passes that change the program

vyre.program @branches(
    %x: memref<64xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>},
    %y: memref<64xf32> {vyre.binding = #vyre.binding<slot = 1, role = output>})
    -> memref<64xf32> {
  %c64 = arith.constant 64 : index
  %c128 = arith.constant 128 : index
  %s = vyre.intermediate() : memref<128xf32>
  %a = vyre.intermediate() : memref<64xf32>
  %t = vyre.intermediate() : memref<128xf32>
  %b = vyre.intermediate() : memref<64xf32>
  vyre.launch @a0 {
    vyre.stage @a0 (%i) in (%c64) reads(%x : memref<64xf32>) writes(%s : memref<128xf32>) {
      %v = memref.load %x[%i] : memref<64xf32>
      memref.store %v, %s[%i] : memref<128xf32>
    }
  }
  vyre.launch @a1 {
    vyre.stage @a1 (%i) in (%c64) reads(%s : memref<128xf32>) writes(%a : memref<64xf32>) {
      %v = memref.load %s[%i] : memref<128xf32>
      memref.store %v, %a[%i] : memref<64xf32>
    }
  }
  vyre.launch @b0 {
    vyre.stage @b0 (%i) in (%c64) reads(%x : memref<64xf32>) writes(%t : memref<128xf32>) {
      %v = memref.load %x[%i] : memref<64xf32>
      memref.store %v, %t[%i] : memref<128xf32>
    }
  }
  vyre.launch @b1 {
    vyre.stage @b1 (%i) in (%c64) reads(%t : memref<128xf32>) writes(%b : memref<64xf32>) {
      %v = memref.load %t[%i] : memref<128xf32>
      memref.store %v, %b[%i] : memref<64xf32>
    }
  }
  vyre.launch @join {
    vyre.stage @join (%i) in (%c64) reads(%a, %b : memref<64xf32>, memref<64xf32>) writes(%y : memref<64xf32>) {
      %v = memref.load %a[%i] : memref<64xf32>
      %w = memref.load %b[%i] : memref<64xf32>
      %z = arith.addf %v, %w : f32
      memref.store %z, %y[%i] : memref<64xf32>
    }
  }
  vyre.return %y : memref<64xf32>
}
