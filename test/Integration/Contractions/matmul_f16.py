# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Run, sum_bound, within


def cases(rng):
    for k in (1, 56):
        shapes = (24, k), (40, k)
        yield Run([rng.standard_normal(shape).astype(np.float16) for shape in shapes])


def reference(a, b):
    a, b = a.astype(np.float64), b.astype(np.float64)
    bound = sum_bound(np.abs(a) @ np.abs(b).T, a.shape[1], np.float32)
    return [within(a @ b.T, bound, np.float32)]
