# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Run, exact


def cases(rng):
    for n, m in ((12, 9), (1, 0), (0, 0)):
        yield Run([np.int64(n), np.int64(m), np.float32(2.5)])


def reference(n, m, value):
    table = np.multiply.outer(np.arange(n), np.arange(m)).astype(np.int64)
    return [exact(table), exact(np.full(n, value)), exact(np.full((3, m), value))]
