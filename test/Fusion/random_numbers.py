# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
"""Kinds of stages for random programs that are about what elements are, and where they
stay: integers of all widths, bf16, 64 bits in and out, state, and results with counts.

As in random_kinds.py, each method adds stages, and returns False where nothing fits.
"""

import numpy as np

from random_stages import ELEMENT_TYPES, Access

# Operations on integers that wrap, whatever their operands are: arith op and numpy's.
INTEGER_OPERATIONS = {
    "addi": np.add,
    "subi": np.subtract,
    "muli": np.multiply,
    "andi": np.bitwise_and,
    "ori": np.bitwise_or,
    "xori": np.bitwise_xor,
    "maxsi": np.maximum,
    "minsi": np.minimum,
}


def asUnsigned(function):
    """The same on the bits of signed integers, taken for unsigned ones."""

    def apply(left, right):
        type_ = left.dtype.str.replace("i", "u")
        return function(left.view(type_), np.asarray(right).astype(type_)).view(left.dtype)

    return apply


# Those that take a positive constant.
CONSTANT_OPERATIONS = {
    "shrsi": np.right_shift,
    "shrui": asUnsigned(np.right_shift),
    "shli": np.left_shift,
    "divui": asUnsigned(np.floor_divide),
    "remui": asUnsigned(np.remainder),
    "floordivsi": np.floor_divide,
    "maxui": asUnsigned(np.maximum),
    "minui": asUnsigned(np.minimum),
}


def roundToBf16(array):
    """float32 values as bf16 has them: to nearest, ties to even."""
    bits = np.ascontiguousarray(array, np.float32).view(np.uint32)
    rounded = (bits + 0x7FFF + ((bits >> 16) & 1)) & np.uint32(0xFFFF0000)
    return np.where(np.isnan(array), array, rounded.view(np.float32)).astype(np.float32)


