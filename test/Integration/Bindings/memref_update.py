# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Run, exact


def cases(rng):
    for n in (1, 321):
        y = rng.integers(-99, 0, 100).astype(np.int32)
        yield Run([rng.standard_normal(n, np.float32), y])


def reference(x, y):
    updated = y.copy()
    updated[10:90] = np.arange(10, 90)
    return [exact(x + x), exact(updated)]
