#!/usr/bin/env python3
#
# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
"""Compiles random programs here and runs them on a GPU elsewhere.

    run_random_on_gpu.py --prepare PACK --bin BUILD/bin --count 3000
    run_random_on_gpu.py --pack PACK                 on the GPU machine; needs numpy
    run_random_on_gpu.py --smoke --bin BUILD/bin     a few, on the CPU
    run_random_on_gpu.py --interpret DRIVER --bin BUILD/bin
                                                     their PTX, on the CPU

DRIVER is the tests' stand-in for libcuda, which interprets PTX and objects to accesses out
of bounds, races and more: test/Runtime/FakeCuda/PtxGrid.h.

Every fourth module has programs whose dimensions have up to 120 elements instead of 6:
reductions in lanes, by warps and blocks, and points in neighbouring runs. Every eighth has
a few rows of thousands of elements, which blocks and clusters reduce. PACK holds each
module twice, fused and unfused, and a digest of what numpy gives for each result, computed
when the pack was made. Each program runs several times, so that replays run as well. The
last line is 'N passed, N failed' over all programs.
"""

import argparse
import functools
import hashlib
import json
import lzma
import os
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np

import random_programs

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Harness"))
from runtime_calls import DEVICE_UNAVAILABLE, Runtime, RuntimeFailure

RUNTIME = "libvyre_runtime.so.0"
# Sizes of dimensions, by the number of a module.
KINDS = {"small": random_programs.SMALL, "large": (2, 120), "long": ((1, 3), (1900, 17500))}
TIMES = 3
WAYS = ("fused", "unfused")


def programsOf(batch):
    extents = KINDS[batch["kind"]]
    for seed in range(batch["first"], batch["first"] + batch["count"]):
        yield seed, random_programs.generate(f"p{seed}", seed, extents)


def argumentsOf(program, seed):
    """The arrays of the program's arguments, in their order, by name."""
    arrays = random_programs.makeArguments(program, seed)
    names = [b.name for b in program.buffers if b.kind != "intermediate"]
    return {name: arrays[name] for name in names}


def resultsOf(program, arrays):
    """What of the arrays the program computes, by name: of results with counts, as many
    rows as count."""
    results = {}
    for buffer in program.buffers:
        if buffer.kind in ("output", "input_output"):
            array = arrays[buffer.name]
            results[buffer.name] = array[: arrays[buffer.rows.name]] if buffer.rows else array
    return results


def expectedOf(program, arguments):
    """What each of TIMES dispatches computes, by name; state stays from one to the next."""
    hasState = any(b.kind == "state" for b in program.buffers)
    arrays = {}
    for _ in range(TIMES):
        if hasState or not arrays:
            state = {b.name: arrays[b.name] for b in program.buffers if b.kind == "state" and arrays}
            arrays = random_programs.evaluate(program, {**arguments, **state})
        yield resultsOf(program, arrays)


def digest(arrays):
    """Of the values: any NaN is one NaN, and zeros have no sign."""
    sum_ = hashlib.sha256()
    for array in arrays:
        if array.dtype.kind == "f":
            array = np.where(np.isnan(array), array.dtype.type(np.nan), array + array.dtype.type(0))
        sum_.update(np.ascontiguousarray(array).tobytes())
    return sum_.hexdigest()[:32]


# Here


def prepareBatch(batch, pack, compiler, options):
    """Compiles the modules of a batch and adds the digests to it."""
    texts, batch["digests"] = [], []
    for seed, program in programsOf(batch):
        texts.append(random_programs.toText(program))
        expected = expectedOf(program, argumentsOf(program, seed))
        batch["digests"].append([digest(results.values()) for results in expected])
    for way, option in zip(WAYS, ("--fuse=on", "--fuse=off")):
        done = subprocess.run(
            [compiler, "-", option, *options, "-o", "-"],
            input="\n".join(texts).encode(),
            capture_output=True,
        )
        if done.returncode != 0:
            raise RuntimeError(f"seeds from {batch['first']}: {done.stderr.decode()[:4000]}")
        (pack / f"{batch['first']}.{way}.xz").write_bytes(lzma.compress(done.stdout, preset=1))
    return batch


