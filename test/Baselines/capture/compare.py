#!/usr/bin/env python3
#
# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
"""Dispatches against hand-written CUDA graphs and frameworks' calls, on a GPU.

    compare.py --prepare PACK --bin BUILD/bin     compiles the cases; needs no GPU
    compare.py --pack PACK --out FOLDER           measures; needs a GPU, nvcc and numpy
    compare.py --smoke --bin BUILD/bin            small cases on the CPU

PACK holds artifacts, the runtime's library and headers. Each column's result is compared
with numpy in float64 before its times count; torch, jax, CuPy and matplotlib are used
where they are. FOLDER gets table.md, results.json and plot.svg. Times are microseconds of
single calls until the result is there, median / 99th percentile; `first` is the first call
with everything that is made for it, once device and code file are open.
"""

import ctypes
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from cases import COUNT, allCases, smokeCases

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from comparison import Comparison, buildLibrary  # noqa: E402

NEVER, REQUIRE = 2, 3  # VyreCapturePolicy
BLOCK, SPIN = 1, 2  # VyreWaitMode
CHANGES = {"none": 0, "one": 1, "all": 2}
HOSTS = {"hand": 0, "hand copies": 1, "hand mapped": 2, "hand polled": 3}
STAYS = "hand persistent"
PERSISTENT = 3  # VYRE_PERSISTENT_REQUIRE
# Capture, waiting, and whether a persistent kernel runs it.
OURS = {
    "never": (NEVER, BLOCK, 0),
    "graph": (REQUIRE, BLOCK, 0),
    "graph, spin": (REQUIRE, SPIN, 0),
    "persistent": (NEVER, SPIN, PERSISTENT),
}
FRAMEWORKS = ("torch", "torch reduce-overhead", "torch graph", "torch graph, C++", "jax.jit", "cupy graph")
COLUMNS = (*OURS, *HOSTS, STAYS, *FRAMEWORKS)


class MeasureError(Exception):
    pass


class HostArray(ctypes.Structure):
    """HostArray of Latency.h."""

    _fields_ = [("data", ctypes.c_void_p), ("bytes", ctypes.c_uint64)]


class Timing(ctypes.Structure):
    """Timing of Latency.h."""

    _fields_ = [
        ("first", ctypes.c_double),
        ("times", ctypes.c_void_p),
        ("count", ctypes.c_uint32),
        ("deviceBytes", ctypes.c_uint64),
    ]


class DispatchOptions(ctypes.Structure):
    """DispatchOptions of Dispatches.cpp."""

    _fields_ = [
        ("device", ctypes.c_char_p),
        ("path", ctypes.c_char_p),
        ("capture", ctypes.c_uint32),
        ("waitMode", ctypes.c_uint32),
        ("changed", ctypes.c_uint32),
        ("host", ctypes.c_uint32),
        ("persistent", ctypes.c_uint32),
    ]


class GraphOptions(ctypes.Structure):
    """GraphOptions of Graphs.cu."""

    _fields_ = [
        ("kind", ctypes.c_char_p),
        ("count", ctypes.c_uint32),
        ("changed", ctypes.c_uint32),
        ("host", ctypes.c_uint32),
    ]


def compileCase(compiler, case, folder, targets):
    source = folder / f"{case.program}.mlir"
    source.write_text(case.source())
    command = [compiler, source, "--fuse=off", "--persistent", f"--targets={targets}"]
    subprocess.run([*command, "-o", source.with_suffix(".vyre")], check=True)


def loadLibrary(pack, output, gpu):
    if not gpu:
        return buildLibrary(pack, output, [HERE / "Dispatches.cpp"])
    sources = [HERE / "Persistent.cu", HERE / "Dispatches.cpp"]
    return buildLibrary(pack, output, sources, HERE / "Graphs.cu")


def measureNative(function, options, arguments, count):
    """One of the library's functions: first call, times, result and bytes of a graph."""

    def call(arrays, *rest):
        return function(ctypes.byref(options), arrays, ctypes.c_uint32(len(arrays)), *rest)

    return measureArrays(call, arguments, count)


def measureArrays(function, arguments, count):
    arrays = [*arguments, np.full(COUNT, np.nan, np.float32)]
    times = np.zeros(count)
    timing = Timing(0, times.ctypes.data, count, 0)
    message = ctypes.create_string_buffer(1024)
    status = function(
        (HostArray * len(arrays))(*(HostArray(a.ctypes.data, a.nbytes) for a in arrays)),
        ctypes.byref(timing),
        message,
        ctypes.c_size_t(len(message)),
    )
    if status:
        raise MeasureError(message.value.decode())
    return timing.first, times, arrays[-1], timing.deviceBytes


def measureTorchGraphFromC(library, case, arguments, count):
    """The graph that torch captured, launched by the library."""
    import torch
    from frameworks import captureTorch

    graph, _, result = captureTorch(case, arguments)
    stream = torch.cuda.Stream()
    times = np.zeros(count)
    timing = Timing(0, times.ctypes.data, count, 0)
    message = ctypes.create_string_buffer(1024)
    status = library.measureForeignGraph(
        ctypes.c_void_p(graph.raw_cuda_graph_exec()),
        ctypes.c_void_p(stream.cuda_stream),
        ctypes.byref(timing),
        message,
        ctypes.c_size_t(len(message)),
    )
    if status:
        raise MeasureError(message.value.decode())
    return 0, times, result.cpu().numpy(), 0


