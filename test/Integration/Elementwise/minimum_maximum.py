# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Run, exact


def cases(rng):
    values = np.array([1, -1, 2, np.inf, -np.inf, np.nan, 1e-41], np.float32)
    x, y = (a.ravel() for a in np.meshgrid(values, values))
    yield Run([x, y])


def reference(x, y):
    nan = np.isnan(x) | np.isnan(y)
    code = 8 * (x >= y) + 4 * (nan | (x < y)) + 2 * (nan | (x == y)) + (~nan & (x != y))
    return [
        exact(np.minimum(x, y)),
        exact(np.maximum(x, y)),
        exact(np.fmin(x, y)),
        exact(np.fmax(x, y)),
        exact(code.astype(np.int32)),
    ]
