# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""scalars.py N: a function of N scalars, which are its results and which one stage writes."""

import sys

count = int(sys.argv[1])
types = ", ".join(["i32"] * count)
values = [f"%x{i}" for i in range(count)]
arguments = ", ".join(f"{value}: i32" for value in values)
print(f"func.func @f({arguments}) -> ({types}) {{\n  return {', '.join(values)} : {types}\n}}")
