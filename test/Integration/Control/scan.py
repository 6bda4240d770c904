# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Run, exact, overwritten


def cases(rng):
    for shape in ((1, 1), (33, 100)):
        yield Run([rng.standard_normal(shape, np.float32), overwritten(shape)])


def reference(x, out):
    # numpy's cumsum adds in order, with one rounding per step.
    return [exact(np.cumsum(x, axis=1, dtype=np.float32))]
