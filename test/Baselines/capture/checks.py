#!/usr/bin/env python3
#
# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
"""What the checks of a dispatch take, against a runtime that was built without them.

    checks.py --prepare PACK --bin BUILD/bin           compiles the programs; needs the target
                                                       vyre_runtime_unchecked, and no GPU
    checks.py --pack PACK [--device cuda:0|cpu]        measures; needs a C++ compiler and numpy
    checks.py --smoke --bin BUILD/bin                  few calls, on the CPU, or with
                                                       --device=cuda:0 on that

Both libraries run the same program in one process, in rounds of 50 calls that take turns. `checks`
is the median over rounds of the difference between the two medians, in nanoseconds. Pointers are
the same in each call, or one or all of them are other ones than in the call before.
"""

import argparse
import ctypes
import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np
from cases import Case
from compare import BLOCK, CHANGES, NEVER, REQUIRE, ROUND, UNTIMED, DispatchOptions, Opened, compileCase

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from comparison import buildLibrary, packRuntime  # noqa: E402

UNCHECKED = "libvyre_runtime_unchecked.so"
COUNTS = (0, 1, 2, 4, 8, 16, 32, 57)


def prepare(folder, tools, targets, counts):
    packRuntime(folder, tools)
    shutil.copy(tools.parent / "lib" / UNCHECKED, folder)
    for count in counts:
        compileCase(tools / "vyre-compile", Case("arguments", count), folder, targets)


def measure(libraries, pack, device, case, rounds):
    """Medians of both in microseconds, and what the checks take in nanoseconds."""
    arguments = case.arguments()
    path = str(pack / f"{case.program}.vyre").encode()
    capture = NEVER if device == "cpu" else REQUIRE
    isHost = device == "cpu"
    options = DispatchOptions(device.encode(), path, capture, BLOCK, CHANGES[case.changed], isHost, 0)
    opened = [Opened(library, library.openDispatches, options, arguments) for library in libraries]
    for number in range(rounds + 4):
        # Who begins changes.
        for one in opened if number % 2 else reversed(opened):
            one.time(ROUND, UNTIMED)
    medians = np.array([[np.median(times) for times in one.times[4:]] for one in opened])
    for one in opened:
        result, _ = one.close(measuresBytes=False)
        problem = case.problem(arguments, result)
        if problem:
            raise SystemExit(f"{case.name}: {problem}")
    return (*np.median(medians, axis=1), np.median(medians[0] - medians[1]) * 1000)


def run(pack, device, counts, rounds):
    # With host memory, which has no copies on the CPU, no pointer changes.
    changes = ("none",) if device == "cpu" else tuple(CHANGES)
    with tempfile.TemporaryDirectory() as scratch:
        libraries = [
            buildLibrary(
                pack, Path(scratch) / f"{i}.so", [HERE / "Dispatches.cpp", HERE / "Latency.cpp"],
                runtime=runtime,
            )
            for i, runtime in enumerate((None, UNCHECKED))
        ]
        print("| buffers | pointers changed | us | us, unchecked | checks, ns |")
        print("|---|---|---|---|---|")
        for count in counts:
            for changed in changes:
                if changed == "one" and count == 0:
                    continue
                case = Case("arguments", count, changed)
                checked, unchecked, checks = measure(libraries, pack, device, case, rounds)
                print(
                    f"| {count + 1} | {changed} | {checked:.2f} | {unchecked:.2f} | {checks:.0f} |",
                    flush=True,
                )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--prepare", type=Path, metavar="PACK")
    parser.add_argument("--pack", type=Path)
    parser.add_argument("--smoke", action="store_true")
    parser.add_argument("--bin", type=Path, help="folder of vyre-compile")
    parser.add_argument("--device", help="cuda:0 unless given; of --smoke, cpu")
    parser.add_argument("--rounds", type=int, default=60)
    options = parser.parse_args()
    if (options.prepare or options.smoke) and not options.bin:
        parser.error("--prepare and --smoke need --bin")
    if options.prepare:
        prepare(options.prepare, options.bin, "cpu,sm_90", COUNTS)
    elif options.smoke:
        device = options.device or "cpu"
        with tempfile.TemporaryDirectory() as folder:
            prepare(Path(folder), options.bin, "cpu" if device == "cpu" else "sm_90", (1, 8))
            run(Path(folder), device, (1, 8), 2)
    elif options.pack:
        run(options.pack, options.device or "cuda:0", COUNTS, options.rounds)
    else:
        parser.error("one of --prepare, --pack and --smoke is needed")


if __name__ == "__main__":
    main()
