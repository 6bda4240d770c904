# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Run, exact


def cases(rng):
    x, y = rng.standard_normal(2, np.float32)
    yield Run([np.array(x), np.array(y), np.array(-(2**40), np.int64)])


def reference(x, y, k):
    return [exact((x + y) * x), exact(np.array(2 * k, np.int64))]
