# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Output, Run, exact, overwritten


def cases(rng):
    for n, at in ((1, 0), (9, 5)):
        x = rng.standard_normal(n, np.float32)
        yield Run([x, np.int64(at), overwritten(()), Output((1,)), Output(())])


def reference(x, at, out, first, twice):
    total = x[at] + x[0]
    values = total, x[at : at + 1], total + total
    return [exact(np.array(value)) for value in values]
