# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Run, exact


def cases(rng):
    for n, m, k in ((2, 7, 4), (1, 1, 1), (3, 0, 2)):
        x = rng.standard_normal((n, 3, m, 5, k), np.float32)
        yield Run([x, rng.standard_normal((3, 5), np.float32)])


def reference(x, y):
    return [exact(x + y[None, :, None, :, None])]
