// RUN: vyre-compile %s --targets=cpu -o %t.vyre --mlir-print-ir-before=vyre-verify-launches 2>&1 \
// RUN:     | FileCheck %s --allow-empty --check-prefix=%if debug-build %{CHECKED%} %else %{UNCHECKED%}
// RUN: vyre-compile %s --targets=cpu -o %t.vyre --mlir-print-ir-before=vyre-verify-launches --verify-launches 2>&1 \
// RUN:     | FileCheck %s --check-prefix=CHECKED
// RUN: vyre-compile %s --targets=cpu -o %t.vyre --mlir-print-ir-before=vyre-verify-launches --verify-launches=false 2>&1 \
// RUN:     | FileCheck %s --allow-empty --check-prefix=UNCHECKED
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Launches are checked again after fusion: by default in debug builds, and on request.

// CHECKED: IR Dump Before {{.*}}vyre-verify-launches
// UNCHECKED-NOT: vyre-verify-launches
func.func @f(%x: tensor<8xf32>) -> tensor<8xf32> {
  %e = tensor.empty() : tensor<8xf32>
  %y = linalg.exp ins(%x : tensor<8xf32>) outs(%e : tensor<8xf32>) -> tensor<8xf32>
  return %y : tensor<8xf32>
}
