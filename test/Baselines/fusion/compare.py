#!/usr/bin/env python3
#
# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
"""Fused programs against unfused ones, hand-written kernels and frameworks, on a GPU.

    compare.py --prepare PACK --bin BUILD/bin     compiles the cases; needs no GPU
    compare.py --pack PACK --out FOLDER           measures; needs a GPU, nvcc and numpy
    compare.py --smoke --bin BUILD/bin            small cases on the CPU

PACK holds artifacts, the runtime's library and header. Every column's results are compared
with numpy in float64 before its time counts; torch, jax and matplotlib are used where they
are. FOLDER gets table.md, results.json and plot.svg. Times are microseconds of one run of
many that follow each other, the median of the rounds, over sets of buffers that together
do not fit the L2 cache (at most 64 sets, so that the smallest sizes do). "hand, waited" is the
hand-written kernel with what a dispatch has: an event for each launch, and a wait for the
one of 15 launches before. "replayed" is the share of the fused program's dispatches that
`auto` made replays of a graph. Of small cases, which the host's calls decide, "kernels" is
what the kernels take by themselves, as torch's profiler sees them.
"""

import contextlib
import ctypes
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from cases import allCases, smokeCases

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from comparison import Comparison, buildLibrary, onOneCPU  # noqa: E402

BEYOND_CACHE = 256 << 20
# Dispatches that MeasureArtifact.cpp has in flight, and so launches by hand that wait.
IN_FLIGHT = 16
COLUMNS = ("unfused", "fused", "hand 4 B", "hand", "hand, waited")
COLUMNS += ("torch", "torch.compile", "jax.jit", "copy")
KERNELS = {"fused, kernels": "fused", "hand, kernels": "hand"}
# Cases of so many bytes have these columns.
SMALL_CASE = 16 << 20


class MeasureError(Exception):
    pass


class HostArray(ctypes.Structure):
    """HostArray of MeasureArtifact.cpp."""

    _fields_ = [
        ("data", ctypes.c_void_p),
        ("bytes", ctypes.c_uint64),
        ("extents", ctypes.POINTER(ctypes.c_int64)),
        ("rank", ctypes.c_uint32),
    ]

    def __init__(self, array):
        extents = (ctypes.c_int64 * array.ndim)(*array.shape)
        super().__init__(array.ctypes.data, array.nbytes, extents, array.ndim)


def compileCase(compiler, case, folder, targets):
    source = folder / f"{case.name}.mlir"
    source.write_text(case.source())
    for name, option in (("fused", "--fuse=on"), ("unfused", "--fuse=off")):
        output = folder / f"{case.name}.{name}.vyre"
        command = [compiler, source, option, f"--targets={targets}", "-o", output]
        subprocess.run(command, check=True)


def loadLibrary(pack, output, gpu):
    """Builds what measures: with the kernels, or for the CPU alone."""
    kernels = HERE / "Kernels.cu" if gpu else None
    library = buildLibrary(pack, output, [HERE / "MeasureArtifact.cpp"], kernels)
    library.measureArtifact.restype = ctypes.c_double
    if gpu:
        library.measureKernel.restype = ctypes.c_double
    return library


def poisoned(shapes):
    """Arrays whose every element is NaN (and no digit), for results."""
    return [np.full(shape, np.nan, np.float32) for shape in shapes]


def measureArtifact(library, device, path, case, arguments, sets, rounds):
    results = poisoned(case.resultShapes())
    message = ctypes.create_string_buffer(1024)
    launches, replayed = ctypes.c_uint32(), ctypes.c_double()
    microseconds = library.measureArtifact(
        device.encode(),
        str(path).encode(),
        (HostArray * len(arguments))(*map(HostArray, arguments)),
        len(arguments),
        (HostArray * len(results))(*map(HostArray, results)),
        len(results),
        sets,
        rounds,
        ctypes.byref(launches),
        ctypes.byref(replayed),
        message,
        ctypes.c_size_t(len(message)),
    )
    if microseconds < 0:
        raise MeasureError(message.value.decode())
    return microseconds, results, {"launches": launches.value, "replayed": replayed.value}


def measureKernel(library, kernel, case, arguments, sets, rounds, inFlight=0):
    (result,) = poisoned(case.resultShapes())
    count, columns = case.count, case.columns
    if kernel == "copy" and case.kind == "chain":
        columns = 1
    factors = case.factors()
    message = ctypes.create_string_buffer(1024)
    pointer = lambda array: ctypes.c_void_p(array.ctypes.data)
    microseconds = library.measureKernel(
        kernel.encode(),
        pointer(arguments[0]),
        pointer(factors),
        pointer(result),
        count,
        columns,
        sets,
        rounds,
        inFlight,
        message,
        ctypes.c_size_t(len(message)),
    )
    if microseconds < 0:
        raise MeasureError(message.value.decode())
    return microseconds, [result]


