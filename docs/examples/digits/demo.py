#!/usr/bin/env python3
#
# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
"""The main job, end to end: linalg in, one artifact out, run, and check every result.

    demo.py [--bin DIR] [--device auto] [--folder DIR]

Compiles digits.mlir, prints what the plan says, classifies the held-out images on the
GPU if there is one and else on the CPU, and compares with expected.npz. Exit status 0
means that every result was right and the accuracy is at least 95 %.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
# A logit is off by at most some 1e-5 (two layers of at most 64 terms in f32), and a
# probability, which is below 1, by no more than that. No two are that close.
TOLERANCE = 2e-5
ACCURACY = 0.95


def run(folder, tool, *options):
    """Runs a tool in `folder` and gives its output; says so and ends where it fails."""
    print("$", tool.name, *options, flush=True)
    done = subprocess.run([tool, *options], cwd=folder, capture_output=True, text=True)
    if done.returncode != 0:
        print(done.stdout + done.stderr)
        sys.exit(f"demo: {tool.name} ended with {done.returncode}")
    return done.stdout.strip()


def check(results, expected):
    """How many images came out as numpy said, and what the first wrong one was."""
    probabilities, digits = results
    shapes = probabilities.shape, digits.shape
    wanted = expected["probabilities"].shape, expected["digits"].shape
    if shapes != wanted:
        return 0, f"found shapes {shapes}, expected {wanted}"
    distance = np.abs(probabilities - expected["probabilities"]).max(1)
    right = (distance <= TOLERANCE) & (digits == expected["digits"])
    if right.all():
        return len(right), f"off by at most {distance.max():.1e}"
    first = int(np.argmin(right))
    return int(right.sum()), (
        f"image {expected['places'][first]}: found {digits[first]}, expected "
        f"{expected['digits'][first]}, a probability off by {distance[first]:.1e}"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bin", type=Path, default=HERE / "../../../build/release/bin")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--folder", type=Path, help="leave the artifact and results here")
    arguments = parser.parse_args()
    tools = arguments.bin.resolve()
    images = np.load(HERE / "images.npy")
    expected = np.load(HERE / "expected.npz")
    held_out = images[expected["places"]]

    with tempfile.TemporaryDirectory(prefix="vyre-demo-") as temporary:
        folder = (arguments.folder or Path(temporary)).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(HERE / "digits.mlir", folder)
        np.save(folder / "images.npy", np.ascontiguousarray(held_out[:, :64]))
        compiler, runner = tools / "vyre-compile", tools / "vyre-run"

        # The softmax's exponential by arithmetic alone: the same bits on the CPU and on
        # a GPU, and no CUDA toolkit is needed here for its library.
        network = "digits.mlir", "--math=portable"
        print(run(folder, compiler, *network, "--emit=plan"))
        run(folder, compiler, *network, "-o", "digits.vyre")
        device = f"--device={arguments.device}"
        files = "--in=0=images.npy", "--out=.", "--report=report.json"
        print(run(folder, runner, "digits.vyre", device, *files, "--repeat=100"))
        results = [np.load(folder / f"result{i}.npy") for i in range(2)]
        report = json.loads((folder / "report.json").read_text())

    right, remark = check(results, expected)
    accuracy = float((results[1] == held_out[:, 64]).mean()) if right else 0.0
    times = report["time_us"]
    print(
        f"\n{len(held_out)} images on {report['device']} ({report['device_name']}): "
        f"{report['launches']} launches, median {times['median']:.0f} us per batch"
    )
    print(f"{right} of {len(held_out)} as numpy computed them ({remark})")
    print(f"accuracy on the held-out half: {accuracy:.1%}")
    return 0 if right == len(held_out) and accuracy >= ACCURACY else 1


if __name__ == "__main__":
    sys.exit(main())
