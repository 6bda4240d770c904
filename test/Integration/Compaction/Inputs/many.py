#!/usr/bin/env python3
#
# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
"""Runs programs of 1 to 1,024 results against numpy.

    many.py FOLDER

Sizes are from 0 bytes to 1 MiB, element types are mixed, and every other result has a
count, which the device reads from an input. The report has to say exactly what came back.
"""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np

TYPES = [("i8", np.int8), ("i16", np.int16), ("i32", np.int32), ("i64", np.int64)]
TYPES += [("f32", np.float32), ("f64", np.float64)]
ALIGNMENT = 16
RECORD = 4096


def makeProgram(results):
    """Result i is input i; results[i] is (elements, type, counted)."""
    lines = ["  %c0 = arith.constant 0 : index", "  %c1 = arith.constant 1 : index"]
    arguments, types, values, plain = [], [], [], []
    for i, (elements, (name, _), counted) in enumerate(results):
        row = f"memref<{elements}x{name}>"
        arguments.append(f"%x{i}: {row}")
        position = len(results) + sum(r[2] for r in results[:i])
        types.append(row + f" {{vyre.count_result = {position} : i64}}" * counted)
        lines += [
            f"  %y{i} = memref.alloc() : {row}",
            f"  memref.copy %x{i}, %y{i} : {row} to {row}",
        ]
        values.append(f"%y{i}")
        plain.append(row)
    for i, (_, _, counted) in enumerate(results):
        if counted:
            arguments.append(f"%n{i}: memref<i32>")
            lines += [
                f"  %m{i} = memref.alloc() : memref<i32>",
                f"  memref.copy %n{i}, %m{i} : memref<i32> to memref<i32>",
            ]
            values.append(f"%m{i}")
            types.append("memref<i32>")
            plain.append("memref<i32>")
    return (
        f"func.func @f({', '.join(arguments)}) -> ({', '.join(types)}) {{\n"
        + "\n".join(lines)
        + f"\n  return {', '.join(values)} : {', '.join(plain)}\n}}\n"
    )


def runOnce(folder, rng, results, counts):
    arrays = [
        rng.integers(-100, 100, elements).astype(dtype)
        for elements, (_, dtype), _ in results
    ]
    expected = [
        array[: count] if counted else array
        for array, count, (_, _, counted) in zip(arrays, counts, results)
    ]
    chosen = [np.array(c, np.int32) for c, r in zip(counts, results) if r[2]]
    (folder / "f.mlir").write_text(makeProgram(results))
    compileIt = ["vyre-compile", folder / "f.mlir", "-o", folder / "f.vyre"]
    subprocess.run([*compileIt, "--targets=cpu", "--cpu=native"], check=True)
    command = ["vyre-run", folder / "f.vyre", "--device=cpu", f"--out={folder}"]
    command.append(f"--report={folder / 'report.json'}")
    for i, array in enumerate(arrays + chosen):
        np.save(folder / f"in{i}.npy", array)
        command.append(f"--in={i}={folder / f'in{i}.npy'}")
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    report = json.loads((folder / "report.json").read_text())
    for i, array in enumerate(expected + chosen):
        found = np.load(folder / f"result{i}.npy")
        assert found.shape == array.shape and found.dtype == array.dtype, i
        assert np.array_equal(found, array), i

    slab = 0
    for array, (_, _, counted) in zip(arrays + chosen, results + [(1, 0, 0)] * len(chosen)):
        room = min(array.nbytes, RECORD) if counted else array.nbytes
        if 0 < room <= RECORD:
            slab = -(-slab // ALIGNMENT) * ALIGNMENT + room
    full = sum(array.nbytes for array in arrays + chosen)
    selected = sum(array.nbytes for array in expected + chosen)
    readback = report["readback"]
    assert readback["full_bytes"] == full, (readback, full)
    assert readback["selected_bytes"] == selected, (readback, selected)
    assert readback["avoided_bytes"] == full - selected
    assert readback["avoided_basis_points"] == (full - selected) * 10000 // max(full, 1)
    assert readback["slab_bytes"] == slab, (readback, slab)
    assert readback["copies"] == 0 and readback["waits"] == 1


def main():
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(20)
    # Empty results, and one of a mebibyte.
    runOnce(folder, rng, [(0, TYPES[0], False), (1, TYPES[0], False)], [0, 0])
    runOnce(folder, rng, [(0, TYPES[2], True), (1, TYPES[1], False)], [0, 0])
    runOnce(folder, rng, [(262144, TYPES[2], True), (131072, TYPES[5], False)], [262143, 0])
    for number, largest in ((1, 4096), (8, 16384), (64, 2048), (300, 64)):
        results = [
            (int(rng.integers(0, largest)), TYPES[rng.integers(len(TYPES))], bool(i % 2))
            for i in range(number)
        ]
        counts = [int(rng.integers(0, elements + 1)) for elements, _, _ in results]
        runOnce(folder, rng, results, counts)
    # The number of stages is what compiling takes long for.
    results = [(1 + i % 3, TYPES[i % len(TYPES)], False) for i in range(1024)]
    runOnce(folder, rng, results, [0] * 1024)
    print("all right")


if __name__ == "__main__":
    main()
