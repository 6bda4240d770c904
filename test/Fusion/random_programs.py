# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
"""Random programs: as text, as numpy, and as sets of elements.

A program is a list of stages over buffers. Each stage knows three things about
itself that are written independently of the compiler: its text, what it computes
(on numpy arrays, in the same order of rounding), and which elements each of its
points touches.
"""

import random

import numpy as np

from random_kinds import FurtherKinds
from random_numbers import NumberKinds
from random_stages import DIMENSIONS, ELEMENT_TYPES, Access, Buffer, Program, Stage
from random_views import ViewKinds

OPERATIONS = {
    # name: (arith op, numpy function)
    "add": ("arith.addf", np.add),
    "sub": ("arith.subf", np.subtract),
    "mul": ("arith.mulf", np.multiply),
    "max": ("arith.maximumf", np.maximum),
    "min": ("arith.minimumf", np.minimum),
}


# Lanes of a reduction of free order, by the first number of values that takes more.
LANES = ((64, 1), (2049, 128), (16385, 1024))
MOST_LANES = 4096


def reduceInLanes(function, neutral, initial, values):
    """Folds the first axis in the order that vyre-expand-reductions documents."""
    lanes = next((lanes for limit, lanes in LANES if len(values) < limit), MOST_LANES)
    partial = np.full((lanes, *values.shape[1:]), neutral, np.float32)
    for first in range(0, len(values), lanes):
        part = values[first : first + lanes]
        partial[: len(part)] = function(partial[: len(part)], part)
    while lanes > 1:
        lanes //= 2
        partial = function(partial[:lanes], partial[lanes:])
    return function(np.float32(initial), partial[0])


