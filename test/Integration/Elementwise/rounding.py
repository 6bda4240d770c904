# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Run, exact


def cases(rng):
    halves = np.arange(-20, 21) / 2
    special = [0.0, -0.0, 0.49999997, -0.49999997, 8388607.5, 1e30, np.inf, -np.inf]
    x = np.concatenate([halves, special, rng.standard_normal(300) * 100])
    yield Run([x.astype(np.float32)])


def reference(x):
    one = np.copysign(np.float32(1), x)
    return [exact(f(x)) for f in (np.floor, np.ceil, np.rint, np.trunc)] + [exact(one)]
