# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Run, exact


def cases(rng):
    y = rng.integers(-128, 128, (2, 3, 4, 5)).astype(np.int8)
    for shape in ((33, 65), (1, 100), (0, 3)):
        yield Run([rng.standard_normal(shape, np.float32), y])


def reference(x, y):
    return [exact(x.T.copy()), exact(y.transpose(3, 0, 2, 1).copy())]
