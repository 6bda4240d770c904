# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Run, sum_bound, within


def cases(rng):
    for l, n, k, m in ((5, 9, 20, 11), (1, 1, 3, 1), (0, 2, 2, 2)):
        a = rng.standard_normal((l, n, k), np.float32)
        yield Run([a, rng.standard_normal((l, k, m), np.float32)])


def reference(a, b):
    a, b = a.astype(np.float64), b.astype(np.float64)
    bound = sum_bound(np.abs(a) @ np.abs(b), a.shape[2], np.float32)
    return [within(a @ b, bound, np.float32)]
