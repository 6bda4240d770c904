# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Run, exact


def cases(rng):
    for rows in (1, 40):
        yield Run(list(rng.standard_normal((2, rows, 17)) * 1e100))


def reference(x, y):
    return [exact(x / np.sqrt(np.abs(x * (1 / 3) + y)) - y)]
