# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Run, exact


def cases(rng):
    def floats(*shape):
        return rng.standard_normal(shape).astype(np.float32)

    def integers(*shape):
        return rng.integers(-(2**31), 2**31, shape, np.int64).astype(np.int32)

    yield Run([floats(256, 48), floats(48, 256), floats(256)], "layer")
    operands = [integers(4, 32, 128), integers(4, 128, 32), integers(4, 128, 128)]
    yield Run(operands, "transposed")
    yield Run([integers(512, 32), integers(32, 1024)], "medium")
    yield Run([integers(1024, 16), integers(16, 1024)], "large")


def reference_layer(x, w, bias):
    # In the order of the loop: the same bits.
    product = np.zeros((256, 256), np.float32)
    for k in range(48):
        product = product + x[:, k : k + 1] * w[k]
    return [exact(np.maximum(product + bias, np.float32(0)))]


def reference_transposed(a, b, c):
    return [exact(c + a.transpose(0, 2, 1) @ b.transpose(0, 2, 1))]


def digests(a, b):
    product = a @ b
    total = product.sum(dtype=np.int64).astype(np.int32)
    return [exact(total), exact(np.bitwise_xor.reduce(product, axis=None))]


reference_medium = reference_large = digests
