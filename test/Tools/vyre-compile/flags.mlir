// RUN: vyre-compile %s -o %t.vyre
// RUN: vyre-run --list %t.vyre | FileCheck %s --check-prefix=DEFAULT
// RUN: vyre-compile %s --targets=cpu,sm_80,sm_90,cpu,sm_80 -o %t.twice.vyre
// RUN: cmp %t.vyre %t.twice.vyre
// RUN: vyre-compile %s --targets=sm_90 -o %t.90.vyre
// RUN: vyre-run --list %t.90.vyre | FileCheck %s --check-prefix=PTX-ONLY
// RUN: vyre-compile %s --targets=cpu --cpu=native -o %t.native.vyre
// RUN: vyre-run %t.native.vyre --device cpu --fill 1 --shape arg0=1000
// RUN: vyre-compile %s -o - > %t.stdout.vyre
// RUN: cmp %t.vyre %t.stdout.vyre
// RUN: vyre-compile - -o %t.stdin.vyre < %s
// RUN: vyre-run %t.stdin.vyre --device cpu --fill 1 --shape arg0=10
// RUN: vyre-compile %s --emit=program | FileCheck %s --check-prefix=PROGRAM
// RUN: vyre-compile %s --emit=plan | FileCheck %s --check-prefix=PLAN
// RUN: vyre-compile %s --emit=plan --fuse=off | FileCheck %s --check-prefix=APART
// RUN: vyre-compile %s --emit=gpu | FileCheck %s --check-prefix=GPU
// RUN: vyre-compile %s --emit=ptx | FileCheck %s --check-prefix=PTX
// RUN: vyre-compile %s --emit=ptx --targets=sm_90 | FileCheck %s --check-prefix=PTX90
// RUN: vyre-compile %s --emit=llvm | FileCheck %s --check-prefix=LLVM
// RUN: vyre-compile %s --emit=artifact --targets=cpu --default-capacity=64 -o %t.small.vyre
// RUN: vyre-run %t.small.vyre --device cpu --fill 1 --shape arg0=16
// RUN: not vyre-run %t.small.vyre --device cpu --fill 1 --shape arg0=17 2>&1 | FileCheck %s --check-prefix=CAPACITY
// RUN: vyre-compile %s --targets=cpu --remarks-filter='vyre-fuse-.*' -o %t.same.vyre 2>&1 | FileCheck %s --check-prefix=REMARKS
// RUN: vyre-compile %s --mlir-timing --mlir-print-ir-after=convert-func-to-llvm,convert-gpu-to-nvvm -o %t.same.vyre 2>&1 | FileCheck %s --check-prefix=PASSES
// RUN: cmp %t.vyre %t.same.vyre
// RUN: vyre-compile --help | FileCheck %s --check-prefix=HELP
// RUN: vyre-compile --version | FileCheck %s --check-prefix=VERSION
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Every flag of vyre-compile. The same input gives the same bytes, from a file or not to
// a file.

// DEFAULT-DAG: sm_80
// DEFAULT-DAG: sm_90
// DEFAULT-DAG: x86-64-v3
// PTX-ONLY-NOT: x86-64
// PTX-ONLY: sm_90
// PTX-ONLY-NOT: x86-64
// PROGRAM: vyre.program @f
// PROGRAM-NOT: vyre.launch
// PLAN: program @f: 2 stages in 1 launch, 1 result{{$}}
// APART: program @f: 2 stages in 2 launches, 1 result{{$}}
// GPU: gpu.module
// PTX: .target sm_80
// PTX90: .target sm_90
// LLVM: define {{.*}}void @
// CAPACITY: takes 68 bytes, its capacity is 64, which is the option default-capacity. Fix:

// What passes decide, as vyre-opt says it, and nothing of others.
// REMARKS-NOT: remark: {{.*}}Category:vyre-form-program
// REMARKS: flags.mlir:[[@LINE+21]]:8: remark: [Passed] fused | Category:vyre-fuse-launches | Function=f |
// REMARKS-NOT: remark: {{.*}}Category:vyre-{{[^f]}}

// MLIR's own flags, for the passes of both backends, before and after lld resets them. (Of later
// pipelines the report may lack names: MLIR knows a pass by its address, which one before may have had.)
// PASSES: IR Dump After ConvertFuncToLLVMPass
// PASSES: IR Dump After ConvertGpuOpsToNVVMOps
// PASSES: Execution time report
// PASSES: FuseLaunches

// VERSION: vyre-compile {{[0-9]+\.[0-9]+\.[0-9]+}} (LLVM {{22\.[0-9.]+}})

// The flags of the compiler, and not those of LLVM.
// HELP-NOT: --riscv
// HELP: --cpu
// HELP: --targets

func.func @f(%x: tensor<?xf32>) -> tensor<?xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?xf32>
  %e = tensor.empty(%n) : tensor<?xf32>
  %a = linalg.add ins(%x, %x : tensor<?xf32>, tensor<?xf32>) outs(%e : tensor<?xf32>) -> tensor<?xf32>
  %b = linalg.mul ins(%a, %x : tensor<?xf32>, tensor<?xf32>) outs(%e : tensor<?xf32>) -> tensor<?xf32>
  return %b : tensor<?xf32>
}
