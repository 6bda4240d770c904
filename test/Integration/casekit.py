# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
"""What an execution test is written with.

NAME.mlir holds a source and NAME.py beside it a numpy evaluation, written from what
the source means and not from how it is compiled. (For an example of docs/ only the
evaluation is here, and SOURCE in it says where the .mlir is.) The Python file has

    def cases(rng):            # yields a Run per dispatch; rng is seeded by the name
    def reference(*arguments): # the expected results of one dispatch, as a list

and `reference` gets the arguments of the run. Where a file holds several programs, a
run names its own, and the reference is the function `reference_NAME`. Results come in
the order of vyre-run: the returned values, then the written memref arguments.

A file that some targets alone have code for names them: TARGETS = ["sm_90"]. Where "cpu"
is not among them, its runs are for a GPU, and a CPU must refuse them. CALLS = True says that
programs call functions of test/Runtime/Calls.
"""

import importlib.util
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

import numpy as np

# What the tests use of the rules.
from comparison import (  # noqa: F401
    BFLOAT16,
    Expected,
    bfloat16,
    exact,
    rounding,
    sum_bound,
    ulps,
    widen,
    within,
)
from execution import save

ROOT = Path(__file__).resolve().parent


@dataclass
class Run:
    """One dispatch: its arguments in the order of the signature.

    An array or a numpy scalar is passed as it is. An Output stands for a memref that
    the program only writes, so nothing is passed but its shape.
    """

    arguments: list
    program: Optional[str] = None


@dataclass
class Output:
    shape: tuple
    dtype: type = np.float32


def overwritten(shape, dtype=np.float32):
    """For a memref that the program does write as a whole, which is not proved.

    Its old contents are uploaded; they must not show in any result.
    """
    return np.full(shape, 77, dtype)


@dataclass
class Test:
    """A loaded pair of files, its runs and what each must give."""

    name: str
    source: Path
    runs: list
    expected: list
    targets: Optional[list] = None
    calls: bool = False

    def hasCPU(self):
        return self.targets is None or "cpu" in self.targets


def load(evaluation):
    """Reads the Python file of a test and evaluates all its cases.

    `evaluation` is its path, or that of the .mlir beside it.
    """
    path = Path(evaluation).resolve().with_suffix(".py")
    name = path.relative_to(ROOT).with_suffix("").as_posix()
    spec = importlib.util.spec_from_file_location(
        "case_" + name.replace("/", "_"), path
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    source = getattr(module, "SOURCE", path.with_suffix(".mlir"))
    runs = list(module.cases(np.random.default_rng(zlib.crc32(name.encode()))))
    assert runs, f"{name}: no cases"
    expected = []
    for run in runs:
        suffix = f"_{run.program}" if run.program else ""
        # numpy warns of the overflows and NaNs that some tests are about.
        with np.errstate(all="ignore"):
            results = getattr(module, "reference" + suffix)(*run.arguments)
        assert results and all(isinstance(r, Expected) for r in results), name
        expected.append(results)
    return Test(
        name,
        source,
        runs,
        expected,
        getattr(module, "TARGETS", None),
        getattr(module, "CALLS", False),
    )


def findAll():
    """The evaluations of all tests, in order."""
    return sorted(ROOT.glob("*/*.py"))


def writeRun(run, expected, folder, base, calls=False):
    """Writes one dispatch's arrays into `folder`; returns what describes them.

    That entry can stand in JSON; its file names are relative to `base`, and
    manifest.py reads it again.
    """
    folder.mkdir(parents=True, exist_ok=True)

    def store(name, array):
        save(folder / name, array)
        return (folder / name).relative_to(base).as_posix()

    arguments = []
    for index, argument in enumerate(run.arguments):
        if isinstance(argument, Output):
            arguments.append({"shape": list(argument.shape)})
        else:
            arguments.append({"file": store(f"in{index}.npy", argument)})
    results = []
    for index, result in enumerate(expected):
        entry = {
            "rule": result.rule,
            "dtype": result.dtype.str,
            "same_bits": result.same_bits,
            "value": store(f"expected{index}.npy", result.value),
        }
        if result.bound is not None:
            entry["bound"] = store(f"bound{index}.npy", result.bound)
        results.append(entry)
    return {
        "program": run.program,
        "calls": calls,
        "arguments": arguments,
        "results": results,
    }
