#!/usr/bin/env python3
#
# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
"""The capture policy `auto` against the better of `never` and `require`, over a grid.

    decision_grid.py --prepare PACK --bin BUILD/bin    compiles the programs; needs no GPU
    decision_grid.py --pack PACK --out FOLDER          measures; needs a GPU, a C++ compiler
                                                       and numpy
    decision_grid.py --smoke --bin BUILD/bin           small, on the CPU, which captures nothing, or
                                                       with --device=cuda:0 on that

A program is a chain of kernels that count in a loop, so that each takes as long as is asked
for. A cell is the time of R dispatches, with everything that is built for them, over that of the
better of the two other policies: once with `expected_dispatches` = R and once without it. The best of
several runs in turn counts, on a new pipeline each, whose memory is there. Of cells whose dispatches take
longer than 1.2 seconds together the first 0.4 seconds are measured, at least 6 dispatches, and the rest is
taken to go on as the last half of these did: they are marked with ~.
"""

import argparse
import ctypes
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from comparison import buildLibrary, packRuntime  # noqa: E402

AUTO, NEVER, REQUIRE = 1, 2, 3  # VyreCapturePolicy
ELEMENTS = 32
LAUNCHES = (1, 8, 64)
TIMES = (1, 3, 10, 30, 100, 300, 1000)  # microseconds of a kernel, beyond an empty one
REPEATS = (1, 2, 3, 5, 10, 30, 100, 300, 1000)
LONGEST = 1.2e6  # microseconds of a cell that is measured to its end
BEGINNING = 4e5  # of one that is not
MOST_ROUNDS = 25
CALIBRATION = (20000, 100000)  # steps of a kernel's loop, from which their pace follows
COSTS = ("dispatch", "call", "replay", "node", "build", "built node", "gap")


def source(launches):
    memory = f"memref<{ELEMENTS}xf32>"
    lines = [
        "vyre.program @spin(",
        f"    %x: {memory} {{vyre.binding = #vyre.binding<slot = 0, role = input>}},",
        "    %steps: index,",
        f"    %y: {memory} {{vyre.binding = #vyre.binding<slot = 1, role = output>}})",
        f"    -> {memory} {{",
        f"  %n = arith.constant {ELEMENTS} : index",
    ]
    before = "%x"
    for launch in range(launches):
        after = "%y" if launch + 1 == launches else f"%t{launch}"
        if after != "%y":
            lines.append(f"  {after} = vyre.intermediate() : {memory}")
        lines += [
            f"  vyre.launch @l{launch} {{",
            f"    vyre.stage @s{launch} (%i) in (%n) reads({before} : {memory})"
            f" writes({after} : {memory}) {{",
            "      %zero = arith.constant 0 : index",
            "      %one = arith.constant 1 : index",
            "      %factor = arith.constant 0.75 : f32",
            "      %summand = arith.constant 0.5 : f32",
            f"      %v = memref.load {before}[%i] : {memory}",
            "      %w = scf.for %k = %zero to %steps step %one iter_args(%e = %v) -> f32 {",
            "        %m = arith.mulf %e, %factor : f32",
            "        %a = arith.addf %m, %summand : f32",
            "        scf.yield %a : f32",
            "      }",
            f"      memref.store %w, {after}[%i] : {memory}",
            "    }",
            "  }",
        ]
        before = after
    lines += [f"  vyre.return %y : {memory}", "}"]
    return "\n".join(lines) + "\n"


def reference(x, launches, steps):
    for _ in range(launches * steps):
        x = x * np.float32(0.75) + np.float32(0.5)
    return x


class Chain:
    """The program with so many launches, on a device."""

    def __init__(self, library, device, pack, launches):
        self.library, self.launches = library, launches
        self.opened = ctypes.c_void_p()
        self.message = ctypes.create_string_buffer(1024)
        path = str(pack / f"spin-{launches}.vyre").encode()
        self.check(library.openRepeats, device.encode(), path, ctypes.byref(self.opened))
        self.x = np.random.default_rng(launches).standard_normal(ELEMENTS).astype(np.float32)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.library.closeRepeats(self.opened)

    def check(self, function, *arguments):
        if function(*arguments, self.message, ctypes.c_size_t(len(self.message))):
            raise RuntimeError(self.message.value.decode())

    def costs(self):
        """Nanoseconds, and the microseconds that it took to measure them."""
        costs, taken = (ctypes.c_uint64 * len(COSTS))(), ctypes.c_double()
        self.check(self.library.measureCosts, self.opened, ctypes.byref(costs), ctypes.byref(taken))
        return dict(zip(COSTS, costs)), taken.value

    def run(self, capture, steps, count, expected=0):
        """After how many microseconds each dispatch was done, and the result."""
        done, y = np.zeros(count), np.full(ELEMENTS, np.nan, np.float32)
        self.check(
            self.library.runRepeats,
            self.opened,
            ctypes.c_uint32(capture),
            ctypes.c_uint64(expected),
            ctypes.c_int64(steps),
            *(ctypes.c_void_p(a.ctypes.data) for a in (self.x, y)),
            ctypes.c_int64(ELEMENTS),
            ctypes.c_void_p(done.ctypes.data),
            ctypes.c_uint32(count),
        )
        return done, y

    def verify(self, policies):
        expected = reference(self.x, self.launches, 5)
        for capture in policies:
            for hint in (0, 1, 100):
                _, y = self.run(capture, 5, 6, hint)
                np.testing.assert_array_equal(y, expected)

    def stepsPerMicrosecond(self, calibration):
        """From the slope between two lengths of the loop, in dispatches of all launches."""
        short, long = calibration
        times = [min(np.diff(self.run(NEVER, steps, 6)[0])) for steps in (short, long)]
        return (long - short) * self.launches / (times[1] - times[0])


