# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
"""run_all.py PASSES PLUGIN MODULE: runs every pass named in PASSES on MODULE with a stock
mlir-opt, nested as deep as it has to be, and parses what comes out."""

import subprocess
import sys
from pathlib import Path

passes, plugin, module = sys.argv[1:]
NESTS = [
    "{}",
    "vyre.program({})",
    "vyre.program(vyre-form-launches,{})",
    "func.func({})",
    "gpu.module({})",
]


def optimize(source, pipeline):
    return subprocess.run(
        [
            "mlir-opt",
            f"--load-dialect-plugin={plugin}",
            f"--load-pass-plugin={plugin}",
            f"--pass-pipeline=builtin.module({pipeline})",
        ],
        input=source,
        capture_output=True,
        text=True,
    )


source = Path(module).read_text()
failures = []
names = Path(passes).read_text().split()
for name in names:
    tries = [optimize(source, nest.format(name)) for nest in NESTS]
    outputs = [run.stdout for run in tries if run.returncode == 0]
    if not outputs or optimize(outputs[0], "").returncode != 0:
        failures.append(f"{name}:\n" + "".join(run.stderr for run in tries))
if not names or failures:
    sys.exit(f"of {len(names)} passes these failed:\n" + "\n".join(failures))
