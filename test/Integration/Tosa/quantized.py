# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Run, exact
from numpy.lib.stride_tricks import sliding_window_view


def cases(rng):
    shapes = (1, 8, 8, 2), (4, 3, 3, 2)
    image, kernel = (rng.integers(-128, 128, s).astype(np.int8) for s in shapes)
    bias = rng.integers(-500, 500, 4).astype(np.int32)
    yield Run([image, kernel, bias, rng.integers(-128, 128, (1, 36, 6)).astype(np.int8)])


def rescale(x, multiplier, shift, zero):
    # Round half up in 64 bits, as tosa's apply_scale with a single rounding.
    multiplier, shift = np.array(multiplier, np.int64), np.array(shift, np.int64)
    scaled = (x.astype(np.int64) * multiplier + (1 << (shift - 1))) >> shift
    return np.clip(scaled + zero, -128, 127).astype(np.int8)


def reference(image, kernel, bias, dense):
    windows = sliding_window_view(image.astype(np.int32) - 3, (3, 3), (1, 2))
    c = np.einsum("nhwcij,oijc->nhwo", windows, kernel.astype(np.int32)) + bias
    multipliers = [1073741824, 1288490189, 1503238554, 2040109466]
    h = rescale(c, multipliers, [38, 37, 38, 39], -5)
    p = h.reshape(1, 3, 2, 3, 2, 4).max((2, 4))
    y = (p.reshape(1, 1, 36).astype(np.int32) + 5) @ dense.astype(np.int32)
    return [exact(rescale(y, 1717986918, 41, 0)), exact(h)]
