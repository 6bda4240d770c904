# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Output, Run, exact


def cases(rng):
    for n in (1, 700):
        yield Run([rng.standard_normal(n, np.float32), Output((n,)), np.float32(3)])


def reference(x, out, factor):
    return [exact(x * factor)]
