# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Run, exact


def cases(rng):
    yield Run(list(rng.standard_normal((2, 1023)).astype(np.float16)))
    # Overflow to infinity and subnormal results.
    values = rng.standard_normal((2, 1023)) * np.exp2(rng.integers(-14, 14, (2, 1023)))
    yield Run(list(values.astype(np.float16)))


def reference(x, y):
    return [exact(x * y + x - y), exact(x / y)]
