# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Run, exact


def cases(rng):
    im, re = np.mgrid[-1.2:1.2:31j, -2:1:47j]
    yield Run([re, im])


def reference(re, im):
    x, y = np.zeros_like(re), np.zeros_like(im)
    k = np.zeros(re.shape, np.int32)
    for _ in range(50):
        go = x * x + y * y <= 4
        x, y = np.where(go, x * x - y * y + re, x), np.where(go, x * y * 2 + im, y)
        k += go
    return [exact(np.where(k % 2 == 1, -k, k))]
