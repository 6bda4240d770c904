# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
"""Runs one dispatch of an artifact by vyre-run. Needs numpy alone."""

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np

from comparison import BFLOAT16


class RunError(Exception):
    """vyre-run did not end well; the text is what it said."""


def save(path, array):
    """Writes an array as vyre-run reads it: C order, little-endian."""
    np.save(path, np.ascontiguousarray(array).reshape(np.shape(array)))


def restore(path, dtype):
    """Reads a result; bfloat16 has no type of numpy's and comes as two bytes."""
    array = np.load(path, allow_pickle=False)
    if dtype == BFLOAT16 and array.dtype.itemsize == 2 and array.dtype.kind in "Vu":
        array = array.view(BFLOAT16)
    return array


def options(arguments):
    """The options of vyre-run for (index, file | shape) arguments."""
    for index, argument in enumerate(arguments):
        if "file" in argument:
            yield f"--in={index}={argument['file']}"
        elif argument["shape"]:
            yield f"--shape={index}=" + "x".join(map(str, argument["shape"]))


def callLibrary(vyreRun):
    """The functions that tests call: they lie beside vyre-run."""
    return Path(shutil.which(vyreRun)).resolve().parent / "vyre_test_calls.so"


def dispatch(vyreRun, artifact, run, device, scratch, extra=(), seconds=300):
    """Runs `run`, a dictionary of the manifest; returns (results, report).

    `run` has `program` (or None), `arguments` for `options`, and `results`, of
    which only the number and the types are used here. vyre-run is ended after
    `seconds`: subprocess.TimeoutExpired.
    """
    scratch = Path(scratch)
    scratch.mkdir(parents=True, exist_ok=True)
    for old in scratch.glob("result*.npy"):
        old.unlink()
    command = [str(vyreRun), str(artifact), f"--device={device}"]
    if run.get("program"):
        command.append(f"--program={run['program']}")
    if run.get("calls"):
        command.append(f"--call-library={callLibrary(vyreRun)}")
    command += options(run["arguments"])
    command += [f"--out={scratch}", f"--report={scratch / 'report.json'}", *extra]
    done = subprocess.run(command, capture_output=True, text=True, timeout=seconds)
    if done.returncode != 0:
        text = (done.stderr + done.stdout).strip()
        raise RunError(f"vyre-run ended with {done.returncode}: {text}")
    found = len(list(scratch.glob("result*.npy")))
    if found != len(run["results"]):
        raise RunError(f"found {found} results, expected {len(run['results'])}")
    results = [
        restore(scratch / f"result{index}.npy", np.dtype(result["dtype"]))
        for index, result in enumerate(run["results"])
    ]
    return results, json.loads((scratch / "report.json").read_text())
