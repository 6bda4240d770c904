# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Run, exact


def cases(rng):
    for n in (1, 30):
        x, k = rng.standard_normal((n, 8), np.float32) * 5, rng.integers(-9, 10, (n, 8))
        yield Run([x, rng.standard_normal((1, 8), np.float32), k.astype(np.int32)])


def reference(x, y, k):
    b = np.maximum(np.abs(x), y)
    d = b - np.floor(b)
    k2 = (k >> 2) ^ k
    greater = x > y
    return [
        exact(d),
        exact(np.where(greater, -x, d)),
        exact(k2 * np.int32(2)),
        exact((k2 == k) | greater),
    ]
