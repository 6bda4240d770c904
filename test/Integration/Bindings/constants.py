# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Run, exact


def cases(rng):
    for n in (1, 21):
        yield Run([rng.standard_normal((n, 4), np.float32)])


def reference(x):
    f = lambda *values: np.array(values, np.float32)
    blob = f(10, 20, 30, 40)
    r = x * f(0.5) + f(1, -2, 3, -4) + f(0.25, 0.5, 1, 65504)
    r = r * f(1, 2, -3, 0.5) + blob[::-1]
    return [exact(np.where([True, False, True, True], r, x)), exact(blob)]
