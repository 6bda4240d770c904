# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Pieces of networks, evaluated in float64, with bounds on what f32 may differ."""

import math

import numpy as np
from casekit import Run, exact, within

ROUNDING = 2.0**-24


def cases(rng):
    def floats(*shape):
        return rng.standard_normal(shape).astype(np.float32)

    def whole(*shape):
        """Small whole numbers, whose sums and products are exact in any order."""
        return rng.integers(-8, 8, shape).astype(np.float32)

    yield Run(
        [floats(16, 32), floats(32, 64) / 8, floats(64), floats(64, 32) / 8, floats(32)],
        program="gelu_mlp",
    )
    yield Run(
        [floats(2, 3, 4, 5), floats(3), np.abs(floats(3)) + 0.5, floats(3), floats(3)],
        program="batchnorm",
    )
    yield Run([whole(1, 8, 8, 3), whole(3, 3, 3, 4), whole(4)], program="conv_nhwc")
    yield Run([whole(2, 3, 8, 8), whole(4, 3, 3, 3), whole(4)], program="conv_nchw")
    for rows in (0, 1, 37):
        yield Run([floats(rows, 64), floats(rows, 64), floats(64)], program="residual_rms")
    yield Run([floats(16, 64), floats(16, 32), floats(16, 32)], program="rotary")
    labels = rng.integers(0, 32, 16, dtype=np.int32)
    yield Run([floats(16, 32), labels], program="cross_entropy")
    yield Run([floats(2, 8, 4, 4), floats(8)], program="group_norm")
    bytes_ = rng.integers(-128, 128, (2, 64)).astype(np.int8)
    yield Run([bytes_[0], bytes_[1]], program="quantized")
    yield Run([floats(1, 8, 8, 4)], program="pool_relu")
    yield Run(
        [
            *(floats(64), floats(64), floats(64), np.abs(floats(64))),
            *(floats(4, 8), floats(4, 8), floats(4, 8), np.abs(floats(4, 8))),
        ],
        program="adamw",
    )
    ids = rng.integers(0, 64, 16, dtype=np.int32)
    yield Run([floats(100, 64), ids], program="embedding")
    yield Run([rng.integers(0, 32, 16, dtype=np.int32), floats(32)], program="one_hot")
    yield Run([whole(1, 8, 8, 3), whole(3, 3, 3, 4)], program="pad_conv")
    yield Run([floats(32, 16)], program="softmax_columns")
    yield Run([whole(16, 32), whole(16, 32)], program="concat_halves")
    yield Run([whole(16, 32)], program="cumsum")


def f64(*arrays):
    return [array.astype(np.float64) for array in arrays]


def close(value, size, roundings):
    """Within so many roundings of numbers as large as `size`."""
    return within(value, roundings * ROUNDING * size, np.float32, transcendental=True)


def reference_gelu_mlp(x, w1, b1, w2, b2):
    x, w1, b1, w2, b2 = f64(x, w1, b1, w2, b2)
    hidden = x @ w1 + b1
    errors = np.vectorize(math.erf)(hidden * np.float64(np.float32(0.707106769)))
    active = 0.5 * hidden * (1 + errors)
    inner = np.abs(x) @ np.abs(w1) + np.abs(b1) + 1
    size = inner @ np.abs(w2) + np.abs(b2)
    return [close(active @ w2 + b2, size, 200)]


def reference_batchnorm(x, m, v, g, b):
    x, m, v, g, b = (a.reshape(-1, 1, 1) if a.ndim == 1 else a for a in f64(x, m, v, g, b))
    scaled = (x - m) / np.sqrt(v + 1e-5) * g
    size = (np.abs(x) + np.abs(m)) / np.sqrt(v) * np.abs(g) + np.abs(b)
    return [close(scaled + b, size, 16)]