class NumberKinds:
    def integers(self):
        """k = a * 16 as an integer; l = some operations on k; out = l as f32."""
        source = self.pick(("m", "n"))
        if source is None:
            return False
        program = self.program
        type_ = self.random.choice(["i8", "i16", "i32", "i64"])
        kept, made = (self.addBuffer(("m", "n"), None, type_) for _ in range(2))
        a, sixteen, b, bound, c, d = (self.value() for _ in range(6))
        at = lambda p: (p["i"], p["j"])
        lines = [
            f"{a} = memref.load %{source.name}[%i, %j] : {program.type(source)}",
            f"{sixteen} = arith.constant 16.0 : f32",
            f"{bound} = arith.constant 100.0 : f32",
            f"{b} = arith.mulf {a}, {sixteen} : f32",
            # NaN as well as what is too large for i8 becomes 100.
            f"{c} = arith.minnumf {b}, {bound} : f32",
            f"{d} = arith.negf {bound} : f32",
        ]
        e, f = self.value(), self.value()
        lines += [
            f"{e} = arith.maxnumf {c}, {d} : f32",
            f"{f} = arith.fptosi {e} : f32 to {type_}",
            f"memref.store {f}, %{kept.name}[%i, %j] : {program.type(kept)}",
        ]

        def narrow(arrays):
            scaled = np.fmax(np.fmin(arrays[source.name] * np.float32(16), 100), -100)
            arrays[kept.name][...] = scaled.astype(ELEMENT_TYPES[type_])

        self.addMapped(source, kept, lines, at, narrow)
        value = self.value()
        lines = [f"{value} = memref.load %{kept.name}[%i, %j] : {program.type(kept)}"]
        first, steps = value, []
        for _ in range(self.random.randint(1, 4)):
            result = self.value()
            if self.random.random() < 0.5:
                name = self.random.choice(list(INTEGER_OPERATIONS))
                lines.append(f"{result} = arith.{name} {value}, {first} : {type_}")
                steps.append((INTEGER_OPERATIONS[name], None))
            else:
                name = self.random.choice(list(CONSTANT_OPERATIONS))
                number = self.random.randint(1, 7)
                constant = self.value()
                lines += [
                    f"{constant} = arith.constant {number} : {type_}",
                    f"{result} = arith.{name} {value}, {constant} : {type_}",
                ]
                steps.append((CONSTANT_OPERATIONS[name], number))
            value = result
        lines.append(f"memref.store {value}, %{made.name}[%i, %j] : {program.type(made)}")

        def operate(arrays):
            initial = current = arrays[kept.name]
            for function, number in steps:
                other = initial if number is None else current.dtype.type(number)
                current = function(current, other)
            arrays[made.name][...] = current

        self.addMapped(kept, made, lines, at, operate)
        target = self.target(("m", "n"))
        integer, number = self.value(), self.value()
        lines = [
            f"{integer} = memref.load %{made.name}[%i, %j] : {program.type(made)}",
            f"{number} = arith.sitofp {integer} : {type_} to f32",
            f"memref.store {number}, %{target.name}[%i, %j] : {program.type(target)}",
        ]

        def widen(arrays):
            arrays[target.name][...] = arrays[made.name].astype(np.float32)

        return self.addMapped(made, target, lines, at, widen)

    def brain(self):
        """t = a as bf16; out = t * t + t in bf16, each step rounded, and widened."""
        source = self.pick(("m", "n"))
        if source is None:
            return False
        program = self.program
        kept = self.addBuffer(("m", "n"), "intermediate", "bf16")
        a, b, c, d, e, f = (self.value() for _ in range(6))
        at = lambda p: (p["i"], p["j"])
        lines = [
            f"{a} = memref.load %{source.name}[%i, %j] : {program.type(source)}",
            f"{b} = arith.truncf {a} : f32 to bf16",
            f"memref.store {b}, %{kept.name}[%i, %j] : {program.type(kept)}",
        ]

        def convert(arrays):
            arrays[kept.name][...] = roundToBf16(arrays[source.name])

        self.addMapped(source, kept, lines, at, convert)
        target = self.target(("m", "n"), source)
        lines = [
            f"{c} = memref.load %{kept.name}[%i, %j] : {program.type(kept)}",
            f"{d} = arith.mulf {c}, {c} : bf16",
            f"{e} = arith.addf {d}, {c} : bf16",
            f"{f} = arith.extf {e} : bf16 to f32",
            f"memref.store {f}, %{target.name}[%i, %j] : {program.type(target)}",
        ]

        def compute(arrays):
            value = arrays[kept.name]
            arrays[target.name][...] = roundToBf16(roundToBf16(value * value) + value)

        return self.addMapped(kept, target, lines, at, compute)

    def doubles(self):
        """out = x * x - x in f64 or f16, of an argument of that type, to a result of it."""
        program = self.program
        type_ = self.random.choice(["f16", "f64"])
        source = self.addBuffer(("m", "n"), "input", type_)
        target = self.addBuffer(("m", "n"), "output", type_)
        value, square, less = (self.value() for _ in range(3))
        at = lambda p: (p["i"], p["j"])
        lines = [
            f"{value} = memref.load %{source.name}[%i, %j] : {program.type(source)}",
            f"{square} = arith.mulf {value}, {value} : {type_}",
            f"{less} = arith.subf {square}, {value} : {type_}",
            f"memref.store {less}, %{target.name}[%i, %j] : {program.type(target)}",
        ]

        def compute(arrays):
            x = arrays[source.name]
            arrays[target.name][...] = x * x - x

        return self.addMapped(source, target, lines, at, compute)

    def accumulate(self):
        """s += a, where s stays from dispatch to dispatch; out = s * a."""
        source = self.pick(("m", "n"))
        if source is None or self.program.dynamic:
            return False
        program = self.program
        state = next((b for b in program.buffers if b.kind == "state"), None)
        if state is None:
            state = self.addBuffer(("m", "n"), "state")
        elif state is source:
            return False
        a, b, c, d, e, f = (self.value() for _ in range(6))
        at = lambda p: (p["i"], p["j"])
        lines = [
            f"{a} = memref.load %{source.name}[%i, %j] : {program.type(source)}",
            f"{b} = memref.load %{state.name}[%i, %j] : {program.type(state)}",
            f"{c} = arith.addf {a}, {b} : f32",
            f"memref.store {c}, %{state.name}[%i, %j] : {program.type(state)}",
        ]

        def add(arrays):
            arrays[state.name][...] = arrays[source.name] + arrays[state.name]

        self.addMapped(source, state, lines, [at], add)
        self.program.stages[-1].accesses.append(Access(state, False, at))
        self.regroup(self.program.stages[-1])
        target = self.target(("m", "n"), source, state)
        lines = [
            f"{d} = memref.load %{state.name}[%i, %j] : {program.type(state)}",
            f"{e} = memref.load %{source.name}[%i, %j] : {program.type(source)}",
            f"{f} = arith.mulf {d}, {e} : f32",
            f"memref.store {f}, %{target.name}[%i, %j] : {program.type(target)}",
        ]

        def multiply(arrays):
            arrays[target.name][...] = arrays[state.name] * arrays[source.name]

        self.addMapped(state, target, lines, [at], multiply)
        self.program.stages[-1].accesses.append(Access(source, False, at))
        self.regroup(self.program.stages[-1])
        return True

    def counted(self):
        """A result of which only as many rows count as an argument says, by way of the
        device."""
        program = self.program
        source = self.pick(("m", "n"), ("m",))
        if source is None or program.dynamic:
            return False
        given = self.addBuffer((), "input", "i32")
        count = self.addBuffer((), "intermediate", "i32")
        result = self.addBuffer(source.shape, "output")
        result.count, result.rows = count, given
        number, value, sum_ = (self.value() for _ in range(3))
        none = lambda p: ()
        self.addMapped(
            given,
            count,
            [
                f"{number} = memref.load %{given.name}[] : {program.type(given)}",
                f"memref.store {number}, %{count.name}[] : {program.type(count)}",
            ],
            none,
            lambda arrays: arrays[count.name].__setitem__((), arrays[given.name]),
        )
        names = {"m": "i", "n": "j"}
        index = ", ".join("%" + names[d] for d in source.shape)
        lines = [
            f"{value} = memref.load %{source.name}[{index}] : {program.type(source)}",
            f"{sum_} = arith.addf {value}, {value} : f32",
            f"memref.store {sum_}, %{result.name}[{index}] : {program.type(result)}",
        ]

        def double(arrays):
            arrays[result.name][...] = arrays[source.name] + arrays[source.name]

        return self.addMapped(
            source,
            result,
            lines,
            lambda p: tuple(p[names[d]] for d in source.shape),
            double,
        )

    def numberKinds(self):
        """All of them, with their weights."""
        return [
            (self.integers, 1),
            (self.brain, 0.4),
            (self.doubles, 0.3),
            (self.accumulate, 0.5),
            (self.counted, 0.3),
        ]
