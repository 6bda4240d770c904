#!/usr/bin/env python3
#
# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
"""Compiles the programs of the fusion comparison into a folder for a GPU machine.

    pack.py FOLDER --bin DIR [--targets sm_90] [--small]

Chains of multiply-adds over vectors, and softmax, layer norm and RMS norm over the rows
of matrices, each with fusion on and off. The folder also gets libvyre_runtime.so, the
hand-written kernels and measure.py; there: python3 FOLDER/measure.py
"""

import argparse
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
CHAIN_LENGTHS = [4, 16, 64]
CHAIN_SIZES = [1 << 10, 1 << 15, 1 << 20, 1 << 24, 1 << 27]
ROW_SHAPES = [(8192, 1024), (64, 65536), (512, 512), (32768, 4096)]


def chain(n, length):
    t = f"tensor<{n}xf32>"
    lines = [f"func.func @f(%x0: {t}) -> {t} {{"]
    lines += ["  %a = arith.constant 1.0001 : f32", "  %b = arith.constant 0.5 : f32"]
    lines.append(f"  %e = tensor.empty() : {t}")
    maps = "affine_map<(i) -> (i)>, affine_map<(i) -> (i)>"
    for i in range(length):
        lines += [
            f"  %x{i + 1} = linalg.generic {{indexing_maps = [{maps}],",
            f"    iterator_types = [\"parallel\"]}} ins(%x{i} : {t}) outs(%e : {t}) {{",
            "  ^bb0(%v: f32, %old: f32):",
            "    %s = math.fma %v, %a, %b : f32",
            "    linalg.yield %s : f32",
            f"  }} -> {t}",
        ]
    lines += [f"  return %x{length} : {t}", "}"]
    return "\n".join(lines) + "\n"


def softmax(rows, columns):
    t = f"tensor<{rows}x{columns}xf32>"
    return f"""func.func @f(%x: {t}) -> {t} {{
  %e = tensor.empty() : {t}
  %y = linalg.softmax dimension(1) ins(%x : {t}) outs(%e : {t}) -> {t}
  return %y : {t}
}}
"""


def reduceRows(name, source, rows, columns, square):
    """%name = the sum of each row of source, or of its squares."""
    t, r = f"tensor<{rows}x{columns}xf32>", f"tensor<{rows}xf32>"
    body = "%q = arith.mulf %v, %v : f32\n    " if square else ""
    term = "%q" if square else "%v"
    return f"""  %{name} = linalg.generic {{
    indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>],
    iterator_types = ["parallel", "reduction"]}}
    ins({source} : {t}) outs(%zeros : {r}) {{
  ^bb0(%v: f32, %sum: f32):
    {body}%s = arith.addf %sum, {term} : f32
    linalg.yield %s : f32
  }} -> {r}
"""


def mapRows(name, source, factor, rows, columns, body):
    """%name[i, j] = body of %v = source[i, j] and %f = factor[i]."""
    t, r = f"tensor<{rows}x{columns}xf32>", f"tensor<{rows}xf32>"
    return f"""  %{name} = linalg.generic {{
    indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>,
                     affine_map<(i, j) -> (i, j)>],
    iterator_types = ["parallel", "parallel"]}}
    ins({source}, {factor} : {t}, {r}) outs(%e : {t}) {{
  ^bb0(%v: f32, %f: f32, %old: f32):
    {body}
    linalg.yield %w : f32
  }} -> {t}
"""


def norm(rows, columns, centred):
    t, r = f"tensor<{rows}x{columns}xf32>", f"tensor<{rows}xf32>"
    lines = f"""func.func @f(%x: {t}) -> {t} {{
  %zero = arith.constant 0.0 : f32
  %n = arith.constant {float(columns)} : f32
  %eps = arith.constant 1.0e-5 : f32
  %e = tensor.empty() : {t}
  %er = tensor.empty() : {r}
  %zeros = linalg.fill ins(%zero : f32) outs(%er : {r}) -> {r}
"""
    source = "%x"
    if centred:
        lines += reduceRows("sums", source, rows, columns, square=False)
        body = "%m = arith.divf %f, %n : f32\n    %w = arith.subf %v, %m : f32"
        lines += mapRows("centred", source, "%sums", rows, columns, body)
        source = "%centred"
    lines += reduceRows("squares", source, rows, columns, square=True)
    body = (
        "%m = arith.divf %f, %n : f32\n    %p = arith.addf %m, %eps : f32\n"
        "    %d = math.sqrt %p : f32\n    %w = arith.divf %v, %d : f32"
    )
    lines += mapRows("y", source, "%squares", rows, columns, body)
    return lines + f"  return %y : {t}\n}}\n"


def programs(small):
    sizes = [1 << 10] if small else CHAIN_SIZES
    shapes = [(512, 512)] if small else ROW_SHAPES
    for length in CHAIN_LENGTHS:
        for n in sizes:
            yield f"chain{length}_{n}", chain(n, length)
    for rows, columns in shapes:
        yield f"softmax_{rows}x{columns}", softmax(rows, columns)
        yield f"layer_norm_{rows}x{columns}", norm(rows, columns, centred=True)
        yield f"rms_norm_{rows}x{columns}", norm(rows, columns, centred=False)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--bin", type=Path, required=True)
    parser.add_argument("--targets", default="sm_90")
    parser.add_argument("--small", action="store_true", help="one size of each")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)

    def compileOne(case):
        (name, source), fuse = case
        mlir = arguments.folder / f"{name}.mlir"
        mlir.write_text(source)
        artifact = arguments.folder / f"{name}.{'fused' if fuse else 'unfused'}.vyre"
        command = [arguments.bin / "vyre-compile", mlir, "-o", artifact]
        command += [f"--targets={arguments.targets}", f"--fuse={'on' if fuse else 'off'}"]
        subprocess.run(command, check=True)

    cases = [(p, fuse) for p in programs(arguments.small) for fuse in (True, False)]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(compileOne, cases))
    shutil.copy(arguments.bin.parent / "lib/libvyre_runtime.so.0", arguments.folder)
    for name in ["kernels.cu", "measure.py", "runtime.py"]:
        shutil.copy(HERE / name, arguments.folder)


if __name__ == "__main__":
    main()
