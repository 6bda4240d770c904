# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Run, exact


def cases(rng):
    for n, row in ((7, 4), (2, 0)):
        arrays = rng.standard_normal((n, 6)), rng.standard_normal((2, 3))
        yield Run([*(a.astype(np.float32) for a in arrays), np.int64(row)])


def reference(x, patch, row):
    patched = x.copy()
    patched[row : row + 2, 1:6:2] = patch
    return [exact(patched), exact(x)]
