# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np

from casekit import Run, exact


def cases(rng):
    yield Run([np.zeros((0, 1 << 40), np.float32)], program="empty")


def reference_empty(x):
    return [exact(x)]
