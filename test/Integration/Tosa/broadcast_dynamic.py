# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import itertools

import numpy as np
from casekit import Run, exact


def cases(rng):
    draw = lambda *shape: rng.standard_normal(shape, np.float32)
    for n, m, k, l in itertools.product((1, 6), (1, 9), (1, 6), (1, 9)):
        yield Run([draw(n, m), draw(k, l)], program="add")
    for n, k in itertools.product((1, 5), repeat=2):
        yield Run([draw(n, 8), draw(k, 8)], program="chain")


def reference_add(x, y):
    return [exact(x + y)]


def reference_chain(x, y):
    b = np.abs(x) - x
    return [exact(np.maximum(b, y) - b)]
