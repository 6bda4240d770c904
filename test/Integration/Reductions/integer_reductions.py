# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Run, exact


def cases(rng):
    for shape in ((9, 1), (6, 77), (2, 1500), (3, 0)):
        a = rng.integers(-(2**31), 2**31, shape).astype(np.int32)
        b = rng.integers(-(2**63), 2**63 - 1, shape, np.int64) | 1
        c = rng.integers(-128, 128, shape).astype(np.int8)
        yield Run([a, b, c, rng.random(shape) < rng.random((shape[0], 1))])


def reference(a, b, c, d):
    unsigned = np.minimum.reduce(c.view(np.uint8), axis=1, initial=255)
    return [
        exact(np.maximum.reduce(a, axis=1, initial=-(2**31))),
        exact(np.multiply.reduce(b, axis=1)),
        exact(unsigned.view(np.int8)),
        exact(d.all(1)),
        exact(d.any(1)),
        exact(np.bitwise_xor.reduce(a, axis=1)),
    ]
