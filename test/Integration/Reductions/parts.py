# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Run, exact, sum_bound, within


def cases(rng):
    def floats(*shape):
        return rng.standard_normal(shape).astype(np.float32)

    yield Run([floats(300, 1000), np.float32(2.5).reshape(())], program="all")
    yield Run([floats(294912), floats(294912)], program="dot")
    integers = rng.integers(-(2**31), 2**31, (1200, 7)).astype(np.int32)
    yield Run([integers, np.arange(7, dtype=np.int32)], program="columns")
    for start in (0.0, -9.0):
        yield Run([floats(2048, 40), np.full(40, start, np.float32)], program="smallest")

    for length in (0, 5, 16384, 50001):
        yield Run([floats(length), floats()], program="unknown")
        yield Run([floats(3, length // 4), floats(3, length // 4)], program="unknown_columns")
    for shape in ((0, 5), (3, 0), (1, 1), (300, 171)):
        integers = rng.integers(-(2**31), 2**31, shape).astype(np.int32)
        yield Run([integers], program="unknown_matrix")
    for shape in ((0, 2, 3, 5), (1, 1, 1, 5), (3, 7, 11, 5), (4, 56, 57, 5)):
        integers = rng.integers(-(2**31), 2**31, shape).astype(np.int32)
        yield Run([integers, np.arange(5, dtype=np.int32)], program="channels")
    for shape in ((0, 3), (3, 0), (5, 40), (3, 700), (2, 20_000)):
        integers = rng.integers(-(2**31), 2**31, shape).astype(np.int32)
        yield Run([integers, np.arange(shape[0], dtype=np.int32)], program="updated")
    wide = [floats(500, 3000).astype(np.float64), floats(3000).astype(np.float64)]
    yield Run(wide, program="wide_columns")
    for rows in (0, 27, 100):
        integers = rng.integers(-(2**31), 2**31, (rows, 600)).astype(np.int32)
        yield Run([integers], program="unknown_rows")


def reference_all(x, start):
    size = np.abs(x).sum(dtype=np.float64) + np.abs(start)
    value = x.sum(dtype=np.float64) + start
    return [within(value, sum_bound(size, x.size + 1, np.float32), np.float32)]


def reference_dot(x, y):
    products = x.astype(np.float64) * y
    bound = sum_bound(np.abs(products).sum(), x.size, np.float32)
    return [within(products.sum(), bound, np.float32)]


def reference_unknown_matrix(x):
    return [exact(np.int32(7) + x.sum(dtype=np.int32))]


def reference_channels(x, start):
    return [exact(start + x.sum((0, 1, 2), dtype=np.int32))]


def reference_updated(x, start):
    return [exact(x + x), exact(start + (x + x).sum(1, dtype=np.int32))]


def reference_wide_columns(x, start):
    value = x.sum(0, dtype=np.longdouble) + start
    bound = sum_bound(np.abs(x).sum(0) + np.abs(start), 501, np.float64)
    return [within(value.astype(np.float64), bound, np.float64)]


def reference_columns(x, start):
    return [exact(start + x.sum(0, dtype=np.int32))]


def reference_smallest(x, start):
    return [exact(np.minimum(start, x.min(0)))]


def reference_unknown(x, start):
    return reference_all(x, start)


def reference_unknown_columns(x, y):
    squares = np.square(x.astype(np.float64) - y).sum(1)
    # A difference and a square are rounded, too.
    return [within(squares, sum_bound(squares, x.shape[1] + 3, np.float32), np.float32)]


def reference_unknown_rows(x):
    return [exact(np.int32(7) + x.sum(dtype=np.int32))]