class Generator(FurtherKinds, NumberKinds, ViewKinds):
    """Builds one program; the same seed builds the same program. Dimensions have sizes
    between those of `extents`, of which there is one pair or one for each; some are 0 or
    1."""

    def __init__(self, name, seed, extents):
        self.random = random.Random(seed)
        isOneRange = not isinstance(extents[0], tuple)
        ranges = (extents, extents) if isOneRange else extents
        sizes = {name: self.random.randint(*range_) for name, range_ in zip("mn", ranges)}
        if self.random.random() < 0.3 and isOneRange:
            sizes["n"] = sizes["m"]
        dynamic = self.random.random() < 0.4
        # Few points, or none where the program cannot know it.
        if self.random.random() < 0.1:
            sizes[self.random.choice("mn")] = self.random.choice([0, 1] if dynamic else [1])
        sizes["mn"] = sizes["m"] * sizes["n"]
        self.program = Program(name, sizes, dynamic)
        self.recent = []
        self.temporary = 0

    # Buffers.

    def addBuffer(self, shape, kind=None, type="f32"):
        if kind is None:
            kind = "output" if self.random.random() < 0.15 else "intermediate"
        buffer = Buffer(f"b{len(self.program.buffers)}", shape, kind, type)
        buffer.written = kind in ("input", "input_output", "state")
        self.program.buffers.append(buffer)
        return buffer

    def pick(self, *shapes):
        """A written buffer of one of the shapes, rather a recent one; or None."""
        known = [
            b
            for b in self.program.buffers
            if b.written and b.shape in shapes and b.type == "f32"
        ]
        if not known:
            return None
        if self.random.random() < 0.6:
            return known[-1]
        return self.random.choice(known)

    def value(self):
        self.temporary += 1
        return f"%v{self.temporary}"

    def addStage(self, **parts):
        stage = Stage(
            name=f"s{len(self.program.stages)}", reads=[], writes=[], updates=[], **parts
        )
        self.regroup(stage)
        stage.host_boundary = self.random.random() < 0.03
        self.program.stages.append(stage)
        for access in parts["accesses"]:
            if access.writes:
                access.buffer.written = True
        return stage

    @staticmethod
    def regroup(stage):
        """Sorts the stage's buffers by what its accesses do to them."""
        touched = {}
        for access in stage.accesses:
            _, reads, writes = touched.get(access.buffer.name, (None, False, False))
            touched[access.buffer.name] = (
                access.buffer,
                reads or not access.writes,
                writes or access.writes,
            )
        stage.reads, stage.writes, stage.updates = [], [], []
        for buffer, reads, writes in touched.values():
            group = stage.updates if reads and writes else stage.writes if writes else stage.reads
            group.append(buffer)

    # Kinds of stages. Each returns False where nothing fits.

    def elementwise(self):
        """out[i, j] = f(a[..], b[..]), the operands in full, by row, by column,
        or one value; over permuted indices at times."""
        space = self.random.choice([("m", "n"), ("m", "n"), ("m",), ("n",)])
        names = {"m": "i", "n": "j"}
        operands = []
        for _ in range(self.random.choice([1, 2, 2, 3])):
            shapes = [space, space, ()]
            shapes += [(d,) for d in space]
            operand = self.pick(self.random.choice(shapes))
            if operand:
                operands.append(operand)
        if not operands:
            return False
        target = None
        if self.random.random() < 0.25:
            target = self.pick(space)
            if target and target.kind == "input":
                target = None
        if target is None:
            target = self.addBuffer(space)
        order = list(space)
        if self.random.random() < 0.2:
            order.reverse()

        lines, accesses, values = [], [], []
        program = self.program
        for operand in operands:
            value = self.value()
            index = ", ".join("%" + names[d] for d in operand.shape)
            lines.append(
                f"{value} = memref.load %{operand.name}[{index}] : {program.type(operand)}"
            )
            values.append(value)
            accesses.append(self.pointAccess(operand, False, names))
        steps = []
        current = values[0]
        for value in values[1:] or [values[0]]:
            operation = self.random.choice(list(OPERATIONS))
            result = self.value()
            lines.append(f"{result} = {OPERATIONS[operation][0]} {current}, {value} : f32")
            steps.append(operation)
            current = result
        index = ", ".join("%" + names[d] for d in target.shape)
        lines.append(
            f"memref.store {current}, %{target.name}[{index}] : {program.type(target)}"
        )
        accesses.append(self.pointAccess(target, True, names))

        def compute(arrays):
            def full(buffer):
                array = arrays[buffer.name]
                axes = [d for d in space if d not in buffer.shape]
                for axis in axes:
                    array = np.expand_dims(array, space.index(axis))
                return np.broadcast_to(array, program.shape(target))

            current = full(operands[0])
            for operation, operand in zip(steps, operands[1:] or [operands[0]]):
                current = OPERATIONS[operation][1](current, full(operand))
            arrays[target.name][...] = current

        self.addStage(
            space=tuple((names[d], d) for d in order),
            body=lines,
            accesses=accesses,
            compute=compute,
        )
        return True

    @staticmethod
    def pointAccess(buffer, writes, names, inner=()):
        keys = tuple(names[d] for d in buffer.shape)
        return Access(buffer, writes, lambda p: tuple(p[k] for k in keys), inner)

    def reduction(self):
        """One value for each row, for each column, or for all; of free order."""
        source = self.pick(("m", "n"))
        if source is None:
            return False
        kept = self.random.choice([("m",), ("m",), ("n",), ()])
        folded = [d for d in ("m", "n") if d not in kept]
        names = {"m": "i", "n": "j"}
        target = self.addBuffer(kept)
        operation, initial = self.random.choice([("add", "0.0"), ("max", "0xFF800000")])
        neutral, initialValue = (-0.0, 0) if operation == "add" else (-np.inf, -np.inf)
        program = self.program
        start, result, value, sum_ = (self.value() for _ in range(4))
        loops = ", ".join("%" + names[d] for d in folded)
        limits = ", ".join("%" + d for d in folded)
        zeros = ", ".join("%c0" for _ in folded)
        ones = ", ".join("%c1" for _ in folded)
        index = ", ".join("%" + names[d] for d in kept)
        lines = [
            f"{start} = arith.constant {initial} : f32",
            f"{result} = scf.parallel ({loops}) = ({zeros}) to ({limits}) "
            f"step ({ones}) init ({start}) -> f32 {{",
            f"  {value} = memref.load %{source.name}[%i, %j] : {program.type(source)}",
            f"  scf.reduce({value} : f32) {{",
            "  ^bb0(%left: f32, %right: f32):",
            f"    {sum_} = {OPERATIONS[operation][0]} %left, %right : f32",
            f"    scf.reduce.return {sum_} : f32",
            "  }",
            "}",
            f"memref.store {result}, %{target.name}[{index}] : {program.type(target)}",
        ]
        inner = tuple((names[d], d) for d in folded)
        accesses = [
            self.pointAccess(source, False, names, inner),
            self.pointAccess(target, True, names),
        ]

        def compute(arrays):
            function = OPERATIONS[operation][1]
            array = arrays[source.name]
            # The reduced dimensions first, row-major.
            axes = [("m", "n").index(d) for d in folded]
            moved = np.moveaxis(array, axes, range(len(axes)))
            count = int(np.prod(moved.shape[: len(axes)]))
            moved = moved.reshape((count,) + moved.shape[len(axes) :])
            arrays[target.name][...] = reduceInLanes(function, neutral, initialValue, moved)

        self.addStage(
            space=tuple((names[d], d) for d in kept),
            body=lines,
            accesses=accesses,
            compute=compute,
        )
        return True

    def contraction(self):
        """c[i] = sum over k of a[i, k] * b[k], in order, the sum kept in memory;
        with the initial zero stored by a stage of its own."""
        left, right = self.pick(("m", "n")), self.pick(("n",))
        if left is None or right is None:
            return False
        names = {"m": "i", "n": "k"}
        target = self.addBuffer(("m",))
        program = self.program
        zero = self.value()
        self.addStage(
            space=(("i", "m"),),
            body=[
                f"{zero} = arith.constant 0.0 : f32",
                f"memref.store {zero}, %{target.name}[%i] : {program.type(target)}",
            ],
            accesses=[self.pointAccess(target, True, names)],
            compute=lambda arrays: arrays[target.name].fill(0),
        )
        a, b, c, product, sum_ = (self.value() for _ in range(5))
        lines = [
            "scf.for %k = %c0 to %n step %c1 {",
            f"  {a} = memref.load %{left.name}[%i, %k] : {program.type(left)}",
            f"  {b} = memref.load %{right.name}[%k] : {program.type(right)}",
            f"  {c} = memref.load %{target.name}[%i] : {program.type(target)}",
            f"  {product} = arith.mulf {a}, {b} : f32",
            f"  {sum_} = arith.addf {c}, {product} : f32",
            f"  memref.store {sum_}, %{target.name}[%i] : {program.type(target)}",
            "}",
        ]
        inner = (("k", "n"),)

        def compute(arrays):
            result = arrays[target.name]
            for k in range(program.extent("n")):
                result += arrays[left.name][:, k] * arrays[right.name][k]

        self.addStage(
            space=(("i", "m"),),
            body=lines,
            accesses=[
                self.pointAccess(left, False, names, inner),
                self.pointAccess(right, False, names, inner),
                self.pointAccess(target, False, names),
                self.pointAccess(target, True, names),
            ],
            compute=compute,
        )
        return True

    def shift(self):
        """out[i] = a[i + distance], where that is in bounds; else as it was."""
        source = self.pick(("m", "n"))
        if source is None:
            return False
        target = self.pick(("m", "n")) if self.random.random() < 0.5 else None
        isNew = target is None or target.kind == "input" or target is source
        if isNew:
            target = self.addBuffer(("m", "n"))
        program = self.program
        condition, index, clamped, value = (self.value() for _ in range(4))
        # Into a new buffer, the last column takes its own element.
        if isNew:
            lines = [
                f"{index} = arith.addi %j, %c1 : index",
                f"{condition} = arith.cmpi slt, {index}, %n : index",
                f"{clamped} = arith.select {condition}, {index}, %j : index",
                f"{value} = memref.load %{source.name}[%i, {clamped}] : {program.type(source)}",
                f"memref.store {value}, %{target.name}[%i, %j] : {program.type(target)}",
            ]
        else:
            lines = [
                f"{index} = arith.addi %j, %c1 : index",
                f"{condition} = arith.cmpi slt, {index}, %n : index",
                f"scf.if {condition} {{",
                f"  {value} = memref.load %{source.name}[%i, {index}] : {program.type(source)}",
                f"  memref.store {value}, %{target.name}[%i, %j] : {program.type(target)}",
                "}",
            ]
        last = program.extent("n") - 1

        def shifted(point):
            if point["j"] < last:
                return (point["i"], point["j"] + 1)
            return (point["i"], point["j"]) if isNew else None

        def written(point):
            isWritten = isNew or point["j"] < last
            return (point["i"], point["j"]) if isWritten else None

        def compute(arrays):
            result, array = arrays[target.name], arrays[source.name].copy()
            result[:, :-1] = array[:, 1:]
            if isNew:
                result[:, -1:] = array[:, -1:]

        self.addStage(
            space=(("i", "m"), ("j", "n")),
            body=lines,
            accesses=[
                Access(source, False, shifted),
                Access(target, True, written),
            ],
            compute=compute,
        )
        return True

    def rotate(self):
        """A static shift: over one column less, of extent n - 1."""
        if self.program.dynamic or self.program.sizes["n"] < 2:
            return False
        source = self.pick(("m", "n"))
        if source is None:
            return False
        program = self.program
        less = program.sizes["n"] - 1
        target = self.addBuffer(("m", less))
        index, value = self.value(), self.value()
        lines = [
            f"{index} = arith.addi %j, %c1 : index",
            f"{value} = memref.load %{source.name}[%i, {index}] : {program.type(source)}",
            f"memref.store {value}, %{target.name}[%i, %j] : {program.type(target)}",
        ]

        def compute(arrays):
            arrays[target.name][...] = arrays[source.name][:, 1:]

        self.addStage(
            space=(("i", "m"), ("j", less)),
            body=lines,
            accesses=[
                Access(source, False, lambda p: (p["i"], p["j"] + 1)),
                Access(target, True, lambda p: (p["i"], p["j"])),
            ],
            compute=compute,
        )
        return True

    def transpose(self):
        """out[i, j] = a[j, i]: over the space of the one or of the other."""
        source = self.pick(("m", "n"))
        program = self.program
        if source is None:
            return False
        target = self.addBuffer(("n", "m"))
        value = self.value()
        lines = [
            f"{value} = memref.load %{source.name}[%i, %j] : {program.type(source)}",
            f"memref.store {value}, %{target.name}[%j, %i] : {program.type(target)}",
        ]
        space = (("i", "m"), ("j", "n"))
        if self.random.random() < 0.5:
            space = (("j", "n"), ("i", "m"))

        def compute(arrays):
            arrays[target.name][...] = arrays[source.name].T

        self.addStage(
            space=space,
            body=lines,
            accesses=[
                Access(source, False, lambda p: (p["i"], p["j"])),
                Access(target, True, lambda p: (p["j"], p["i"])),
            ],
            compute=compute,
        )
        return True

    def reshape(self):
        """out[i * n + j] = a[i, j] over the linear space; static sizes alone."""
        if self.program.dynamic:
            return False
        source = self.pick(("m", "n"))
        if source is None:
            return False
        program = self.program
        target = self.addBuffer(("mn",))
        n = program.sizes["n"]
        view, value = self.value(), self.value()
        lines = [
            f"{view} = memref.collapse_shape %{source.name} [[0, 1]] : "
            f"{program.type(source)} into {program.type(target)}",
            f"{value} = memref.load {view}[%l] : {program.type(target)}",
            f"memref.store {value}, %{target.name}[%l] : {program.type(target)}",
        ]

        def compute(arrays):
            arrays[target.name][...] = arrays[source.name].reshape(-1)

        self.addStage(
            space=(("l", "mn"),),
            body=lines,
            accesses=[
                Access(source, False, lambda p: divmod(p["l"], n)),
                Access(target, True, lambda p: (p["l"],)),
            ],
            compute=compute,
        )
        return True

    def gather(self):
        """out[i] = a[index[i]]: not affine."""
        source = self.pick(("m",))
        if source is None:
            return False
        program = self.program
        indices = self.addBuffer(("m",), "input", "i32")
        # Their values are drawn with the inputs' and stay in bounds.
        target = self.addBuffer(("m",))
        number, index, value = (self.value() for _ in range(3))
        lines = [
            f"{number} = memref.load %{indices.name}[%i] : {program.type(indices)}",
            f"{index} = arith.index_cast {number} : i32 to index",
            f"{value} = memref.load %{source.name}[{index}] : {program.type(source)}",
            f"memref.store {value}, %{target.name}[%i] : {program.type(target)}",
        ]

        def compute(arrays):
            arrays[target.name][...] = arrays[source.name][arrays[indices.name]]

        everywhere = (("anywhere", "m"),)
        self.addStage(
            space=(("i", "m"),),
            body=lines,
            accesses=[
                Access(indices, False, lambda p: (p["i"],)),
                Access(source, False, lambda p: (p["anywhere"],), everywhere),
                Access(target, True, lambda p: (p["i"],)),
            ],
            compute=compute,
        )
        return True

    def target(self, shape, *sources):
        """A buffer of a shape to write: an old one at times, but none of `sources`."""
        target = self.pick(shape) if self.random.random() < 0.4 else None
        if target is None or target.kind == "input" or target in sources:
            return self.addBuffer(shape)
        return target

    def wrap(self):
        """out[i, j] = a[i, (j + 1) mod n]; the column is computed in i32 at times."""
        source = self.pick(("m", "n"))
        if source is None:
            return False
        program = self.program
        target = self.target(("m", "n"), source)
        n = program.extent("n")
        next_, column, value = (self.value() for _ in range(3))
        lines = [
            f"{next_} = arith.addi %j, %c1 : index",
            f"{column} = arith.remui {next_}, %n : index",
        ]
        if self.random.random() < 0.3:
            narrow, wide = self.value(), self.value()
            lines += [
                f"{narrow} = arith.index_cast {column} : index to i32",
                f"{wide} = arith.index_cast {narrow} : i32 to index",
            ]
            column = wide
        lines += [
            f"{value} = memref.load %{source.name}[%i, {column}] : {program.type(source)}",
            f"memref.store {value}, %{target.name}[%i, %j] : {program.type(target)}",
        ]

        def compute(arrays):
            arrays[target.name][...] = np.roll(arrays[source.name], -1, axis=1)

        self.addStage(
            space=(("i", "m"), ("j", "n")),
            body=lines,
            accesses=[
                Access(source, False, lambda p: (p["i"], (p["j"] + 1) % n)),
                self.pointAccess(target, True, {"m": "i", "n": "j"}),
            ],
            compute=compute,
        )
        return True

    def reverse(self):
        """out[i, j] = a[i, n - 1 - j], by a subtraction or an affine map; or the other
        way round, where the store has the map."""
        source = self.pick(("m", "n"))
        if source is None:
            return False
        program = self.program
        target = self.target(("m", "n"), source)
        last = program.extent("n") - 1
        mirrored, less, value = (self.value() for _ in range(3))
        if self.random.random() < 0.5:
            lines = [
                f"{less} = arith.subi %n, %c1 : index",
                f"{mirrored} = arith.subi {less}, %j : index",
            ]
        else:
            lines = [
                f"{mirrored} = affine.apply affine_map<(d0)[s0] -> (s0 - d0 - 1)>(%j)[%n]"
            ]
        straight = lambda p: (p["i"], p["j"])
        backward = lambda p: (p["i"], last - p["j"])
        columns, maps = ("%j", mirrored), (straight, backward)
        if self.random.random() < 0.5:
            columns, maps = columns[::-1], maps[::-1]
        lines += [
            f"{value} = memref.load %{source.name}[%i, {columns[0]}] : {program.type(source)}",
            f"memref.store {value}, %{target.name}[%i, {columns[1]}] : {program.type(target)}",
        ]

        def compute(arrays):
            arrays[target.name][...] = arrays[source.name][:, ::-1]

        self.addStage(
            space=(("i", "m"), ("j", "n")),
            body=lines,
            accesses=[
                Access(source, False, maps[0]),
                Access(target, True, maps[1]),
            ],
            compute=compute,
        )
        return True

    def window(self):
        """t[1:, :] = a[:-1, :] by subviews, over one row less; static sizes alone."""
        program = self.program
        if program.dynamic or program.sizes["m"] < 2:
            return False
        source = self.pick(("m", "n"))
        target = self.pick(("m", "n"))
        if source is None or target is source or target.kind == "input":
            return False
        less, n = program.sizes["m"] - 1, program.sizes["n"]
        upper, lower, value = (self.value() for _ in range(3))

        def type(offset):
            place = f", offset: {offset}" if offset else ""
            return f"memref<{less}x{n}xf32, strided<[{n}, 1]{place}>>"

        lines = [
            f"{upper} = memref.subview %{source.name}[0, 0] [{less}, {n}] [1, 1] : "
            f"{program.type(source)} to {type(0)}",
            f"{lower} = memref.subview %{target.name}[1, 0] [{less}, {n}] [1, 1] : "
            f"{program.type(target)} to {type(n)}",
            f"{value} = memref.load {upper}[%i, %j] : {type(0)}",
            f"memref.store {value}, {lower}[%i, %j] : {type(n)}",
        ]

        def compute(arrays):
            arrays[target.name][1:] = arrays[source.name][:-1]

        self.addStage(
            space=(("i", less), ("j", "n")),
            body=lines,
            accesses=[
                Access(source, False, lambda p: (p["i"], p["j"])),
                Access(target, True, lambda p: (p["i"] + 1, p["j"])),
            ],
            compute=compute,
        )
        return True

    def conditional(self):
        """Where a[i, j] is positive, and where the row is even: t[i, j] += a[i, j]."""
        source = self.pick(("m", "n"))
        target = self.pick(("m", "n"))
        if source is None or target is source or target.kind == "input":
            return False
        program = self.program
        value, zero, positive, parity, even, old, new, two = (
            self.value() for _ in range(8)
        )
        lines = [
            f"{value} = memref.load %{source.name}[%i, %j] : {program.type(source)}",
            f"{zero} = arith.constant 0.0 : f32",
            f"{positive} = arith.cmpf ogt, {value}, {zero} : f32",
            f"scf.if {positive} {{",
            f"  {two} = arith.constant 2 : index",
            f"  {parity} = arith.remui %i, {two} : index",
            f"  {even} = arith.cmpi eq, {parity}, %c0 : index",
            f"  scf.if {even} {{",
            f"    {old} = memref.load %{target.name}[%i, %j] : {program.type(target)}",
            f"    {new} = arith.addf {old}, {value} : f32",
            f"    memref.store {new}, %{target.name}[%i, %j] : {program.type(target)}",
            "  }",
            "}",
        ]

        def even_(point):
            return (point["i"], point["j"]) if point["i"] % 2 == 0 else None

        def compute(arrays):
            a, t = arrays[source.name], arrays[target.name]
            chosen = (a > 0) & (np.arange(a.shape[0]) % 2 == 0)[:, None]
            t[chosen] += a[chosen]

        self.addStage(
            space=(("i", "m"), ("j", "n")),
            body=lines,
            accesses=[
                self.pointAccess(source, False, {"m": "i", "n": "j"}),
                Access(target, False, even_),
                Access(target, True, even_),
            ],
            compute=compute,
        )
        return True

    def suffix(self):
        """out[i] = sum of a[k] for k from i on, in order; of none where i >= n."""
        source = self.pick(("n",))
        if source is None:
            return False
        program = self.program
        target = self.target(("m",), source)
        zero, sum_, carried, value, next_ = (self.value() for _ in range(5))
        lines = [
            f"{zero} = arith.constant 0.0 : f32",
            f"{sum_} = scf.for %k = %i to %n step %c1 iter_args({carried} = {zero}) "
            "-> f32 {",
            f"  {value} = memref.load %{source.name}[%k] : {program.type(source)}",
            f"  {next_} = arith.addf {carried}, {value} : f32",
            f"  scf.yield {next_} : f32",
            "}",
            f"memref.store {sum_}, %{target.name}[%i] : {program.type(target)}",
        ]

        def compute(arrays):
            array, result = arrays[source.name], np.zeros(program.extent("m"), np.float32)
            for i in range(len(result)):
                for k in range(i, len(array)):
                    result[i] += array[k]
            arrays[target.name][...] = result

        self.addStage(
            space=(("i", "m"),),
            body=lines,
            accesses=[
                Access(
                    source,
                    False,
                    lambda p: (p["k"],) if p["k"] >= p["i"] else None,
                    (("k", "n"),),
                ),
                self.pointAccess(target, True, {"m": "i"}),
            ],
            compute=compute,
        )
        return True

    def everySecond(self):
        """t[i, k] = a[i, k] * a[i, k] for each second column, by a loop in a row."""
        source = self.pick(("m", "n"))
        target = self.pick(("m", "n"))
        if source is None or target is source or target.kind == "input":
            return False
        program = self.program
        first = self.random.choice([0, 1])
        two, value, product = (self.value() for _ in range(3))
        lines = [
            f"{two} = arith.constant 2 : index",
            f"scf.for %k = %c{first} to %n step {two} {{",
            f"  {value} = memref.load %{source.name}[%i, %k] : {program.type(source)}",
            f"  {product} = arith.mulf {value}, {value} : f32",
            f"  memref.store {product}, %{target.name}[%i, %k] : {program.type(target)}",
            "}",
        ]
        inner = (("k", "n"),)

        def second(point):
            return (point["i"], point["k"]) if point["k"] % 2 == first else None

        def compute(arrays):
            array = arrays[source.name][:, first::2]
            arrays[target.name][:, first::2] = array * array

        self.addStage(
            space=(("i", "m"),),
            body=lines,
            accesses=[
                Access(source, False, second, inner),
                Access(target, True, second, inner),
            ],
            compute=compute,
        )
        return True

    def scatter(self):
        """out[index[i]] = a[i], the indices a permutation: each point has its own."""
        source = self.pick(("m",))
        if source is None:
            return False
        program = self.program
        indices = self.addBuffer(("m",), "input", "i32")
        indices.permutation = True
        target = self.target(("m",), source)
        number, index, value = (self.value() for _ in range(3))
        lines = [
            f"{number} = memref.load %{indices.name}[%i] : {program.type(indices)}",
            f"{index} = arith.index_cast {number} : i32 to index",
            f"{value} = memref.load %{source.name}[%i] : {program.type(source)}",
            f"memref.store {value}, %{target.name}[{index}] : {program.type(target)}",
        ]

        def compute(arrays):
            arrays[target.name][arrays[indices.name]] = arrays[source.name]

        self.addStage(
            space=(("i", "m"),),
            body=lines,
            accesses=[
                Access(indices, False, lambda p: (p["i"],)),
                Access(source, False, lambda p: (p["i"],)),
                Access(target, True, lambda p: (p["anywhere"],), (("anywhere", "m"),)),
            ],
            compute=compute,
        )
        return True

    def histogram(self):
        """count[index[i]] += 1 atomically, after a fill; then the counts as floats."""
        program = self.program
        names = {"m": "i"}
        indices = self.addBuffer(("m",), "input", "i32")
        count = self.addBuffer(("m",), type="i32")
        zero, number, index, one, old, total, value = (self.value() for _ in range(7))
        self.addStage(
            space=(("i", "m"),),
            body=[
                f"{zero} = arith.constant 0 : i32",
                f"memref.store {zero}, %{count.name}[%i] : {program.type(count)}",
            ],
            accesses=[self.pointAccess(count, True, names)],
            compute=lambda arrays: arrays[count.name].fill(0),
        )
        everywhere = (("anywhere", "m"),)
        self.addStage(
            space=(("i", "m"),),
            body=[
                f"{number} = memref.load %{indices.name}[%i] : {program.type(indices)}",
                f"{index} = arith.index_cast {number} : i32 to index",
                f"{one} = arith.constant 1 : i32",
                f"{old} = memref.atomic_rmw addi {one}, %{count.name}[{index}] : "
                f"(i32, {program.type(count)}) -> i32",
            ],
            accesses=[
                self.pointAccess(indices, False, names),
                Access(count, True, lambda p: (p["anywhere"],), everywhere),
                Access(count, False, lambda p: (p["anywhere"],), everywhere),
            ],
            compute=lambda arrays: np.add.at(
                arrays[count.name], arrays[indices.name], 1
            ),
        )
        target = self.target(("m",))

        def compute(arrays):
            arrays[target.name][...] = arrays[count.name]

        self.addStage(
            space=(("i", "m"),),
            body=[
                f"{total} = memref.load %{count.name}[%i] : {program.type(count)}",
                f"{value} = arith.sitofp {total} : i32 to f32",
                f"memref.store {value}, %{target.name}[%i] : {program.type(target)}",
            ],
            accesses=[
                self.pointAccess(count, False, names),
                self.pointAccess(target, True, names),
            ],
            compute=compute,
        )
        return True

    def build(self, stages):
        kinds = [
            (self.elementwise, 10),
            (self.reduction, 4),
            (self.contraction, 2),
            (self.shift, 1.5),
            (self.rotate, 0.7),
            (self.transpose, 1.5),
            (self.reshape, 1),
            (self.gather, 0.7),
            (self.wrap, 0.5),
            (self.reverse, 0.7),
            (self.window, 0.5),
            (self.conditional, 0.7),
            (self.suffix, 0.5),
            (self.everySecond, 0.7),
            (self.scatter, 0.4),
            (self.histogram, 0.3),
            *self.furtherKinds(),
            *self.numberKinds(),
            *self.viewKinds(),
        ]
        self.addBuffer(("m", "n"), "input")
        for shape in (("m", "n"), ("m",), ("n",), ()):
            if self.random.random() < 0.6:
                self.addBuffer(shape, "input")
        if self.random.random() < 0.3:
            self.addBuffer(("m", "n"), "input_output")
        while len(self.program.stages) < stages:
            functions, weights = zip(*kinds)
            self.random.choices(functions, weights)[0]()
        # What nobody reads would be no test of anything.
        read = {
            b.name for s in self.program.stages for b in (*s.reads, *s.updates)
        }
        for buffer in self.program.buffers:
            if buffer.kind == "intermediate" and buffer.name not in read:
                buffer.kind = "output"
        return self.program


