# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Run, within
from numpy.lib.stride_tricks import sliding_window_view


def cases(rng):
    shapes = (2, 8, 8, 3), (4, 3, 3, 3), (4,), (1, 64, 10)
    scales = 1, 0.3, 0.1, 0.2
    yield Run(
        [rng.standard_normal(s, np.float32) * np.float32(k) for s, k in zip(shapes, scales)]
    )


def convolve(image, kernel):
    padded = np.pad(image, ((0, 0), (1, 1), (1, 1), (0, 0)))
    windows = sliding_window_view(padded, (3, 3), (1, 2))  # n h w c i j
    return np.einsum("nhwcij,oijc->nhwo", windows, kernel)


def pool(x):
    return x.reshape(2, 4, 2, 4, 2, 4).max((2, 4))


def reference(image, kernel, bias, dense):
    image, kernel, bias, dense = (
        a.astype(np.float64) for a in (image, kernel, bias, dense)
    )
    u = 2.0**-24
    c = convolve(image, kernel) + bias
    slack = 30 * u * (convolve(np.abs(image), np.abs(kernel)) + np.abs(bias))
    # A maximum is off by no more than the largest error of what it chooses from.
    f, slack = pool(np.maximum(c, 0)).reshape(2, 64), pool(slack).reshape(2, 64)
    y = f @ dense[0]
    slack = slack @ np.abs(dense[0]) + 66 * u * (f @ np.abs(dense[0]))
    largest = y.max(1, keepdims=True)
    powers = np.exp(y - largest)
    value = powers / powers.sum(1, keepdims=True)
    worst = slack.max(1, keepdims=True)
    bound = value * (2 * worst + 80 * u)
    return [
        within(value, bound, np.float32, transcendental=True),
        within(largest, worst, np.float32),
    ]
