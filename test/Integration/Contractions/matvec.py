# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Run, sum_bound, within


def cases(rng):
    for n, m in ((1, 1), (70, 300), (515, 6)):
        shapes = (n, m), (m,), (n,)
        yield Run([rng.standard_normal(shape, np.float32) for shape in shapes])


def product(a, b):
    a, b = a.astype(np.float64), b.astype(np.float64)
    bound = sum_bound(np.abs(a) @ np.abs(b), b.shape[0], np.float32)
    return within(a @ b, bound, np.float32)


def reference(a, x, y):
    return [product(a, x), product(y, a)]
