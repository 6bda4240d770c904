# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Run, exact


def cases(rng):
    # Buffers that travel together, and buffers that are copied by themselves.
    for n in (17, 5000, 300_000, 0):
        yield Run([rng.integers(-1000, 1000, n, np.int32)])


def reference(x):
    return [exact((x + 1) * 3), exact((x + 1) * 3 + x)]
