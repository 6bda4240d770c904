# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Run, exact


def cases(rng):
    # Odd lengths have a tail behind the last 16-byte access.
    for n in (1, 2, 3, 5, 255, 257, 300_001):
        yield Run(list(rng.standard_normal((2, n), np.float32)))


def reference(x, y):
    # No multiply-add is contracted, since the source does not say so.
    product = x * y
    s = product + x
    return [exact((s * s - y) * product)]
