# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Run, exact


def cases(rng):
    for program in ("row", "rows"):
        a, b = rng.integers(-(2**31), 2**31, 2, dtype=np.int64).astype(np.int32)
        yield Run([np.int32(a | 1), np.int32(b)], program)


def digests(count, a, b):
    values = np.arange(count, dtype=np.int32)
    for _ in range(17):
        values = (values * a) ^ b
    total = values.sum(dtype=np.int64).astype(np.int32)
    return [exact(total), exact(np.bitwise_xor.reduce(values))]


def reference_row(a, b):
    return digests(4_194_310, a, b)


def reference_rows(a, b):
    return digests(2050 * 2052, a, b)
