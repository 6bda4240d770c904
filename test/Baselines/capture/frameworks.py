# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The cases in torch, jax and CuPy: single calls until the result is there, on the GPU.

Each measure gives the first call's microseconds, those of the later ones, and the last
result. Compilers may fuse what the other columns launch one by one.
"""

import os
import time

import numpy as np
from cases import ADD, COUNT, MULTIPLY

os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")


def timeCalls(call, count):
    """The first call, and `count` later ones after 20 that are not timed."""
    begin = time.perf_counter()
    call()
    first = (time.perf_counter() - begin) * 1e6
    for _ in range(20):
        call()
    times = np.empty(count)
    for i in range(count):
        begin = time.perf_counter()
        call()
        times[i] = (time.perf_counter() - begin) * 1e6
    return first, times


def function(case, constant):
    """The case's arithmetic in whatever arrays it gets; `constant` makes one of them."""

    def run(*inputs):
        if case.kind == "arguments":
            return sum(inputs[1:], inputs[0]) if inputs else constant(ADD)
        if case.kind == "wide":
            return sum(inputs[0] * float(number) + ADD for number in range(case.count))
        value = inputs[0]
        for _ in range(case.count):
            value = value * MULTIPLY + ADD
        return value

    return run


def torchInputs(arguments):
    import torch

    return [torch.tensor(one, device="cuda") for one in arguments]


def measureTorch(case, arguments, count, compiled):
    """Eager, or torch.compile(mode="reduce-overhead"), which replays CUDA graphs."""
    import torch

    run = function(case, lambda value: torch.full((COUNT,), value, device="cuda"))
    if compiled:
        torch._dynamo.reset()
        run = torch.compile(run, mode="reduce-overhead", dynamic=False)
    inputs = torchInputs(arguments)
    pinned = [torch.tensor(one).pin_memory() for one in arguments]
    result = [None]

    @torch.no_grad()
    def call():
        if case.host:
            result[0] = run(*(one.to("cuda", non_blocking=True) for one in pinned)).cpu()
            return
        result[0] = run(*inputs)
        torch.cuda.synchronize()

    first, times = timeCalls(call, count)
    return first, times, result[0].cpu().numpy()


def captureTorch(case, arguments):
    """A torch.cuda.CUDAGraph of the case, its inputs and its result."""
    import torch

    run = function(case, lambda value: torch.full((COUNT,), value, device="cuda"))
    inputs = torchInputs(arguments)
    with torch.no_grad():
        stream = torch.cuda.Stream()
        with torch.cuda.stream(stream):
            for _ in range(3):
                run(*inputs)
        torch.cuda.current_stream().wait_stream(stream)
        try:
            graph = torch.cuda.CUDAGraph(keep_graph=True)
        except TypeError:
            graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            result = run(*inputs)
    if hasattr(graph, "instantiate"):
        graph.instantiate()
    return graph, inputs, result


def measureTorchGraph(case, arguments, count):
    """torch.cuda.graph, replayed from Python."""
    import torch

    graph, inputs, result = captureTorch(case, arguments)
    pinned = [torch.tensor(one).pin_memory() for one in arguments]
    last = [result]

    def call():
        if case.host:
            for device, host in zip(inputs, pinned):
                device.copy_(host, non_blocking=True)
        graph.replay()
        if case.host:
            last[0] = result.cpu()
        else:
            torch.cuda.synchronize()

    first, times = timeCalls(call, count)
    return first, times, last[0].cpu().numpy()


def measureJax(case, arguments, count):
    import jax
    import jax.numpy as jnp

    run = jax.jit(function(case, lambda value: jnp.full((COUNT,), value, jnp.float32)))
    inputs = [jax.device_put(one) for one in arguments]
    result = [None]

    def call():
        if case.host:
            result[0] = jax.device_get(run(*arguments))
        else:
            result[0] = jax.block_until_ready(run(*inputs))

    first, times = timeCalls(call, count)
    return first, times, np.asarray(result[0])


def measureCupy(case, arguments, count):
    """A CUDA graph that CuPy captures, one fused kernel a step."""
    import cupy

    step = cupy.ElementwiseKernel(
        "float32 x, float32 multiply", "float32 y", f"y = x * multiply + {ADD}f", "step"
    )
    inputs = [cupy.asarray(one) for one in arguments]

    def run():
        if case.kind == "arguments":
            total = inputs[0].copy() if inputs else cupy.full((COUNT,), ADD, cupy.float32)
            for one in inputs[1:]:
                total += one
            return total
        if case.kind == "wide":
            branches = [step(inputs[0], np.float32(number)) for number in range(case.count)]
            total = branches[0].copy()
            for one in branches[1:]:
                total += one
            return total
        value = inputs[0]
        for _ in range(case.count):
            value = step(value, np.float32(MULTIPLY))
        return value

    run()
    stream = cupy.cuda.Stream(non_blocking=True)
    with stream:
        stream.begin_capture()
        result = run()
        graph = stream.end_capture()
    last = [result]

    def call():
        with stream:
            if case.host:
                for device, host in zip(inputs, arguments):
                    device.set(host, stream=stream)
            graph.launch(stream)
            if case.host:
                last[0] = result.get(stream=stream)
        stream.synchronize()

    first, times = timeCalls(call, count)
    return first, times, cupy.asnumpy(last[0])
