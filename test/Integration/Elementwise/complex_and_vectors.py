# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np

from casekit import Run, exact, overwritten, within


def cases(rng):
    for n in (1, 1000):
        pair = [rng.standard_normal(n).astype(np.float32) for _ in range(2)]
        yield Run(pair, program="square")
    x = rng.standard_normal(64).astype(np.float32)
    yield Run([x, overwritten(64)], program="fours")


def reference_square(re, im):
    z = (re + 1j * im.astype(np.float64)) ** 2
    # Two products and a sum, each rounded once.
    bound = 2 * np.finfo(np.float32).eps * (re.astype(np.float64) ** 2 + im**2)
    return [
        within(z.real, bound, np.float32),
        within(z.imag, bound, np.float32),
    ]


def reference_fours(x, y):
    return [exact(x + x)]