def prepare(pack, tools, first, count, size, options):
    pack.mkdir(parents=True, exist_ok=True)
    shutil.copy(tools.parent / "lib" / RUNTIME, pack)
    batches = [
        {
            "first": at,
            "count": min(size, first + count - at),
            "kind": {3: "large", 6: "long", 7: "large"}.get(at // size % 8, "small"),
        }
        for at in range(first, first + count, size)
    ]
    compiler = tools / "vyre-compile"
    work = functools.partial(prepareBatch, pack=pack, compiler=compiler, options=options)
    with ThreadPoolExecutor(2) as pool:
        batches = list(pool.map(work, batches))
    (pack / "manifest.json").write_text(json.dumps(batches, indent=1))
    bytes_ = sum(path.stat().st_size for path in pack.iterdir())
    print(f"{count} programs in {len(batches)} modules, {bytes_ / 2**20:.1f} MiB in {pack}")


# On the GPU machine


def explain(results, wanted):
    """Which results differ from numpy's, and where."""
    for name, expected in wanted.items():
        found = results[name]
        isFloat = found.dtype.kind == "f"
        same = (found == expected) | (isFloat and np.isnan(found) & np.isnan(expected))
        if not np.all(same):
            where = tuple(map(int, np.argwhere(~same)[0]))
            yield (
                f"{name}{list(where)} is {found[where]}, expected {expected[where]}; "
                f"{np.count_nonzero(~same)} of {same.size} differ"
            )


def runWay(runtime, batch, data, way, failures):
    """Runs a module's programs, notes what failed, and returns the number of dispatches."""
    artifact = runtime.load(data)
    dispatches = 0
    for (seed, program), wanted in zip(programsOf(batch), batch["digests"]):
        arguments = argumentsOf(program, seed)
        try:
            # State is the pipeline's.
            kinds = {b.name: b.kind for b in program.buffers}
            arrays = [a if kinds[name] != "state" else None for name, a in arguments.items()]
            dispatched = runtime.run(artifact, program.name, arrays, TIMES)
            for turn, results in enumerate(dispatched):
                dispatches += 1
                found = resultsOf(program, dict(zip(arguments, results)))
                if digest(found.values()) != wanted[turn]:
                    expected = list(expectedOf(program, arguments))[turn]
                    failures[seed].append(
                        f"seed {seed}, {way}: "
                        + ("; ".join(explain(found, expected)) or "digest")
                    )
        except RuntimeFailure as failure:
            failures[seed].append(f"seed {seed}, {way}: {failure}")
    runtime.release(artifact)
    return dispatches


def runBatch(batch, pack, device):
    """The number of dispatches, and the failures of each program that has some."""
    failures = {seed: [] for seed, _ in programsOf(batch)}
    dispatches = 0
    for way in WAYS:
        data = lzma.decompress((pack / f"{batch['first']}.{way}.xz").read_bytes())
        try:
            runtime = Runtime(pack / RUNTIME, device)
            dispatches += runWay(runtime, batch, data, way, failures)
        except RuntimeFailure as failure:  # no program of the module could run
            for problems in failures.values():
                problems.append(f"module of seed {batch['first']}, {way}: {failure}")
    return dispatches, [problems for problems in failures.values() if problems]


def whyUnavailable(pack, device):
    """Why there is no such device here; None where there is."""
    try:
        Runtime(pack / RUNTIME, device)
    except RuntimeFailure as failure:
        if failure.code != DEVICE_UNAVAILABLE:
            raise
        return str(failure)


def runPack(pack, device, jobs, isolated=False):
    """Runs a pack; with a process for each module, one that loses the device has no others
    with it."""
    batches = json.loads((pack / "manifest.json").read_text())
    count = sum(batch["count"] for batch in batches)
    other = sum(batch["count"] for batch in batches if batch["kind"] != "small")
    begin = time.monotonic()
    dispatches, failures = 0, []
    # A process that was forked could not use the GPU.
    tasks = 1 if isolated else None
    with ProcessPoolExecutor(jobs, get_context("spawn"), max_tasks_per_child=tasks) as pool:
        unavailable = pool.submit(whyUnavailable, pack, device).result()
        if unavailable:
            print(f"skipped: {unavailable}")
            return 0
        work = functools.partial(runBatch, pack=pack, device=device)
        for done, failed in pool.map(work, batches):
            dispatches += done
            failures += failed
    for problems in failures[:20]:
        print(*problems, sep="\n")
    print(
        f"{count} programs, {other} of them large or long, fused and unfused: {dispatches} "
        f"dispatches on {device} in {time.monotonic() - begin:.0f} s"
    )
    print(f"{count - len(failures)} passed, {len(failures)} failed")
    return 1 if failures or not count else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--prepare", type=Path, metavar="PACK")
    parser.add_argument("--pack", type=Path)
    parser.add_argument("--smoke", action="store_true")
    parser.add_argument("--interpret", type=Path, metavar="DRIVER")
    parser.add_argument("--bin", type=Path, help="folder of vyre-compile")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--count", type=int, default=3000)
    parser.add_argument("--batch", type=int, default=25, help="programs in a module")
    parser.add_argument("--targets", default="sm_90")
    parser.add_argument("--device", default="cuda:0")
    parser.add_argument("--jobs", type=int, default=12, help="processes that run programs")
    options = parser.parse_args()
    if (options.prepare or options.smoke or options.interpret) and not options.bin:
        parser.error("--prepare, --smoke and --interpret need --bin")
    range_ = options.first, options.count, options.batch
    if options.prepare:
        prepare(options.prepare, options.bin, *range_, [f"--targets={options.targets}"])
        return 0
    if options.smoke:
        with tempfile.TemporaryDirectory(prefix="vyre-random-") as folder:
            pack = Path(folder)
            prepare(pack, options.bin, *range_, ["--targets=cpu", "--cpu=native"])
            return runPack(pack, "cpu", jobs=2)
    if options.interpret:
        os.environ["VYRE_CUDA_DRIVER"] = str(options.interpret.resolve())
        with tempfile.TemporaryDirectory(prefix="vyre-random-") as folder:
            pack = Path(folder)
            prepare(pack, options.bin, *range_, [f"--targets={options.targets}"])
            return runPack(pack, options.device, jobs=2, isolated=True)
    if not options.pack:
        parser.error("one of --prepare, --pack, --smoke and --interpret is needed")
    return runPack(options.pack.resolve(), options.device, options.jobs)


if __name__ == "__main__":
    sys.exit(main())
