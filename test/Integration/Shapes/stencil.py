# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Run, sum_bound, within


def cases(rng):
    taps = np.array([0.25, 0.5, -0.25], np.float32)
    for n in (1, 2, 3001):
        yield Run([rng.standard_normal(n, np.float32), taps])


def reference(x, taps):
    padded = np.pad(2 * x.astype(np.float64), 1)
    windows = np.lib.stride_tricks.sliding_window_view(padded, 3)
    taps = taps.astype(np.float64)
    bound = sum_bound(np.abs(windows) @ np.abs(taps), 3, np.float32)
    return [within(windows @ taps, bound, np.float32)]
