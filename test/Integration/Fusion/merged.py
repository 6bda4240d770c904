# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Launches written by hand give what their stages give one after the other."""

import numpy as np
from casekit import ROOT, Run, exact, within

SOURCE = ROOT.parent / "Dialect/Vyre/Transforms/merge-stages.mlir"


def cases(rng):
    def whole(*shape):
        """Small whole numbers, whose sums are exact in any order."""
        return rng.integers(-50, 50, shape).astype(np.float32)

    yield Run([whole(64)], program="diamond")
    yield Run([whole(32, 64), whole(64, 16), whole(16)], program="dense")
    yield Run([whole(4, 8) / 16], program="softmax")
    yield Run([np.abs(whole(4, 8)) + 1, np.abs(whole(8, 8)) + 1], program="kept")
    for n in (0, 1, 5):
        # Each index once, so that the points are independent.
        yield Run(
            [np.int64(n), rng.permutation(8), whole(8), whole(8)], program="maybe"
        )
    yield Run([whole(8)], program="conditional")
    for n in (0, 1, 1000):
        yield Run([np.int64(n)], program="dead")
    yield Run([whole(2, 4)], program="beyond")
    yield Run([whole(2, 4)], program="overwritten")
    yield Run([whole(64)], program="waits")
    yield Run([whole(8)], program="doubled")
    yield Run([whole(3, 2)], program="fibonacci")
    yield Run([whole(8), whole(8)], program="read_between")


def reference_diamond(x):
    return [exact(x * x - (x * x + x))]


def reference_dense(a, w, b):
    # What is also returned is stored, once.
    product = a @ w
    return [exact(product), exact(np.maximum(product + b, 0))]


def reference_softmax(x):
    wide = x.astype(np.float64)
    powers = np.exp(wide - wide.max(axis=1, keepdims=True))
    value = powers / powers.sum(axis=1, keepdims=True)
    return [within(value, 32 * 2.0**-24 * value, np.float32, transcendental=True)]


def reference_kept(x, w):
    product = x @ w
    return [exact(product / product.sum(axis=1, keepdims=True))]


def reference_maybe(n, k, y, z):
    factor = np.float32(2 ** int(n))
    return [exact(y * factor), exact(z * factor)]


def reference_conditional(x):
    return [exact(np.where(np.arange(8) < 4, np.float32(0), x * x))]


def reference_dead(n):
    return [exact(np.zeros(int(n), np.float32))]


def reference_beyond(x):
    squares = x * x[:, :1]
    long = np.zeros((2, 262144), np.float32)
    long[:, :4] = squares
    return [exact(squares.sum(axis=1)), exact(long)]


def reference_waits(x):
    return [exact((x + x) * (x + x))]


def reference_doubled(x):
    value = x.copy()
    for _ in range(8):
        value = np.where(value < 100, value + value, value)
    return [exact(value)]


def reference_fibonacci(y):
    first, second = y.T.copy()
    for _ in range(10):
        first, second = second, first + second
    return [exact(np.stack([first, second], axis=1))]


def reference_read_between(x, t):
    return [exact(x + np.float32(0)), exact(np.zeros(8, np.float32))]


def reference_overwritten(x):
    sums = (x * x).sum(axis=1, keepdims=True)
    return [exact(x * x), exact(np.broadcast_to(sums, (2, 4)).copy())]