def columnsOf(library, device, pack, case, arguments, sets, rounds, frameworks):
    """The measurements of a case: name and a call that gives time and results."""
    for name in ("unfused", "fused"):
        path = pack / f"{case.name}.{name}.vyre"
        yield name, lambda path=path: measureArtifact(
            library, device, path, case, arguments, sets, rounds
        )
    if device == "cpu":
        return
    kernels = {"chain": [("hand 4 B", "chain-scalar"), ("hand", "chain-vector")]}
    kernels |= {kind: [] for kind in ("digits", "product", "sum")}
    for name, kernel in kernels.get(case.kind, [("hand", case.kind)]):
        yield name, lambda kernel=kernel: measureKernel(
            library, kernel, case, arguments, sets, rounds
        )
        if name == "hand":
            yield "hand, waited", lambda: measureKernel(
                library, kernel, case, arguments, sets, rounds, IN_FLIGHT
            )
    if kernels.get(case.kind) != []:
        yield "copy", lambda: measureKernel(library, "copy", case, arguments, sets, rounds)
    if not frameworks or not case.inFrameworks:
        return
    from frameworks import measureJax, measureTorch

    yield "torch", lambda: measureTorch(case, arguments, sets, rounds, False)
    yield "torch.compile", lambda: measureTorch(case, arguments, sets, rounds, True)
    yield "jax.jit", lambda: measureJax(case, arguments, sets, rounds)


def kernelTime(measure):
    """Microseconds of a run's kernels, each the median of its own. The runtime's, by which it
    finds out what calls cost, are no part of the program."""
    from torch.autograd import DeviceType
    from torch.profiler import ProfilerActivity, profile

    with profile(activities=[ProfilerActivity.CUDA]) as profiler:
        measure()
    times = {}
    for event in profiler.events():
        if event.device_type == DeviceType.CUDA and not event.name.startswith(("Mem", "vyre_")):
            times.setdefault(event.name, []).append(event.time_range.elapsed_us())
    if not times:
        raise MeasureError("the profiler saw no kernel")
    return sum(statistics.median(one) for one in times.values())


def measureCase(library, device, pack, case, rounds, frameworks, deadline):
    arguments = case.arguments()
    sets = max(1, min(64, -(-BEYOND_CACHE // case.bytes))) if device != "cpu" else 2
    row = {"case": case.name, "bytes": case.bytes, "wrong": {}}
    for name, measure in columnsOf(
        library, device, pack, case, arguments, sets, rounds, frameworks
    ):
        isFramework = name in ("torch", "torch.compile", "jax.jit")
        if time.monotonic() > deadline and isFramework:
            continue
        try:
            # Threads of a framework and of the CPU's pool are where they like.
            isFree = isFramework or device == "cpu"
            with contextlib.nullcontext() if isFree else onOneCPU():
                microseconds, results, *notes = measure()
        except Exception as error:  # A framework may raise anything: it is in the table.
            row["wrong"][name] = f"{type(error).__name__}: {error}"[:300]
            continue
        if name == "copy":
            problem = None if np.array_equal(results[0], arguments[0]) else "not a copy"
        else:
            problem = case.problems(arguments, results, np.random.default_rng(5))
        if problem:
            row["wrong"][name] = problem
        else:
            row[name] = round(microseconds, 2)
            row |= {f"{name}, {key}": value for note in notes for key, value in note.items()}
    if not frameworks or device == "cpu" or case.bytes > SMALL_CASE or "hand" not in row:
        return row
    ways = dict(columnsOf(library, device, pack, case, arguments, sets, 1, False))
    for name, way in KERNELS.items():
        try:
            row[name] = round(kernelTime(ways[way]), 2)
        except Exception as error:
            row["wrong"][name] = f"{type(error).__name__}: {error}"[:300]
    return row


def tableOf(rows):
    columns = [*COLUMNS, *(name for name in KERNELS if any(name in row for row in rows))]
    lines = ["| case | " + " | ".join(columns) + " | fused / hand | replayed |"]
    lines.append("|---" * (len(columns) + 3) + "|")
    for row in rows:
        cell = lambda name: f"{row[name]:.1f}" if name in row else (
            "wrong" if name in row["wrong"] else "-"
        )
        ratio = f"{row['fused'] / row['hand']:.2f}" if {"fused", "hand"} <= set(row) else "-"
        share = f"{row['fused, replayed']:.0%}" if "fused, replayed" in row else "-"
        cells = " | ".join(map(cell, columns))
        lines.append(f"| {row['case']} | {cells} | {ratio} | {share} |")
    return "\n".join(lines) + "\n"


def draw(axes, rows):
    """Bars of each column over the copy's time (or the fused one's, without a copy)."""
    rows = [row for row in rows if "fused" in row]
    shown = [name for name in COLUMNS if name != "copy"]
    for i, name in enumerate(shown):
        places = [at + i * 0.1 for at, row in enumerate(rows) if name in row]
        heights = [row[name] / row.get("copy", row["fused"]) for row in rows if name in row]
        axes.bar(places, heights, 0.1, label=name)
    axes.set_xticks([at + 0.33 for at in range(len(rows))], [row["case"] for row in rows])
    axes.tick_params(axis="x", rotation=90)
    axes.set_ylabel("time over a copy of the same bytes")
    axes.axhline(1, color="black", linewidth=0.5)


FUSION = Comparison(
    __doc__,
    allCases,
    smokeCases,
    compileCase,
    loadLibrary,
    measureCase,
    tableOf,
    draw,
    ours=("unfused", "fused"),
    repeats=9,
    smokeRepeats=3,
)

if __name__ == "__main__":
    sys.exit(FUSION.main())