def convolve(x, w):
    """Both with the channels last: x is nhwc, w is hwcf."""
    n, h, width, _ = x.shape
    kh, kw, _, f = w.shape
    out = np.zeros((n, h - kh + 1, width - kw + 1, f))
    for i in range(out.shape[1]):
        for j in range(out.shape[2]):
            out[:, i, j] = np.tensordot(x[:, i : i + kh, j : j + kw], w, 3)
    return out


def reference_conv_nhwc(x, w, b):
    return [exact(np.maximum(convolve(x, w) + b, 0).astype(np.float32))]


def reference_conv_nchw(x, w, b):
    out = convolve(x.transpose(0, 2, 3, 1), w.transpose(2, 3, 1, 0)) + b
    return [exact(np.maximum(out, 0).transpose(0, 3, 1, 2).astype(np.float32))]


def reference_residual_rms(x, residual, g):
    x, residual, g = f64(x, residual, g)
    h = x + residual
    mean = (h * h).sum(axis=1, keepdims=True) / 64
    scale = 1 / np.sqrt(mean + 1e-5)
    return [close(h * scale * g, (np.abs(x) + np.abs(residual)) * scale * np.abs(g), 100)]


def reference_rotary(x, cos, sin):
    a, b = x[:, :32], x[:, 32:]
    return [exact(np.concatenate([a * cos - b * sin, b * cos + a * sin], axis=1))]


def reference_cross_entropy(x, label):
    wide = x.astype(np.float64)
    largest = wide.max(axis=1)
    sums = np.exp(wide - largest[:, None]).sum(axis=1)
    losses = np.log(sums) + largest - wide[np.arange(16), label]
    return [close(losses.mean(), 32.0, 200)]


def reference_group_norm(x, g):
    wide = x.astype(np.float64)
    rows = wide.reshape(4, 64)
    centered = rows - rows.mean(axis=1, keepdims=True)
    variance = (centered * centered).mean(axis=1, keepdims=True)
    normal = (centered / np.sqrt(variance + 1e-5)).reshape(wide.shape)
    scale = np.abs(g.astype(np.float64)).reshape(8, 1, 1)
    size = 4 * scale * np.ones_like(wide) + np.abs(wide)
    return [close(normal * g.reshape(8, 1, 1), size, 200)]


def reference_quantized(a, b):
    # Sums of quarters are exact, and so are whole quotients.
    return [exact(np.clip(a.astype(np.int32) + b, -128, 127).astype(np.int8))]


def reference_pool_relu(x):
    return [exact(np.maximum(x.reshape(1, 4, 2, 4, 2, 4).max(axis=(2, 4)), 0))]


def reference_adamw(*arrays):
    def step(p, g, m, v):
        f = np.float32
        m = m * f(0.9) + g * f(0.1)
        v = v * f(0.999) + (g * g) * f(0.001)
        return p * f(0.9999) - m / (np.sqrt(v) + f(1e-8)) * f(0.01), m, v

    results = []
    for p, g, m, v in (arrays[:4], arrays[4:]):
        results += map(exact, step(p, g, m, v))
    return results


def reference_embedding(t, ids):
    h = t[ids].astype(np.float64)
    mean = h.mean(axis=1, keepdims=True)
    return [close(h - mean, np.abs(h) + np.abs(h).mean(axis=1, keepdims=True), 80)]


def reference_one_hot(ids, w):
    return [exact(np.eye(32, dtype=np.float32)[ids] * w)]


def reference_pad_conv(x, w):
    padded = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
    return [exact(np.maximum(convolve(padded, w), 0).astype(np.float32))]


def reference_softmax_columns(x):
    wide = x.astype(np.float64)
    powers = np.exp(wide - wide.max(axis=0))
    value = powers / powers.sum(axis=0)
    return [close(value, value, 80)]


def reference_concat_halves(x, y):
    return [exact(np.square(np.concatenate([x + x, -y], axis=1)))]


def reference_cumsum(x):
    return [exact(np.cumsum(x * x, axis=1, dtype=np.float32))]
