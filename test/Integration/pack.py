#!/usr/bin/env python3
#
# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
"""Packs all execution tests into one folder that a GPU machine can run.

    pack.py FOLDER [--bin DIR] [--targets cpu,sm_80,sm_90] [TEST.mlir...]

The folder holds artifacts, inputs, expected results, vyre-run and run_on_gpu.py; that
machine needs Python with numpy and nothing else. There:

    python3 FOLDER/run_on_gpu.py --device cuda:0
"""

import argparse
import json
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import casekit
from execution import callLibrary
from run_case import compileSource

ROOT = Path(__file__).resolve().parent


def packOne(path, folder, compiler, targets):
    """Compiles one test and writes its arrays; returns its manifest entry."""
    test = casekit.load(path)
    options = [f"--targets={','.join(test.targets) if test.targets else targets}"]
    target = folder / test.name
    target.mkdir(parents=True, exist_ok=True)
    error = compileSource(compiler, test.source, target / "test.vyre", options)
    if error:
        raise RuntimeError(f"{test.name}: {error}")
    runs = [
        casekit.writeRun(run, expected, target / str(index), folder, test.calls)
        for index, (run, expected) in enumerate(zip(test.runs, test.expected))
    ]
    return {
        "name": test.name,
        "artifact": f"{test.name}/test.vyre",
        "cpu": test.hasCPU(),
        "runs": runs,
    }


def commit():
    done = subprocess.run(
        ["git", "-C", ROOT, "rev-parse", "--short", "HEAD"],
        capture_output=True,
        text=True,
    )
    return done.stdout.strip() or "unknown"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("tests", type=Path, nargs="*", help="default: all")
    parser.add_argument("--bin", type=Path, help="folder of vyre-compile and vyre-run")
    parser.add_argument("--targets", default="cpu,sm_80,sm_90")
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_intermixed_args()
    folder = arguments.folder.resolve()
    if folder.exists() and any(folder.iterdir()) and not (folder / "manifest.json").exists():
        parser.error(f"{folder} is neither empty nor a pack")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)

    find = lambda name: shutil.which(name, path=arguments.bin and str(arguments.bin))
    tools = {name: find(name) for name in ("vyre-compile", "vyre-run")}
    for name, path in tools.items():
        if not path:
            parser.error(f"no {name} found. Fix: name its folder by --bin")
    work = lambda path: packOne(path, folder, tools["vyre-compile"], arguments.targets)
    paths = arguments.tests or casekit.findAll()
    failures = []
    tests = []
    with ThreadPoolExecutor(arguments.jobs) as pool:
        for path, job in [(path, pool.submit(work, path)) for path in paths]:
            try:
                tests.append(job.result())
            except Exception as error:  # one bad test must not hide the others
                failures.append(f"{path}: {error}")
    manifest = {"version": 1, "commit": commit(), "tests": tests}
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1))
    for name in ("comparison.py", "execution.py", "manifest.py", "run_on_gpu.py"):
        shutil.copy(ROOT / name, folder)
    shutil.copy(tools["vyre-run"], folder)
    shutil.copy(callLibrary(tools["vyre-run"]), folder)

    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    print("\n".join(failures))
    print(f"{len(tests)} tests, {size / 2**20:.1f} MiB in {folder}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
