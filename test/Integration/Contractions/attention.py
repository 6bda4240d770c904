# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Run, sum_bound, within


def cases(rng):
    for n, m in ((1, 1), (40, 57)):
        shapes = (n, 32), (m, 32), (m, 32)
        yield Run([rng.standard_normal(shape, np.float32) for shape in shapes])


def reference(q, k, v):
    q, k, v = (a.astype(np.float64) for a in (q, k, v))
    scores = q @ k.T * 32**-0.5
    # The error of a score moves its exponential by as much, relatively.
    slack = sum_bound(np.abs(q) @ np.abs(k).T, 34, np.float32) * 32**-0.5
    powers = np.exp(scores - scores.max(1, keepdims=True))
    weights = powers / powers.sum(1, keepdims=True)
    u = 2.0**-24
    relative = 2 * slack.max(1, keepdims=True) + u * (40 + 2 * k.shape[0])
    bound = (weights * relative) @ np.abs(v)
    bound += sum_bound(weights @ np.abs(v), k.shape[0], np.float32)
    return [within(weights @ v, bound, np.float32, transcendental=True)]
