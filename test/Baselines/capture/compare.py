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
single calls until the result is there, median / 99th percentile. The graphs of a case, ours
and those by hand, are timed in turn, in rounds of 50 calls on the fastest CPU; a kernel that stays on the device,
and a framework, by itself. `first` is the first call with everything that is made for it, once
device and code file are open; `prewarmed` the first dispatch of a pipeline that was prewarmed.
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
from comparison import Comparison, buildLibrary, onOneCPU  # noqa: E402

NEVER, REQUIRE = 2, 3  # VyreCapturePolicy
BLOCK, SPIN = 1, 2  # VyreWaitMode
CHANGES = {"none": 0, "one": 1, "all": 2}
# How host memory takes part (Host of Graphs.cu), and whether one kernel comes before all others.
HAND = {
    "hand": (0, False),
    "hand, one first": (0, True),
    "hand copies": (1, False),
    "hand mapped": (2, False),
    "hand polled": (3, False),
}
# Kernels that stay: whether the host copies between its buffers and mapped memory.
STAYS = {"hand persistent": 0, "hand persistent, copies": 1}
PERSISTENT = 3  # VYRE_PERSISTENT_REQUIRE
# Capture, waiting, and whether a persistent kernel runs it.
OURS = {
    "never": (NEVER, BLOCK, 0),
    "graph": (REQUIRE, BLOCK, 0),
    "graph, spin": (REQUIRE, SPIN, 0),
    "persistent": (NEVER, SPIN, PERSISTENT),
}
FRAMEWORKS = ("torch", "torch reduce-overhead", "torch graph", "torch graph, C++", "jax.jit", "cupy graph")
COLUMNS = (*OURS, *HAND, *STAYS, *FRAMEWORKS)
# Calls of a round, after so many that are not timed.
ROUND, UNTIMED = 50, 5
WARM_UP = 0.3  # seconds of a case before its times count


class MeasureError(Exception):
    pass


class HostArray(ctypes.Structure):
    """HostArray of Latency.h."""

    _fields_ = [("data", ctypes.c_void_p), ("bytes", ctypes.c_uint64)]


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
        ("prewarms", ctypes.c_uint32),
    ]


class GraphOptions(ctypes.Structure):
    """GraphOptions of Graphs.cu."""

    _fields_ = [
        ("kind", ctypes.c_char_p),
        ("count", ctypes.c_uint32),
        ("changed", ctypes.c_uint32),
        ("host", ctypes.c_uint32),
        ("hasFirst", ctypes.c_uint32),
    ]


class ForeignGraph(ctypes.Structure):
    """ForeignGraph of Graphs.cu."""

    _fields_ = [("exec", ctypes.c_void_p), ("stream", ctypes.c_void_p)]


def compileCase(compiler, case, folder, targets):
    source = folder / f"{case.program}.mlir"
    source.write_text(case.source())
    command = [compiler, source, "--fuse=off", "--persistent", f"--targets={targets}"]
    subprocess.run([*command, "-o", source.with_suffix(".vyre")], check=True)


def loadLibrary(pack, output, gpu):
    if not gpu:
        return buildLibrary(pack, output, [HERE / "Dispatches.cpp", HERE / "Latency.cpp"])
    sources = [HERE / name for name in ("Persistent.cu", "Dispatches.cpp", "Latency.cpp")]
    return buildLibrary(pack, output, sources, HERE / "Graphs.cu")


class Opened:
    """A Callable of Latency.h: its first call's microseconds, and its times."""

    def __init__(self, library, function, options, arguments):
        self.library, self.times = library, []
        self.arrays = [*arguments, np.full(COUNT, np.nan, np.float32)]
        self.message = ctypes.create_string_buffer(1024)
        self.handle, first = ctypes.c_void_p(), ctypes.c_double()
        self.check(
            function,
            ctypes.byref(options),
            (HostArray * len(self.arrays))(*(HostArray(a.ctypes.data, a.nbytes) for a in self.arrays)),
            ctypes.c_uint32(len(self.arrays)),
            ctypes.byref(self.handle),
            ctypes.byref(first),
        )
        self.first = first.value

    def check(self, function, *arguments):
        if function(*arguments, self.message, ctypes.c_size_t(len(self.message))):
            raise MeasureError(self.message.value.decode())

    def time(self, count, untimed):
        times = np.zeros(count)
        self.check(
            self.library.timeCalls,
            self.handle,
            ctypes.c_uint32(untimed),
            ctypes.c_uint32(count),
            ctypes.c_void_p(times.ctypes.data),
        )
        self.times.append(times)

    def close(self, measuresBytes):
        """The last result, and the bytes of one more on the device."""
        deviceBytes = ctypes.c_uint64()
        self.check(
            self.library.closeCallable,
            self.handle,
            ctypes.byref(deviceBytes) if measuresBytes else None,
        )
        return self.arrays[-1], deviceBytes.value


def graphsOf(library, device, pack, case):
    """The graphs of a case, and calls without one: name, function that opens it, options."""
    changed = CHANGES[case.changed]
    path = str(pack / f"{case.program}.vyre").encode()
    for name, (capture, wait, persistent) in OURS.items():
        if persistent or (device == "cpu" and capture == REQUIRE):
            continue
        options = DispatchOptions(device.encode(), path, capture, wait, changed, case.host, 0)
        yield name, library.openDispatches, options
    for name, (host, hasFirst) in HAND.items():
        if device == "cpu" or (host != 0) != case.host or (hasFirst and case.kind != "wide"):
            continue
        options = GraphOptions(case.kind.encode(), case.count, changed, host, hasFirst)
        yield name, library.openGraph, options


