# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Run, exact


def cases(rng):
    for n in (1, 50):
        y = rng.integers(-999, 999, (4, 6)).astype(np.int16)
        yield Run([rng.standard_normal(n, np.float32), y])


def reference(x, y):
    table = np.array([1.5, -2.0, 0.25])
    values = [x, x, y[1:3], y.ravel(), table, x + x, x + x]
    return [exact(v) for v in values]
