# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Run, exact


def cases(rng):
    def draw(*shape):
        return rng.integers(-5, 6, shape).astype(np.float32)

    yield Run([draw(13, 9), np.float32(7)], "pack")
    yield Run([draw(4, 3, 4, 3)], "unpack")
    yield Run([draw(2, 3, 4, 2), draw(5, 3, 6, 2), draw(2, 5, 4, 6)], "tiles")
    yield Run([draw(2, 3, 4), draw(4, 2, 5), draw(3, 5)], "contract")
    x, y = (rng.integers(-128, 128, s).astype(np.int8) for s in ((4, 3), (3, 5)))
    z = rng.integers(-99, 99, (4, 5)).astype(np.int32)
    yield Run([x, y, np.int32(3), np.int32(-5), z], "zero_points")


def reference_pack(x, padding):
    whole = np.pad(x, ((0, 3), (0, 0)), constant_values=padding)
    return [exact(whole.reshape(4, 4, 3, 3).transpose(0, 2, 1, 3))]


def reference_unpack(x):
    return [exact(x.transpose(0, 2, 1, 3).reshape(16, 9)[:13])]


def reference_tiles(x, y, z):
    return [exact(z + np.einsum("mkab,nkcb->mnac", x, y))]


def reference_contract(x, y, z):
    return [exact(z + np.einsum("bmk,kbn->mn", x, y))]


def reference_zero_points(x, y, a, b, z):
    return [exact(z + (x.astype(np.int32) - a) @ (y.astype(np.int32) - b))]
