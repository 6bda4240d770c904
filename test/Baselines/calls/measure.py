#!/usr/bin/env python3
#
# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
"""Programs that call functions of the host: as child graphs, by separate calls, and by hand.

    measure.py pack FOLDER --bin DIR     compiles the programs; needs vyre-compile
    measure.py run FOLDER [--repeat N]   builds Library.cu and HandGraphs.cu by nvcc, runs,
                                         prints a table

Results are compared with numpy's before a time counts. `run` needs a GPU, nvcc and cuBLAS,
numpy, and nothing of Vyre's but what is in the folder.
"""

import argparse
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
ELEMENTS = 4096
SPIN_CYCLES = 40000
BRANCHES = 8
POLICIES = ("auto", "never")

VECTOR = "memref<?xf32>"
DECLARATIONS = f"""
func.func private @gpu_increment({VECTOR} {{bufferization.access = "read"}},
    {VECTOR} {{bufferization.access = "write"}}, f32) attributes {{vyre.call = #vyre.call}}
func.func private @gpu_spin({VECTOR} {{bufferization.access = "read"}},
    {VECTOR} {{bufferization.access = "write"}}, i64) attributes {{vyre.call = #vyre.call}}
func.func private @gpu_fork({VECTOR} {{bufferization.access = "read"}},
    {VECTOR} {{bufferization.access = "write"}}) attributes {{vyre.call = #vyre.call}}
func.func private @gpu_allocate({VECTOR} {{bufferization.access = "read"}},
    {VECTOR} {{bufferization.access = "write"}}) attributes {{vyre.call = #vyre.call}}
func.func private @gpu_product(memref<?x?xf32> {{bufferization.access = "read"}},
    memref<?x?xf32> {{bufferization.access = "read"}},
    memref<?x?xf32> {{bufferization.access = "write"}})
    attributes {{vyre.call = #vyre.call<scratch_bytes = 33554432>}}
"""
PREFIX = f"""  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %one = arith.constant 1.0 : f32
  %cycles = arith.constant {SPIN_CYCLES} : i64
"""


def alloc(name):
    return f"  {name} = memref.alloc(%n) : {VECTOR}\n"


def stage(source, target, other=None):
    """target = 2 source, or source + other."""
    return (
        "  scf.parallel (%i) = (%c0) to (%n) step (%c1) {\n"
        f"    %v = memref.load {source}[%i] : {VECTOR}\n"
        f"    %u = memref.load {other or source}[%i] : {VECTOR}\n"
        "    %w = arith.addf %v, %u : f32\n"
        f"    memref.store %w, {target}[%i] : {VECTOR}\n  }}\n"
    )


def vectorProgram(name, body, result):
    return (
        f"func.func @{name}(%x: {VECTOR}) -> {VECTOR} {{\n{PREFIX}"
        f"  %n = memref.dim %x, %c0 : {VECTOR}\n{body}  return {result} : {VECTOR}\n}}\n"
    )


def chain(calls):
    """A stage, a call, a stage, ...: x -> 2 x -> 2 x + 1 -> ..."""
    body, last = "", "%x"
    for k in range(calls):
        body += alloc(f"%s{k}") + stage(last, f"%s{k}") + alloc(f"%t{k}")
        body += f"  call @gpu_increment(%s{k}, %t{k}, %one) : ({VECTOR}, {VECTOR}, f32) -> ()\n"
        last = f"%t{k}"
    return vectorProgram(f"chain{calls}", body, last)


def branches():
    body, total = "", None
    for k in range(BRANCHES):
        body += alloc(f"%b{k}")
        body += f"  call @gpu_spin(%x, %b{k}, %cycles) : ({VECTOR}, {VECTOR}, i64) -> ()\n"
    for k in range(1, BRANCHES):
        body += alloc(f"%r{k}") + stage(total or "%b0", f"%r{k}", f"%b{k}")
        total = f"%r{k}"
    return vectorProgram("branches", body, total)


def single(name):
    body = alloc("%s0") + stage("%x", "%s0") + alloc("%t0")
    body += f"  call @gpu_{name}(%s0, %t0) : ({VECTOR}, {VECTOR}) -> ()\n"
    return vectorProgram(name, body, "%t0")


PRODUCT = """func.func @product(%a: memref<?x?xf32>, %b: memref<?x?xf32>) -> memref<?x?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %m = memref.dim %a, %c0 : memref<?x?xf32>
  %n = memref.dim %b, %c1 : memref<?x?xf32>
  %c = memref.alloc(%m, %n) : memref<?x?xf32>
  call @gpu_product(%a, %b, %c) : (memref<?x?xf32>, memref<?x?xf32>, memref<?x?xf32>) -> ()
  %r = memref.alloc(%m, %n) : memref<?x?xf32>
  %zero = arith.constant 0.0 : f32
  scf.parallel (%i, %j) = (%c0, %c0) to (%m, %n) step (%c1, %c1) {
    %v = memref.load %c[%i, %j] : memref<?x?xf32>
    %w = arith.maximumf %v, %zero : f32
    memref.store %w, %r[%i, %j] : memref<?x?xf32>
  }
  return %r : memref<?x?xf32>
}
"""


def chainOf(x, calls):
    for _ in range(calls):
        x = x + x + np.float32(1)
    return x


