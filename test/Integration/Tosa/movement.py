# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Run, exact


def cases(rng):
    places = rng.integers(0, 7, (2, 5)).astype(np.int32)
    x, table = rng.standard_normal((4, 6)), rng.standard_normal((2, 7, 3))
    yield Run([x.astype(np.float32), places, table.astype(np.float32)])


def reference(x, places, table):
    values = [
        np.pad(x, ((1, 2), (0, 1)), constant_values=-1),
        np.concatenate([x[:, 2:5], x], axis=1),
        x.T.copy(),
        x[:, ::-1].copy(),
        np.tile(x, (2, 1)),
        np.stack([table[i][places[i]] for i in range(2)]),
    ]
    return [exact(v) for v in values]
