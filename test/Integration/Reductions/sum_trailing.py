# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Run, sum_bound, within


def cases(rng):
    lengths = ((7, 63), (5, 64), (5, 2048), (4, 2049), (3, 16_384), (2, 16_385), (1, 100_003))
    for shape in ((3, 1), *lengths, (3, 0), (0, 4)):
        yield Run([rng.standard_normal(shape, np.float32)])


def reference(x):
    wide = x.astype(np.float64)
    bound = sum_bound(np.abs(wide).sum(1), x.shape[1], np.float32)
    return [within(wide.sum(1), bound, np.float32)]
