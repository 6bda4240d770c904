# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Run, within


def cases(rng):
    for shape in ((1, 2), (17, 768), (200, 33)):
        x = rng.standard_normal(shape, np.float32) * 3 + 1
        yield Run([x, rng.uniform(0.5, 1.5, shape[1]).astype(np.float32)])


def reference(x, gain):
    wide = x.astype(np.float64)
    mean = wide.mean(1, keepdims=True)
    deviation = np.sqrt(wide.var(1, keepdims=True) + np.float32(1e-5))
    value = (wide - mean) / deviation * gain
    # Relative errors: m * u in the mean and in the variance, a handful of roundings
    # after them. The mean's error counts against the deviation.
    u = 2.0**-24
    m = x.shape[1]
    scale = np.abs(wide).mean(1, keepdims=True) / deviation
    bound = (m + 8) * u * (2 * np.abs(value) + 4 * scale * np.abs(gain))
    return [within(value, bound, np.float32)]
