# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Run, exact


def cases(rng):
    for n in (1, 40):
        x = rng.standard_normal((5, 4, n), np.float32)
        k = rng.integers(-99, 99, (5, 4, n)).astype(np.int32)
        yield Run([x, k, rng.random((5, 4)) < 0.7])


def reference(x, k, b):
    return [
        exact(x.max(1, keepdims=True)),
        exact(x.min(0, keepdims=True)),
        exact(k.sum(2, keepdims=True, dtype=np.int32)),
        exact(b.all(1, keepdims=True)),
        exact(b.any(0, keepdims=True)),
        exact(x.argmax(1).astype(np.int32)),
    ]
