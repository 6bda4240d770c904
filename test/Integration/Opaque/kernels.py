# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Output, Run, exact

# A cluster is a matter of sm_90, and no other compiler's kernel has CPU code.
TARGETS = ["sm_90"]


def cases(rng):
    for size, by in ((1, 0), (255, 1), (257, -3), (3000, 700), (512, -600)):
        x = rng.integers(-(2**31), 2**31, size).astype(np.int32)
        y = np.full(size, 77, np.int32)
        yield Run([x, y, np.int32(by)], program="shift")
    yield Run([rng.standard_normal(1024).astype(np.float32), Output((1024,))], program="reverse")
    yield Run([Output((64,), np.int32)], program="ranks")


def reference_shift(x, _, by):
    y = np.zeros_like(x)
    for i in range(len(x)):
        if 0 <= i - by < len(x):
            y[i] = x[i - by] * np.int32(2)
    return [exact(y)]


def reference_reverse(x, _):
    return [exact(x.reshape(8, 128)[:, ::-1].reshape(1024))]


def reference_ranks(_):
    return [exact(np.repeat(np.arange(2, dtype=np.int32), 32))]
