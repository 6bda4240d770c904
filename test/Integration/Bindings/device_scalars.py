# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Run, exact


def cases(rng):
    for n in (2, 3000):
        x = rng.uniform(1, 2, n).astype(np.float32)
        yield Run([x, np.zeros(n, np.float32)])


def reference(x, y):
    product = x[0] * x[1]
    changed = x / x[0]
    changed[0] = x[1]
    return [
        exact(product),
        exact(product),
        exact(changed),
        exact(changed * product + product),
    ]
