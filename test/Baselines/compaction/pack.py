#!/usr/bin/env python3
#
# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
"""Compiles programs of many results into a folder that a GPU machine can run.

    pack.py FOLDER --bin DIR [--results N...] [--bytes N...]

Each program is out[i][j] = x[j] + i for i below the number of results, as f32; once with
results of a fixed size, once with a count that the device writes. The folder also gets
the runtime's measurement, the baselines and measure.py; there: python3 FOLDER/measure.py
"""

import argparse
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent


def source(results, size, counted):
    """The program, in loops over memrefs."""
    elements = size // 4
    row = f"memref<{elements}xf32>"
    countAttribute = f" {{vyre.count_result = {results} : i64}}" if counted else ""
    types = [row + countAttribute] * results
    names = [f"%y{i}" for i in range(results)]
    lines = ["  %c0 = arith.constant 0 : index", "  %c1 = arith.constant 1 : index"]
    lines.append(f"  %n = arith.constant {elements} : index")
    for i in range(results):
        lines += [
            f"  %k{i} = arith.constant {i}.0 : f32",
            f"  %y{i} = memref.alloc() : {row}",
            f"  scf.parallel (%i) = (%c0) to (%n) step (%c1) {{",
            f"    %v = memref.load %x[%i] : {row}",
            f"    %s = arith.addf %v, %k{i} : f32",
            f"    memref.store %s, %y{i}[%i] : {row}",
            "    scf.reduce",
            "  }",
        ]
    if counted:
        lines += [
            "  %count = memref.alloc() : memref<1xi32>",
            "  scf.parallel (%i) = (%c0) to (%c1) step (%c1) {",
            "    %v = memref.load %rows[%i] : memref<1xi32>",
            "    memref.store %v, %count[%i] : memref<1xi32>",
            "    scf.reduce",
            "  }",
        ]
        types.append("memref<1xi32>")
        names.append("%count")
    plain = [row] * results + ["memref<1xi32>"] * counted
    rows = ", %rows: memref<1xi32>" if counted else ""
    return (
        f"func.func @f(%x: {row}{rows}) -> ({', '.join(types)}) {{\n"
        + "\n".join(lines)
        + f"\n  return {', '.join(names)} : {', '.join(plain)}\n}}\n"
    )


def pack(folder, bin, cases, targets):
    """Compiles `cases`, each (results, bytes), both ways."""
    folder.mkdir(parents=True, exist_ok=True)

    def compileOne(case):
        results, size, counted = case
        name = f"{results}_{size}_{'counted' if counted else 'static'}"
        mlir = folder / f"{name}.mlir"
        mlir.write_text(source(results, size, counted))
        command = [bin / "vyre-compile", mlir, "-o", mlir.with_suffix(".vyre")]
        command += [f"--targets={targets}", "--fuse=strategy=greedy"]
        subprocess.run(command, check=True)
        mlir.unlink()

    every = [(*case, counted) for case in cases for counted in (False, True)]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(compileOne, every))
    shutil.copy(bin / "vyre-measure-results", folder)
    for name in ("baseline.cu", "frameworks.py", "measure.py"):
        shutil.copy(HERE / name, folder)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--bin", type=Path, required=True)
    parser.add_argument("--results", type=int, nargs="+", default=[1, 8, 64, 96, 1024])
    parser.add_argument("--bytes", type=int, nargs="+", default=[4, 64, 4096, 65536])
    parser.add_argument("--targets", default="sm_90")
    arguments = parser.parse_args()
    cases = [(results, size) for results in arguments.results for size in arguments.bytes]
    pack(arguments.folder, arguments.bin, cases, arguments.targets)


if __name__ == "__main__":
    main()