# Extents of programs that brute force can look at.
SMALL = (2, 6)


def generate(name, seed, extents=SMALL):
    generator = Generator(name, seed, extents)
    return generator.build(generator.random.randint(2, 10))


def isTwin(buffer, first):
    return buffer.kind in ("input", "input_output") and buffer.shape == first.shape


def toText(program):
    """The program as MLIR."""
    arguments, slot = [], 0
    for buffer in program.buffers:
        if buffer.kind == "intermediate":
            continue
        capacity = ", capacity = 1048576" if "?" in program.type(buffer) else ""
        arguments.append(
            f"    %{buffer.name}: {program.type(buffer)} {{vyre.binding = "
            f"#vyre.binding<slot = {slot}, role = {buffer.kind}{capacity}>}}"
        )
        slot += 1
    returned = [b for b in program.buffers if b.kind == "output"]
    results = ", ".join(program.type(b) for b in returned)
    lines = [
        f"vyre.program @{program.name}(",
        ",\n".join(arguments) + ")",
        f"    -> ({results}) {{" if returned else "    {",
        "  %c0 = arith.constant 0 : index",
        "  %c1 = arith.constant 1 : index",
    ]
    first = program.buffers[0]
    for position, dimension in enumerate(DIMENSIONS):
        if program.dynamic:
            lines.append(
                f"  %{dimension} = memref.dim %{first.name}, %c{position} : "
                f"{program.type(first)}"
            )
        else:
            lines.append(
                f"  %{dimension} = arith.constant {program.sizes[dimension]} : index"
            )
    lines.append(f"  %mn = arith.constant {program.sizes['mn']} : index")
    # The extents of another input are the same because the program requires it.
    other = next((b for b in program.buffers[1:] if isTwin(b, first)), None)
    isTied = program.dynamic and other is not None
    if isTied:
        for position, dimension in enumerate(DIMENSIONS):
            lines += [
                f"  %{dimension}_too = memref.dim %{other.name}, %c{position} : "
                f"{program.type(other)}",
                f'  vyre.require "one" %{dimension} at_least %{dimension}_too',
                f'  vyre.require "other" %{dimension}_too at_least %{dimension}',
            ]
    for number in sorted({d for s in program.stages for _, d in s.space if isinstance(d, int)}):
        lines.append(f"  %e{number} = arith.constant {number} : index")
    for buffer in program.buffers:
        if buffer.kind not in ("intermediate", "output"):
            continue
        extents = ", ".join(
            "%" + d for d in buffer.shape if program.dynamic and d in DIMENSIONS
        )
        if buffer.kind == "intermediate":
            lines.append(
                f"  %{buffer.name} = vyre.intermediate({extents}) : {program.type(buffer)}"
            )
        elif extents:
            lines.append(
                f"  vyre.extents %{buffer.name}[{extents}] : {program.type(buffer)}"
            )
    for number, stage in enumerate(program.stages):
        indices = ", ".join("%" + i for i, _ in stage.space)
        suffix = "_too" if isTied and number % 2 else ""
        extents = ", ".join(
            f"%e{d}" if isinstance(d, int) else f"%{d}{suffix if d in DIMENSIONS else ''}"
            for _, d in stage.space
        )
        text = f"  vyre.stage @{stage.name} ({indices}) in ({extents})"
        for keyword in ("reads", "writes", "updates"):
            buffers = getattr(stage, keyword)
            if buffers:
                names = ", ".join("%" + b.name for b in buffers)
                types = ", ".join(program.type(b) for b in buffers)
                text += f" {keyword}({names} : {types})"
        if stage.host_boundary:
            text += " host_boundary"
        lines.append(text + " {")
        lines += ["    " + line for line in stage.body]
        lines.append("  }")
    if returned:
        def result(buffer):
            count = buffer.count
            counted = f" count(%{count.name} : {program.type(count)})" if count else ""
            return f"%{buffer.name}{counted} : {program.type(buffer)}"

        names = ", ".join(map(result, returned))
        lines.append(f"  vyre.return {names}")
    else:
        lines.append("  vyre.return")
    return "\n".join(lines + ["}", ""])


