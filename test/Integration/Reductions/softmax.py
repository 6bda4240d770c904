# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Run, within


def cases(rng):
    for shape in ((1, 1), (9, 10), (3, 1000), (0, 4)):
        yield Run([rng.standard_normal(shape, np.float32) * 10])


def reference(x):
    wide = x.astype(np.float64)
    powers = np.exp(wide - wide.max(1, keepdims=True, initial=-np.inf))
    value = powers / powers.sum(1, keepdims=True)
    # Each exponential: 4 units and the rounding of its argument (up to 2^-24 * 80
    # relative in the result); then the sum and the quotient.
    bound = value * 2.0**-24 * (2 * 80 + 2 * 4 + x.shape[1] + 4) + 1e-38
    return [within(value, bound, np.float32, transcendental=True)]
