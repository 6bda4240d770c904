# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Run, exact


def cases(rng):
    d = rng.uniform(-32_000, 32_000, 600)
    d[:100] *= 1e-6  # subnormal in f16
    i = rng.integers(-(2**31), 2**31, 600).astype(np.int32)
    yield Run([d, i])


def reference(d, i):
    single = d.astype(np.float32)
    return [
        exact(single),
        exact(single.astype(np.float16)),
        exact(np.trunc(d).astype(np.int16)),
        exact(i.astype(np.float32)),
        exact(i.view(np.uint32).astype(np.float64)),
        exact(single.view(np.int32)),
        exact(i.astype(np.int8)),
    ]
