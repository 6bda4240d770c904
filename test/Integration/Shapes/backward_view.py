# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Output, Run, exact


def cases(rng):
    x = rng.standard_normal((6, 80)).astype(np.float32)
    yield Run([x, Output(x.shape)], "read")
    x = rng.integers(-999, 999, 300).astype(np.int32)
    yield Run([x, Output(x.shape, np.int32)], "cast")
    x = rng.standard_normal((5, 7))
    yield Run([x, np.zeros(x.shape)], "written")
    x = rng.standard_normal(1000).astype(np.float32)
    for first, step, n in ((999, -1, 1000), (0, 3, 334), (700, -70, 11), (5, -5, 2), (9, 0, 4)):
        yield Run([x, first, step, Output((n,))], "stepped")


def reference_read(x, y):
    return [exact(x[::-1])]


def reference_cast(x, y):
    return [exact(2 * x[::-1])]


def reference_written(x, y):
    return [exact(x[::-1, ::-1])]


def reference_stepped(x, first, step, y):
    return [exact(x[first + step * np.arange(*y.shape)])]
