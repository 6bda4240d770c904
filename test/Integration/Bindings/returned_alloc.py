# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Run, exact


def cases(rng):
    for n in (0, 1, 99):
        yield Run([rng.standard_normal((n, 4))])


def reference(x):
    # A sequential loop keeps its order, so the sum is exact as well.
    s = x * x
    return [exact(np.sqrt(((0.0 + s[:, 0] + s[:, 1]) + s[:, 2]) + s[:, 3]))]
