# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import BFLOAT16, Run, bfloat16, rounding, sum_bound, widen, within


def cases(rng):
    for n in (1, 25):
        x = rng.standard_normal((n, 64)).astype(np.float16)
        yield Run([x, bfloat16(rng.standard_normal((n, 64)))])


def reference(x, y):
    a, b = widen(x), widen(y)
    first = within(a.sum(1), sum_bound(np.abs(a).sum(1), 64, np.float32), np.float32)
    bound = sum_bound(np.abs(b).sum(1), 64, np.float32)
    bound += rounding(BFLOAT16) * (np.abs(b.sum(1)) + bound)
    return [first, within(b.sum(1), bound, BFLOAT16)]
