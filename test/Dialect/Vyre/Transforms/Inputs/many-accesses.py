# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
"""Prints a program with a stage that reads 70 elements of one buffer at each point."""

COUNT = 70
MEMORY = "memref<8192xf32>"

print(
    f"""vyre.program @many(
    %x: {MEMORY} {{vyre.binding = #vyre.binding<slot = 0, role = input_output>}},
    %y: {MEMORY} {{vyre.binding = #vyre.binding<slot = 1, role = input_output>}},
    %z: {MEMORY} {{vyre.binding = #vyre.binding<slot = 2, role = input_output>}}) {{
  %n = arith.constant 64 : index
  %v = arith.constant 1.0 : f32
  vyre.stage @many (%i) in (%n) reads(%x : {MEMORY}) writes(%y : {MEMORY}) {{"""
)
for k in range(COUNT):
    print(
        f"""    %c{k} = arith.constant {k + 64} : index
    %k{k} = arith.addi %i, %c{k} : index
    %v{k} = memref.load %x[%k{k}] : {MEMORY}
    memref.store %v{k}, %y[%i] : {MEMORY}"""
    )
print(
    f"""  }}
  vyre.stage @other (%i) in (%n) writes(%z : {MEMORY}) {{
    memref.store %v, %z[%i] : {MEMORY}
  }}
  vyre.stage @last (%i) in (%n) writes(%x : {MEMORY}) {{
    memref.store %v, %x[%i] : {MEMORY}
  }}
  vyre.return
}}"""
)