def persistentOf(library, device, pack, case):
    """Kernels that stay on the device, likewise: of one launch over a few small buffers."""
    if device == "cpu" or case.launches() > 1 or case.inputCount() > 8:
        return
    path = str(pack / f"{case.program}.vyre").encode()
    options = (device.encode(), path, NEVER, SPIN, CHANGES[case.changed], case.host, PERSISTENT)
    yield "persistent", library.openDispatches, DispatchOptions(*options)
    for name, copies in STAYS.items():
        if case.program == "chain-1" and case.host:
            yield name, library.openPersistent, ctypes.c_uint32(copies)


def measureTogether(library, columns, arguments, count, note):
    """Opens all columns, and times them in rounds that take turns; `note` gets what each gave,
    or the error."""
    opened = {}
    for name, function, options in columns:
        try:
            opened[name] = Opened(library, function, options, arguments)
        except MeasureError as error:
            note(name, error)
    with onOneCPU():
        # Until the processor runs as fast as it will, and at least two rounds of each.
        end, begin = time.monotonic() + WARM_UP, -2 * ROUND
        while begin < count and opened:
            for name, one in list(opened.items()):
                try:
                    one.time(min(ROUND, count - begin), UNTIMED)
                    one.times = one.times if begin >= 0 else []
                except MeasureError as error:
                    note(name, error)
                    del opened[name]
            if begin < -ROUND and time.monotonic() < end:
                continue
            begin += ROUND
    for name, one in opened.items():
        try:
            result, deviceBytes = one.close(measuresBytes=name in ("graph", "hand"))
            note(name, (one.first, np.concatenate(one.times), result, deviceBytes))
        except MeasureError as error:
            note(name, error)


def measureTorchGraphFromC(library, case, arguments, count):
    """The graph that torch captured, launched by the library."""
    import torch
    from frameworks import captureTorch

    graph, _, result = captureTorch(case, arguments)
    stream = torch.cuda.Stream()
    options = ForeignGraph(graph.raw_cuda_graph_exec(), stream.cuda_stream)
    opened = Opened(library, library.openForeignGraph, options, [])
    opened.time(count, 100)
    opened.close(measuresBytes=False)
    return opened.first, opened.times[0], result.cpu().numpy(), 0


def measureFrameworks(library, case, arguments, count):
    """Name, and a call that measures."""
    import frameworks as others

    calls = min(max(count // 4, 100), 750)
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

    def note(name, outcome):
        if isinstance(outcome, Exception):
            row["wrong"][name] = f"{type(outcome).__name__}: {outcome}"[:300]
            return
        first, times, result, *deviceBytes = outcome
        problem = case.problem(arguments, result)
        if problem:
            row["wrong"][name] = problem
            return
        row["cells"][name] = {
            "p50": round(float(np.percentile(times, 50)), 2),
            "p95": round(float(np.percentile(times, 95)), 2),
            "p99": round(float(np.percentile(times, 99)), 2),
            "first": round(first, 1),
            "deviceBytes": deviceBytes[0] if deviceBytes else 0,
        }

    measureTogether(library, graphsOf(library, device, pack, case), arguments, count, note)
    if device != "cpu":
        path = str(pack / f"{case.program}.vyre").encode()
        options = (device.encode(), path, REQUIRE, BLOCK, 0, case.host, 0, True)
        opened = Opened(library, library.openDispatches, DispatchOptions(*options), arguments)
        opened.close(measuresBytes=False)
        row["prewarmed"] = round(opened.first, 1)
    for column in persistentOf(library, device, pack, case):
        measureTogether(library, [column], arguments, count, note)
    if device == "cpu" or not frameworks or case.changed != "none":
        return row
    for name, measure in measureFrameworks(library, case, arguments, count):
        if time.monotonic() > deadline:
            continue
        try:
            note(name, measure())
        except Exception as error:  # A framework may raise anything: it is in the table.
            note(name, error)
    return row


def best(row, names, key):
    found = [row["cells"][name][key] for name in names if name in row["cells"]]
    return min(found) if found else None


def tableOf(rows):
    ratios = ("p50 / hand", "p95 / hand", "p99 / hand")
    lines = ["| case | launches | " + " | ".join([*COLUMNS, *ratios]) + " |"]
    lines.append("|---" * (len(COLUMNS) + len(ratios) + 2) + "|")
    for row in rows:

        def cell(name):
            if name in row["cells"]:
                return "{p50:.1f} / {p99:.1f}".format(**row["cells"][name])
            return "wrong" if name in row["wrong"] else "-"

        def ratio(key):
            graphs = [name for name in OURS if name != "persistent"]
            ours, hand = best(row, graphs, key), best(row, HAND, key)
            return f"{ours / hand:.2f}" if ours and hand else "-"

        cells = [cell(name) for name in COLUMNS] + [ratio(key) for key in ("p50", "p95", "p99")]
        lines.append(f"| {row['case']} | {row['launches']} | " + " | ".join(cells) + " |")
    first = (*OURS, *HAND, *STAYS)
    lines += ["", "| case | first call: " + " | ".join(first) + " | graph, prewarmed | KiB a graph: ours | hand |"]
    lines.append("|---" * (len(first) + 4) + "|")
    for row in rows:
        cells = row["cells"]
        firsts = [f"{cells[name]['first']:.0f}" if name in cells else "-" for name in first]
        firsts.append(f"{row['prewarmed']:.0f}" if "prewarmed" in row else "-")
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
