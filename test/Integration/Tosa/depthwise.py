# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Run, sum_bound, within
from numpy.lib.stride_tricks import sliding_window_view


def cases(rng):
    kernel = rng.standard_normal((3, 3, 3, 2), np.float32)
    bias = rng.standard_normal(6, np.float32)
    for n in (1, 4):
        yield Run([rng.standard_normal((n, 7, 9, 3), np.float32), kernel, bias])


def convolve(windows, kernel, bias):
    result = np.einsum("nhwcij,ijcm->nhwcm", windows, kernel)
    return result.reshape(*result.shape[:3], 6) + bias


def reference(image, kernel, bias):
    image, kernel, bias = (a.astype(np.float64) for a in (image, kernel, bias))
    windows = sliding_window_view(image, (3, 3), (1, 2))
    bound = convolve(np.abs(windows), np.abs(kernel), np.abs(bias))
    first = within(
        convolve(windows, kernel, bias), sum_bound(bound, 10, np.float32), np.float32
    )
    windows = windows[:, ::2, ::2]
    bound = sum_bound(np.abs(windows).mean((4, 5)), 11, np.float32)
    return [first, within(windows.mean((4, 5)), bound, np.float32)]
