# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Run, exact


def cases(rng):
    for n, m in ((5, 33), (1, 1), (0, 3)):
        arrays = [rng.standard_normal(m), rng.standard_normal(n), rng.standard_normal(())]
        yield Run([np.asarray(a, np.float32) for a in arrays])


def reference(row, column, one):
    r = row[None, :] * column[:, None] + one
    return [exact(r), exact(np.repeat(r[:, None, :], 4, axis=1))]
