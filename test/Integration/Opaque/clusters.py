# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Output, Run, exact

# A cluster is a matter of sm_90, and no other compiler's kernel has CPU code.
TARGETS = ["sm_90"]


def cases(rng):
    for _ in range(6):
        x = rng.integers(-(2**20), 2**20, 4096).astype(np.int32)
        yield Run([x, Output((4096,), np.int32)], program="chain")


def swap(x):
    blocks = x.reshape(8, 2, 256)
    return (blocks[:, ::-1] + np.arange(2, dtype=np.int32)[None, :, None]).reshape(4096)


def reference_chain(x, _):
    a = x[::-1] * np.int32(3)
    c = swap(a)[::-1] + x
    return [exact(swap(c)[::-1] * np.int32(5))]
