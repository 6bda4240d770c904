# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Run, exact, overwritten


def cases(rng):
    # As long, longer and shorter than what is written; multiples of four and not.
    for m, n in ((8, 8), (11, 9), (6, 10), (1, 3)):
        x = rng.integers(-99, 99, m).astype(np.float32)
        yield Run([x, overwritten(n)], "rows")
    for m, n in ((4, 2), (5, 7), (1, 1), (9, 8)):
        x = rng.integers(-999, 999, (n, m)).astype(np.int32)
        yield Run([x, overwritten((m, n), np.int32)], "tiles")
    yield Run([np.arange(-20, 20, dtype=np.int8), overwritten(40, np.int8)], "nibbles")


def reference_rows(x, y):
    padded = np.full(len(y), 9, np.float32)
    padded[: min(len(x), len(y))] = x[: len(y)]
    return [exact(padded * (np.arange(len(y)) % 4 + 1).astype(np.float32))]


def reference_tiles(x, y):
    return [exact(x.T)]


def reference_nibbles(x, y):
    return [exact(((x.astype(np.int32) + 3) % 16).astype(np.int8))]
