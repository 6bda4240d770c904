# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Run, sum_bound, within


def cases(rng):
    for n, k, m in ((1, 1, 1), (33, 65, 17), (64, 128, 64), (3, 0, 4), (0, 5, 2)):
        a = rng.standard_normal((n, k), np.float32)
        yield Run([a, rng.standard_normal((k, m), np.float32)])


def reference(a, b):
    a, b = a.astype(np.float64), b.astype(np.float64)
    bound = sum_bound(np.abs(a) @ np.abs(b), a.shape[1], np.float32)
    return [within(a @ b, bound, np.float32)]
