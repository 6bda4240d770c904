# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Run, within


def cases(rng):
    q, k = rng.standard_normal((32, 128)), rng.standard_normal((64, 128))
    yield Run([(q / 8).astype(np.float32), (k / 8).astype(np.float32)])


def reference(q, k):
    q, k = q.astype(np.float64), k.astype(np.float64)
    scores = q @ k.T
    powers = np.exp(scores - scores.max(1, keepdims=True))
    value = powers / powers.sum(1, keepdims=True)
    # Rounding of a score moves the exponential by as much, relatively.
    size = 130 * (np.abs(q) @ np.abs(k).T).max() + 80
    return [within(value, size * 2.0**-24 * value, np.float32, transcendental=True)]
