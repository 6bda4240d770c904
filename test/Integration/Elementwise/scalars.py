# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Run, exact


def cases(rng):
    for on in (True, False):
        x = rng.standard_normal(123, np.float32)
        scalars = [np.float32(1.7), np.float64(1e-3), np.int32(-3), np.bool_(on)]
        yield Run([x, *scalars, np.float16(0.25)])


def reference(x, factor, shift, steps, on, half):
    moved = (x * factor + np.float32(shift)) / np.float32(steps) - np.float32(half)
    return [exact(moved if on else x)]
