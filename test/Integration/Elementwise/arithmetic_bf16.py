# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Run, bfloat16, exact, widen


def cases(rng):
    for n in (1, 777):
        values = rng.standard_normal((2, n)) * np.exp2(rng.integers(-20, 20, (2, n)))
        yield Run(list(bfloat16(values)))


def reference(x, y):
    narrow = lambda v: widen(bfloat16(v.astype(np.float32))).astype(np.float32)
    a, b = widen(x).astype(np.float32), widen(y).astype(np.float32)
    total = narrow(narrow(a * b) + a)
    return [exact(bfloat16(total * np.float32(0.3))), exact(total)]
