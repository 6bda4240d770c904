# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

from itertools import product

import numpy as np
from casekit import Run, exact


def cases(rng):
    def draw(*shape):
        return rng.integers(-5, 6, shape).astype(np.float32)

    yield Run([draw(1, 4, 4, 2), draw(3, 3, 3, 2), draw(3)], "transposed")
    yield Run([draw(1, 5, 4, 6, 2), draw(3, 2, 2, 2, 2), draw(3)], "volume")
    bytes_ = np.arange(-128, 128).astype(np.int8)
    words = np.append(rng.integers(-32768, 32768, 200), (-32768, 32767))
    tables = [
        rng.integers(-128, 128, 256).astype(np.int8),
        rng.integers(-32768, 32768, 513).astype(np.int16),
    ]
    yield Run([bytes_, tables[0], words.astype(np.int16), tables[1]], "tables")
    image = rng.integers(-128, 128, (1, 3, 3, 2)).astype(np.int8)
    yield Run([draw(2, 3, 3, 2), image], "resize")
    x = np.append(rng.integers(-(2**31), 2**31, 50), (0, 1, -1)).astype(np.int32)
    y = rng.integers(1, 31, 53).astype(np.int32)
    halves = np.array([0.5, 1.5, 2.5, -0.5, -1.5, 127.4, 127.6, 1e9, -1e9], np.float32)
    yield Run([x, y, halves], "integers")


def reference_transposed(x, w, b):
    result = np.zeros((1, 10, 10, 3), np.float32)
    for i, j, k, l in product(range(4), range(4), range(3), range(3)):
        # Padded by one row above and one column on the right.
        result[:, 1 + 2 * i + k, 2 * j + l] += x[:, i, j] @ w[:, k, l].T
    return [exact(result + b)]


def reference_volume(x, w, b):
    result = np.zeros((1, 4, 3, 5, 3), np.float32)
    for i, j, k in product(range(2), repeat=3):
        result += x[:, i : i + 4, j : j + 3, k : k + 5] @ w[:, i, j, k].T
    return [exact(result + b)]


def reference_tables(x, t, y, u):
    place = y.astype(np.int64) + 32768
    index, fraction = place >> 7, place & 127
    low, high = (u[index + i].astype(np.int64) for i in (0, 1))
    between = ((low << 7) + (high - low) * fraction).astype(np.int32)
    return [exact(t[x.astype(int) + 128]), exact(between)]


def reference_resize(x, y):
    near = [0, 1, 1, 2, 2]
    # In halves, which integers of tosa keep.
    weights = np.array([[2, 0, 0], [1, 1, 0], [0, 2, 0], [0, 1, 1], [0, 0, 2]])

    def enlarge(image):
        return np.einsum("ij,njkc,lk->nilc", weights, image, weights)

    return [
        exact(x[:, near][:, :, near]),
        exact((enlarge(x) / 4).astype(np.float32)),
        exact(enlarge(y.astype(np.int64)).astype(np.int32)),
    ]


def reference_integers(x, y, f):
    wide = x.astype(np.int64)
    zeros = [32 - int(v).bit_length() if v >= 0 else 0 for v in x]
    quotient = np.sign(wide) * (np.abs(wide) // y)
    rounded = (wide + (np.int64(1) << (y.astype(np.int64) - 1))) >> y
    return [
        exact(np.array(zeros, np.int32)),
        exact(quotient.astype(np.int32)),
        exact(rounded.astype(np.int32)),
        exact(np.clip(np.rint(f), -128, 127).astype(np.int8)),
    ]
