# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
"""Prints a program of stages over one space, each with arguments of its own to write and
one that all of them read.

    wide_launch.py STAGES WRITES
"""

import sys

stages, writes = map(int, sys.argv[1:])
TYPE = "memref<64xf32>"


def argument(name, slot, role):
    binding = f"#vyre.binding<slot = {slot}, role = {role}>"
    return f"    %{name}: {TYPE} {{vyre.binding = {binding}}}"


arguments = [argument("x", 0, "input")]
arguments += [argument(f"y{i}", i + 1, "output") for i in range(stages * writes)]
print("vyre.program @wide(", ",\n".join(arguments) + ") {", sep="\n")
print("  %n = arith.constant 64 : index")
for stage in range(stages):
    own = [f"%y{i}" for i in range(stage * writes, (stage + 1) * writes)]
    types = ", ".join([TYPE] * writes)
    print(
        f"  vyre.stage @s{stage} (%i) in (%n) reads(%x : {TYPE}) "
        f"writes({', '.join(own)} : {types}) {{"
    )
    print(f"    %v = memref.load %x[%i] : {TYPE}")
    for buffer in own:
        print(f"    memref.store %v, {buffer}[%i] : {TYPE}")
    print("  }")
print("  vyre.return\n}")
