# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Run, sum_bound, within


def cases(rng):
    for shape in ((5, 41, 9), (2, 1, 70), (3, 0, 2)):
        yield Run([rng.standard_normal(shape, np.float32)])


def summed(x, axis):
    wide = x.astype(np.float64)
    terms = int(np.prod([x.shape[a] for a in axis]))
    bound = sum_bound(np.abs(wide).sum(axis), terms, np.float32)
    return within(wide.sum(axis), bound, np.float32)


def reference(x):
    return [summed(x, (1,)), summed(x, (0, 2))]
