# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Run, sum_bound, within


def cases(rng):
    kernel = rng.standard_normal((3, 3, 3, 8), np.float32)
    for n, h, w in ((2, 6, 9), (1, 1, 1)):
        # What the input must have for h x w results: (h - 1) * stride + window.
        image = rng.standard_normal((n, 2 * (h - 1) + 3, w - 1 + 5, 3), np.float32)
        yield Run([image, kernel, np.int64(h), np.int64(w)])


def convolve(image, kernel, h, w):
    result = np.zeros((image.shape[0], h, w, kernel.shape[3]))
    for i in range(3):
        for j in range(3):
            window = image[:, i : i + 2 * h - 1 : 2, 2 * j : 2 * j + w]
            result += window @ kernel[i, j]
    return result


def reference(image, kernel, h, w):
    image, kernel = image.astype(np.float64), kernel.astype(np.float64)
    bound = sum_bound(convolve(np.abs(image), np.abs(kernel), h, w), 27, np.float32)
    return [within(convolve(image, kernel, h, w), bound, np.float32)]
