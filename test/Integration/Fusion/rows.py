# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Run, sum_bound, within

ROUNDING = 2.0**-24


def cases(rng):
    def floats(*shape):
        return rng.standard_normal(shape).astype(np.float32)

    for shape in ((1, 1), (33, 7), (5, 1000), (0, 4)):
        yield Run([floats(*shape) * 3], program="softmax")
        yield Run([floats(*shape) + 1, floats(shape[1])], program="rmsNorm")
    yield Run([floats(64, 96) * 3 + 1, floats(96), floats(96)], program="layerNorm")
    for rows in (1, 17, 0):
        yield Run([floats(rows, 48), floats(48, 32), floats(32)], program="dense")


def reference_softmax(x):
    wide = x.astype(np.float64)
    powers = np.exp(wide - wide.max(axis=1, keepdims=True, initial=-np.inf))
    value = powers / powers.sum(axis=1, keepdims=True)
    # The argument of exp is rounded, which counts by its size; exp is good to a few
    # ulp; then a sum and a division.
    bound = (x.shape[1] + 16 + 2 * np.abs(wide).max(initial=0)) * ROUNDING * value
    return [within(value, bound, np.float32, transcendental=True)]


def reference_layerNorm(x, gain, bias):
    wide = x.astype(np.float64)
    mean = wide.mean(axis=1, keepdims=True)
    deviation = np.sqrt(wide.var(axis=1, keepdims=True) + np.float32(1e-5))
    value = (wide - mean) / deviation * gain + bias
    scale = np.abs(wide).mean(axis=1, keepdims=True) / deviation
    size = np.abs(value) + np.abs(bias) + 2 * scale * np.abs(gain)
    return [within(value, 2 * (x.shape[1] + 8) * ROUNDING * size, np.float32)]


def reference_rmsNorm(x, gain):
    wide = x.astype(np.float64)
    mean = (wide * wide).mean(axis=1, keepdims=True)
    value = wide / np.sqrt(mean + np.float32(1e-5)) * gain
    return [within(value, (x.shape[1] + 8) * ROUNDING * np.abs(value), np.float32)]


def reference_dense(x, w, bias):
    x, w = x.astype(np.float64), w.astype(np.float64)
    value = np.maximum(x @ w + bias, 0)
    size = np.abs(x) @ np.abs(w) + np.abs(bias)
    return [within(value, sum_bound(size, 49, np.float32), np.float32)]
