# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Run, exact


def cases(rng):
    # Launches that are worth a task of their own, and launches that are not.
    for n in (200_000, 300_001, 17, 1, 0):
        yield Run([rng.integers(-1000, 1000, n, np.int32)])


def reference(x):
    # The first launch of a branch writes in reverse, the second reads so, and so does the last.
    a, b, c, d = ((x + k + 1) * (2 * k + 3) for k in range(4))
    return [exact(((a ^ b) + (c ^ d))[::-1].copy())]
