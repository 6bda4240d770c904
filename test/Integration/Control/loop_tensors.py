# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

from casekit import Run, exact


def cases(rng):
    for n in (1, 40):
        yield Run([rng.standard_normal(n)])


def reference(x):
    power = x
    for _ in range(5):
        power = power * x
    return [exact(power)]
