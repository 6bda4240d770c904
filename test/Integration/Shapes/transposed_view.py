# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Output, Run, exact


def cases(rng):
    for n in (1, 5, 70):
        x = rng.standard_normal((3, n)).astype(np.float32)
        yield Run([x, Output((n, 3))], "read")
        yield Run([x], "returned")
    x = rng.integers(-999, 999, (4, 5, 6)).astype(np.int32)
    yield Run([x, Output((6, 4, 5), np.int32)], "written")
    x = rng.integers(-999, 999, (2, 3, 4)).astype(np.int32)
    yield Run([x, Output((4, 2, 3), np.int32)], "twice")


def reference_read(x, y):
    return [exact(x.T)]


def reference_returned(x):
    return [exact(x.T)]


def reference_written(x, y):
    return [exact((x + x).transpose(2, 0, 1))]


def reference_twice(x, y):
    return [exact(x.transpose(2, 0, 1))]
