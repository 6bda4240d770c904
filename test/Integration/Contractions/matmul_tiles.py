# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Run, bfloat16, exact, sum_bound, widen, within


def cases(rng):
    def floats(*shape, kind=np.float32):
        return rng.standard_normal(shape).astype(kind)

    yield Run([floats(1024, 40), floats(40, 512)], program="whole")
    wide = [floats(*shape, kind=np.float64) for shape in ((1021, 33), (33, 131), (1021, 131))]
    yield Run(wide, program="edges")
    wide = [floats(*shape, kind=np.float64) for shape in ((256, 32), (32, 1024), (256, 1024))]
    yield Run(wide, program="whole_f64")
    halves = [floats(256, 32, kind=np.float16), floats(32, 512, kind=np.float16)]
    yield Run([*halves, floats(256, 512)], program="whole_f16")
    brains = [bfloat16(floats(1024, 32)) for _ in range(2)]
    yield Run([*brains, floats(1024, 1024)], program="whole_bf16")
    for rows in (0, 1, 7, 301):
        yield Run([floats(rows, 100), floats(100, 10), floats(10)], program="layer")
    bytes_ = [rng.integers(-128, 128, shape, np.int8) for shape in ((3, 130, 17), (3, 17, 260))]
    yield Run(bytes_, program="batch")


def reference_whole(a, b):
    a, b = a.astype(np.float64), b.astype(np.float64)
    return [within(a @ b, sum_bound(np.abs(a) @ np.abs(b), 40, np.float32), np.float32)]


def reference_edges(a, b, c):
    # In the order of the loop, from the output on: the same bits.
    for k in range(a.shape[1]):
        c = c + a[:, k : k + 1] * b[k]
    return [exact(c)]


def reference_whole_f64(a, b, c):
    return reference_edges(a, b, c)


def reference_whole_f16(a, b, c):
    return reference_edges(a.astype(np.float32), b.astype(np.float32), c)


def reference_whole_bf16(a, b, c):
    a, b = widen(a).astype(np.float32), widen(b).astype(np.float32)
    return reference_edges(a, b.T, c)


def reference_layer(x, w, bias):
    x, w = x.astype(np.float64), w.astype(np.float64)
    size = np.abs(x) @ np.abs(w) + np.abs(bias)
    value = np.maximum(x @ w + bias, 0)
    return [within(value, sum_bound(size, 101, np.float32), np.float32)]


def reference_batch(a, b):
    return [exact(a.astype(np.int32) @ b.astype(np.int32))]
