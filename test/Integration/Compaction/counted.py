# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Run, exact


def cases(rng):
    # Nothing, all, and both sides of the limit of a record, which is 4096 bytes.
    counts = [(0, 0, 0), (4096, 64, 4096), (1024, 1, 1025), (1, 63, 4095), (3, 0, 1024)]
    counts += [tuple(rng.integers(0, (4097, 65, 4097))) for _ in range(8)]
    for double, twice, square in counts:
        yield Run(
            [
                rng.standard_normal(4096, np.float32),
                rng.integers(-999, 999, (64, 3)).astype(np.int16),
                np.array(twice, np.int8),
                np.array([double], np.int32),
                np.array(square, np.int64),
            ]
        )


def reference(x, rows, n8, n32, n64):
    results = [(x + x)[: n32[0]], (rows + rows)[: int(n8)], (x * x)[: int(n64)]]
    results += [n32, n8, n64, np.maximum(x.max(), np.float32(0))]
    return [exact(v) for v in results]
