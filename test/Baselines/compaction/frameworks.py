#!/usr/bin/env python3
#
# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
"""frameworks.py RESULTSxBYTES...: one line of JSON each, medians in microseconds.

The same work in torch (.cpu() of each result, and of all of them concatenated) and in jax
(device_get of a jitted function's results). A framework that is not there is left out.
"""

import json
import os
import statistics
import sys
import time

os.environ["XLA_PYTHON_CLIENT_PREALLOCATE"] = "false"


def median(run):
    run()
    times = []
    begin = time.perf_counter()
    while len(times) < 50 and (len(times) < 5 or time.perf_counter() - begin < 1):
        start = time.perf_counter()
        run()
        times.append((time.perf_counter() - start) * 1e6)
    return round(statistics.median(times), 1)


def measureTorch(results, elements):
    import torch

    x = torch.rand(elements)
    numbers = torch.arange(results, device="cuda", dtype=torch.float32)[:, None]

    def compute():
        return (x.cuda()[None, :] + numbers).unbind(0)

    return {
        "torch_each": median(lambda: [one.cpu() for one in compute()]),
        "torch_cat": median(lambda: torch.cat(compute()).cpu()),
    }


def measureJax(results, elements):
    import jax
    import numpy as np

    x = np.random.rand(elements).astype(np.float32)
    compute = jax.jit(lambda x: tuple(x + np.float32(i) for i in range(results)))
    return {"jax": median(lambda: jax.device_get(compute(x)))}


def main():
    for text in sys.argv[1:]:
        results, size = map(int, text.split("x"))
        times = {"case": text}
        for measure in (measureTorch, measureJax):
            try:
                times.update(measure(results, size // 4))
            except Exception as error:
                print(f"{measure.__name__}: {error}"[:200], file=sys.stderr)
        print(json.dumps(times), flush=True)


if __name__ == "__main__":
    main()
