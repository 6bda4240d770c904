# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Run, exact


def cases(rng):
    for n, first, stride in ((30, 4, 3), (7, 7, 1), (5, 9, 2), (1, 0, 1)):
        x = rng.integers(-999, 999, n).astype(np.int32)
        yield Run([x, np.int64(first), np.int64(stride)])


def reference(x, first, stride):
    x = x.copy()
    x[first::stride] *= 7
    x[1 : len(x) // 2 : 2] -= 7
    return [exact(x)]
