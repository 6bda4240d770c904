# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Run, exact, sum_bound, within


def cases(rng):
    for shape in ((1, 1), (211, 97), (0, 5)):
        k = rng.integers(-(2**31), 2**31, 300).astype(np.int32)
        yield Run([rng.standard_normal(shape), k])


def reference(x, k):
    # long double has 11 bits more, enough for the reference of a float64 sum.
    total = float(x.astype(np.longdouble).sum())
    bound = sum_bound(np.abs(x).sum(), x.size, np.float64)
    return [within(total, bound, np.float64), exact(np.int32(1000) + k.sum(dtype=np.int32))]
