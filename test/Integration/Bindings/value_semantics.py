# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Run, exact


def cases(rng):
    for n in (1, 64):
        yield Run(list(rng.standard_normal((2, n), np.float32)))


def reference(x, y):
    return [exact(x + y), exact(x - (x + y)), exact(x)]
