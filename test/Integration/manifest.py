# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
"""Reads tests that casekit.writeRun has written to files. Needs numpy alone."""

from pathlib import Path

import numpy as np

from comparison import Expected


def readExpected(entry, base):
    """The Expected of a result's manifest entry."""
    base = Path(base)
    value = np.load(base / entry["value"], allow_pickle=False)
    bound = np.load(base / entry["bound"]) if "bound" in entry else None
    return Expected(
        entry["rule"], value, np.dtype(entry["dtype"]), bound, entry["same_bits"]
    )


def resolve(entry, base):
    """The entry with its arguments' files made absolute."""
    base = Path(base).resolve()
    arguments = [
        {"file": str(base / a["file"])} if "file" in a else a
        for a in entry["arguments"]
    ]
    return dict(entry, arguments=arguments)
