// RUN: vyre-compile %s --targets=cpu -o %t.vyre
// RUN: vyre-run %t.vyre --list | FileCheck %s --check-prefix=LIST
// RUN: vyre-compile %s --emit=plan | FileCheck %s --check-prefix=PLAN
// RUN: vyre-run %t.vyre --device=cpu --program=named --shape=points=2x3 --fill=1
// RUN: not vyre-run %t.vyre --device=cpu --program=named --shape=points=2x3 2>&1 | FileCheck %s --check-prefix=MISSING
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Arguments are called what their locations say, where that can be told from
// others and typed; what a result is written to has no name of its own.

// MISSING: argument 0 'points' is not given. Fix: pass --in points=FILE.npy or --fill SEED.

// LIST:      program named:
// LIST-NEXT:   argument 0 points: f32 ?x3 input
// LIST-NEXT:   argument 1 scale: f32 scalar
// LIST-NEXT:   argument 2 arg2: f32 ?x3 output
// PLAN:      program @named:
// PLAN-NEXT:   points: input memref<?x3xf32>
// PLAN-NEXT:   scale: scalar f32
// PLAN-NEXT:   arg2: output memref<?x3xf32>
// PLAN:          stage @map_0 over (points.0, 3), reads points, writes arg2
// PLAN:          upload points
// PLAN-NEXT:     launch @map_0 after upload points
// PLAN-NEXT:     download arg2 after launch @map_0
func.func @named(%x: tensor<?x3xf32> loc("points"), %s: f32 loc("scale"("model.py":3:4))) -> tensor<?x3xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x3xf32>
  %e = tensor.empty(%n) : tensor<?x3xf32>
  %y = linalg.map ins(%x : tensor<?x3xf32>) outs(%e : tensor<?x3xf32>) (%a: f32, %o: f32) {
    %p = arith.mulf %a, %s : f32
    linalg.yield %p : f32
  }
  return %y : tensor<?x3xf32>
}

// Two with one name, one like that of another argument, what is no identifier, and a name
// that only looks like one.
// LIST:      program others:
// LIST-NEXT:   argument 0 arg0:
// LIST-NEXT:   argument 1 arg1:
// LIST-NEXT:   argument 2 arg2:
// LIST-NEXT:   argument 3 arg3:
// LIST-NEXT:   argument 4 arg4:
// LIST-NEXT:   argument 5 arg5:
// LIST-NEXT:   argument 6 argument:
// LIST-NEXT:   argument 7 arg:
func.func @others(%a: i32 loc("x"), %b: i32 loc("x"), %c: i32 loc("arg7"), %d: i32 loc("a b"),
                  %e: i32 loc("2x"), %f: i32 loc("intermediate0"), %g: i32 loc("argument"),
                  %h: i32 loc("arg")) {
  return
}
