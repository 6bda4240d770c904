# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Output, Run, exact

CALLS = True


def cases(rng):
    for size in (1, 1000, 100000):
        x = rng.standard_normal(size).astype(np.float32)
        y = rng.standard_normal(size).astype(np.float32)
        yield Run([x], program="between")
        yield Run([x], program="twice")
        yield Run([x, y], program="branches")
        yield Run([x, Output((size,))], program="waits")
        yield Run([x, y, Output((size,))], program="boundary")
    for rows, less in ((5, 2), (1, 1), (1000, 0), (1000, 1000)):
        x = rng.integers(-1000, 1000, (rows, 3)).astype(np.int32)
        yield Run([x, Output((rows, 3), np.int32), np.int64(less)], program="rows")
    x = rng.integers(-(2**60), 2**60, 128)
    yield Run([x[:100], np.int32(7)], program="part")
    yield Run([x.reshape(8, 16), np.int32(-1)], program="row")
    yield Run([rng.standard_normal(64), rng.standard_normal(64)], program="loop")


def reference_between(x):
    return [exact(x + x + x)]


def reference_twice(x):
    return [exact(np.ones_like(x)), exact(x + np.float32(1))]


def reference_branches(x, y):
    return [exact(x - y)]


def reference_waits(x, _):
    return [exact(x)]


def reference_boundary(x, _, __):
    return [exact(4 * x), exact(2 * x)]


def reference_rows(x, _, less):
    first = len(x) - less
    return [exact(np.concatenate([x[first:], x[:first]]))]


def fill(x, byte):
    """The first half of the elements, all bytes alike."""
    y = x.copy()
    y[: len(y) // 2] = np.frombuffer(bytes([byte & 255]) * 8, np.int64)[0]
    return y


def reference_part(x, byte):
    y = x.copy()
    y[10:90:2] = fill(y[10:90:2], int(byte))
    return [exact(y)]


def reference_row(x, byte):
    return [exact(fill(x.reshape(-1), int(byte)).reshape(8, 16))]


def reference_loop(a, b):
    return [exact(b), exact(a)]
