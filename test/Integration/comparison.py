# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
"""What it means for a result to be right.

An expected result is one of

exact(value)           every bit, except that any NaN equals any NaN. For integers,
                       comparisons, data movement, + - * / sqrt and fma.
within(value, bound)   |result - value| <= bound, element by element, where value was
                       computed in float64 and the bound is argued in the test. For sums,
                       whose order is not the reference's.
ulps(value, count)     at most `count` units in the last place of the result's type away
                       from the float64 value. For transcendental functions.

Two backends must agree by a rule of their own: bit for bit, unless a transcendental
function is involved (then the same bound as against the reference holds between them).

bfloat16 is unknown to numpy. Its arrays have the type V2 here (two opaque bytes), see
`bfloat16` and `widen`. Needs numpy alone.
"""

from dataclasses import dataclass
from typing import Optional

import numpy as np

BFLOAT16 = np.dtype("V2")


def bfloat16(values):
    """Rounds float values to bfloat16, to nearest, ties to even."""
    bits = np.asarray(values, np.float32).view(np.uint32).astype(np.uint64)
    rounded = (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16
    nan = np.isnan(np.asarray(values, np.float32))
    rounded = np.where(nan, 0x7FC0, rounded).astype(np.uint16)
    return rounded.view(BFLOAT16)


def widen(array):
    """The values of a float array as float64; bfloat16 included."""
    array = np.asarray(array)
    if array.dtype == BFLOAT16:
        bits = np.ascontiguousarray(array).view(np.uint16).astype(np.uint32) << 16
        return bits.view(np.float32).astype(np.float64)
    return array.astype(np.float64)


def spacing(values, dtype):
    """The unit in the last place of `dtype` at each float64 value.

    Below the smallest normal number it stays what it is there, as in the format.
    """
    digits, smallest = {
        np.dtype(np.float16): (10, -14),
        BFLOAT16: (7, -126),
        np.dtype(np.float32): (23, -126),
        np.dtype(np.float64): (52, -1022),
    }[np.dtype(dtype)]
    values = np.asarray(values, np.float64)
    _, exponent = np.frexp(np.where(np.isfinite(values), values, 1.0))
    exponent = np.where(values == 0, smallest, exponent - 1)
    return np.ldexp(1.0, np.maximum(exponent, smallest) - digits)


@dataclass
class Expected:
    """An expected result: its type and shape, its value, and the rule."""

    rule: str
    value: np.ndarray
    dtype: np.dtype
    bound: Optional[np.ndarray] = None
    same_bits: bool = True  # between two backends


def exact(value):
    value = np.asarray(value)
    return Expected("exact", value, value.dtype)


def within(value, bound, dtype, transcendental=False):
    value = np.asarray(value, np.float64)
    bound = np.broadcast_to(np.asarray(bound, np.float64), value.shape)
    return Expected("within", value, np.dtype(dtype), bound, not transcendental)


def ulps(value, count, dtype, same_bits=False):
    value = np.asarray(value, np.float64)
    bound = count * spacing(value, dtype)
    return Expected("ulps", value, np.dtype(dtype), bound, same_bits)


def rounding(dtype):
    """The unit roundoff of a float type."""
    return {
        np.dtype(np.float16): 2.0**-11,
        BFLOAT16: 2.0**-8,
        np.dtype(np.float32): 2.0**-24,
        np.dtype(np.float64): 2.0**-53,
    }[np.dtype(dtype)]


def sum_bound(magnitudes, terms, dtype):
    """How far a sum of `terms` products in any order may be from the true one.

    The classic bound n * u / (1 - n * u) * sum |a_i b_i| (Higham, Accuracy and
    Stability of Numerical Algorithms, section 3.1), with one rounding more for
    the product and one for the initial value. `magnitudes` is that sum of
    absolute values, in float64.
    """
    count = (terms + 2) * rounding(dtype)
    assert count < 0.5, "too many terms for the bound to mean anything"
    return count / (1 - count) * magnitudes


def at(mask):
    """Names the first place of a mask, and how many there are."""
    places = np.argwhere(mask)
    where = "[" + ", ".join(str(i) for i in places[0]) + "]"
    return f"at {where}, {len(places)} of {mask.size} in all"


def describe(array):
    shape = "x".join(str(extent) for extent in array.shape) or "rank 0"
    name = "bfloat16" if array.dtype == BFLOAT16 else array.dtype.name
    return f"{name} {shape}"


def sameBits(a, b):
    """A mask of equal elements, any NaN equal to any NaN."""
    if a.dtype.kind in "fV":
        x, y = widen(a), widen(b)
        sign = np.signbit(x) == np.signbit(y)
        return np.where(np.isnan(x), np.isnan(y), (x == y) & sign)
    return a == b


def differenceFrom(expected, got):
    """None where `got` is right, else one line that says what is wrong."""
    want = np.asarray(expected.value)
    if got.shape != want.shape or got.dtype != expected.dtype:
        named = np.empty(want.shape, expected.dtype)
        return f"found {describe(got)}, expected {describe(named)}"
    if expected.rule == "exact":
        wrong = ~np.asarray(sameBits(got, want))
        if not wrong.any():
            return None
        first = tuple(np.argwhere(wrong)[0])
        show = widen if got.dtype == BFLOAT16 else np.asarray
        return f"found {show(got)[first]!r}, expected {show(want)[first]!r} {at(wrong)}"
    values = widen(got)
    # Infinite and NaN values have no distance: they must be the same.
    finite = np.isfinite(want) & np.isfinite(values)
    same = np.where(np.isnan(want), np.isnan(values), values == want)
    with np.errstate(invalid="ignore"):
        distance = np.abs(values - want)
    wrong = np.where(finite, distance > expected.bound, ~same)
    if not wrong.any():
        return None
    first = tuple(np.argwhere(wrong)[0])
    return (
        f"found {values[first]!r}, expected {want[first]!r} within "
        f"{expected.bound[first]!r} {at(wrong)}"
    )


def differenceBetween(expected, one, other):
    """None where two backends' results agree, else one line that says where not.

    Both must have been found right against `expected` before.
    """
    if one.shape != other.shape or one.dtype != other.dtype:
        return f"{describe(one)} and {describe(other)}"
    if not expected.same_bits:
        return None
    wrong = ~np.asarray(sameBits(one, other))
    if not wrong.any():
        return None
    first = tuple(np.argwhere(wrong)[0])
    show = (lambda a: widen(a)) if one.dtype == BFLOAT16 else np.asarray
    return f"{show(one)[first]!r} and {show(other)[first]!r} {at(wrong)}"
