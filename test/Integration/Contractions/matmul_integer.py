# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Run, exact


def cases(rng):
    for n, k in ((7, 40), (1, 1)):
        a = rng.integers(-128, 128, (n, k)).astype(np.int8)
        yield Run([a, rng.integers(-128, 128, (k, 5)).astype(np.int8)])


def reference(a, b):
    signed = a.astype(np.int32) @ b.astype(np.int32)
    unsigned = a.view(np.uint8).astype(np.int32) @ b.view(np.uint8).astype(np.int32)
    return [exact(signed), exact(unsigned)]
