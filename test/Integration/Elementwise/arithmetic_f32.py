# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Run, exact

SPECIAL = [0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan, 1e-41, -3e-39, 3.4e38, 1e-38]


def cases(rng):
    special = np.array(SPECIAL, np.float32)
    x, y = (a.ravel() for a in np.meshgrid(special, special))
    yield Run([x, y])
    exponents = rng.integers(-60, 60, (2, 3001))
    values = rng.standard_normal((2, 3001)) * np.exp2(exponents)
    yield Run(list(values.astype(np.float32)))


def fma(a, b, c):
    # Exact: the product has at most 48 bits, and the sum is rounded to odd in 64
    # bits of long double before it is rounded to f32.
    product = a.astype(np.float64) * b.astype(np.float64)
    c = c.astype(np.float64)
    total = product + c
    # The error of the float64 sum (Knuth's two-sum) decides ties of the last step.
    t = total - product
    error = (product - (total - t)) + (c - t)
    bits = total.view(np.int64)
    sticky = np.isfinite(total) & np.isfinite(error) & (error != 0) & (bits & 1 == 0)
    towards = np.where((error > 0) == (total > 0), 1, -1)
    return np.where(sticky, (bits + towards).view(np.float64), total).astype(np.float32)


def reference(x, y):
    quotient = (x + y) * (x - y) / y
    fused = fma(x, y, -np.sqrt(np.abs(x)))
    spread = np.maximum(x, y) - np.minimum(x, y)
    return [exact(quotient), exact(fused), exact(spread)]
