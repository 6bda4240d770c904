# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
"""Further kinds of stages for random programs: element types, views, loops and ops
that an analysis of accesses has to see through, or to give up on.

Each method is as those of random_programs.Generator, which inherits them: it adds
stages, and returns False where nothing fits.
"""

import numpy as np

from random_stages import Access


class FurtherKinds:
    def addMapped(self, source, target, lines, indices, compute, space=None, writes=None):
        """A stage that reads one buffer at `indices` and writes the other at its point,
        or at `writes`."""
        names = {"m": "i", "n": "j"}
        indices = indices if isinstance(indices, list) else [indices]
        self.addStage(
            space=space or tuple((names[d], d) for d in target.shape),
            body=lines,
            accesses=[
                *(
                    Access(source, False, *(entry if isinstance(entry, tuple) else (entry,)))
                    for entry in indices
                ),
                writes or self.pointAccess(target, True, names),
            ],
            compute=compute,
        )
        return True

    def widths(self):
        """t = a rounded to another float type; out = t * t, widened again."""
        source = self.pick(("m", "n"))
        if source is None:
            return False
        program = self.program
        type_ = self.random.choice(["f16", "f64"])
        cast, back = ("truncf", "extf") if type_ == "f16" else ("extf", "truncf")
        kept = self.addBuffer(("m", "n"), "intermediate", type_)
        a, b, c, d, e = (self.value() for _ in range(5))
        lines = [
            f"{a} = memref.load %{source.name}[%i, %j] : {program.type(source)}",
            f"{b} = arith.{cast} {a} : f32 to {type_}",
            f"memref.store {b}, %{kept.name}[%i, %j] : {program.type(kept)}",
        ]

        def convert(arrays):
            arrays[kept.name][...] = arrays[source.name]

        at = lambda p: (p["i"], p["j"])
        self.addMapped(source, kept, lines, at, convert)
        target = self.target(("m", "n"), source)
        lines = [
            f"{c} = memref.load %{kept.name}[%i, %j] : {program.type(kept)}",
            f"{d} = arith.mulf {c}, {c} : {type_}",
            f"{e} = arith.{back} {d} : {type_} to f32",
            f"memref.store {e}, %{target.name}[%i, %j] : {program.type(target)}",
        ]

        def square(arrays):
            arrays[target.name][...] = arrays[kept.name] * arrays[kept.name]

        return self.addMapped(kept, target, lines, at, square)

    def mask(self):
        """t = a > 0, as an integer; out = t ? a : -a, so the magnitude."""
        source = self.pick(("m", "n"))
        if source is None:
            return False
        program = self.program
        type_ = self.random.choice(["i1", "i8", "i16", "i64"])
        kept = self.addBuffer(("m", "n"), "intermediate", type_)
        a, zero, b, c, d, e, f, g, h = (self.value() for _ in range(9))
        lines = [
            f"{a} = memref.load %{source.name}[%i, %j] : {program.type(source)}",
            f"{zero} = arith.constant 0.0 : f32",
            f"{b} = arith.cmpf ogt, {a}, {zero} : f32",
        ]
        if type_ == "i1":
            c = b
        else:
            lines.append(f"{c} = arith.extui {b} : i1 to {type_}")
        lines.append(f"memref.store {c}, %{kept.name}[%i, %j] : {program.type(kept)}")

        def compare(arrays):
            arrays[kept.name][...] = arrays[source.name] > 0

        at = lambda p: (p["i"], p["j"])
        self.addMapped(source, kept, lines, at, compare)
        target = self.target(("m", "n"), source)
        lines = [f"{d} = memref.load %{kept.name}[%i, %j] : {program.type(kept)}"]
        if type_ == "i1":
            e = d
        else:
            lines.append(f"{e} = arith.trunci {d} : {type_} to i1")
        lines += [
            f"{f} = memref.load %{source.name}[%i, %j] : {program.type(source)}",
            f"{g} = arith.negf {f} : f32",
            f"{h} = arith.select {e}, {f}, {g} : f32",
            f"memref.store {h}, %{target.name}[%i, %j] : {program.type(target)}",
        ]

        def choose(arrays):
            values = arrays[source.name]
            arrays[target.name][...] = np.where(arrays[kept.name] != 0, values, -values)

        self.addStage(
            space=(("i", "m"), ("j", "n")),
            body=lines,
            accesses=[
                Access(kept, False, at),
                Access(source, False, at),
                Access(target, True, at),
            ],
            compute=choose,
        )
        return True

    def neighbour(self):
        """out[i, j] = a[max(i - 1, 0), min(j + 1, n - 1)], clamped by arith or affine ops."""
        source = self.pick(("m", "n"))
        if source is None:
            return False
        program = self.program
        target = self.target(("m", "n"), source)
        last = program.extent("n") - 1
        up, row, right, less, column, value = (self.value() for _ in range(6))
        if self.random.random() < 0.5:
            lines = [
                f"{up} = arith.subi %i, %c1 : index",
                f"{row} = arith.maxsi {up}, %c0 : index",
                f"{right} = arith.addi %j, %c1 : index",
                f"{less} = arith.subi %n, %c1 : index",
                f"{column} = arith.minsi {right}, {less} : index",
            ]
        else:
            lines = [
                f"{row} = affine.max affine_map<(d0) -> (d0 - 1, 0)>(%i)",
                f"{column} = affine.min affine_map<(d0)[s0] -> (d0 + 1, s0 - 1)>(%j)[%n]",
            ]
        lines += [
            f"{value} = memref.load %{source.name}[{row}, {column}] : {program.type(source)}",
            f"memref.store {value}, %{target.name}[%i, %j] : {program.type(target)}",
        ]

        def compute(arrays):
            rows, columns = map(np.arange, program.shape(source))
            moved = arrays[source.name][np.maximum(rows - 1, 0)]
            arrays[target.name][...] = moved[:, np.minimum(columns + 1, last)]

        return self.addMapped(
            source,
            target,
            lines,
            lambda p: (max(p["i"] - 1, 0), min(p["j"] + 1, last)),
            compute,
        )

    def staircase(self):
        """out[i] = sum of a[i, k] for k < min(n, i + 2), in order."""
        source = self.pick(("m", "n"))
        if source is None:
            return False
        program = self.program
        target = self.target(("m",), source)
        zero, limit, sum_, carried, value, next_ = (self.value() for _ in range(6))
        lines = [
            f"{zero} = arith.constant 0.0 : f32",
            f"{limit} = affine.min affine_map<(d0)[s0] -> (s0, d0 + 2)>(%i)[%n]",
            f"{sum_} = scf.for %k = %c0 to {limit} step %c1 iter_args({carried} = {zero}) "
            "-> f32 {",
            f"  {value} = memref.load %{source.name}[%i, %k] : {program.type(source)}",
            f"  {next_} = arith.addf {carried}, {value} : f32",
            f"  scf.yield {next_} : f32",
            "}",
            f"memref.store {sum_}, %{target.name}[%i] : {program.type(target)}",
        ]

        def compute(arrays):
            array = arrays[source.name]
            result = np.zeros(program.extent("m"), np.float32)
            for i in range(len(result)):
                for k in range(min(program.extent("n"), i + 2)):
                    result[i] += array[i, k]
            arrays[target.name][...] = result

        below = lambda p: (p["i"], p["k"]) if p["k"] < p["i"] + 2 else None
        return self.addMapped(source, target, lines, (below, (("k", "n"),)), compute)

    def walk(self):
        """out[i, j] = a[i, j] + a[i, j + 2] + a[i, j + 4], modulo n: an index that a loop
        carries."""
        source = self.pick(("m", "n"))
        if source is None:
            return False
        program = self.program
        target = self.target(("m", "n"), source)
        n = program.extent("n")
        zero, two, three, result, at, carried, value, sum_, far, next_ = (
            self.value() for _ in range(10)
        )
        lines = [
            f"{zero} = arith.constant 0.0 : f32",
            f"{two} = arith.constant 2 : index",
            f"{three} = arith.constant 3 : index",
            f"{result}:2 = scf.for %k = %c0 to {three} step %c1 iter_args({at} = %j, "
            f"{carried} = {zero}) -> (index, f32) {{",
            f"  {value} = memref.load %{source.name}[%i, {at}] : {program.type(source)}",
            f"  {sum_} = arith.addf {carried}, {value} : f32",
            f"  {far} = arith.addi {at}, {two} : index",
            f"  {next_} = arith.remui {far}, %n : index",
            f"  scf.yield {next_}, {sum_} : index, f32",
            "}",
            f"memref.store {result}#1, %{target.name}[%i, %j] : {program.type(target)}",
        ]

        def compute(arrays):
            array = arrays[source.name]
            current = np.zeros_like(array)
            for k in range(3):
                current = current + (np.roll(array, -2 * k, axis=1) if n else array)
            arrays[target.name][...] = current

        visited = lambda p: (p["i"], (p["j"] + 2 * p["k"]) % n)
        return self.addMapped(source, target, lines, (visited, (("k", 3),)), compute)

    def halves(self):
        """out[i, j] = a[i, j / 2] * a[i, (j + 1) / 2], by divisions of several kinds."""
        source = self.pick(("m", "n"))
        if source is None:
            return False
        program = self.program
        target = self.target(("m", "n"), source)
        two, low, high, a, b, product = (self.value() for _ in range(6))
        down = self.random.choice(["divui", "divsi", "floordivsi"])
        up = self.random.choice(["ceildivsi", "ceildivui"])
        lines = [
            f"{two} = arith.constant 2 : index",
            f"{low} = arith.{down} %j, {two} : index",
            f"{high} = arith.{up} %j, {two} : index",
            f"{a} = memref.load %{source.name}[%i, {low}] : {program.type(source)}",
            f"{b} = memref.load %{source.name}[%i, {high}] : {program.type(source)}",
            f"{product} = arith.mulf {a}, {b} : f32",
            f"memref.store {product}, %{target.name}[%i, %j] : {program.type(target)}",
        ]

        def compute(arrays):
            array, j = arrays[source.name], np.arange(program.extent("n"))
            arrays[target.name][...] = array[:, j // 2] * array[:, (j + 1) // 2]

        return self.addMapped(
            source,
            target,
            lines,
            [
                lambda p: (p["i"], p["j"] // 2),
                lambda p: (p["i"], (p["j"] + 1) // 2),
            ],
            compute,
        )

    def offsetView(self):
        """t[i, j] = a[i, j + 1] by a view whose place is an operand, where j + 1 < n."""
        source, target = self.pick(("m", "n")), self.pick(("m", "n"))
        if source is None or target is source or target.kind == "input":
            return False
        program = self.program
        n = program.extent("n")
        next_, isInside, view, less, value = (self.value() for _ in range(5))
        columns = "?" if program.dynamic else str(n)
        type_ = f"memref<?x?xf32, strided<[{columns}, 1], offset: ?>>"
        lines = [
            f"{next_} = arith.addi %j, %c1 : index",
            f"{isInside} = arith.cmpi ult, {next_}, %n : index",
            f"{less} = arith.subi %n, %c1 : index",
            f"scf.if {isInside} {{",
            f"  {view} = memref.subview %{source.name}[0, %c1] [%m, {less}] [1, 1] : "
            f"{program.type(source)} to {type_}",
            f"  {value} = memref.load {view}[%i, %j] : {type_}",
            f"  memref.store {value}, %{target.name}[%i, %j] : {program.type(target)}",
            "}",
        ]

        def compute(arrays):
            arrays[target.name][:, :-1] = arrays[source.name][:, 1:].copy()

        inside = lambda shift: lambda p: (
            (p["i"], p["j"] + shift) if p["j"] + 1 < n else None
        )
        return self.addMapped(
            source, target, lines, inside(1), compute, writes=Access(target, True, inside(0))
        )

    def mirror(self):
        """out[j] = a[n - 1 - j] by a view with a negative stride; static sizes alone."""
        program = self.program
        source = self.pick(("n",))
        n = program.extent("n")
        if program.dynamic or source is None:
            return False
        target = self.target(("n",), source)
        view, value = self.value(), self.value()
        type_ = f"memref<{n}xf32, strided<[-1], offset: {n - 1}>>"
        lines = [
            f"{view} = memref.reinterpret_cast %{source.name} to offset: [{n - 1}], "
            f"sizes: [{n}], strides: [-1] : {program.type(source)} to {type_}",
            f"{value} = memref.load {view}[%j] : {type_}",
            f"memref.store {value}, %{target.name}[%j] : {program.type(target)}",
        ]

        def compute(arrays):
            arrays[target.name][...] = arrays[source.name][::-1]

        return self.addMapped(source, target, lines, lambda p: (n - 1 - p["j"],), compute)

    def pairs(self):
        """out = a + a, by vectors of two; for rows of static and even length."""
        program = self.program
        source, n = self.pick(("m", "n")), program.extent("n")
        if program.dynamic or source is None or n % 2 != 0 or n == 0:
            return False
        target = self.addBuffer(("m", "n"))
        two, first, value, sum_ = (self.value() for _ in range(4))
        lines = [
            f"{two} = arith.constant 2 : index",
            f"{first} = arith.muli %h, {two} : index",
            f"{value} = vector.load %{source.name}[%i, {first}] : {program.type(source)}, "
            "vector<2xf32>",
            f"{sum_} = arith.addf {value}, {value} : vector<2xf32>",
            f"vector.store {sum_}, %{target.name}[%i, {first}] : {program.type(target)}, "
            "vector<2xf32>",
        ]

        def compute(arrays):
            arrays[target.name][...] = arrays[source.name] + arrays[source.name]

        lane = lambda p: (p["i"], 2 * p["h"] + p["lane"])
        return self.addMapped(
            source,
            target,
            lines,
            (lane, (("lane", 2),)),
            compute,
            space=(("i", "m"), ("h", n // 2)),
            writes=Access(target, True, lane, (("lane", 2),)),
        )

    def scratch(self):
        """out = a * a + a, by way of memory of the point's own."""
        source = self.pick(("m", "n"))
        if source is None:
            return False
        program = self.program
        target = self.target(("m", "n"), source)
        own, value, square, first, second, sum_ = (self.value() for _ in range(6))
        lines = [
            f"{own} = memref.alloca() : memref<2xf32>",
            f"{value} = memref.load %{source.name}[%i, %j] : {program.type(source)}",
            f"{square} = arith.mulf {value}, {value} : f32",
            f"memref.store {value}, {own}[%c0] : memref<2xf32>",
            f"memref.store {square}, {own}[%c1] : memref<2xf32>",
            f"{first} = memref.load {own}[%c0] : memref<2xf32>",
            f"{second} = memref.load {own}[%c1] : memref<2xf32>",
            f"{sum_} = arith.addf {second}, {first} : f32",
            f"memref.store {sum_}, %{target.name}[%i, %j] : {program.type(target)}",
        ]

        def compute(arrays):
            array = arrays[source.name]
            arrays[target.name][...] = array * array + array

        return self.addMapped(source, target, lines, lambda p: (p["i"], p["j"]), compute)

    def firstPositive(self):
        """out[i] = the number of leading values of the row that are not positive: a loop
        that data ends."""
        source = self.pick(("m", "n"))
        if source is None:
            return False
        program = self.program
        target = self.target(("m",), source)
        count, at, isInside, isOn, value, zero, isPositive, more, next_, narrow, found = (
            self.value() for _ in range(11)
        )
        lines = [
            f"{zero} = arith.constant 0.0 : f32",
            f"{count} = scf.while ({at} = %c0) : (index) -> index {{",
            f"  {isInside} = arith.cmpi ult, {at}, %n : index",
            f"  {isOn} = scf.if {isInside} -> i1 {{",
            f"    {value} = memref.load %{source.name}[%i, {at}] : {program.type(source)}",
            f"    {isPositive} = arith.cmpf ogt, {value}, {zero} : f32",
            f"    {more} = arith.xori {isPositive}, {isInside} : i1",
            f"    scf.yield {more} : i1",
            "  } else {",
            f"    scf.yield {isInside} : i1",
            "  }",
            f"  scf.condition({isOn}) {at} : index",
            "} do {",
            f"^bb0({at}: index):",
            f"  {next_} = arith.addi {at}, %c1 : index",
            f"  scf.yield {next_} : index",
            "}",
            f"{narrow} = arith.index_cast {count} : index to i32",
            f"{found} = arith.sitofp {narrow} : i32 to f32",
            f"memref.store {found}, %{target.name}[%i] : {program.type(target)}",
        ]

        def compute(arrays):
            array = arrays[source.name]
            positive = np.concatenate([array > 0, np.ones((len(array), 1), bool)], axis=1)
            arrays[target.name][...] = positive.argmax(axis=1)

        # It may look at each.
        anywhere = (lambda p: (p["i"], p["k"]), (("k", "n"),))
        return self.addMapped(source, target, lines, anywhere, compute)

    def countPositive(self):
        """out[i] = how many values of the row are positive, by atomics from all its
        points to one element, after a fill."""
        source = self.pick(("m", "n"))
        if source is None:
            return False
        program = self.program
        names = {"m": "i", "n": "j"}
        count = self.addBuffer(("m",), "intermediate", "i32")
        none, value, zero, isPositive, one, old, total, result = (
            self.value() for _ in range(8)
        )
        self.addStage(
            space=(("i", "m"),),
            body=[
                f"{none} = arith.constant 0 : i32",
                f"memref.store {none}, %{count.name}[%i] : {program.type(count)}",
            ],
            accesses=[self.pointAccess(count, True, names)],
            compute=lambda arrays: arrays[count.name].fill(0),
        )

        def add(arrays):
            arrays[count.name][...] += (arrays[source.name] > 0).sum(axis=1, dtype=np.int32)

        self.addStage(
            space=(("i", "m"), ("j", "n")),
            body=[
                f"{value} = memref.load %{source.name}[%i, %j] : {program.type(source)}",
                f"{zero} = arith.constant 0.0 : f32",
                f"{isPositive} = arith.cmpf ogt, {value}, {zero} : f32",
                f"{one} = arith.extui {isPositive} : i1 to i32",
                f"{old} = memref.atomic_rmw addi {one}, %{count.name}[%i] : "
                f"(i32, {program.type(count)}) -> i32",
            ],
            accesses=[
                self.pointAccess(source, False, names),
                self.pointAccess(count, True, names),
                self.pointAccess(count, False, names),
            ],
            compute=add,
        )
        target = self.target(("m",))

        def compute(arrays):
            arrays[target.name][...] = arrays[count.name]

        lines = [
            f"{total} = memref.load %{count.name}[%i] : {program.type(count)}",
            f"{result} = arith.sitofp {total} : i32 to f32",
            f"memref.store {result}, %{target.name}[%i] : {program.type(target)}",
        ]
        return self.addMapped(count, target, lines, lambda p: (p["i"],), compute)

    def checkerboard(self):
        """t[i, j] = a[i, j - 1] where j > 0 and i is odd, or i = 0; else t = -t."""
        source, target = self.pick(("m", "n")), self.pick(("m", "n"))
        if source is None or target is source or target.kind == "input":
            return False
        program = self.program
        two, parity, isOdd, isFirst, isRow, isInner, isBoth, left, a, b, c = (
            self.value() for _ in range(11)
        )
        lines = [
            f"{two} = arith.constant 2 : index",
            f"{parity} = arith.remui %i, {two} : index",
            f"{isOdd} = arith.cmpi eq, {parity}, %c1 : index",
            f"{isFirst} = arith.cmpi eq, %i, %c0 : index",
            f"{isRow} = arith.ori {isOdd}, {isFirst} : i1",
            f"{isInner} = arith.cmpi sgt, %j, %c0 : index",
            f"{isBoth} = arith.andi {isInner}, {isRow} : i1",
            f"scf.if {isBoth} {{",
            f"  {left} = arith.subi %j, %c1 : index",
            f"  {a} = memref.load %{source.name}[%i, {left}] : {program.type(source)}",
            f"  memref.store {a}, %{target.name}[%i, %j] : {program.type(target)}",
            "} else {",
            f"  {b} = memref.load %{target.name}[%i, %j] : {program.type(target)}",
            f"  {c} = arith.negf {b} : f32",
            f"  memref.store {c}, %{target.name}[%i, %j] : {program.type(target)}",
            "}",
        ]
        isShifted = lambda p: p["j"] > 0 and (p["i"] % 2 == 1 or p["i"] == 0)

        def compute(arrays):
            result = arrays[target.name]
            rows = np.arange(result.shape[0])
            shifted = ((rows % 2 == 1) | (rows == 0))[:, None] & (
                np.arange(result.shape[1]) > 0
            )
            moved = np.roll(arrays[source.name], 1, axis=1) if result.size else result
            result[...] = np.where(shifted, moved, -result)

        self.addStage(
            space=(("i", "m"), ("j", "n")),
            body=lines,
            accesses=[
                Access(
                    source, False, lambda p: (p["i"], p["j"] - 1) if isShifted(p) else None
                ),
                Access(
                    target, False, lambda p: None if isShifted(p) else (p["i"], p["j"])
                ),
                Access(target, True, lambda p: (p["i"], p["j"])),
            ],
            compute=compute,
        )
        return True

    def furtherKinds(self):
        """All of them, with their weights."""
        return [
            (self.widths, 0.5),
            (self.mask, 0.5),
            (self.neighbour, 0.5),
            (self.staircase, 0.5),
            (self.walk, 0.3),
            (self.halves, 0.5),
            (self.offsetView, 0.5),
            (self.mirror, 0.4),
            (self.pairs, 0.5),
            (self.scratch, 0.4),
            (self.firstPositive, 0.3),
            (self.countPositive, 0.4),
            (self.checkerboard, 0.4),
        ]
