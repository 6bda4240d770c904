# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
"""damage.py PACK: changes one expected value of the pack."""

import json
import sys
from pathlib import Path

import numpy as np

pack = Path(sys.argv[1])
tests = json.loads((pack / "manifest.json").read_text())["tests"]
entry = next(test for test in tests if test["name"] == "Elementwise/rank0")
path = pack / entry["runs"][0]["results"][0]["value"]
np.save(path, np.load(path) + np.float32(1))
