# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Run, exact


def cases(rng):
    places = rng.permutation(30)[:12].astype(np.int32)
    x = rng.standard_normal((12, 5), np.float32)
    d = rng.standard_normal((30, 5), np.float32)
    yield Run([x, d, places[:, None]], program="rows")
    yield Run([x[:0], d, places[:0, None]], program="rows")
    flat = rng.permutation(28)[:6]
    pairs = np.stack([flat // 7, flat % 7], axis=1).astype(np.int64)
    yield Run(
        [rng.standard_normal(6), rng.standard_normal((4, 7)), pairs], program="elements"
    )
    rows = np.stack([rng.permutation(40)[:26] for _ in range(3)]).astype(np.int32)
    number = lambda *shape: rng.integers(-999, 999, shape).astype(np.int16)
    yield Run([number(3, 40, 5), rows, number(3, 26, 5)], program="batches")


def reference_rows(x, d, i):
    result = d.copy()
    result[i[:, 0]] = x
    return [exact(result)]


def reference_elements(x, d, i):
    result = d.copy()
    result[i[:, 0], i[:, 1]] = x
    return [exact(result)]


def reference_batches(d, i, x):
    result = d.copy()
    for n in range(3):
        result[n, i[n]] = x[n]
    return [exact(result)]
