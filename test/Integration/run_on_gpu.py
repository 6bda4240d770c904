#!/usr/bin/env python3
#
# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
"""Runs a pack of execution tests on a GPU and prints a table.

    run_on_gpu.py [--pack FOLDER] [--device cuda:0] [--table FILE.md]

Each dispatch runs on the GPU and on the CPU, from the same artifact (a kernel that another
compiler made on the GPU alone). Both are compared with the expected results that numpy gave when the pack was made, and with each other by
the rules of comparison.py. Needs Python with numpy, and a driver; neither compiler nor
CUDA toolkit. Without a GPU it says so and ends with status 0. The last line is
'N passed, N failed' over all dispatches.
"""

import argparse
import datetime
import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from comparison import differenceBetween, differenceFrom
from execution import RunError, dispatch
from manifest import readExpected, resolve


@dataclass
class Row:
    """What one test did over all its dispatches; the medians are of the slowest."""

    name: str
    runs: int = 0
    wrong: list = field(default_factory=list)
    sameBits: bool = True
    launches: int = 0
    median: dict = field(default_factory=dict)


def missingGpu(vyreRun, artifact, run, scratch):
    """None where a GPU answers, else why vyre-run took the CPU."""
    _, report = dispatch(vyreRun, artifact, run, "auto", scratch)
    reason = report["device_reason"]
    return reason if reason.startswith("no GPU") else None


def chipAndDriver():
    try:
        done = subprocess.run(
            ["nvidia-smi", "--query-gpu=name,driver_version", "--format=csv,noheader"],
            capture_output=True,
            text=True,
            timeout=60,
        )
        lines = done.stdout.strip().splitlines()
        return lines[0] if done.returncode == 0 and lines else None
    except OSError:
        return None


def compareRun(row, entry, pack, vyreRun, artifact, devices, scratch, limits):
    """One dispatch on all devices; notes in `row` what is wrong."""
    label = f"run {row.runs}" + (f" @{entry['program']}" if entry["program"] else "")
    row.runs += 1
    expected = [readExpected(result, pack) for result in entry["results"]]
    run = resolve(entry, pack)
    results = {}
    problems = []
    for device in devices:
        try:
            found, report = dispatch(
                vyreRun,
                artifact,
                run,
                device,
                scratch / device,
                [f"--repeat={limits.repeat}"],
                limits.seconds,
            )
        except (RunError, OSError, subprocess.TimeoutExpired) as error:
            problems.append(f"{label} on {device}: {error}")
            continue
        results[device] = found
        times = report.get("time_us", {})
        row.median[device] = max(row.median.get(device, 0.0), times.get("median", 0.0))
        if device != "cpu":
            row.launches = max(row.launches, report.get("launches", 0))
        for index, (want, got) in enumerate(zip(expected, found)):
            difference = differenceFrom(want, got)
            if difference:
                problems.append(f"{label} on {device}: result {index}: {difference}")
    if len(results) == len(devices) == 2 and not problems:
        for index, want in enumerate(expected):
            one, other = (results[device][index] for device in devices)
            difference = differenceBetween(want, one, other)
            row.sameBits = row.sameBits and want.same_bits
            if difference:
                problems.append(f"{label}: result {index}: devices differ: {difference}")
    if problems:
        row.wrong.append(problems)


def table(rows, device, about):
    """The rows as Markdown, under a line that says where and when."""
    yield about
    yield ""
    yield "| test | dispatches | against numpy | against the CPU | launches | median us GPU | CPU |"
    yield "|---|---|---|---|---|---|---|"
    for row in rows:
        right = "right" if not row.wrong else f"**{len(row.wrong)} wrong**"
        agree = "same bits" if row.sameBits else "within bounds"
        if row.wrong or "cpu" not in row.median:
            agree = "-"
        gpu, cpu = (f"{row.median.get(d, 0.0):.1f}" for d in (device, "cpu"))
        yield f"| {row.name} | {row.runs} | {right} | {agree} | {row.launches} | {gpu} | {cpu} |"


def main():
    here = Path(__file__).resolve().parent
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pack", type=Path, default=here)
    parser.add_argument("--device", default="cuda:0")
    parser.add_argument("--vyre-run", type=Path, help="default: the one in the pack")
    parser.add_argument("--repeat", type=int, default=20)
    parser.add_argument("--seconds", type=int, default=60, help="for one dispatch on one device")
    parser.add_argument("--table", type=Path, help="write the table to this file as well")
    parser.add_argument("--only", default="", help="tests whose name has this in it")
    parser.add_argument("--leave-out", action="append", default=[], help="a test by its name")
    arguments = parser.parse_args()
    pack = arguments.pack.resolve()
    vyreRun = str(arguments.vyre_run or pack / "vyre-run")
    manifest = json.loads((pack / "manifest.json").read_text())
    tests = [
        test
        for test in manifest["tests"]
        if arguments.only in test["name"] and test["name"] not in arguments.leave_out
    ]
    if not tests:
        print("no test in the pack has such a name")
        return 1

    devices = list(dict.fromkeys([arguments.device, "cpu"]))
    rows = []
    with tempfile.TemporaryDirectory(prefix="vyre-gpu-") as scratch:
        if arguments.device != "cpu":
            portable = next((test for test in tests if test["cpu"]), tests[0])
            first = resolve(portable["runs"][0], pack)
            artifact = str(pack / portable["artifact"])
            missing = missingGpu(vyreRun, artifact, first, Path(scratch))
            if missing:
                print(f"skipped: {missing}")
                return 0
        for test in tests:
            row = Row(test["name"])
            rows.append(row)
            artifact = str(pack / test["artifact"])
            for entry in test["runs"]:
                compareRun(
                    row,
                    entry,
                    pack,
                    vyreRun,
                    artifact,
                    devices if test["cpu"] else devices[:1],
                    Path(scratch),
                    arguments,
                )
            for problems in row.wrong:
                print(*(f"FAILED {row.name}: {text}" for text in problems), sep="\n", flush=True)

    date = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
    chip = chipAndDriver() or arguments.device
    about = f"{chip}; {date}; commit {manifest['commit']}."
    lines = list(table(rows, arguments.device, about))
    print("\n".join(lines))
    if arguments.table:
        arguments.table.write_text("\n".join(lines) + "\n")
    failed = sum(len(row.wrong) for row in rows)
    print(f"{sum(row.runs for row in rows) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
