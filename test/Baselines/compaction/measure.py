#!/usr/bin/env python3
#
# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
"""Measures what pack.py packed on this machine's GPU; prints a table, draws a plot.

    measure.py [--out FOLDER] [--frameworks RESULTSxBYTES...]    where pack.py put it
    measure.py --smoke --bin BUILD/bin                           a few cases, on the CPU

In microseconds, medians, from the call to all results on the host, each compared with the
expected values. By hand: see baseline.cu. Of Vyre, `view` is until the host can read the
results where the runtime has them, as for the kernels by hand, `caller` until they are in
pageable memory of the caller; `counted` with a count that the device writes. FOLDER gets
results.json, table.md and plot.svg.
"""

import argparse
import json
import subprocess
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
BY_HAND = ["pageable", "pinned", "batch", "pack", "pack_graph", "pack_caller"]
OURS = ["view", "caller"]
COUNTED_BY_HAND = ["fixed", "scanned"]
COUNTED = ["counted_view", "counted_caller"]
FRAMEWORKS = ["torch_each", "torch_cat", "jax"]
COLUMNS = [*BY_HAND, *OURS, *COUNTED_BY_HAND, *COUNTED, *FRAMEWORKS]


def jsonOf(command):
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout)


def measureOurs(folder, results, size, device, repeats):
    row = {}
    for kind, prefix in (("static", ""), ("counted", "counted_")):
        artifact = folder / f"{results}_{size}_{kind}.vyre"
        found = jsonOf([folder / "vyre-measure-results", artifact, device, str(repeats)])
        row.update({prefix + key: value for key, value in found.items()})
    return row


def tableOf(rows):
    lines = ["| results | bytes each | " + " | ".join(COLUMNS) + " |"]
    lines.append("|--:|--:|" + "--:|" * len(COLUMNS))
    for row in rows:
        cells = [f"{row[name]:.1f}" if name in row else "" for name in COLUMNS]
        lines.append(f"| {row['results']:,} | {row['bytes']:,} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def plot(rows, path):
    """Time over the number of results, a panel for each size."""
    try:
        from matplotlib import pyplot
    except ImportError:
        print("no plot: matplotlib is not there")
        return
    sizes = sorted({row["bytes"] for row in rows})
    figure, panels = pyplot.subplots(1, len(sizes), figsize=(4 * len(sizes), 4), sharey=True)
    shown = ["pinned", "batch", "pack_graph", "fixed", "view", "counted_view", "torch_each"]
    for panel, size in zip(panels, sizes):
        for name in shown:
            points = [(row["results"], row[name]) for row in rows
                      if row["bytes"] == size and name in row]  # fmt: skip
            panel.plot(*zip(*points) if points else ([], []), marker=".", label=name)
        panel.set_title(f"{size:,} bytes each")
        panel.set_xscale("log", base=2)
        panel.set_yscale("log")
        panel.set_xlabel("results")
    panels[0].set_ylabel("microseconds")
    panels[0].legend()
    figure.tight_layout()
    figure.savefig(path)


def smoke(bin):
    from pack import pack

    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        cases = [(1, 4), (8, 64), (3, 65536)]
        pack(folder, bin, cases, "cpu")
        for results, size in cases:
            row = measureOurs(folder, results, size, "cpu", 3)
            # A slab holds every record; results of 64 KiB are none.
            assert row["waits"] == 1 and row["copies"] == 0, row
            assert row["slab"] == (0 if size > 4096 else max(16, size) * (results - 1) + size), row
    print("passed")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--smoke", action="store_true")
    parser.add_argument("--bin", type=Path, help="folder of vyre-compile, for --smoke")
    parser.add_argument("--device", default="cuda:0")
    parser.add_argument("--repeats", type=int, default=200)
    parser.add_argument("--out", type=Path, default=HERE)
    parser.add_argument("--frameworks", nargs="*", default=[])
    arguments = parser.parse_args()
    if arguments.smoke:
        return smoke(arguments.bin)
    arguments.out.mkdir(parents=True, exist_ok=True)
    baseline = HERE / "baseline"
    if not baseline.exists():
        command = ["nvcc", "-O3", "-std=c++17", "-arch=native", "-o", baseline]
        subprocess.run([*command, HERE / "baseline.cu"], check=True)
    cases = sorted(
        tuple(map(int, path.stem.split("_")[:2])) for path in HERE.glob("*_static.vyre")
    )
    rows = []
    for results, size in cases:
        row = {"results": results, "bytes": size}
        row.update(jsonOf([baseline, str(results), str(size)]))
        row.update(measureOurs(HERE, results, size, arguments.device, arguments.repeats))
        rows.append(row)
        print(row, flush=True)
        (arguments.out / "results.json").write_text(json.dumps(rows, indent=1))
    if arguments.frameworks:
        script = ["python3", HERE / "frameworks.py", *arguments.frameworks]
        done = subprocess.run(script, check=False, stdout=subprocess.PIPE, text=True)
        for line in done.stdout.splitlines():
            times = json.loads(line)
            results, size = map(int, times.pop("case").split("x"))
            for row in rows:
                if (row["results"], row["bytes"]) == (results, size):
                    row.update(times)
        (arguments.out / "results.json").write_text(json.dumps(rows, indent=1))
    (arguments.out / "table.md").write_text(tableOf(rows))
    print(tableOf(rows))
    plot(rows, arguments.out / "plot.svg")


if __name__ == "__main__":
    main()
