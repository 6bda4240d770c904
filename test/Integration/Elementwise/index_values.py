# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Run, exact


def cases(rng):
    for shape in ((1, 1), (13, 29), (0, 5), (5, 0)):
        x = rng.integers(-(2**62), 2**62, shape, np.int64)
        yield Run([x, np.int64(-7)])


def reference(x, bias):
    place = np.arange(x.size, dtype=np.int64).reshape(x.shape)
    return [exact(x + place + bias), exact(place.astype(np.int32))]
