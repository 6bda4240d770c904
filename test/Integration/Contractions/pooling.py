# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Run, exact, sum_bound, within
from numpy.lib.stride_tricks import sliding_window_view


def cases(rng):
    for n in (1, 3):
        yield Run([rng.standard_normal((n, 9, 9, 4), np.float32)])


def reference(image):
    largest = sliding_window_view(image, (3, 3), (1, 2))[:, ::2, ::2].max((4, 5))
    windows = sliding_window_view(image.astype(np.float64), (2, 2), (1, 2))
    bound = sum_bound(np.abs(windows).sum((4, 5)), 4, np.float32)
    return [exact(largest), within(windows.sum((4, 5)), bound, np.float32)]
