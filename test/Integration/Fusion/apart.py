# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What must not fuse: each of these would be wrong if its stages shared a launch."""

import numpy as np
from casekit import ROOT, Run, exact, sum_bound, within

SOURCE = ROOT.parent / "Dialect/Vyre/Transforms/fuse-launches-refusals.mlir"


def cases(rng):
    def floats(*shape):
        return rng.standard_normal(shape).astype(np.float32)

    def whole(*shape):
        return rng.integers(1, 50, shape).astype(np.float32)

    yield Run([floats(8, 8)], program="transposed")
    yield Run([floats(64)], program="shifted")
    yield Run([floats(65)], program="war")
    yield Run([], program="waw")
    yield Run([whole(4, 8)], program="total")
    yield Run([whole(8, 8)], program="columns")
    yield Run([rng.permutation(64)], program="gather")
    yield Run([floats(9), floats(4)], program="unequal")
    yield Run([], program="host")
    x = floats(128, 128)
    yield Run([x], program="product")
    yield Run([floats(9), floats(4)], program="at_least")
    for m, n in ((3, 5), (5, 3), (4, 4)):
        old = [np.zeros(size, np.float32) for size in (4, 6)]
        yield Run([np.int64(m), np.int64(n), *old], program="attributes")


def reference_transposed(x):
    return [exact(x + x.T)]


def reference_shifted(x):
    return [exact(np.roll(x, -1))]


def reference_war(x):
    return [exact(x[1:]), exact(np.append(np.zeros(64, np.float32), x[64]))]


def reference_waw():
    return [exact(np.full(64, 2, np.float32))]


def reference_total(x):
    return [exact(x / x.sum())]


def reference_columns(x):
    sums = x.sum(axis=1)
    return [exact(np.outer(sums, sums))]


def reference_gather(k):
    return [exact(np.ones(64, np.float32))]


def reference_unequal(x, y):
    return [exact(np.ones(9, np.float32)), exact(np.ones(4, np.float32))]


def reference_host():
    return [exact(np.ones(64, np.float32))]


def reference_product(x):
    x = x.astype(np.float64)
    bound = sum_bound(np.abs(x) @ np.abs(x[:, 0]), len(x), np.float32)
    return [within(x @ x[:, 0], bound, np.float32)]


def reference_attributes(m, n, x, y):
    # What lies behind stays as it was.
    return [
        exact((np.arange(4) < min(m, n)).astype(np.float32)),
        exact((np.arange(6) < max(m, n)).astype(np.float32)),
    ]


def reference_at_least(x, y):
    return [exact((x[: len(y)] + x[: len(y)]) * y)]
