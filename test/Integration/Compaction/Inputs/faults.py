#!/usr/bin/env python3
#
# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
"""Runs a program whose counts can't be right, one at a time.

    faults.py FOLDER [--device cpu] [--targets cpu] [--only compile|run]

Compiled on one machine, it can run on another, with its GPU.
"""

import argparse
import json
import subprocess
from pathlib import Path

import numpy as np

# Rows of each result and the type of its count: within a record, of a whole one, above it,
# and empty.
SLOTS = [(16, "i32"), (100, "i8"), (1, "i64"), (1024, "i16"), (1500, "i64"), (0, "i32")]
TYPES = {"i8": np.int8, "i16": np.int16, "i32": np.int32, "i64": np.int64}


def makeProgram():
    lines, arguments, types, plain = [], [], [], []
    for i, (rows, count) in enumerate(SLOTS):
        row, scalar = f"memref<{rows}xf32>", f"memref<{count}>"
        arguments += [f"%x{i}: {row}", f"%n{i}: {scalar}"]
        types += [row + f" {{vyre.count_result = {2 * i + 1} : i64}}", scalar]
        plain += [row, scalar]
        lines += [
            f"  %y{i} = memref.alloc() : {row}",
            f"  memref.copy %x{i}, %y{i} : {row} to {row}",
            f"  %m{i} = memref.alloc() : {scalar}",
            f"  memref.copy %n{i}, %m{i} : {scalar} to {scalar}",
        ]
    values = [f"%{name}{i}" for i in range(len(SLOTS)) for name in "ym"]
    return (
        f"func.func @f({', '.join(arguments)}) -> ({', '.join(types)}) {{\n"
        + "\n".join(lines)
        + f"\n  return {', '.join(values)} : {', '.join(plain)}\n}}\n"
    )


def run(folder, device, arrays, counts):
    """The report, what was said, and the exit status."""
    command = ["vyre-run", folder / "f.vyre", f"--device={device}", f"--out={folder}"]
    command.append(f"--report={folder / 'report.json'}")
    for i, (array, count) in enumerate(zip(arrays, counts)):
        for position, value in ((2 * i, array), (2 * i + 1, count)):
            np.save(folder / f"in{position}.npy", value)
            command.append(f"--in={position}={folder / f'in{position}.npy'}")
    done = subprocess.run(command, capture_output=True, text=True)
    return json.loads((folder / "report.json").read_text()), done.stderr, done.returncode


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--targets", default="cpu")
    parser.add_argument("--only", choices=["compile", "run"])
    arguments = parser.parse_args()
    folder = arguments.folder
    folder.mkdir(parents=True, exist_ok=True)
    if arguments.only != "run":
        (folder / "f.mlir").write_text(makeProgram())
        command = ["vyre-compile", folder / "f.mlir", "-o", folder / "f.vyre"]
        command += [f"--targets={arguments.targets}", "--cpu=native"]
        subprocess.run(command, check=True)
    if arguments.only != "compile":
        check(folder, arguments.device)
        print("all right")


def check(folder, device):
    rng = np.random.default_rng(5)
    arrays = [rng.standard_normal(rows, np.float32) for rows, _ in SLOTS]
    for wrongSlot, (rows, name) in enumerate(SLOTS):
        for value in (-1, 0, rows, rows + 1, 1 << 31, 1 << 63):
            # As the type's bits.
            width = np.dtype(TYPES[name]).itemsize
            value &= (1 << 8 * width) - 1
            wrong = np.frombuffer(value.to_bytes(width, "little"), TYPES[name])[0]
            counts = [np.array(r, TYPES[t]) for r, t in SLOTS]
            counts[wrongSlot] = np.array(wrong)
            report, said, status = run(folder, device, arrays, counts)
            isRight = 0 <= wrong <= rows
            assert status == (0 if isRight else 2), (wrongSlot, wrong, said)
            if not isRight:
                message = f"result {2 * wrongSlot} (argument "
                assert message in said, said
                assert f"has the count {wrong}, expected 0 to its {rows} rows" in said, said
            for i, array in enumerate(arrays):
                result = report["results"][2 * i]
                assert result["capacity_bytes"] == array.nbytes
                if i == wrongSlot and not isRight:
                    kind = "negative count" if wrong < 0 else "count exceeds capacity"
                    assert result["status"] == kind, result
                    assert result["count"] == wrong and result["meaningful_bytes"] == 0
                    continue
                rowsOf = int(wrong) if i == wrongSlot else len(array)
                assert result["status"] == "ok", result
                found = np.load(folder / f"result{2 * i}.npy")
                assert np.array_equal(found, array[:rowsOf]), (wrongSlot, wrong, i)
                assert np.load(folder / f"result{2 * i + 1}.npy") == counts[i]


if __name__ == "__main__":
    main()
