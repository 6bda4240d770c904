#!/usr/bin/env python3
#
# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
"""Times everything in this folder on this machine's GPU and prints a table.

    measure.py [--filter TEXT] [--skip-frameworks] [--json FILE]

In microseconds a run on the device, medians. Each contender is captured into a CUDA graph
of enough runs, over so many buffers that the second-level cache does not hold them where
they are large; the graph is replayed and timed by events. Each result is compared with a
float64 evaluation first. jax.jit is timed by its own loop of runs, since it can't be
captured.
"""

import argparse
import ctypes
import json
import subprocess
import time
from pathlib import Path

import torch

from runtime import Runtime

HERE = Path(__file__).resolve().parent
# What a rotation of buffers should exceed: twice the cache of an H200.
CACHE_BYTES = 120 << 20


def parse(name):
    """('chain', (n,), length) or (kind, (rows, columns), 0)."""
    if name.startswith("chain"):
        length, n = name[5:].split("_")
        return "chain", (int(n),), int(length)
    kind, shape = name.rsplit("_", 1)
    return kind, tuple(map(int, shape.split("x"))), 0


def evaluate(kind, x, length):
    """The source's meaning, in whatever precision x has."""
    if kind == "chain":
        a = torch.tensor(1.0001, dtype=torch.float32).to(x.dtype)
        for _ in range(length):
            x = x * a + 0.5
        return x
    if kind == "softmax":
        return torch.softmax(x, 1)
    if kind == "layer_norm":
        return torch.nn.functional.layer_norm(x, x.shape[1:], eps=1e-5)
    return x / torch.sqrt((x * x).mean(1, keepdim=True) + 1e-5)


def check(kind, x, y, length, who):
    """Compares a slice of the rows, so that float64 fits."""
    part = slice(0, 1 << 20) if kind == "chain" else slice(0, 256)
    expected = evaluate(kind, x[part].double(), length)
    error = (torch.linalg.norm(y[part].double() - expected) / torch.linalg.norm(expected)).item()
    assert error < 1e-5, f"{who}: relative error {error}"


def timeGraph(runs, repeats=15):
    """Microseconds of one of `runs`, captured together."""
    stream = torch.cuda.Stream()
    with torch.cuda.stream(stream):
        for run in runs:
            run()
    stream.synchronize()
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph, stream=stream):
        for run in runs:
            run()
    times = []
    for _ in range(repeats):
        begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        begin.record()
        graph.replay()
        end.record()
        end.synchronize()
        times.append(begin.elapsed_time(end) * 1000 / len(runs))
    return sorted(times)[len(times) // 2]


def timeJax(kind, x, length):
    import jax
    import jax.numpy as jnp

    def f(x):
        if kind == "chain":
            for _ in range(length):
                x = x * jnp.float32(1.0001) + jnp.float32(0.5)
            return x
        if kind == "softmax":
            return jax.nn.softmax(x, axis=1)
        if kind == "layer_norm":
            x = x - x.mean(1, keepdims=True)
        return x / jnp.sqrt((x * x).mean(1, keepdims=True) + 1e-5)

    g = jax.jit(f)
    a = jax.dlpack.from_dlpack(x)
    g(a).block_until_ready()
    times = []
    runs = 20
    for _ in range(9):
        begin = time.perf_counter()
        for _ in range(runs):
            b = g(a)
        b.block_until_ready()
        times.append((time.perf_counter() - begin) * 1e6 / runs)
    return sorted(times)[len(times) // 2]


def measure(name, runtime, kernels, skipFrameworks):
    kind, shape, length = parse(name)
    size = 4
    for extent in shape:
        size *= extent
    # Chains grow; small numbers keep float32 exact enough to compare.
    copies = max(1, min(16, CACHE_BYTES // (2 * size)))
    xs = [torch.randn(shape, device="cuda") for _ in range(copies)]
    ys = [torch.empty_like(x) for x in xs]
    row = {"name": name}
    per = 20

    def record(who, make, verify=True):
        runs = [make(xs[i % copies], ys[i % copies]) for i in range(per)]
        for y in ys:
            y.fill_(float("nan"))
        row[who] = timeGraph(runs)
        if verify:
            check(kind, xs[0], ys[0], length, f"{name} {who}")

    record("copy", lambda x, y: lambda: y.copy_(x), verify=False)

    def ours(suffix):
        pipeline = runtime.load(HERE / f"{name}.{suffix}.vyre")
        stream = torch.cuda.current_stream
        return lambda x, y: lambda: runtime.prepare(pipeline, [x, y], stream().cuda_stream)()

    record("unfused", ours("unfused"))
    record("fused", ours("fused"))

    def byHand(x, y):
        def run():
            stream = ctypes.c_void_p(torch.cuda.current_stream().cuda_stream)
            pointers = ctypes.c_void_p(x.data_ptr()), ctypes.c_void_p(y.data_ptr())
            extents = [ctypes.c_long(e) for e in shape]
            if kind == "chain":
                extents.append(ctypes.c_int(length))
            assert getattr(kernels, f"run_{kind}")(*pointers, *extents, stream) == 0

        return run

    record("by hand", byHand)
    if skipFrameworks:
        return row
    record("torch", lambda x, y: lambda: evaluate(kind, x, length), verify=False)
    # Each case is a compilation of its own, not one more of a function's shapes.
    torch._dynamo.reset()
    compiled = torch.compile(lambda x: evaluate(kind, x, length), dynamic=False)
    compiled(xs[0])
    record("torch.compile", lambda x, y: lambda: compiled(x), verify=False)
    try:
        row["jax.jit"] = timeJax(kind, xs[0], length)
    except Exception as error:  # another library's failure is a gap in the table
        row["jax.jit"] = float("nan")
        print(f"{name}: jax: {str(error).splitlines()[0]}")
    return row


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--filter", default="")
    parser.add_argument("--skip-frameworks", action="store_true")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    library = HERE / "libkernels.so"
    command = ["nvcc", "-O3", "-arch=native", "-shared", "-Xcompiler", "-fPIC"]
    subprocess.run([*command, "-o", library, HERE / "kernels.cu"], check=True)
    kernels = ctypes.CDLL(str(library))
    torch.manual_seed(1)
    torch.cuda.init()
    torch.zeros(1, device="cuda")
    runtime = Runtime(HERE / "libvyre_runtime.so.0", "cuda:0")
    columns = ["copy", "unfused", "fused", "by hand"]
    if not arguments.skip_frameworks:
        columns += ["torch", "torch.compile", "jax.jit"]
    print("| us | " + " | ".join(columns) + " | fused / by hand | fused / copy |", flush=True)
    print("|---|" + "---|" * (len(columns) + 2))
    rows = []
    for path in sorted(HERE.glob("*.fused.vyre")):
        name = path.name.removesuffix(".fused.vyre")
        if arguments.filter not in name:
            continue
        row = measure(name, runtime, kernels, arguments.skip_frameworks)
        rows.append(row)
        cells = [f"{row[c]:.1f}" for c in columns]
        cells += [f"{row['fused'] / row['by hand']:.2f}", f"{row['fused'] / row['copy']:.2f}"]
        print(f"| {name} | " + " | ".join(cells) + " |", flush=True)
        if arguments.json:
            arguments.json.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
