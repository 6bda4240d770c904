# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
"""programmatic_edges.py compile FOLDER | measure FOLDER VYRE_RUN [DEVICE]: what it gains to start
kernels before those before them are done.

Chains and wide graphs of small and of large kernels are compiled with `--programmatic-edges` on and
off, and replayed in turn, in ROUNDS rounds. `compile` needs vyre-compile, `measure` a device; results
are compared with numpy's. Times are whole dispatches from host memory and back, by vyre-run.
"""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
from cases import COUNT, Case

ROUNDS = 3
SMALL, LARGE = COUNT, 1 << 20
CASES = [
    *((Case("chain", count), SMALL, 3000) for count in (1, 4, 16, 64)),
    *((Case("wide", count), SMALL, 3000) for count in (8, 32)),
    *((Case("chain", count), LARGE, 100) for count in (16, 64)),
    (Case("wide", 8), LARGE, 100),
]
VARIANTS = ("off", "on")


def name(case, elements):
    return f"{case.program}-{elements}"


def compile_all(folder):
    folder.mkdir(parents=True, exist_ok=True)
    for case, elements, _ in CASES:
        source = folder / f"{name(case, elements)}.mlir"
        source.write_text(case.source().replace(f"tensor<{COUNT}x", f"tensor<{elements}x"))
        for variant in VARIANTS:
            subprocess.run(
                ["vyre-compile", source, "--fuse=off", "--targets=sm_90", "--capture=require",
                 f"--programmatic-edges={variant}", "-o", source.with_suffix(f".{variant}.vyre")],
                check=True,
            )


def dispatch(folder, run, device, case, elements, repeats, variant):
    """The least median over rounds is taken by the caller."""
    artifact = folder / f"{name(case, elements)}.{variant}.vyre"
    report = folder / "report.json"
    x = np.random.default_rng(1).standard_normal(elements).astype(np.float32)
    np.save(folder / "x.npy", x)
    subprocess.run(
        [run, artifact, "--device", device, "--in", f"0={folder / 'x.npy'}", "--out", folder,
         "--repeat", str(repeats), "--report", report],
        check=True, stdout=subprocess.DEVNULL,
    )
    problem = case.problem([x], np.load(folder / "result0.npy"))
    if problem:
        raise SystemExit(f"{artifact}: {problem}")
    return json.loads(report.read_text())["time_us"]["median"]


def measure(folder, run, device):
    print("| graph | floats | launches | full edges, us | programmatic, us | ratio |")
    print("|---|---|---|---|---|---|")
    for case, elements, repeats in CASES:
        times = {variant: [] for variant in VARIANTS}
        for _ in range(ROUNDS):
            for variant in VARIANTS:
                times[variant].append(
                    dispatch(folder, run, device, case, elements, repeats, variant)
                )
        off, on = (min(times[variant]) for variant in VARIANTS)
        print(f"| {case.program} | {elements} | {case.launches()} | {off:.2f} | {on:.2f} | "
              f"{on / off:.2f} |", flush=True)


if __name__ == "__main__":
    if len(sys.argv) == 3 and sys.argv[1] == "compile":
        compile_all(Path(sys.argv[2]))
    elif len(sys.argv) in (4, 5) and sys.argv[1] == "measure":
        measure(Path(sys.argv[2]), sys.argv[3], (sys.argv[4:] or ["cuda:0"])[0])
    else:
        sys.exit(__doc__)
