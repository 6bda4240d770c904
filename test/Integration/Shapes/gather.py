# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Run, exact


def cases(rng):
    for n, m, k in ((50, 7, 200), (1, 1, 3), (4, 4, 0)):
        table = rng.standard_normal((n, m), np.float32)
        yield Run([table, rng.integers(0, n, k).astype(np.int32)])


def reference(table, rows):
    return [exact(table[rows])]