def columnsOf(library, device, pack, case, arguments, count, frameworks):
    """The measurements of a case: name and a call that makes one."""
    changed = CHANGES[case.changed]
    path = str(pack / f"{case.program}.vyre").encode()
    for name, (capture, wait, persistent) in OURS.items():
        if device == "cpu" and (capture == REQUIRE or persistent):
            continue
        # One launch over a few small buffers.
        if persistent and (case.launches() > 1 or case.inputCount() > 8):
            continue
        options = DispatchOptions(device.encode(), path, capture, wait, changed, case.host, persistent)
        yield name, lambda: measureNative(library.measureDispatches, options, arguments, count)
    if device == "cpu":
        return
    for name, host in HOSTS.items():
        if (host != 0) != case.host:
            continue
        options = GraphOptions(case.kind.encode(), case.count, changed, host)
        yield name, lambda: measureNative(library.measureGraph, options, arguments, count)
    if case.program == "chain-1" and case.host:
        yield STAYS, lambda: measureArrays(library.measurePersistent, arguments, count)
    if not frameworks or case.changed != "none":
        return
    import frameworks as others

    calls = max(count // 4, 100)
    yield "torch", lambda: others.measureTorch(case, arguments, calls, False)
    yield "torch reduce-overhead", lambda: others.measureTorch(case, arguments, calls, True)
    yield "torch graph", lambda: others.measureTorchGraph(case, arguments, calls)
    if not case.host:
        yield "torch graph, C++", lambda: measureTorchGraphFromC(library, case, arguments, calls)
    yield "jax.jit", lambda: others.measureJax(case, arguments, calls)
    yield "cupy graph", lambda: others.measureCupy(case, arguments, calls)


def measureCase(library, device, pack, case, count, frameworks, deadline):
    arguments = case.arguments()
    row = {"case": case.name, "launches": case.launches(), "wrong": {}, "cells": {}}
    columns = columnsOf(library, device, pack, case, arguments, count, frameworks)
    for name, measure in columns:
        if name in FRAMEWORKS and time.monotonic() > deadline:
            continue
        try:
            first, times, result, *deviceBytes = measure()
        except Exception as error:  # A framework may raise anything: it is in the table.
            row["wrong"][name] = f"{type(error).__name__}: {error}"[:300]
            continue
        problem = case.problem(arguments, result)
        if problem:
            row["wrong"][name] = problem
            continue
        row["cells"][name] = {
            "p50": round(float(np.percentile(times, 50)), 2),
            "p99": round(float(np.percentile(times, 99)), 2),
            "first": round(first, 1),
            "deviceBytes": deviceBytes[0] if deviceBytes else 0,
        }
    return row


def best(row, names, key):
    found = [row["cells"][name][key] for name in names if name in row["cells"]]
    return min(found) if found else None


def tableOf(rows):
    ratios = ("p50 / hand", "p99 / hand")
    lines = ["| case | launches | " + " | ".join([*COLUMNS, *ratios]) + " |"]
    lines.append("|---" * (len(COLUMNS) + len(ratios) + 2) + "|")
    for row in rows:

        def cell(name):
            if name in row["cells"]:
                return "{p50:.1f} / {p99:.1f}".format(**row["cells"][name])
            return "wrong" if name in row["wrong"] else "-"

        def ratio(key):
            graphs = [name for name in OURS if name != "persistent"]
            ours, hand = best(row, graphs, key), best(row, HOSTS, key)
            return f"{ours / hand:.2f}" if ours and hand else "-"

        cells = [cell(name) for name in COLUMNS] + [ratio("p50"), ratio("p99")]
        lines.append(f"| {row['case']} | {row['launches']} | " + " | ".join(cells) + " |")
    first = (*OURS, *HOSTS, STAYS)
    lines += ["", "| case | first call: " + " | ".join(first) + " | KiB a graph: ours | hand |"]
    lines.append("|---" * (len(first) + 3) + "|")
    for row in rows:
        cells = row["cells"]
        firsts = [f"{cells[name]['first']:.0f}" if name in cells else "-" for name in first]
        kibs = [
            f"{cells[name]['deviceBytes'] / 1024:.0f}" if name in cells else "-"
            for name in ("graph", "hand")
        ]
        lines.append(f"| {row['case']} | " + " | ".join(firsts + kibs) + " |")
    return "\n".join(lines) + "\n"


def draw(axes, rows):
    """Bars of each column's median, its 99th percentile as a whisker."""
    width = 0.9 / len(COLUMNS)
    for i, name in enumerate(COLUMNS):
        shown = [(at, row["cells"][name]) for at, row in enumerate(rows) if name in row["cells"]]
        if not shown:
            continue
        places = [at + i * width for at, _ in shown]
        medians = [cell["p50"] for _, cell in shown]
        above = [max(cell["p99"] - cell["p50"], 0) for _, cell in shown]
        axes.bar(places, medians, width, yerr=[[0] * len(above), above], label=name)
    axes.set_xticks([at + 0.45 for at in range(len(rows))], [row["case"] for row in rows])
    axes.tick_params(axis="x", rotation=60)
    axes.set_ylabel("microseconds of one call: median, and 99th percentile")


CAPTURE = Comparison(
    __doc__,
    allCases,
    smokeCases,
    compileCase,
    loadLibrary,
    measureCase,
    tableOf,
    draw,
    ours=tuple(OURS),
    repeats=4000,
    smokeRepeats=100,
)

if __name__ == "__main__":
    sys.exit(CAPTURE.main())
