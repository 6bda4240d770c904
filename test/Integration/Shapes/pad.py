# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Run, exact


def cases(rng):
    for n, low, high in ((4, 2, 3), (1, 0, 0), (0, 1, 7)):
        x = rng.standard_normal((n, 5), np.float32)
        yield Run([x, np.int64(low), np.int64(high), np.float32(-1.5)])


def reference(x, low, high, value):
    fixed = np.pad(x, ((0, 2), (1, 2)))
    free = np.pad(x, ((int(low), 0), (0, int(high))), constant_values=value)
    return [exact(fixed), exact(free)]
