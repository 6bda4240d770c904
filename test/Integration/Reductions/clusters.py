# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Run, exact, sum_bound, within


def cases(rng):
    def floats(*shape):
        return rng.standard_normal(shape, np.float32)

    yield Run([floats(3, 20000) * 3 + 1], program="normalized")
    yield Run([floats(34, 16389), floats(34)], program="sums")
    integers = rng.integers(-(2**60), 2**60, (3, 16389))
    yield Run([integers], program="wide")
    yield Run([floats(2, 30001)], program="extremes")
    yield Run([floats(1, 65536) * 4], program="softmax")


def reference_normalized(x):
    wide = x.astype(np.float64)
    mean = wide.mean(1, keepdims=True)
    deviation = wide.std(1, keepdims=True)
    value = (wide - mean) / deviation
    # The lanes' sums have few terms each: far below m * u, of which the rows have 20,000.
    u = 2.0**-24
    scale = np.abs(wide).mean(1, keepdims=True) / deviation
    bound = 64 * u * (2 * np.abs(value) + 4 * scale)
    return [within(value, bound, np.float32)]


def reference_sums(x, start):
    size = np.abs(x).sum(1, dtype=np.float64) + np.abs(start)
    value = x.sum(1, dtype=np.float64) + start
    return [within(value, sum_bound(size, 64, np.float32), np.float32)]


def reference_wide(x):
    return [exact(x.sum(1, dtype=np.int64))]


def reference_extremes(x):
    return [exact(x.max(1)), exact(x.min(1))]


def reference_softmax(x):
    wide = x.astype(np.float64)
    powers = np.exp(wide - wide.max(1, keepdims=True))
    value = powers / powers.sum(1, keepdims=True)
    # The exponential's argument is rounded: |x| * u of it, and a few roundings more.
    bound = value * (np.abs(wide).max() + 64) * 2.0**-23
    return [within(value, bound, np.float32, transcendental=True)]
