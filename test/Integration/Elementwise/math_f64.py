# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Run, ulps


def cases(rng):
    yield Run([rng.standard_normal(512) * 3])


def reference(x):
    # numpy's own functions are within one unit of the true value.
    values = [np.exp(x), np.cos(x), np.arctan(x), np.log1p(np.abs(x))]
    return [ulps(value, 4, np.float64) for value in values]
