# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Run, exact

TABLE = [7, 61, 13, 89, 2, 97, 41, 5, 83, 29, 71, 17, 53, 3, 37, 11]


def cases(rng):
    yield Run([rng.integers(-(2**31), 2**31, 1000).astype(np.int32)])


def reference(rows):
    return [exact(np.array(TABLE, np.int32)[rows & 15] + rows)]
