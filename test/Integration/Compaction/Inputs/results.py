#!/usr/bin/env python3
#
# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
"""results.py COUNT: a program of so many results over one index space."""

import sys

print("func.func @f(%x: memref<16xf32>) -> (")
count = int(sys.argv[1])
print(", ".join(["memref<16xf32>"] * count) + ") {")
print("  %c0 = arith.constant 0 : index")
print("  %c1 = arith.constant 1 : index")
print("  %n = arith.constant 16 : index")
for i in range(count):
    print(f"  %k{i} = arith.constant {i}.0 : f32")
    print(f"  %y{i} = memref.alloc() : memref<16xf32>")
    print("  scf.parallel (%i) = (%c0) to (%n) step (%c1) {")
    print("    %v = memref.load %x[%i] : memref<16xf32>")
    print(f"    %s = arith.addf %v, %k{i} : f32")
    print(f"    memref.store %s, %y{i}[%i] : memref<16xf32>")
    print("    scf.reduce")
    print("  }")
print("  return " + ", ".join(f"%y{i}" for i in range(count)))
print("    : " + ", ".join(["memref<16xf32>"] * count) + "\n}")
