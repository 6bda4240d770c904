# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Run, exact


def cases(rng):
    yield Run(
        [
            rng.standard_normal((64, 48)).astype(np.float32),
            rng.integers(-128, 128, 64).astype(np.int8),
        ]
    )


def reference(x, n):
    relu = np.maximum(x * np.float32(0.333333343), np.float32(0))
    return [exact(relu), exact(n + np.int8(3)), exact(np.full(5, -1.5, np.float32))]
