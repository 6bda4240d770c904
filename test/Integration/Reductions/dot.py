# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Run, sum_bound, within


def cases(rng):
    for n in (0, 1, 64, 5000):
        x = rng.standard_normal(n, np.float32)
        yield Run([x, np.exp(rng.uniform(-0.01, 0.01, n)).astype(np.float32)])


def reference(x, y):
    x, y = x.astype(np.float64), y.astype(np.float64)
    bound = sum_bound(np.abs(x * y).sum(), x.size, np.float32)
    product = y.prod()
    return [
        within(x @ y, bound, np.float32),
        within(product, (y.size + 1) * 2.0**-23 * product, np.float32),
    ]
