# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Run, exact


def cases(rng):
    z = rng.integers(-999, 999, (2, 4)).astype(np.int16)
    for n, m in ((4, 9), (0, 1), (2, 0), (0, 0)):
        x = rng.standard_normal((n, 3), np.float32)
        yield Run([x, rng.standard_normal((m, 3), np.float32), z])


def reference(x, y, z):
    return [exact(np.concatenate([x, y, x])), exact(np.concatenate([z, z], axis=1))]
