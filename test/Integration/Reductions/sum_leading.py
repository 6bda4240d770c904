# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Run, sum_bound, within


def cases(rng):
    # In parts of 32 rows: of these there are so many that their sums take 1, 128, 1,024 and
    # 4,096 lanes.
    for shape in ((1, 3), (257, 19), (2100, 9), (70_001, 2), (530_000, 1), (0, 4), (4, 0)):
        yield Run([rng.standard_normal(shape, np.float32)])


def reference(x):
    wide = x.astype(np.float64)
    bound = sum_bound(np.abs(wide).sum(0), x.shape[0], np.float32)
    return [within(wide.sum(0), bound, np.float32)]
