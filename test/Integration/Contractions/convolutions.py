# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

from itertools import product

import numpy as np
from casekit import Run, exact


def cases(rng):
    # Small integers: every sum is exact in any order.
    def draw(*shape):
        return rng.integers(-5, 6, shape).astype(np.float32)

    yield Run([draw(2, 3, 11, 9), draw(5, 3, 3, 3)], "channels_first")
    yield Run([draw(1, 2, 3, 6, 6), draw(2, 4, 3, 3, 3)], "groups")
    yield Run([draw(1, 5, 4, 6, 2), draw(2, 2, 2, 2, 3)], "volume")
    for n, m in ((2, 7), (1, 1), (3, 0)):
        arguments = [draw(n, m + 3, 3), draw(4, 3, 5), np.int64(n), np.int64(m)]
        yield Run(arguments, "sequence")


def reference_channels_first(x, w):
    result = np.zeros((2, 5, 4, 3), np.float32)
    for i, j in product(range(3), range(3)):
        window = x[:, :, 2 * i : 2 * i + 7 : 2, 2 * j : 2 * j + 5 : 2]
        result += np.einsum("nchw,fc->nfhw", window, w[:, :, i, j])
    return [exact(result)]


def reference_groups(x, w):
    result = np.zeros((1, 2, 4, 4, 4), np.float32)
    for i, j in product(range(3), range(3)):
        window = x[..., i : i + 4, j : j + 4]
        result += np.einsum("ngchw,gfc->ngfhw", window, w[..., i, j])
    return [exact(result)]


def reference_volume(x, w):
    result = np.zeros((1, 4, 3, 5, 3), np.float32)
    for i, j, k in product(range(2), repeat=3):
        result += x[:, i : i + 4, j : j + 3, k : k + 5] @ w[i, j, k]
    return [exact(result)]


def reference_sequence(x, w, n, m):
    return [exact(sum(x[:, i : i + int(m)] @ w[i] for i in range(4)))]
