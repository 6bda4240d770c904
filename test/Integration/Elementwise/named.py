# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Run, exact


def cases(rng):
    for n in (0, 19):
        yield Run(list(rng.standard_normal((2, n, 8), np.float32)))


def reference(x, y):
    root = np.sqrt(np.abs(y))
    mapped = x / root - x
    return [exact(root), exact(mapped), exact(mapped * mapped + y)]
