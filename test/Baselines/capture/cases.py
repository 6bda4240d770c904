# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The programs whose dispatches compare.py times, as linalg on tensors.

All buffers are 1,024 floats: what is measured is the host's and the driver's part. Each
stage is a launch of its own (--fuse=off), so that a chain of 16 stages is 16 kernels.
"""

from dataclasses import dataclass

import numpy as np

COUNT = 1024
MULTIPLY, ADD = 0.75, 0.5

HEAD = "#id = affine_map<(d0) -> (d0)>\n"
VECTOR = f"tensor<{COUNT}xf32>"


def stage(result, inputs, body, yielded):
    """One linalg.generic on `inputs`, whose elements the body calls %e0, %e1, ..."""
    maps = ", ".join(["#id"] * (len(inputs) + 1))
    ins = ""
    if inputs:
        ins = f"ins({', '.join(inputs)} : {', '.join([VECTOR] * len(inputs))}) "
    elements = ", ".join([f"%e{i}: f32" for i in range(len(inputs))] + ["%o: f32"])
    return (
        f"  {result} = linalg.generic {{indexing_maps = [{maps}], "
        f'iterator_types = ["parallel"]}}\n'
        f"      {ins}outs(%empty : {VECTOR}) {{\n"
        f"  ^bb0({elements}):\n{body}    linalg.yield {yielded} : f32\n"
        f"  }} -> {VECTOR}\n"
    )


def step(result, source):
    body = "    %m = arith.mulf %e0, %multiply : f32\n    %a = arith.addf %m, %add : f32\n"
    return stage(result, [source], body, "%a")


def branch(result, number):
    """Another constant for each, or the branches would be one."""
    body = f"    %c = arith.constant {float(number)} : f32\n"
    body += "    %m = arith.mulf %e0, %c : f32\n    %a = arith.addf %m, %add : f32\n"
    return stage(result, ["%x0"], body, "%a")


def total(result, sources):
    body, last = "", "%e0"
    if not sources:
        return stage(result, [], "", "%add")
    for i in range(1, len(sources)):
        body += f"    %s{i} = arith.addf {last}, %e{i} : f32\n"
        last = f"%s{i}"
    return stage(result, sources, body, last)


@dataclass
class Case:
    """`kind` and how many of it; `changed` pointers a dispatch; where buffers are."""

    kind: str
    count: int
    changed: str = "none"
    host: bool = False

    @property
    def program(self):
        return f"{self.kind}-{self.count}"

    @property
    def name(self):
        where = "host" if self.host else "device"
        return f"{self.program}, {where}, {self.changed} changed"

    def source(self):
        inputs = [f"%x{i}" for i in range(self.inputCount())]
        body = f"  %empty = tensor.empty() : {VECTOR}\n"
        body += f"  %multiply = arith.constant {MULTIPLY} : f32\n"
        body += f"  %add = arith.constant {ADD} : f32\n"
        if self.kind == "chain":
            for i in range(self.count):
                body += step(f"%t{i}", f"%t{i - 1}" if i else "%x0")
            last = f"%t{self.count - 1}"
        elif self.kind == "wide":
            branches = [f"%t{i}" for i in range(self.count)]
            for number, name in enumerate(branches):
                body += branch(name, number)
            body += total("%sum", branches)
            last = "%sum"
        else:
            body += total("%sum", inputs)
            last = "%sum"
        arguments = ", ".join(f"{name}: {VECTOR}" for name in inputs)
        return f"{HEAD}func.func @f({arguments}) -> {VECTOR} {{\n{body}  return {last} : {VECTOR}\n}}\n"

    def inputCount(self):
        return self.count if self.kind == "arguments" else 1

    def launches(self):
        return {"chain": self.count, "wide": self.count + 1, "arguments": 1}[self.kind]

    def arguments(self):
        rng = np.random.default_rng(self.count)
        return [rng.standard_normal(COUNT).astype(np.float32) for _ in range(self.inputCount())]

    def problem(self, arguments, result):
        """None where a result is right, within what float32 in this order allows."""
        wide = [x.astype(np.float64) for x in arguments]
        if self.kind == "arguments":
            want = sum(wide) if wide else np.full(COUNT, ADD)
            scale = sum(map(np.abs, wide)) if wide else 1.0
        else:
            want = wide[0]
            for _ in range(self.count if self.kind == "chain" else 0):
                want = want * MULTIPLY + ADD
            scale = np.abs(wide[0]) + 4
            if self.kind == "wide":
                want = sum(wide[0] * number + ADD for number in range(self.count))
                scale = np.abs(wide[0]) * self.count**2 + self.count
        error = np.abs(result - want)
        bound = scale * (self.count + 2) * 2.0**-22
        return None if np.all(error <= bound) else f"off by {np.nanmax(error)}"


def allCases():
    yield Case("chain", 1, host=True)
    for count in (1, 4, 16, 64):
        yield Case("chain", count)
    for changed in ("one", "all"):
        yield Case("chain", 16, changed)
    for count in (8, 32):
        yield Case("wide", count)
    yield Case("wide", 32, "one")
    for count in (0, 8, 57):
        yield Case("arguments", count)
    for changed in ("one", "all"):
        yield Case("arguments", 57, changed)


def smokeCases():
    return [Case("chain", 4), Case("wide", 8, "all"), Case("arguments", 0), Case("chain", 1, host=True)]
