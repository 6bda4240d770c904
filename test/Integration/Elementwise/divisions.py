# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np

from casekit import Run, exact


def cases(rng):
    least = np.iinfo(np.int32).min
    edges = np.array([least, least + 1, -7, -1, 0, 1, 7, 2**31 - 1], np.int32)
    yield Run([np.repeat(edges, len(edges)), np.tile(edges, len(edges))])
    yield Run([rng.integers(-9, 9, 1000).astype(np.int32) for _ in range(2)])


def reference(x, y):
    a, b = x.astype(np.int64), y.astype(np.int64)
    b = np.where((b == 0) | ((a == -(2**31)) & (b == -1)), 1, b)
    quotient = np.sign(a) * np.sign(b) * (np.abs(a) // np.abs(b))
    ua = a & 0xFFFFFFFF
    ub = np.maximum(y.astype(np.int64) & 0xFFFFFFFF, 1)
    results = [quotient, a - quotient * b, ua // ub, ua % ub, a // b, -(-a // b)]
    return [exact(result.astype(np.int32)) for result in results]
