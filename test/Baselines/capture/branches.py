# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
"""branches.py compile FOLDER | measure FOLDER VYRE_RUN [DEVICE]: what branches gain by running
side by side.

A program of BRANCHES chains of LENGTH launches, which meet at the end, is compiled twice: with
memory for all branches at once, and with as little as one launch after the other needs, for
which the branches wait for each other. `compile` needs vyre-compile, `measure` a device; the
results are compared with numpy's before anything is timed.
"""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np

BRANCHES, LENGTH, ELEMENTS, REPEATS = 8, 4, 32768, 500
CASES = {"side by side": [], "in order": [f"max-arena-bytes={(BRANCHES + 1) * 4 * ELEMENTS}"]}


def source():
    memory = f"memref<{ELEMENTS}xi32>"
    lines = [
        "vyre.program @branches(",
        f"    %x: {memory} {{vyre.binding = #vyre.binding<slot = 0, role = input>}},",
        f"    %y: {memory} {{vyre.binding = #vyre.binding<slot = 1, role = output>}})",
        f"    -> {memory} {{",
        f"  %n = arith.constant {ELEMENTS} : index",
        f"  %last = arith.constant {ELEMENTS - 1} : index",
    ]
    ends = []
    for branch in range(BRANCHES):
        before = "%x"
        for step in range(LENGTH):
            name = f"t{branch}_{step}"
            lines += [
                f"  %{name} = vyre.intermediate() : {memory}",
                f"  vyre.launch @{name} {{",
                f"    vyre.stage @{name} (%i) in (%n) reads({before} : {memory})"
                f" writes(%{name} : {memory}) {{",
                f"      %k = arith.constant {3 * branch + step + 1} : i32",
                "      %j = arith.subi %last, %i : index",
                f"      %v = memref.load {before}[%j] : {memory}",
                "      %w = arith.muli %v, %k : i32",
                "      %z = arith.addi %w, %k : i32",
                f"      memref.store %z, %{name}[%i] : {memory}",
                "    }",
                "  }",
            ]
            before = f"%{name}"
        ends.append(before)
    types = ", ".join([memory] * BRANCHES)
    lines += [
        "  vyre.launch @join {",
        f"    vyre.stage @join (%i) in (%n) reads({', '.join(ends)} : {types})"
        f" writes(%y : {memory}) {{",
        "      %s0 = arith.constant 0 : i32",
    ]
    for branch, end in enumerate(ends):
        lines += [
            f"      %v{branch} = memref.load {end}[%i] : {memory}",
            f"      %s{branch + 1} = arith.addi %s{branch}, %v{branch} : i32",
        ]
    lines += [
        f"      memref.store %s{BRANCHES}, %y[%i] : {memory}",
        "    }",
        "  }",
        f"  vyre.return %y : {memory}",
        "}",
    ]
    return "\n".join(lines) + "\n"


def reference(x):
    total = np.zeros_like(x)
    for branch in range(BRANCHES):
        value = x
        for step in range(LENGTH):
            k = np.int32(3 * branch + step + 1)
            value = value[::-1] * k + k
        total = total + value
    return total


def artifact(folder, case, policy):
    return folder / f"{case.replace(' ', '-')}-{policy}.vyre"


def compile_all(folder):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "branches.mlir").write_text(source())
    for case, options in CASES.items():
        for policy in ("never", "require"):
            subprocess.run(
                ["vyre-compile", folder / "branches.mlir", "-o", artifact(folder, case, policy),
                 "--capture=" + " ".join([f"capture={policy}", *options])],
                check=True,
            )


def measure(folder, run, device):
    x = np.random.default_rng(1).integers(-1000, 1000, ELEMENTS, np.int32)
    np.save(folder / "x.npy", x)
    print(f"{BRANCHES} branches of {LENGTH} launches over {ELEMENTS} elements")
    print(f"{'':14}{'policy':>9}{'arena bytes':>13}{'median us':>11}{'min us':>9}{'replays':>9}")
    for case in CASES:
        for policy in ("never", "require"):
            report = folder / "report.json"
            subprocess.run(
                [run, artifact(folder, case, policy), "--device", device, "--in",
                 f"0={folder / 'x.npy'}", "--out", folder, "--repeat", str(REPEATS), "--report",
                 report],
                check=True, stdout=subprocess.DEVNULL,
            )
            np.testing.assert_array_equal(np.load(folder / "result0.npy"), reference(x))
            found = json.loads(report.read_text())
            times = found["time_us"]
            print(f"{case:14}{policy:>9}{found['arena_bytes']:>13}{times['median']:>11.2f}"
                  f"{times['min']:>9.2f}{str(found.get('replays', '')):>9}")


if __name__ == "__main__":
    if len(sys.argv) == 3 and sys.argv[1] == "compile":
        compile_all(Path(sys.argv[2]))
    elif len(sys.argv) in (4, 5) and sys.argv[1] == "measure":
        measure(Path(sys.argv[2]), sys.argv[3], (sys.argv[4:] or ["cuda:0"])[0])
    else:
        sys.exit(__doc__)
