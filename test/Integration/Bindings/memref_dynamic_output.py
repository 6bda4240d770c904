# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Output, Run, exact, sum_bound, within


def cases(rng):
    for m, n in ((1, 1), (33, 65), (700, 3), (0, 4)):
        x = rng.standard_normal((m, n), np.float32)
        yield Run([x, Output((m, n)), Output((m,)), np.float32(3)], program="scale")
    x = rng.standard_normal(5, np.float32)
    yield Run([x, np.full(9, 77, np.float32)], program="prefix")


def reference_scale(x, scaled, sums, factor):
    scaled = x * factor
    wide = scaled.astype(np.float64)
    bound = sum_bound(np.abs(wide).sum(1), x.shape[1], np.float32)
    return [exact(scaled), within(wide.sum(1), bound, np.float32)]


def reference_prefix(x, y):
    return [exact(np.concatenate([x, y[len(x) :]]))]
