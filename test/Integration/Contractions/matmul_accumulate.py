# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Run, exact, sum_bound, within


def cases(rng):
    yield Run([rng.standard_normal(shape) for shape in ((8, 16), (16, 4), (8, 4))])


def reference(a, b, c):
    value = a.astype(np.longdouble) @ b.astype(np.longdouble) + c
    bound = sum_bound(np.abs(a) @ np.abs(b) + np.abs(c), 17, np.float64)
    return [within(value.astype(np.float64), bound, np.float64), exact(c)]
