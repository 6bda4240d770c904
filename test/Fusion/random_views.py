# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
"""Kinds of stages for random programs with views whose places, sizes and strides are
operands, and with three dimensions.

As in random_kinds.py, each method adds stages, and returns False where nothing fits.
"""

import numpy as np

from random_stages import Access

DEPTH = 3  # of the third dimension


class ViewKinds:
    def strided(self):
        """t[i, j] = a[i, 2 * j + i mod 2] by a view that begins at i mod 2, where that is
        in bounds."""
        source, target = self.pick(("m", "n")), self.pick(("m", "n"))
        if source is None or target is source or target.kind == "input":
            return False
        program = self.program
        n = program.extent("n")
        two, parity, far, at, isInside, view, value, left, size = (
            self.value() for _ in range(9)
        )
        outer = "?" if program.dynamic else str(n)
        type_ = f"memref<1x?xf32, strided<[{outer}, 2], offset: ?>>"
        lines = [
            f"{two} = arith.constant 2 : index",
            f"{parity} = arith.remui %i, {two} : index",
            f"{far} = arith.muli %j, {two} : index",
            f"{at} = arith.addi {far}, {parity} : index",
            f"{isInside} = arith.cmpi slt, {at}, %n : index",
            f"scf.if {isInside} {{",
            f"  {left} = arith.subi %n, {parity} : index",
            f"  {size} = arith.ceildivsi {left}, {two} : index",
            f"  {view} = memref.subview %{source.name}[%i, {parity}] [1, {size}] [1, 2] : "
            f"{program.type(source)} to {type_}",
            f"  {value} = memref.load {view}[%c0, %j] : {type_}",
            f"  memref.store {value}, %{target.name}[%i, %j] : {program.type(target)}",
            "}",
        ]

        def element(point):
            column = 2 * point["j"] + point["i"] % 2
            return (point["i"], column) if column < n else None

        def written(point):
            return (point["i"], point["j"]) if element(point) else None

        def compute(arrays):
            array, result = arrays[source.name], arrays[target.name]
            for parity in (0, 1):
                moved = array[parity::2, parity::2]
                result[parity::2, : moved.shape[1]] = moved

        return self.addMapped(
            source, target, lines, element, compute, writes=Access(target, True, written)
        )

    def backward(self):
        """out[i, j] = a[m - 1 - i, n - 1 - j] by a view whose strides are operands."""
        source = self.pick(("m", "n"))
        if source is None:
            return False
        program = self.program
        target = self.target(("m", "n"), source)
        minus, row, count, last, view, value = (self.value() for _ in range(6))
        type_ = "memref<?x?xf32, strided<[?, ?], offset: ?>>"
        lines = [
            f"{minus} = arith.constant -1 : index",
            f"{row} = arith.muli %n, {minus} : index",
            f"{count} = arith.muli %m, %n : index",
            f"{last} = arith.subi {count}, %c1 : index",
            f"{view} = memref.reinterpret_cast %{source.name} to offset: [{last}], "
            f"sizes: [%m, %n], strides: [{row}, {minus}] : {program.type(source)} to {type_}",
            f"{value} = memref.load {view}[%i, %j] : {type_}",
            f"memref.store {value}, %{target.name}[%i, %j] : {program.type(target)}",
        ]

        def compute(arrays):
            arrays[target.name][...] = arrays[source.name][::-1, ::-1]

        rows, columns = program.extent("m") - 1, program.extent("n") - 1
        turned = lambda p: (rows - p["i"], columns - p["j"])
        return self.addMapped(source, target, lines, turned, compute)

    def rowView(self):
        """out[i] = a[i, 0] + a[i, 1] + ... by a view of the row, in a loop with a step of
        two and what is left."""
        source = self.pick(("m", "n"))
        if source is None:
            return False
        program = self.program
        n = program.extent("n")
        target = self.target(("m",), source)
        zero, two, row, even, sum_, carried, a, b, next_, more, isOdd, last, odd, all_ = (
            self.value() for _ in range(14)
        )
        columns = "?" if program.dynamic else str(n)
        type_ = f"memref<{columns}xf32, strided<[1], offset: ?>>"
        size = "%n" if program.dynamic else str(n)
        rest = self.value()
        lines = [
            f"{zero} = arith.constant 0.0 : f32",
            f"{two} = arith.constant 2 : index",
            f"{row} = memref.subview %{source.name}[%i, 0] [1, {size}] [1, 1] : "
            f"{program.type(source)} to {type_}",
            f"{rest} = arith.remui %n, {two} : index",
            f"{even} = arith.subi %n, {rest} : index",
            f"{sum_} = scf.for %k = %c0 to {even} step {two} iter_args({carried} = {zero}) "
            "-> f32 {",
            f"  {a} = memref.load {row}[%k] : {type_}",
            f"  {next_} = arith.addi %k, %c1 : index",
            f"  {b} = memref.load {row}[{next_}] : {type_}",
            f"  {more} = arith.addf {carried}, {a} : f32",
            f"  {all_} = arith.addf {more}, {b} : f32",
            f"  scf.yield {all_} : f32",
            "}",
            f"{isOdd} = arith.cmpi ne, {rest}, %c0 : index",
            f"{odd} = scf.if {isOdd} -> f32 {{",
            f"  {last} = memref.load {row}[{even}] : {type_}",
        ]
        whole = self.value()
        lines += [
            f"  {whole} = arith.addf {sum_}, {last} : f32",
            f"  scf.yield {whole} : f32",
            "} else {",
            f"  scf.yield {sum_} : f32",
            "}",
            f"memref.store {odd}, %{target.name}[%i] : {program.type(target)}",
        ]

        def compute(arrays):
            result = np.zeros(program.extent("m"), np.float32)
            for column in arrays[source.name].T:
                result = result + column
            arrays[target.name][...] = result

        everywhere = (lambda p: (p["i"], p["k"]), (("k", "n"),))
        return self.addMapped(source, target, lines, everywhere, compute)

    def deepen(self):
        """out[i, j, l] = a[i, j] * (l + 1), over the space in one of several orders."""
        source = self.pick(("m", "n"))
        if source is None:
            return False
        program = self.program
        target = self.addBuffer(("m", "n", DEPTH))
        value, more, narrow, factor, product = (self.value() for _ in range(5))
        lines = [
            f"{value} = memref.load %{source.name}[%i, %j] : {program.type(source)}",
            f"{more} = arith.addi %l, %c1 : index",
            f"{narrow} = arith.index_cast {more} : index to i32",
            f"{factor} = arith.sitofp {narrow} : i32 to f32",
            f"{product} = arith.mulf {value}, {factor} : f32",
            f"memref.store {product}, %{target.name}[%i, %j, %l] : {program.type(target)}",
        ]

        def compute(arrays):
            factors = np.arange(1, DEPTH + 1, dtype=np.float32)
            arrays[target.name][...] = arrays[source.name][:, :, None] * factors

        return self.addMapped(
            source,
            target,
            lines,
            lambda p: (p["i"], p["j"]),
            compute,
            space=self.deepSpace(),
            writes=Access(target, True, lambda p: (p["i"], p["j"], p["l"])),
        )

    def deepSpace(self):
        space = [("i", "m"), ("j", "n"), ("l", DEPTH)]
        if self.random.random() < 0.3:
            self.random.shuffle(space)
        return tuple(space)

    def turnDeep(self):
        """out[i, j, l] = a[i, j, 2 - l] + a[i, j, l]."""
        source = self.pick(("m", "n", DEPTH))
        if source is None:
            return False
        program = self.program
        target = self.addBuffer(("m", "n", DEPTH))
        last, other, a, b, sum_ = (self.value() for _ in range(5))
        lines = [
            f"{last} = arith.constant {DEPTH - 1} : index",
            f"{other} = arith.subi {last}, %l : index",
            f"{a} = memref.load %{source.name}[%i, %j, {other}] : {program.type(source)}",
            f"{b} = memref.load %{source.name}[%i, %j, %l] : {program.type(source)}",
            f"{sum_} = arith.addf {a}, {b} : f32",
            f"memref.store {sum_}, %{target.name}[%i, %j, %l] : {program.type(target)}",
        ]

        def compute(arrays):
            array = arrays[source.name]
            arrays[target.name][...] = array[:, :, ::-1] + array

        return self.addMapped(
            source,
            target,
            lines,
            [
                lambda p: (p["i"], p["j"], DEPTH - 1 - p["l"]),
                lambda p: (p["i"], p["j"], p["l"]),
            ],
            compute,
            space=self.deepSpace(),
            writes=Access(target, True, lambda p: (p["i"], p["j"], p["l"])),
        )

    def flatten(self):
        """out[i, j] = a[i, j, 0] - a[i, j, 1] + a[i, j, 2], the loop in the point."""
        source = self.pick(("m", "n", DEPTH))
        if source is None:
            return False
        program = self.program
        target = self.target(("m", "n"))
        zero, depth, result, carried, value, next_ = (self.value() for _ in range(6))
        lines = [
            f"{zero} = arith.constant 0.0 : f32",
            f"{depth} = arith.constant {DEPTH} : index",
            f"{result} = scf.for %k = %c0 to {depth} step %c1 iter_args({carried} = {zero}) "
            "-> f32 {",
            f"  {value} = memref.load %{source.name}[%i, %j, %k] : {program.type(source)}",
            f"  {next_} = arith.subf {value}, {carried} : f32",
            f"  scf.yield {next_} : f32",
            "}",
            f"memref.store {result}, %{target.name}[%i, %j] : {program.type(target)}",
        ]

        def compute(arrays):
            current = np.zeros(program.shape(target), np.float32)
            for k in range(DEPTH):
                current = arrays[source.name][:, :, k] - current
            arrays[target.name][...] = current

        inner = (lambda p: (p["i"], p["j"], p["k"]), (("k", DEPTH),))
        return self.addMapped(source, target, lines, inner, compute)

    def viewKinds(self):
        """All of them, with their weights."""
        return [
            (self.strided, 0.5),
            (self.backward, 0.5),
            (self.rowView, 0.4),
            (self.deepen, 0.6),
            (self.turnDeep, 0.8),
            (self.flatten, 0.8),
        ]
