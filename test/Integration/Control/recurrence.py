# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Run, exact


def cases(rng):
    for rows, steps in ((1, 1), (5, 9), (70, 20), (3, 0)):
        x = rng.integers(-9, 9, (rows, steps)).astype(np.int32)
        y = rng.integers(-9, 9, (steps, rows)).astype(np.int32)
        yield Run([x, y])


def reference(x, y):
    y = y.copy()
    for t in range(1, x.shape[1]):
        y[t] = 3 * y[t - 1] + x[:, t]
    return [exact(y)]
