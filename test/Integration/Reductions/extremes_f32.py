# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Run, exact


def cases(rng):
    for shape in ((4, 5), (20, 333), (2, 0)):
        x = rng.standard_normal(shape, np.float32)
        if x.size:
            x[1, 3] = np.nan
        yield Run([x])


def reference(x):
    high = np.maximum.reduce(x, axis=1, initial=-np.inf)
    low = np.minimum.reduce(x, axis=0, initial=np.inf)
    return [exact(high), exact(low)]
