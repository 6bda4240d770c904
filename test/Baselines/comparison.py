# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A comparison on a GPU: what it takes there, builds there, runs and writes."""

import argparse
import contextlib
import ctypes
import json
import os
import shutil
import subprocess
import tempfile
import time
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

ROOT = Path(__file__).resolve().parents[2]
RUNTIME = "libvyre_runtime.so.0"


def packRuntime(folder, tools):
    """Copies the runtime's library and headers; `tools` is the build's bin folder."""
    (folder / "vyre-c").mkdir(parents=True, exist_ok=True)
    shutil.copy(tools.parent / "lib" / RUNTIME, folder)
    for header in (ROOT / "include/vyre-c").glob("*.h"):
        shutil.copy(header, folder / "vyre-c")


def buildLibrary(pack, output, sources, kernels=None, runtime=None):
    """A library of `sources` and the packed runtime, or another one: with nvcc and `kernels`,
    if given, else for the CPU alone."""
    link = ["-I", str(pack), "-L", str(pack), f"-l:{runtime or RUNTIME}", "-Xlinker", "-rpath"]
    link += ["-Xlinker", str(pack.resolve()), "-o", str(output)]
    if kernels:
        command = ["nvcc", "-x", "cu", "-std=c++17", "-O3", "-arch=sm_90", "-shared"]
        command += ["-Xcompiler", "-fPIC", str(kernels)]
    else:
        command = ["c++", "-std=c++17", "-O2", "-shared", "-fPIC"]
    subprocess.run([*command, *map(str, sources), *link], check=True)
    return ctypes.CDLL(str(output))


def speedOf(cpu):
    """How long a processor takes for a little work, at best."""
    os.sched_setaffinity(0, {cpu})
    data, times = bytes(1 << 16), []
    for _ in range(20):
        begin = time.perf_counter()
        zlib.crc32(data)
        times.append(time.perf_counter() - begin)
    return min(times[10:])


@contextlib.contextmanager
def onOneCPU():
    """Keeps this thread on the processor that is fastest now: on machines that others use too
    one may run at half the speed of another, and what moves finds cold caches."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before, key=speedOf)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@dataclass
class Comparison:
    """What one comparison brings; the command line and the loop are the same for all.

    `measureCase(library, device, pack, case, repeats, frameworks, deadline)` gives a row:
    a dictionary with `wrong`, column to problem. `load(pack, output, gpu)` gives the
    library. A row is wrong where one of the columns in `ours` is.
    """

    about: str
    allCases: Callable
    smokeCases: Callable
    compileCase: Callable  # (compiler, case, folder, targets)
    load: Callable
    measureCase: Callable
    tableOf: Callable  # rows to Markdown
    draw: Callable  # (axes, rows)
    ours: tuple
    repeats: int
    smokeRepeats: int

    def prepare(self, folder, tools, cases, targets):
        packRuntime(folder, tools)
        for case in cases:
            self.compileCase(tools / "vyre-compile", case, folder, targets)

    def plot(self, rows, path):
        try:
            import matplotlib

            matplotlib.use("svg")
            from matplotlib import pyplot
        except ImportError:
            print("no plot: matplotlib is not installed")
            return
        figure, axes = pyplot.subplots(figsize=(14, 6))
        self.draw(axes, rows)
        axes.set_yscale("log")
        axes.legend()
        figure.tight_layout()
        figure.savefig(path)

    def run(self, pack, device, cases, repeats, frameworks, limit, out):
        rows = []
        deadline = time.monotonic() + limit
        with tempfile.TemporaryDirectory() as scratch:
            library = self.load(pack, Path(scratch) / "measure.so", device != "cpu")
            for case in cases:
                row = self.measureCase(
                    library, device, pack, case, repeats, frameworks, deadline
                )
                rows.append(row)
                for name, problem in row["wrong"].items():
                    print(f"{case.name}, {name}: {problem}", flush=True)
                if out:
                    (out / "results.json").write_text(json.dumps(rows, indent=1))
                    (out / "table.md").write_text(self.tableOf(rows))
        print(self.tableOf(rows), end="")
        if out:
            self.plot(rows, out / "plot.svg")
        failed = [row for row in rows if set(self.ours) & set(row["wrong"])]
        print(f"{len(rows) - len(failed)} passed, {len(failed)} failed")
        return 1 if failed or not rows else 0

    def main(self):
        parser = argparse.ArgumentParser(description=self.about.splitlines()[0])
        parser.add_argument("--prepare", type=Path, metavar="PACK")
        parser.add_argument("--pack", type=Path)
        parser.add_argument("--smoke", action="store_true")
        parser.add_argument("--bin", type=Path, help="folder of vyre-compile")
        parser.add_argument("--device", default="cuda:0")
        parser.add_argument("--out", type=Path)
        parser.add_argument("--repeats", type=int, default=self.repeats)
        parser.add_argument("--filter", default="", help="only cases whose name holds this")
        parser.add_argument("--without-frameworks", action="store_true")
        parser.add_argument(
            "--limit", type=float, default=1e9, help="seconds after which no framework starts"
        )
        options = parser.parse_args()
        if (options.prepare or options.smoke) and not options.bin:
            parser.error("--prepare and --smoke need --bin")
        cases = [case for case in self.allCases() if options.filter in case.name]
        if options.prepare:
            self.prepare(options.prepare, options.bin, cases, "sm_90")
            return 0
        if options.smoke:
            with tempfile.TemporaryDirectory() as scratch:
                cases = list(self.smokeCases())
                self.prepare(Path(scratch), options.bin, cases, "cpu")
                return self.run(Path(scratch), "cpu", cases, self.smokeRepeats, False, 0, None)
        if not options.pack:
            parser.error("one of --prepare, --pack and --smoke is needed")
        if shutil.which("nvcc") is None:
            print("skipped: no nvcc, and so nothing hand-written")
            return 0
        if options.out:
            options.out.mkdir(parents=True, exist_ok=True)
        return self.run(
            options.pack,
            options.device,
            cases,
            options.repeats,
            not options.without_frameworks,
            options.limit,
            options.out,
        )
