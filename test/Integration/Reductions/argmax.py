# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Run, exact


def cases(rng):
    for shape in ((1, 1), (50, 10), (4, 3000)):
        # Small whole numbers, so that many are equal.
        yield Run([rng.integers(-5, 6, shape).astype(np.float32)])


def reference(x):
    return [exact(x.max(1)), exact(x.argmax(1).astype(np.int32))]