def programs(rng):
    """Name, source, inputs, what numpy makes of them, and whether it can be a graph."""
    x = rng.integers(-100, 100, ELEMENTS).astype(np.float32)
    for calls in (1, 4, 16):
        yield f"chain{calls}", chain(calls), [x % 3], chainOf(x % 3, calls), True
    yield "branches", branches(), [x], x * np.float32(BRANCHES), True
    yield "fork", single("fork"), [x], x + x + np.float32(2), True
    yield "allocate", single("allocate"), [x], x + x + np.float32(1), False
    # Small integers, so that any order of the sums and TF32 give the same.
    a, b = (rng.integers(-4, 5, (256, 256)).astype(np.float32) for _ in range(2))
    yield "product", PRODUCT, [a, b], np.maximum(a @ b, 0), True


def pack(folder, tools):
    folder.mkdir(parents=True, exist_ok=True)
    for name, source, *_ in programs(np.random.default_rng(1)):
        path = folder / f"{name}.mlir"
        path.write_text(DECLARATIONS + source)
        for capture in POLICIES:
            command = [tools / "vyre-compile", path, "--targets=sm_90"]
            command += [f"--capture={capture}", "-o", folder / f"{name}.{capture}.vyre"]
            subprocess.run(command, check=True)
    shutil.copy(tools / "vyre-run", folder)
    shutil.copytree(HERE.parents[2] / "include" / "vyre-c", folder / "vyre-c", dirs_exist_ok=True)
    for name in ("Library.cu", "HandGraphs.cu", "measure.py"):
        shutil.copy(HERE / name, folder)


def build(folder):
    library = folder / "calls.so"
    libraries = Path(shutil.which("nvcc")).resolve().parents[1] / "lib64"
    command = ["nvcc", "-O2", "-arch=sm_90", "-shared", "-Xcompiler", "-fPIC", f"-I{folder}"]
    command += [folder / "Library.cu", "-lcublas", "-Xlinker", f"-rpath={libraries}"]
    subprocess.run([*command, "-o", library], check=True)
    command = ["nvcc", "-std=c++17", "-O2", "-arch=sm_90", f"-I{folder}", folder / "HandGraphs.cu"]
    command += [library, "-Xlinker", "--export-dynamic", "-Xlinker", f"-rpath={folder}"]
    subprocess.run([*command, "-Xlinker", "--allow-shlib-undefined", "-o", folder / "by-hand"], check=True)
    return library


def runByHand(folder, name, x, expected, repeat):
    """Least, median and 99th percentile of a program that is a graph by hand, or why it is wrong."""
    program, calls = ("chain", name[5:]) if name.startswith("chain") else (name, "1")
    calls = str(BRANCHES) if name == "branches" else calls
    x.tofile(folder / "x")
    command = [folder / "by-hand", program, calls, str(repeat), folder / "x", folder / "y"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        return None, done.stderr.strip()
    if not np.array_equal(np.fromfile(folder / "y", np.float32), expected):
        return None, "the result is wrong"
    return [float(time) for time in done.stdout.split()], None


def runOne(folder, library, name, capture, inputs, expected, repeat):
    """The report of one program, or why it is wrong."""
    out = folder / "out"
    report = folder / "report.json"
    command = [folder / "vyre-run", folder / f"{name}.{capture}.vyre", "--device=cuda"]
    for index, array in enumerate(inputs):
        np.save(folder / f"in{index}.npy", array)
        command.append(f"--in={index}={folder / f'in{index}.npy'}")
    command += [f"--call-library={library}", f"--out={out}", f"--report={report}"]
    done = subprocess.run([*command, f"--repeat={repeat}"], capture_output=True, text=True)
    if done.returncode != 0:
        return None, done.stderr.strip()
    found = np.load(out / "result0.npy")
    if not np.array_equal(found, expected):
        return None, f"{int((found != expected).sum())} of {found.size} elements are wrong"
    return json.loads(report.read_text()), None


def run(folder, repeat):
    library = build(folder)
    wrong = 0
    print("| program | policy | replayed | graphs | min us | median | p99 | why not |")
    print("|---|---|---|---|---|---|---|---|")
    for name, _, inputs, expected, isGraph in programs(np.random.default_rng(1)):
        for capture in POLICIES:
            arguments = (folder, library, name, capture, inputs, expected)
            report, error = runOne(*arguments, repeat)
            if error:
                wrong += 1
                print(f"| {name} | {capture} | WRONG | | | | | {error} |")
                continue
            counted, times = report["telemetry"], report["time_us"]
            if (counted["replays"] > 0) != (isGraph and capture == "auto"):
                wrong += 1
                error = "WRONG: "
            print(
                f"| {name} | {capture} | {counted['replays']} | {counted['graph_builds']} |"
                f" {times['min']:.1f} | {times['median']:.1f} | {times['p99']:.1f} |"
                f" {error or ''}{report['graph']['no_replay_reason'] or ''} |"
            )
        if not isGraph or len(inputs) != 1:
            continue
        times, error = runByHand(folder, name, inputs[0], expected, repeat)
        wrong += error is not None
        cells = " | ".join(f"{time:.1f}" for time in times or ())
        print(f"| {name} | by hand | | | {cells or f'WRONG: {error} | |'} | |")
    print(f"{wrong} wrong")
    return 1 if wrong else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["pack", "run"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--bin", type=Path, default=Path("build/release/bin"))
    parser.add_argument("--repeat", type=int, default=2000)
    arguments = parser.parse_args()
    if arguments.what == "pack":
        pack(arguments.folder.resolve(), arguments.bin.resolve())
        return 0
    return run(arguments.folder.resolve(), arguments.repeat)


if __name__ == "__main__":
    sys.exit(main())
