# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Run, exact


def cases(rng):
    x, y = rng.standard_normal(55, np.float32), rng.standard_normal(7, np.float32)
    yield Run([x], program="fourth")
    yield Run([x, y], program="squares")


def reference_fourth(x):
    return [exact((x * x) * (x * x))]


def reference_squares(x, y):
    return [exact(x * x), exact(y * y)]
