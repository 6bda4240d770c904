# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import math

import numpy as np
from casekit import Run, ulps


def cases(rng):
    x, p = rng.uniform(-6, 6, 400), rng.uniform(0.01, 20, 400)
    yield Run([x.astype(np.float32), p.astype(np.float32)])


def reference(x, p):
    x, p = x.astype(np.float64), p.astype(np.float64)
    erf = np.array([math.erf(v) for v in x])
    values = [1 / (1 + np.exp(-x)), np.tanh(x), erf, np.log(p), p**x, 1 / np.sqrt(p)]
    return [ulps(value, 4, np.float32) for value in values]