def measureRow(chain, steps, kernelTime, policies, allRepeats, budget):
    """Of one kernel time: the least time of each policy and number of dispatches."""
    per = chain.launches * kernelTime + 10
    columns = {"never": NEVER, "require": REQUIRE, "auto": AUTO, "hinted": AUTO}
    cells = []
    for repeats in allRepeats:
        cell = {"repeats": repeats} | {name: np.inf for name in columns}
        cell["measured"] = repeats
        if repeats * per > LONGEST:
            cell["measured"] = min(max(int(BEGINNING / per), 6), repeats)
        rounds = int(np.clip(budget / (len(columns) * repeats * per), 1, MOST_ROUNDS))
        for _ in range(rounds):
            for name, capture in columns.items():
                if capture not in policies:
                    continue
                hint = repeats if name == "hinted" else 0
                done, _ = chain.run(capture, steps, cell["measured"], hint)
                cell[name] = min(cell[name], goOn(done, repeats))
        cells.append(cell)
    return {"launches": chain.launches, "kernel_us": kernelTime, "cells": cells}


def goOn(done, repeats):
    """When so many dispatches would be done, if they went on as the last half of these."""
    missing = repeats - len(done)
    return done[-1] + (missing * np.median(np.diff(done)[len(done) // 2 :]) if missing else 0)


def grid(rows, launches, key):
    repeats = [c["repeats"] for c in rows[0]["cells"]]
    lines = ["| kernel us | " + " | ".join(f"R = {r}" for r in repeats) + " |"]
    lines.append("|---" * (len(repeats) + 1) + "|")
    for row in rows:
        if row["launches"] != launches:
            continue
        cells = []
        for c in row["cells"]:
            ratio = c[key] / min(c["never"], c["require"])
            cells.append(f"{'~' if c['measured'] < c['repeats'] else ''}{ratio:.2f}")
        lines.append(f"| {row['kernel_us']} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def summary(rows, key):
    ratios = [c[key] / min(c["never"], c["require"]) for row in rows for c in row["cells"]]
    within = sum(ratio <= 1.05 for ratio in ratios)
    return f"{within} of {len(ratios)} cells within 5 %, worst {max(ratios):.2f}"


def report(rows, costs, taken):
    text = "costs in ns: " + ", ".join(f"{name} {value}" for name, value in costs.items())
    text += f"; measured in {taken:.0f} us\n"
    for key, title in (("hinted", "with the hint"), ("auto", "without a hint")):
        text += f"\n{title}: {summary(rows, key)}\n"
        for launches in sorted({row["launches"] for row in rows}):
            text += f"\n{launches} launches, auto {title} / min(never, require)\n\n"
            text += grid(rows, launches, key)
    return text


def prepare(folder, tools, targets, launches):
    packRuntime(folder, tools)
    for count in launches:
        mlir = folder / f"spin-{count}.mlir"
        mlir.write_text(source(count))
        subprocess.run(
            [tools / "vyre-compile", mlir, "--fuse=off", f"--targets={targets}", "-o",
             mlir.with_suffix(".vyre")],
            check=True,
        )


def measure(pack, out, device, launches, times, budget, repeats=REPEATS, calibration=CALIBRATION):
    rows, costs, taken = [], {}, 0.0
    policies = (NEVER, AUTO) if device == "cpu" else (NEVER, REQUIRE, AUTO)
    with tempfile.TemporaryDirectory() as scratch:
        library = buildLibrary(pack, Path(scratch) / "repeats.so", [HERE / "Repeats.cpp"])
        for count in launches:
            with Chain(library, device, pack, count) as chain:
                if device != "cpu":
                    costs, taken = chain.costs()
                chain.verify(policies)
                scale = chain.stepsPerMicrosecond(calibration)
                for kernelTime in times:
                    steps = max(int(scale * kernelTime), 1)
                    rows.append(measureRow(chain, steps, kernelTime, policies, repeats, budget))
                    if out:
                        (out / "grid.json").write_text(json.dumps([costs, rows], indent=1))
    text = report(rows, costs, taken)
    print(text, end="")
    if out:
        (out / "grid.md").write_text(text)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--prepare", type=Path, metavar="PACK")
    parser.add_argument("--pack", type=Path)
    parser.add_argument("--smoke", action="store_true")
    parser.add_argument("--bin", type=Path, help="folder of vyre-compile")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--device", help="cuda:0 unless given; of --smoke, cpu")
    parser.add_argument("--budget", type=float, default=3e5, help="microseconds of a cell")
    options = parser.parse_args()
    if (options.prepare or options.smoke) and not options.bin:
        parser.error("--prepare and --smoke need --bin")
    if options.prepare:
        prepare(options.prepare, options.bin, "sm_90", LAUNCHES)
    elif options.smoke:
        device = options.device or "cpu"
        with tempfile.TemporaryDirectory() as folder:
            prepare(Path(folder), options.bin, "cpu" if device == "cpu" else "sm_90", (1, 8))
            # So few steps that the tests' stand-in for the driver can take them.
            small = {"repeats": (1, 3, 30), "calibration": (50, 250)}
            measure(Path(folder), None, device, (1, 8), (1, 10), 1e4, **small)
    elif options.pack:
        if options.out:
            options.out.mkdir(parents=True, exist_ok=True)
        measure(options.pack, options.out, options.device or "cuda:0", LAUNCHES, TIMES, options.budget)
    else:
        parser.error("one of --prepare, --pack and --smoke is needed")


if __name__ == "__main__":
    main()
