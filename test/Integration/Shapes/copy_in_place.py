# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np

from casekit import Run, exact


def cases(rng):
    for n, by in ((5, 1), (1000, 3), (70, 69), (8, 0), (8, 8)):
        x = rng.standard_normal(n).astype(np.float32)
        yield Run([x, np.int64(by)], program="shift")
    yield Run([rng.standard_normal(64).astype(np.float32)], program="halves")


def reference_shift(x, by):
    return [exact(np.concatenate([x[:by], x[: len(x) - by]]))]


def reference_halves(x):
    return [exact(np.concatenate([x[:32], x[:32]]))]
