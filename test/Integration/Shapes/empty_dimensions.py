# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Run, exact


def cases(rng):
    for n, m, k in ((0, 0, 0), (4, 0, 3), (1, 3, 0), (0, 2, 2)):
        y = rng.integers(-9, 9, (2, m, k)).astype(np.int32)
        yield Run([np.zeros((n, 0, 3), np.float32), y])


def reference(x, y):
    return [exact(x + x), exact(y + y), exact(np.zeros(0, np.float64))]
