# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
"""Forms random functions to programs and checks that they still do the same.

Each function is run twice: as it is, by upstream's lowering, and as the program that
vyre-form-program makes of it, stage by stage, its points from the first to the last and
from the last to the first. Outputs hold garbage before. All results must be equal.

    run_random_functions.py --vyre-opt build/bin/vyre-opt --count 1000
"""

import argparse
import ctypes
import random
import re
import sys
import tempfile
from pathlib import Path

import numpy as np

from random_functions import ARGUMENTS, SIZE, Function

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Harness"))
from native_modules import Tools, descriptor

GARBAGE = 0x5A5A5A5A


def run(library, function, scalars, arrays, roles=None):
    """Runs a function on copies of its arguments; returns these and its results."""
    memory = [array.copy() for array in arrays]
    for array, role in zip(memory, roles or []):
        if role == "output":
            array[:] = GARBAGE
    for kind, _ in function.results:
        memory.append(np.full(() if kind == "i64" else SIZE, GARBAGE, np.int64))
    getattr(library, f"_mlir_ciface_{function.name}")(
        *[ctypes.c_int64(scalar) for scalar in scalars],
        *[ctypes.byref(descriptor(array)) for array in memory],
    )
    return memory


def rolesOf(text):
    """For each program the roles of its memref arguments."""
    programs = re.findall(r"vyre\.program @(\w+)\((.*)\{$", text, re.MULTILINE)
    return {name: re.findall(r"role = (\w+)", rest) for name, rest in programs}


def check(functions, tools, folder, rng):
    """Returns the functions of which a result is wrong."""
    source = "\n".join(function.source() for function in functions)
    formed = tools.optimize(
        source, "vyre-form-program{max-unroll=100000},canonicalize,cse"
    )
    reference = "\n".join(f.reference() for f in functions)
    before = tools.load(reference, "convert-linalg-to-loops", folder, "before")
    after = [
        tools.load(formed, f"test-vyre-execution{order}", folder, name)
        for name, order in (("forwards", ""), ("backwards", "{reverse=1}"))
    ]
    roles = rolesOf(formed)
    wrong = []
    for function in functions:
        scalars = [int(value) for value in rng.integers(-5, 5, 2)]
        arrays = [rng.integers(-9, 9, SIZE) for _ in ARGUMENTS]
        expected = run(before, function, scalars, arrays)
        for library in after:
            found = run(library, function, scalars, arrays, roles[function.name])
            if not all(map(np.array_equal, expected, found)):
                wrong.append(function)
                break
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    Tools.addArguments(parser)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    tools = Tools.of(arguments)
    wrong = []
    for start in range(0, arguments.count, 100):
        rng = random.Random(arguments.seed + start)
        count = min(100, arguments.count - start)
        functions = [Function(f"f{start + i}", rng) for i in range(count)]
        data = np.random.default_rng(arguments.seed + start)
        with tempfile.TemporaryDirectory(prefix="vyre-forming-") as folder:
            wrong += check(functions, tools, Path(folder), data)
    for function in wrong[:3]:
        print(f"WRONG\n{function.source()}")
    print(f"{arguments.count - len(wrong)} passed, {len(wrong)} failed")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
