# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np

from casekit import Run, exact


def cases(rng):
    for n in (0, 1, 100):
        yield Run([rng.standard_normal((n, 3)).astype(np.float32)])


def reference(x):
    return [exact(x.view(np.int32))]
