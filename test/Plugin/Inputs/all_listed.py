# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
"""all_listed.py NAMES HELP: every line of NAMES is an option in HELP."""

import re
import sys
from pathlib import Path

names = Path(sys.argv[1]).read_text().split()
options = set(re.findall(r"^ +--([\w-]+)", Path(sys.argv[2]).read_text(), re.MULTILINE))
missing = [name for name in names if name not in options]
if not names or missing:
    sys.exit(f"of {len(names)} passes these are not in the plugin: {' '.join(missing)}")
