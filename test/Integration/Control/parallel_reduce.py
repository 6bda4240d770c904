# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Output, Run, exact, sum_bound, within


def cases(rng):
    for n, shape in ((0, (0, 3)), (1, (1, 1)), (4097, (30, 45))):
        y = rng.integers(-(2**62), 2**62, shape, np.int64)
        outputs = [Output((), np.float32), Output((), np.int64)]
        yield Run([rng.standard_normal(n, np.float32), y, *outputs])


def reference(x, y, out, total):
    wide = x.astype(np.float64)
    bound = sum_bound(np.abs(wide).sum(), x.size, np.float32)
    return [within(wide.sum(), bound, np.float32), exact(np.int64(5) + y.sum())]
