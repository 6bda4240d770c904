# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Run, exact


def cases(rng):
    for program in ("within", "between"):
        for count in (0, 5, 1000):
            # Numbers of at most 16 digits: f64 holds a product and a sum of them.
            a, b, c = (
                rng.integers(-(2**16), 2**16, (3, count)) / [[2.0**8], [2.0**8], [2.0**4]]
            ).astype(np.float32)
            yield Run([a, b, c], program=program)


def reference_within(a, b, c):
    return [exact((a.astype(np.float64) * b + c).astype(np.float32))]


def reference_between(a, b, c):
    return [exact(((a * b) + c) - c)]
