# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Run, sum_bound, within
from numpy.lib.stride_tricks import sliding_window_view


def cases(rng):
    shapes = (1, 10, 12, 6), (3, 3, 6), (100,), (7,)
    yield Run([rng.standard_normal(shape, np.float32) for shape in shapes])


def convolve(image, kernel):
    windows = sliding_window_view(image, (3, 3), (1, 2))  # n h w c i j
    return np.einsum("nhwcij,ijc->nhwc", windows, kernel)


def reference(image, kernel, signal, taps):
    image, kernel, signal, taps = (
        a.astype(np.float64) for a in (image, kernel, signal, taps)
    )
    bound = sum_bound(convolve(np.abs(image), np.abs(kernel)), 9, np.float32)
    first = within(convolve(image, kernel), bound, np.float32)
    windows = sliding_window_view(signal, 7)
    bound = sum_bound(np.abs(windows) @ np.abs(taps), 7, np.float32)
    return [first, within(windows @ taps, bound, np.float32)]
