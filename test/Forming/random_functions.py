# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
"""Random functions of loops over memrefs, as vyre-form-program takes them.

They mix loads and stores outside of loops, arithmetic on scalars, parallel loops,
reductions, copies of buffers and of parts of them, and sequential loops around all of
these, so that what is read outside of a loop is often overwritten before it is used.
Points of a parallel loop are independent of each other.
"""

import re

SIZE = 6
BUFFER = f"memref<{SIZE}xi64>"
ARGUMENTS = ["%x", "%y", "%z"]


class Function:
    """One function: its statements and what it returns."""

    def __init__(self, name, rng):
        self.name, self.rng = name, rng
        self.lines, self.count = [], 0
        self.buffers = list(ARGUMENTS)
        if rng.random() < 0.7:
            self.buffers.append("%t")
            self.emit(1, f"%t = memref.alloc() : {BUFFER}")
            self.copy(1, "%x", "%t", BUFFER, BUFFER)
        scalars = ["%s0", "%s1"]
        for _ in range(rng.randrange(3, 12)):
            self.statement(1, scalars, 0)
        self.results = [("i64", rng.choice(scalars)) for _ in range(rng.randrange(3))]
        returned = rng.sample(self.buffers, rng.randrange(len(self.buffers)))
        self.results += [(BUFFER, buffer) for buffer in returned]
        rng.shuffle(self.results)

    # Text

    def emit(self, depth, text):
        self.lines.append("  " * depth + text)

    def new(self):
        self.count += 1
        return f"%v{self.count}"

    def copy(self, depth, source, target, sourceType, targetType):
        self.emit(
            depth, f"memref.copy {source}, {target} : {sourceType} to {targetType}"
        )

    def body(self):
        constants = [f"  %c{i} = arith.constant {i} : index" for i in range(SIZE + 1)]
        return constants + self.lines

    def source(self):
        """The function as vyre-form-program gets it."""
        types = ", ".join(kind for kind, _ in self.results)
        returned = "  return"
        if self.results:
            returned += " " + ", ".join(value for _, value in self.results) + " : " + types
        header = f"func.func @{self.name}({self.signature()}) -> ({types}) {{"
        return "\n".join([header, *self.body(), returned, "}"])

    def reference(self):
        """The same with an argument for each result, for upstream's lowering."""
        outputs = ""
        stores = []
        for index, (kind, value) in enumerate(self.results):
            if kind == "i64":
                outputs += f", %out{index}: memref<i64>"
                stores.append(f"  memref.store {value}, %out{index}[] : memref<i64>")
            else:
                outputs += f", %out{index}: {kind}"
                stores.append(f"  memref.copy {value}, %out{index} : {kind} to {kind}")
        header = f"func.func @{self.name}({self.signature()}{outputs})"
        header += " attributes {llvm.emit_c_interface} {"
        text = "\n".join([header, *self.body(), *stores, "  return", "}"])
        # A memref.copy would be a call into a library.
        return re.sub(
            r"memref\.copy (\S+), (\S+) : (.*) to (.*)",
            r"linalg.copy ins(\1 : \3) outs(\2 : \4)",
            text,
        )

    def signature(self):
        return "%s0: i64, %s1: i64, " + ", ".join(f"{a}: {BUFFER}" for a in ARGUMENTS)

    # Statements

    def index(self):
        return f"%c{self.rng.randrange(SIZE)}"

    def load(self, depth, buffer, index):
        value = self.new()
        self.emit(depth, f"{value} = memref.load {buffer}[{index}] : {BUFFER}")
        return value

    def arithmetic(self, depth, scalars):
        value = self.new()
        kind = self.rng.choice(["addi", "subi", "muli", "xori"])
        left, right = self.rng.choice(scalars), self.rng.choice(scalars)
        self.emit(depth, f"{value} = arith.{kind} {left}, {right} : i64")
        return value

    def statement(self, depth, scalars, loops):
        kinds = ["load", "arithmetic", "store", "parallel", "reduction", "copy"]
        weights = [20, 15, 12, 30, 8, 7]
        if loops < 2:
            kinds.append("sequential")
            weights.append(13)
        kind = self.rng.choices(kinds, weights)[0]
        buffer = self.rng.choice(self.buffers)
        if kind == "load":
            scalars.append(self.load(depth, buffer, self.index()))
        elif kind == "arithmetic":
            scalars.append(self.arithmetic(depth, scalars))
        elif kind == "store":
            value = self.rng.choice(scalars)
            self.emit(depth, f"memref.store {value}, {buffer}[{self.index()}] : {BUFFER}")
        elif kind == "parallel":
            self.parallel(depth, buffer, list(scalars))
        elif kind == "reduction":
            scalars.append(self.reduction(depth, buffer, scalars))
        elif kind == "copy":
            self.anyCopy(depth, *self.rng.sample(self.buffers, 2))
        else:
            self.sequential(depth, scalars, loops)

    def parallel(self, depth, buffer, scalars):
        iv = self.new()
        self.emit(depth, f"scf.parallel ({iv}) = (%c0) to (%c{SIZE}) step (%c1) {{")
        for _ in range(self.rng.randrange(1, 4)):
            other = self.rng.choice(self.buffers)
            isOwn = other == buffer or self.rng.random() < 0.5
            scalars.append(self.load(depth + 1, other, iv if isOwn else self.index()))
        for _ in range(self.rng.randrange(3)):
            scalars.append(self.arithmetic(depth + 1, scalars))
        self.emit(depth + 1, f"memref.store {scalars[-1]}, {buffer}[{iv}] : {BUFFER}")
        self.emit(depth + 1, "scf.reduce")
        self.emit(depth, "}")

    def reduction(self, depth, buffer, scalars):
        result, iv, left, right, combined = (self.new() for _ in range(5))
        kind = self.rng.choice(["addi", "muli", "xori", "maxsi"])
        init = self.rng.choice(scalars)
        self.emit(
            depth,
            f"{result} = scf.parallel ({iv}) = (%c0) to (%c{SIZE}) step (%c1) "
            f"init ({init}) -> i64 {{",
        )
        value = self.load(depth + 1, buffer, iv)
        self.emit(depth + 1, f"scf.reduce({value} : i64) {{")
        self.emit(depth + 1, f"^bb0({left}: i64, {right}: i64):")
        self.emit(depth + 2, f"{combined} = arith.{kind} {left}, {right} : i64")
        self.emit(depth + 2, f"scf.reduce.return {combined} : i64")
        self.emit(depth + 1, "}")
        self.emit(depth, "}")
        return result

    def anyCopy(self, depth, source, target):
        if self.rng.random() < 0.5:
            return self.copy(depth, source, target, BUFFER, BUFFER)
        size = self.rng.randrange(1, SIZE)
        views, types = [], []
        for buffer in (source, target):
            offset = self.rng.randrange(SIZE - size + 1)
            view = self.new()
            place = f", offset: {offset}" if offset else ""
            types.append(f"memref<{size}xi64, strided<[1]{place}>>")
            self.emit(
                depth,
                f"{view} = memref.subview {buffer}[{offset}] [{size}] [1] : "
                f"{BUFFER} to {types[-1]}",
            )
            views.append(view)
        return self.copy(depth, *views, *types)

    def sequential(self, depth, scalars, loops):
        iv, count = self.new(), self.rng.randrange(4)
        inner = list(scalars)
        bounds = f"scf.for {iv} = %c0 to %c{count} step %c1"
        if self.rng.random() < 0.5:
            result, carried = self.new(), self.new()
            init = self.rng.choice(scalars)
            self.emit(
                depth, f"{result} = {bounds} iter_args({carried} = {init}) -> i64 {{"
            )
            inner.append(carried)
        else:
            result = None
            self.emit(depth, bounds + " {")
        for _ in range(self.rng.randrange(1, 4)):
            self.statement(depth + 1, inner, loops + 1)
        if result:
            self.emit(depth + 1, f"scf.yield {self.rng.choice(inner)} : i64")
            scalars.append(result)
        self.emit(depth, "}")
