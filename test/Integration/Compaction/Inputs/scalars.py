# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""scalars.py N: a function of N results, which one stage writes."""

import sys

count = int(sys.argv[1])
types = ", ".join(["i32"] * count)
values = ", ".join(["%x"] * count)
print(f"func.func @f(%x: i32) -> ({types}) {{\n  return {values} : {types}\n}}")
