# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Run, within


def cases(rng):
    weights = [
        rng.standard_normal(shape, np.float32) * 0.3
        for shape in ((1, 12, 20), (1, 1, 20), (1, 20, 5))
    ]
    for n in (1, 37):
        yield Run([rng.standard_normal((1, n, 12), np.float32), *weights])


def reference(x, w1, b1, w2):
    x, w1, b1, w2 = (a.astype(np.float64) for a in (x, w1, b1, w2))
    h = np.clip(x @ w1 + b1, 0, 6)
    y = h @ w2
    powers = np.exp(y - y.max(2, keepdims=True))
    value = powers / powers.sum(2, keepdims=True)
    # The logits' error, of sums of 12 and of 20 terms, is relative in the result.
    u = 2.0**-24
    hidden = 14 * u * (np.abs(x) @ np.abs(w1) + np.abs(b1))
    logits = hidden @ np.abs(w2) + 22 * u * (h @ np.abs(w2))
    bound = value * (2 * logits.max(2, keepdims=True) + 60 * u)
    return [within(value, bound, np.float32, transcendental=True)]
