// RUN: vyre-compile %s --targets=cpu --default-capacity=8796093022208 -o %t.vyre
// RUN: vyre-run %t.vyre --device cpu --fill 1 --shape arg0=0x1099511627776 --report %t.json --out %t | FileCheck %s --check-prefix=WIDE
// RUN: FileCheck %s --input-file=%t.json
// RUN: vyre-run %t.vyre --device cpu --fill 1 --shape arg0=1099511627776x0 --report %t.json --out %t | FileCheck %s --check-prefix=HIGH
// RUN: FileCheck %s --input-file=%t.json
// RUN: vyre-compile %s --targets=cpu -o %t.default.vyre
// RUN: not vyre-run %t.default.vyre --device cpu --fill 1 --shape arg0=0x1099511627776 2>&1 | FileCheck %s --check-prefix=REFUSED
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Without points nothing is launched, however large the other extent is; and what extents
// may be follows from the capacity, with one for each that is zero.

// CHECK: "launches": 0
// CHECK: "bytes_up": 0
// WIDE: result0: f32 0x1099511627776
// HIGH: result0: f32 1099511627776x0
// REFUSED: argument 0 'arg0' of program 'twice' with shape [0, 1099511627776] counts as 4398046511104 bytes, with one for each extent of zero, its capacity is 1073741824, which is the option default-capacity. Fix:
func.func @twice(%x: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %y = arith.addf %x, %x : tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}
