#!/usr/bin/env python3
#
# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
"""Code for the CPU against the same loops in C++, by gcc and by clang, on one core.

    measure.py --bin BUILD/bin [--filter NAME] [--smoke]

Every column's results are compared with numpy in float64 before its time counts. Times are
microseconds of one run of many that follow each other, buffers in the cache where they fit:
the smallest of many times of some milliseconds, taken in turn, since others may use the
machine. "fast" is -ffast-math, under which a C++ compiler may add up in any order, as linalg
lets us.
"""

import argparse
import ctypes
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "fusion")]
from cases import Case, ProductCase, SumCase  # noqa: E402
from compare import loadLibrary, measureArtifact, poisoned  # noqa: E402
from comparison import packRuntime  # noqa: E402

FLAGS = ["-std=c++17", "-O3", "-march=native", "-shared", "-fPIC"]
FAST = ["-ffast-math"]
COMPILERS = {"gcc": ["g++"], "clang": ["clang++-22", "clang++"]}


def allCases():
    yield Case("chain", 1 << 12, 4)
    for count in (1 << 12, 1 << 16, 1 << 22):
        yield Case("chain", count, 16)
    for kind in ("softmax", "layernorm"):
        yield Case(kind, 512, 512)
    yield SumCase("all", 256, 4096)
    yield SumCase("columns", 1024, 512)
    yield ProductCase(512, 512, 512)
    yield ProductCase(8, 1024, 1024)


def smokeCases():
    yield Case("chain", 1000, 4)
    for kind in ("softmax", "layernorm"):
        yield Case(kind, 8, 60)
    yield SumCase("columns", 96, 80)
    yield ProductCase(24, 33, 40)


def buildLoops(folder):
    """Libraries of Loops.cpp by column, as far as there are compilers."""
    libraries = {}
    for name, commands in COMPILERS.items():
        command = next(filter(shutil.which, commands), None)
        for suffix, flags in (("", []), (" fast", FAST)) if command else ():
            output = folder / f"{name}{suffix}.so".replace(" ", "-")
            source = [str(HERE / "Loops.cpp"), "-o", str(output)]
            subprocess.run([command, *FLAGS, *flags, *source], check=True)
            library = ctypes.CDLL(str(output))
            library.measureLoop.restype = ctypes.c_double
            libraries[name + suffix] = library
    return libraries


def measureLoop(library, case, arguments, rounds):
    (result,) = poisoned(case.resultShapes())
    name = f"chain{case.columns}" if case.kind == "chain" else case.kind
    if case.kind == "sum":
        name = f"sum_{case.of}"
    second = arguments[1] if case.kind == "product" else case.factors()
    columns, inner = case.columns, getattr(case, "inner", 0)
    pointer = lambda array: ctypes.c_void_p(array.ctypes.data)
    microseconds = library.measureLoop(
        name.encode(),
        *map(pointer, (arguments[0], second, result)),
        *map(ctypes.c_int64, (case.count, columns, inner)),
        rounds,
    )
    if microseconds < 0:
        raise ValueError(f"Loops.cpp has no loop '{name}'")
    return microseconds, [result]


def measureCase(library, loops, path, case, tries, rounds):
    """The smallest time of each column, and what was wrong."""
    arguments = case.arguments()
    ways = {"vyre": lambda: measureArtifact(library, "cpu", path, case, arguments, 1, rounds)}
    for name, loop in loops.items():
        ways[name] = lambda loop=loop: measureLoop(loop, case, arguments, rounds)
    times, wrong = {}, {}
    for _ in range(tries):
        for name, measure in ways.items():
            microseconds, results, *_ = measure()
            problem = case.problems(arguments, results, np.random.default_rng(5))
            if problem:
                wrong[name] = problem
            times[name] = min(times.get(name, microseconds), microseconds)
    return times, wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bin", type=Path, required=True, help="folder of vyre-compile")
    parser.add_argument("--filter", default="", help="only cases whose name holds this")
    parser.add_argument("--smoke", action="store_true", help="small cases, once")
    options = parser.parse_args()
    tries, rounds = (1, 1) if options.smoke else (30, 1)
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    failures = 0
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        packRuntime(folder, options.bin)
        library = loadLibrary(folder, folder / "measure.so", gpu=False)
        loops = buildLoops(folder)
        names = ["vyre", *loops]
        print(f"| case | {' | '.join(names)} | vyre / best |")
        print("|---" * (len(names) + 2) + "|")
        for case in smokeCases() if options.smoke else allCases():
            if options.filter not in case.name:
                continue
            source, path = folder / f"{case.name}.mlir", folder / f"{case.name}.vyre"
            source.write_text(case.source())
            command = [options.bin / "vyre-compile", source, "--targets=cpu", "--cpu=native"]
            subprocess.run([*command, "-o", path], check=True)
            times, wrong = measureCase(library, loops, path, case, tries, rounds)
            # A sum in one chain of roundings may be off by more than the bound.
            valid = [time for name, time in times.items() if name != "vyre"]
            ratio = f"{times['vyre'] / min(valid):.2f}" if valid else "-"
            cells = " | ".join(f"{times[name]:.1f}" for name in names)
            print(f"| {case.name} | {cells} | {ratio} |", flush=True)
            for name, problem in wrong.items():
                print(f"{case.name}, {name}: {problem}", file=sys.stderr)
            failures += "vyre" in wrong
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
