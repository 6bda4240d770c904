#!/usr/bin/env python3
#
# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
"""Measures everything in this folder on this machine's GPU and prints a table.

    measure.py [--device cuda:0] [--skip-baselines] [--frameworks RESULTSxBYTES...]

In microseconds, medians. Ours is vyre-run's time of a dispatch, from its start to the
results in the caller's pageable memory, each result compared with the expected values.
"""

import argparse
import json
import subprocess
import tempfile
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent


def runOurs(artifact, results, size, counted, device, repeat):
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        x = np.random.default_rng(1).integers(0, 1000, size // 4).astype(np.float32)
        np.save(folder / "x.npy", x)
        np.save(folder / "rows.npy", np.array([size // 4], np.int32))
        command = [HERE / "vyre-run", artifact, f"--device={device}"]
        command += [f"--in=0={folder / 'x.npy'}", f"--repeat={repeat}"]
        command += [f"--in=1={folder / 'rows.npy'}"] * counted
        command += [f"--out={folder}", f"--report={folder / 'report.json'}"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        for i in range(results):
            found = np.load(folder / f"result{i}.npy")
            assert np.array_equal(found, x + np.float32(i)), f"{artifact}: {i}"
        report = json.loads((folder / "report.json").read_text())
        return report["time_us"]["median"], report["readback"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", default="cuda:0")
    parser.add_argument("--repeat", type=int, default=200)
    parser.add_argument("--skip-baselines", action="store_true")
    parser.add_argument("--frameworks", nargs="*", default=["64x64", "1024x64"])
    arguments = parser.parse_args()
    if not arguments.skip_baselines:
        subprocess.run(
            ["nvcc", "-O3", "-arch=native", "-o", HERE / "baseline", HERE / "baseline.cu"],
            check=True,
        )
    cases = sorted(
        tuple(map(int, path.stem.split("_")[:2])) for path in HERE.glob("*_static.vyre")
    )
    names = ["pageable", "pinned", "batch", "pack", "pack_graph", "static", "counted"]
    names += ["copies", "waits"]
    print("| results | bytes each | " + " | ".join(names) + " |")
    print("|--:|--:|" + "--:|" * len(names))
    for results, size in cases:
        row = {}
        if not arguments.skip_baselines:
            text = subprocess.run(
                [HERE / "baseline", str(results), str(size)],
                check=True,
                capture_output=True,
                text=True,
            ).stdout
            row.update(json.loads(text))
        for kind in ("static", "counted"):
            artifact = HERE / f"{results}_{size}_{kind}.vyre"
            row[kind], readback = runOurs(
                artifact, results, size, kind == "counted", arguments.device, arguments.repeat
            )
        row.update(copies=readback["copies"], waits=readback["waits"])
        cells = [str(row.get(name, "")) for name in names]
        print(f"| {results} | {size} | " + " | ".join(cells) + " |", flush=True)
    if arguments.frameworks:
        script = ["python3", HERE / "frameworks.py", *arguments.frameworks]
        subprocess.run(script, check=False)


if __name__ == "__main__":
    main()