def makeArguments(program, seed):
    """Arrays for the bindings, by name; outputs start as something recognisable."""
    rng = np.random.default_rng(seed)
    arrays = {}
    for buffer in program.buffers:
        shape = program.shape(buffer)
        if buffer.kind == "intermediate":
            continue
        if buffer.kind == "output":
            unset = -12345 if buffer.type not in ("i1", "i8", "f16") else 77
            arrays[buffer.name] = np.full(shape, unset, ELEMENT_TYPES[buffer.type])
        elif buffer.kind == "state":
            arrays[buffer.name] = np.zeros(shape, ELEMENT_TYPES[buffer.type])
        elif buffer.permutation:
            arrays[buffer.name] = rng.permutation(*shape).astype(np.int32)
        elif buffer.type == "i32":
            limit = max(program.sizes["m"], 1)
            arrays[buffer.name] = np.asarray(rng.integers(0, limit, shape, dtype=np.int32))
        else:
            values = np.asarray(rng.standard_normal(shape))
            arrays[buffer.name] = values.astype(ELEMENT_TYPES[buffer.type])
    return arrays


def evaluate(program, arrays):
    """Runs the program with numpy; returns all arrays."""
    arrays = {name: array.copy() for name, array in arrays.items()}
    for buffer in program.buffers:
        if buffer.kind == "intermediate":
            unset = np.nan if buffer.type.startswith(("f", "bf")) else -1
            arrays[buffer.name] = np.full(
                program.shape(buffer), unset, ELEMENT_TYPES[buffer.type]
            )
    with np.errstate(all="ignore"):
        for stage in program.stages:
            stage.compute(arrays)
    return arrays


def points(program, indices):
    """All points of a space of (index name, dimension) pairs, as dicts."""
    result = [{}]
    for name, dimension in indices:
        extent = program.extent(dimension)
        result = [{**p, name: k} for p in result for k in range(extent)]
    return result


def touchedElements(program, stage):
    """For each (buffer name, element): the points that read it, and write it."""
    touched = {}
    for point in points(program, stage.space):
        key = tuple(point[name] for name, _ in stage.space)
        for access in stage.accesses:
            for inner in points(program, access.inner):
                element = access.indices({**point, **inner})
                if element is None:
                    continue
                readers, writers = touched.setdefault(
                    (access.buffer.name, tuple(element)), (set(), set())
                )
                (writers if access.writes else readers).add(key)
    return touched
