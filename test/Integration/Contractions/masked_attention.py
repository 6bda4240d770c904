# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Run, exact, within


def cases(rng):
    for b, sq, sk in ((2, 5, 5), (1, 1, 9), (3, 7, 3)):
        q, k, v = (rng.uniform(-1, 1, (b, s, 16)).astype(np.float32) for s in (sq, sk, sk))
        mask = rng.random((b, sk)) < 0.7
        yield Run([q, k, v, mask], "masked")
    ties = np.array([[1, 3, 3, 2], [5, 5, 5, 5], [-np.inf] * 4], np.float32)
    yield Run([ties], "maximum")
    yield Run([np.array([[1, np.nan, 3], [np.nan, 9, 9]], np.float32)], "maximum")
    yield Run([rng.standard_normal((4, 300)).astype(np.float32)], "maximum")


def reference_masked(q, k, v, mask):
    q, k, v = (x.astype(np.float64) for x in (q, k, v))
    scores = np.where(mask[:, None, :], np.einsum("bqd,bkd->bqk", q, k) / 4, -1e9)
    weights = np.exp(scores - scores.max(2, keepdims=True))
    weights /= weights.sum(2, keepdims=True)
    # Scores below 4 in magnitude, of 16 products each, are off by less than 32 eps, and so
    # are the weights, relatively; sums of them and of at most 9 rows add a few more.
    bound = 100 * np.finfo(np.float32).eps * np.ones((*q.shape[:2], 16))
    return [within(np.einsum("bqk,bkd->bqd", weights, v), bound, np.float32, transcendental=True)]


def reference_maximum(x):
    values, places = [], []
    for row in x:
        largest, place = -np.inf, 0
        for j, value in enumerate(row):
            place = j if value > largest else place
            isNaN = np.isnan(value) or np.isnan(largest)
            largest = np.nan if isNaN else max(value, largest)
        values.append(largest)
        places.append(place)
    return [exact(np.array(values, np.float32)), exact(np.array(places, np.int64))]
