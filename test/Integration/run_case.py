#!/usr/bin/env python3
#
# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
"""Compiles one execution test, runs all its cases, and compares with numpy.

    run_case.py FILE.mlir [--device cpu] [--option=--fuse=off]... [--keep DIR]

The tools are taken from PATH unless --bin names their folder. What a case must give
is in FILE.py, by the rules of comparison.py. The last line is 'N passed, N failed'.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import casekit
from comparison import differenceFrom
from execution import RunError, dispatch
from manifest import resolve


def compileSource(compiler, source, artifact, options):
    """Runs vyre-compile; returns what it said where it failed, else None."""
    done = subprocess.run(
        [compiler, source, "-o", artifact, *options],
        capture_output=True,
        text=True,
        timeout=300,
    )
    if done.returncode == 0:
        return None
    return f"vyre-compile ended with {done.returncode}:\n{done.stderr}{done.stdout}"


def runAll(test, artifact, vyreRun, device, scratch):
    """Runs every case; prints the wrong ones and returns how many were right."""
    passed = 0
    for index, (run, expected) in enumerate(zip(test.runs, test.expected)):
        label = f"{test.name} case {index}" + (f" @{run.program}" if run.program else "")
        folder = scratch / str(index)
        entry = resolve(casekit.writeRun(run, expected, folder, scratch, test.calls), scratch)
        refused = device == "cpu" and not test.hasCPU()
        try:
            results, _ = dispatch(vyreRun, artifact, entry, device, folder / "out")
        except RunError as error:
            if refused and "has no CPU code" in str(error):
                passed += 1
            else:
                print(f"FAILED {label}: {error}")
            continue
        if refused:
            print(f"FAILED {label}: ran on the CPU, which has no code for it")
            continue
        wrong = False
        for number, (want, got) in enumerate(zip(expected, results)):
            difference = differenceFrom(want, got)
            if difference:
                print(f"FAILED {label}: result {number}: {difference}")
                wrong = True
        passed += not wrong
    return passed


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("test", type=Path, help="FILE.mlir, or the FILE.py of an example")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--targets", default="cpu", help="for vyre-compile")
    parser.add_argument("--bin", type=Path, help="folder of vyre-compile and vyre-run")
    parser.add_argument("--option", action="append", default=[], help="for vyre-compile")
    parser.add_argument("--keep", type=Path, help="leave all files in this folder")
    arguments = parser.parse_args()
    tool = lambda name: str(arguments.bin / name) if arguments.bin else name

    test = casekit.load(arguments.test)
    with tempfile.TemporaryDirectory(prefix="vyre-case-") as temporary:
        scratch = (arguments.keep or Path(temporary)).resolve()
        scratch.mkdir(parents=True, exist_ok=True)
        artifact = scratch / "case.vyre"
        targets = ",".join(test.targets) if test.targets else arguments.targets
        options = [f"--targets={targets}", *arguments.option]
        error = compileSource(tool("vyre-compile"), test.source, artifact, options)
        if error:
            print(f"FAILED {test.name}: {error}")
            passed = 0
        else:
            passed = runAll(test, artifact, tool("vyre-run"), arguments.device, scratch)
    failed = len(test.runs) - passed
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
