# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Run, exact


def cases(rng):
    for n in (1, 2000):
        yield Run(
            [
                rng.integers(np.iinfo(t).min, np.iinfo(t).max, n, t, endpoint=True)
                for t in (np.int8, np.int16, np.int32, np.int64)
            ]
        )


def truncatedDivision(a, b):
    return (np.sign(a) * (np.abs(a.astype(np.int64)) // b)).astype(a.dtype)


def reference(b, h, w, d):
    b3 = truncatedDivision(b * b, 7) - b
    h3 = (h << 3) ^ (h >> 3)
    w3 = np.maximum(w * np.fmod(w, np.int32(1000)), w)
    d3 = np.minimum(d * np.int64(-12345) + d, d)
    return [exact(b3), exact(h3), exact(w3), exact(d3)]
