# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
"""elementwise_chain.py LENGTH: prints a function of so many elementwise ops, each on the
result of the one before."""

import sys

TYPE = "tensor<64xf32>"
print(f"func.func @chain(%s0: {TYPE}, %x: {TYPE}) -> {TYPE} {{")
length = int(sys.argv[1])
for i in range(length):
    print(f"  %s{i + 1} = arith.subf %s{i}, %x : {TYPE}")
print(f"  return %s{length} : {TYPE}")
print("}")
