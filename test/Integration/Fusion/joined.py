# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What must fuse gives what its stages give one after the other."""

import numpy as np
from casekit import ROOT, Run, exact

SOURCE = ROOT.parent / "Dialect/Vyre/Transforms/fuse-launches.mlir"


def whole(rng, *shape):
    """Small whole numbers, whose sums are exact in any order."""
    return rng.integers(-50, 50, shape).astype(np.float32)


def cases(rng):
    def floats(*shape):
        return rng.standard_normal(shape).astype(np.float32)

    yield Run([np.float32(1.25), floats(64)], program="chain")
    yield Run(
        [floats(4, 8), floats(8), floats(4), np.array(0.5, np.float32)],
        program="broadcast",
    )
    for shape in ((7, 33), (1, 1), (3, 0), (0, 5), (2, 500)):
        yield Run([whole(rng, *shape)], program="rows")
    yield Run([floats(64)], program="diamond")
    yield Run([floats(4, 8)], program="permuted")
    yield Run([floats(8, 8)], program="square")
    yield Run([floats(4, 8)], program="split")
    yield Run([floats(32)], program="collapse")
    for k, count in ((0, 12), (5, 300), (1000, 0)):
        yield Run([np.int64(k), floats(count)], program="tied")
    yield Run([], program="parts")
    yield Run([], program="interleaved")
    yield Run([], program="twice")
    yield Run([floats(32)], program="late")
    yield Run([floats(4, 6)], program="regroup")
    for shape in ((7, 33), (1, 1), (3, 0), (0, 5), (2, 500), (50, 70)):
        yield Run([whole(rng, *shape)], program="mirror")
    yield Run([floats(5, 300)], program="turned")
    for m, n in ((0, 3), (5, 7)):
        yield Run([np.int64(m), np.int64(n)], program="areas")
    yield Run([floats(64)], program="reader_first")
    for n, k in ((0, 3), (5, 0), (70, 9)):
        # What no stage writes is what it is found to be.
        old = floats(2 * n + k)
        yield Run([floats(n), np.zeros(k, np.float32), old], program="beside")
    for n in (0, 1, 70, 1000):
        yield Run([floats(n), floats(n)], program="required")


def reference_chain(a, x):
    return [exact((x * a) * (x * a) + a)]


def reference_broadcast(x, row, column, one):
    return [exact(x + row + column[:, None] + one)]


def reference_rows(x):
    return [exact(x - x.sum(axis=1, keepdims=True))]


def reference_diamond(x):
    return [exact((x + x) * (x + x))]


def reference_permuted(x):
    return [exact(x.T.copy())]


reference_square = reference_permuted


def reference_split(x):
    return [exact(x.reshape(32))]


def reference_collapse(x):
    return [exact(x.reshape(4, 8))]


def reference_tied(k, x):
    return [exact(np.full(int(k) + len(x), 2, np.float32))]


def reference_parts():
    return [exact(np.tile(np.array([1, 2], np.float32), 32))]


def reference_interleaved():
    return [exact(np.ones(64, np.float32)), exact(np.ones(32, np.float32))]


def reference_twice():
    return [exact(np.ones(64, np.float32))]


def reference_late(x):
    return [exact(np.full(64, x[0], np.float32)), exact(x)]


def reference_regroup(x):
    return [exact(x.reshape(6, 4))]


def reference_mirror(x):
    return [exact((x * x)[:, ::-1] - (x * x).sum(axis=1, keepdims=True))]


def reference_turned(x):
    return [exact((x - x.max(axis=1, keepdims=True))[:, ::-1])]


def reference_beside(x, z, y):
    n, result = len(x), y.copy()
    result[:n] = x
    result[n + len(z) :] = -x
    return [exact(result)]


def reference_areas(m, n):
    return [exact(np.ones(int(m * n), np.float32))]


def reference_reader_first(x):
    return [exact(np.ones(64, np.float32)), exact(x[:32]), exact(np.ones(64, np.float32))]


def reference_required(x, y):
    return [exact((x + x) * y)]
