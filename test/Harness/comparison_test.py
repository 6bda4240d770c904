# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
"""The rules of test/Integration/comparison.py find what is wrong, and only that."""

import sys
import unittest
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Integration"))
from comparison import (
    BFLOAT16,
    bfloat16,
    differenceBetween,
    differenceFrom,
    exact,
    spacing,
    sum_bound,
    ulps,
    widen,
    within,
)

F = np.float32


class Exact(unittest.TestCase):
    def test_one_bit_is_a_difference(self):
        value = np.array([1, 2, 3], F)
        self.assertIsNone(differenceFrom(exact(value), value.copy()))
        for place in range(3):
            other = value.copy()
            other.view(np.int32)[place] ^= 1
            self.assertIn(f"[{place}], 1 of 3", differenceFrom(exact(value), other))

    def test_zeros_differ_by_sign_and_nans_do_not_differ(self):
        zeros = np.array([0.0, -0.0], F)
        self.assertIn("at [0]", differenceFrom(exact(zeros), -zeros))
        one, other = np.array([0x7FC00000, 0xFFC00001], np.uint32).view(F)[:, None]
        self.assertIsNone(differenceFrom(exact(one), other))

    def test_shape_and_type_are_part_of_the_value(self):
        value = np.zeros((2, 3), np.int32)
        for other in (value.reshape(3, 2), value.astype(np.int64), value[0]):
            self.assertIn("expected int32 2x3", differenceFrom(exact(value), other))

    def test_nothing_equals_nothing_of_the_same_shape(self):
        value = np.zeros((0, 3), np.int32)
        self.assertIsNone(differenceFrom(exact(value), value))
        self.assertIsNotNone(differenceFrom(exact(value), np.zeros((3, 0), np.int32)))


class Bounds(unittest.TestCase):
    def test_within_is_inclusive_and_no_wider(self):
        expected = within([1.0], [0.25], F)
        for got, right in ((1.25, True), (0.75, True), (1.2500001, False)):
            difference = differenceFrom(expected, np.array([got], F))
            self.assertEqual(difference is None, right, difference)

    def test_infinity_and_nan_have_no_distance(self):
        expected = within([np.inf, np.nan, 1.0], [1e30, 1e30, 1e30], F)
        right = np.array([np.inf, np.nan, 2.0], F)
        self.assertIsNone(differenceFrom(expected, right))
        for place, wrong in ((0, 3e38), (0, -np.inf), (1, 0.0), (2, np.nan), (2, np.inf)):
            got = right.copy()
            got[place] = wrong
            self.assertIn(f"at [{place}]", differenceFrom(expected, got))

    def test_ulps_are_those_of_the_type(self):
        for dtype, unit in ((np.float64, 2.0**-52), (F, 2.0**-23), (np.float16, 2.0**-10)):
            expected = ulps([1.0], 2, dtype)
            self.assertIsNone(differenceFrom(expected, np.array([1 + 2 * unit], dtype)))
            self.assertIsNotNone(differenceFrom(expected, np.array([1 + 3 * unit], dtype)))
        self.assertEqual(spacing(np.array([0.0]), F)[0], 2.0**-149)
        self.assertEqual(spacing(np.array([4.0]), BFLOAT16)[0], 2.0**-5)

    def test_the_bound_of_a_sum_holds_in_any_order(self):
        rng = np.random.default_rng(1)
        values = rng.standard_normal(5000, F)
        wide = values.astype(np.float64)
        bound = sum_bound(np.abs(wide).sum(), values.size, F)
        for order in (values, values[::-1], np.sort(values), rng.permutation(values)):
            self.assertLessEqual(abs(float(np.cumsum(order)[-1]) - wide.sum()), bound)


class Bfloat16(unittest.TestCase):
    def test_rounds_to_nearest_even(self):
        ties = [1 + 2.0**-8, 1 + 3 * 2.0**-8, 1 + 2.0**-8 + 2.0**-20, -1 - 2.0**-8]
        found = widen(bfloat16(ties))
        np.testing.assert_array_equal(found, [1, 1 + 2.0**-6, 1 + 2.0**-7, -1])

    def test_keeps_what_is_special(self):
        found = widen(bfloat16([np.inf, -np.inf, np.nan, -0.0, 3.4e38]))
        np.testing.assert_array_equal(found, [np.inf, -np.inf, np.nan, 0, np.inf])
        self.assertTrue(np.signbit(found[3]))

    def test_compares_as_numbers(self):
        one, other = bfloat16([1, np.nan]), bfloat16([1, np.nan])
        self.assertIsNone(differenceFrom(exact(one), other))
        self.assertIn("at [0]", differenceFrom(exact(one), bfloat16([2, np.nan])))


class BetweenBackends(unittest.TestCase):
    def test_sums_agree_bit_for_bit_and_exponentials_need_not(self):
        one, other = np.array([1.0], F), np.array([1.0 + 2.0**-23], F)
        self.assertIsNotNone(differenceBetween(within([1.0], [1.0], F), one, other))
        loose = within([1.0], [1.0], F, transcendental=True)
        self.assertIsNone(differenceBetween(loose, one, other))
        self.assertIsNone(differenceBetween(ulps([1.0], 4, F), one, other))


if __name__ == "__main__":
    unittest.main()
