# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Run, exact


def cases(rng):
    for shape in ((3, 4, 5), (0, 4, 5), (2, 0, 3), (17, 9, 600)):
        x = rng.standard_normal(shape)
        yield Run([x, rng.standard_normal(shape[2]), np.zeros((shape[0], shape[2]))])


def reference(x, leading, middle):
    # The loops keep their order, so the sums are exact in it.
    leading, middle = leading.copy(), middle.copy()
    for a in range(x.shape[0]):
        for b in range(x.shape[1]):
            leading += x[a, b]
            middle[a] += x[a, b]
    return [exact(leading), exact(middle)]
