# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The cases in torch, torch.compile and jax.jit, on the GPU; medians in microseconds.

Calls follow each other over the same sets of buffers as the other columns use; a round
ends when the GPU is done. The first results are checked as all others are.
"""

import os
import statistics
import time

import numpy as np

os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")


def median(call, sets, finish, rounds):
    """Microseconds of one call(i), over rounds of about 10 ms."""
    for i in range(max(sets, 3)):
        call(i)
    finish()

    def round_(calls):
        begin = time.perf_counter()
        for i in range(calls):
            call(i)
        finish()
        return (time.perf_counter() - begin) * 1e6 / calls

    calls = int(min(max(10000 / round_(3), 2), 1000))
    return statistics.median(round_(calls) for _ in range(rounds))


def chain(case):
    pairs = [tuple(map(float, pair)) for pair in case.factors().T[: case.columns]]

    def run(x):
        for multiply, add in pairs:
            x = x * multiply + add
        return x

    return run


def torchFunction(case):
    import torch
    from torch.nn import functional

    if case.kind == "digits":
        w1, b1, w2, b2 = (torch.tensor(one, device="cuda") for one in case.weights())

        def digits(x):
            hidden = functional.relu((x.float() / 16) @ w1 + b1)
            powers = functional.softmax(hidden @ w2 + b2, dim=1)
            return powers, powers.argmax(1).int()

        return digits
    if case.kind == "product":
        return torch.matmul
    if case.kind == "sum":
        return lambda x: x.sum(case.DIMENSIONS[case.of] if x.ndim == 2 else 0)
    shape = (case.columns,)
    return {
        "chain": chain(case) if case.kind == "chain" else None,
        "softmax": lambda x: functional.softmax(x, dim=1),
        "layernorm": lambda x, g, b: functional.layer_norm(x, shape, g, b, 1e-5),
        "rmsnorm": lambda x, g: functional.rms_norm(x, shape, g, 1e-5),
    }[case.kind]


def jaxFunction(case):
    import jax
    import jax.numpy as jnp

    def layernorm(x, gain, bias):
        x = x - x.mean(1, keepdims=True)
        return x / jnp.sqrt((x * x).mean(1, keepdims=True) + 1e-5) * gain + bias

    def rmsnorm(x, gain):
        return x / jnp.sqrt((x * x).mean(1, keepdims=True) + 1e-5) * gain

    if case.kind == "digits":
        w1, b1, w2, b2 = (jnp.asarray(one) for one in case.weights())

        def digits(x):
            highest = jax.lax.Precision.HIGHEST
            hidden = jnp.matmul(x.astype(jnp.float32) / 16, w1, precision=highest)
            hidden = jax.nn.relu(hidden + b1)
            logits = jnp.matmul(hidden, w2, precision=highest) + b2
            powers = jax.nn.softmax(logits, axis=1)
            return powers, powers.argmax(1).astype(jnp.int32)

        return digits
    if case.kind == "product":
        return lambda a, b: jnp.matmul(a, b, precision=jax.lax.Precision.HIGHEST)
    if case.kind == "sum":
        return lambda x: x.sum(case.DIMENSIONS[case.of] if x.ndim == 2 else 0)
    return {
        "chain": chain(case) if case.kind == "chain" else None,
        "softmax": lambda x: jax.nn.softmax(x, axis=1),
        "layernorm": layernorm,
        "rmsnorm": rmsnorm,
    }[case.kind]


def asTuple(results):
    return results if isinstance(results, tuple) else (results,)


def measureTorch(case, arguments, sets, rounds, compiled):
    """Microseconds and the results as numpy arrays."""
    import torch

    function = torchFunction(case)
    if compiled:
        torch._dynamo.reset()
        function = torch.compile(function, dynamic=False)
    inputs = [[torch.tensor(one, device="cuda") for one in arguments] for _ in range(sets)]
    with torch.no_grad():
        results = [one.cpu().numpy() for one in asTuple(function(*inputs[0]))]
        call = lambda i: function(*inputs[i % sets])
        return median(call, sets, torch.cuda.synchronize, rounds), results


def measureJax(case, arguments, sets, rounds):
    """Microseconds and the results as numpy arrays."""
    import jax

    function = jax.jit(jaxFunction(case))
    inputs = [[jax.device_put(one) for one in arguments] for _ in range(sets)]
    results = [np.asarray(one) for one in asTuple(function(*inputs[0]))]
    last = [None]

    def call(i):
        last[0] = function(*inputs[i % sets])

    return median(call, sets, lambda: jax.block_until_ready(last[0]), rounds), results
