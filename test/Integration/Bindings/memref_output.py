# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import numpy as np
from casekit import Output, Run, exact


def cases(rng):
    yield Run([rng.standard_normal(700, np.float32), Output((700,)), np.float32(3)])


def reference(x, out, factor):
    return [exact(x * factor)]
