# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np

from casekit import Run, within


def cases(rng):
    pair = [rng.standard_normal((2, 4, 8)).astype(np.float32) for _ in range(2)]
    yield Run(pair, program="complex")
    yield Run(pair[:1], program="real")


def parts(value, magnitude):
    # 32 terms; each has an angle below 12 with the rounding of f32, a sine or cosine of
    # that, and the sum's own rounding.
    bound = magnitude.sum((1, 2), keepdims=True) * np.finfo(np.float32).eps * (12 + 32)
    bound = np.broadcast_to(bound, value.shape)
    return [
        within(value.real, bound, np.float32, transcendental=True),
        within(value.imag, bound, np.float32, transcendental=True),
    ]


def reference_complex(re, im):
    x = re.astype(np.float64) + 1j * im
    return parts(np.fft.fft2(x), np.abs(re.astype(np.float64)) + np.abs(im))


def reference_real(x):
    return parts(np.fft.rfft2(x.astype(np.float64)), np.abs(x.astype(np.float64)))
