# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Run, exact


def cases(rng):
    info = np.iinfo(np.int32)
    values = rng.integers(info.min, info.max, (2, 999), np.int32, endpoint=True)
    values[1] >>= rng.integers(0, 31, 999, np.int32)
    values[1, :5] = [0, 1, -1, info.min, info.max]
    yield Run(list(values))


def reference(x, y):
    a, b = x.view(np.uint32), y.view(np.uint32)
    sums = a // 11 + b % 11 + (np.minimum(a, b) >> 11)
    wide = a.astype(np.uint64) * b.astype(np.uint64)
    bits = [[int(v).bit_count() for v in a], [32 - int(v).bit_length() for v in b]]
    counted = np.sum(bits, axis=0).astype(np.int32)
    return [exact(sums.view(np.int32)), exact(wide.view(np.int64)), exact(counted)]
