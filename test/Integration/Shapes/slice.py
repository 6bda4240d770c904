# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Run, exact


def cases(rng):
    for n, first, count in ((20, 3, 8), (1, 0, 1), (5, 4, 0)):
        x = rng.standard_normal((n, 10), np.float32)
        yield Run([x, np.int64(first), np.int64(count)])


def reference(x, first, count):
    window = x[first : first + 2 * count : 2, 1:9:2][:count]
    return [exact(window), exact(x[first : first + count, 9]), exact(x[0, 2:11:3])]
