# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Run, exact


def cases(rng):
    for n in (3, 500):
        values = rng.integers(-2, 3, (2, n)).astype(np.float32)
        values[rng.random((2, n)) < 0.2] = np.nan
        yield Run([*values, rng.random(n) < 0.5])


def reference(x, y, mask):
    either = (x < y) | np.isnan(x) | np.isnan(y)
    flipped = ~((x != y) & mask)
    return [exact(either), exact(flipped), exact(np.where(mask, x, y))]
