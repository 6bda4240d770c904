# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
"""Measures how the fusion passes' time grows with the number of stages.

Each size is one program. These kinds of them:

    chain   each stage reads what the one before wrote: long launches
    apart   neighbours have other index spaces: no launch holds two
    wide    stages that read one input and are needed at the end
    rows    pieces of a row's normalisation, with a transposition between any two
    norms   the same without transpositions: launches with many inner loops
    place   a matrix and the sums of its rows change in place: one launch of all
    sums    sequential loops add to the same row: one launch of all

Two things are asked of each kind: the largest size takes at most 12 times as long as
a tenth of it, and at most 10 times as long as upstream's CSE and canonicalisation of
the same module. The times are MLIR's own (--mlir-timing, without the verifier), in
milliseconds: minima of several runs, since what else the machine does can only add to
a time. Ends with 'N passed, N failed' over the limits.

    measure_scaling.py --vyre-opt build/bin/vyre-opt [--sizes 100,1000,10000]

With --valgrind it counts instructions instead, in thousands: the same each time, and
blind to the processor's caches. With --plot it draws the curves, which needs matplotlib.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

MAX_GROWTH = 12  # for ten times the stages
MAX_RATIO = 10  # to upstream's passes

FUSE = "vyre-fuse-launches"
ALL = "vyre-fuse-launches,vyre-form-launches,vyre-merge-stages"
UPSTREAM = "cse,canonicalize"

COLLECTED = re.compile(r"Collected : (\d+)")

EXTENTS = ("m", "n")
MATRIX, ROW, SHORT = "memref<64x32xf32>", "memref<64xf32>", "memref<32xf32>"


class Program:
    """The text of one program, stage by stage."""

    def __init__(self):
        self.memory, self.stages = [], []
        self.temporaries = 0

    def intermediate(self, type):
        name = f"%t{len(self.memory)}"
        self.memory.append(f"  {name} = vyre.intermediate() : {type}")
        return name

    def stage(self, space, reads, write, body, updates=False):
        """`reads` and `write` are pairs of a name and a type; `body` is lines."""
        number = len(self.stages)
        indices = ", ".join("%" + "ij"[k] for k in range(len(space)))
        extents = ", ".join("%" + extent for extent in space)
        names = ", ".join(name for name, _ in reads)
        types = ", ".join(type for _, type in reads)
        written = f"{'updates' if updates else 'writes'}({write[0]} : {write[1]})"
        lines = [
            f"  vyre.stage @s{number} ({indices}) in ({extents}) "
            f"{f'reads({names} : {types}) ' if reads else ''}{written} {{",
            *("    " + line for line in body),
            "  }",
        ]
        self.stages.append("\n".join(lines))

    def map(self, space, sources, target, sourceIndices=None):
        """target[..] = the sum of the sources' elements."""
        index = ", ".join("%" + "ij"[k] for k in range(len(space)))
        lines = [
            f"%v{k} = memref.load {name}[{sourceIndices or index}] : {type}"
            for k, (name, type) in enumerate(sources)
        ]
        lines += [
            f"%w0 = arith.addf %v0, %v{len(sources) - 1} : f32",
            f"memref.store %w0, {target[0]}[{index}] : {target[1]}",
        ]
        self.stage(space, sources, target, lines)

    def text(self):
        return "\n".join(
            [
                "vyre.program @scaling(",
                f"    %x: {MATRIX} {{vyre.binding = #vyre.binding<slot = 0, role = input>}},",
                f"    %r: {ROW} {{vyre.binding = #vyre.binding<slot = 1, role = input>}},",
                f"    %y: {MATRIX} {{vyre.binding = #vyre.binding<slot = 2, role = output>}},",
                f"    %z: {ROW} {{vyre.binding = #vyre.binding<slot = 3, role = output>}})",
                f"    -> ({MATRIX}, {ROW}) {{",
                "  %m = arith.constant 64 : index",
                "  %n = arith.constant 32 : index",
                "  %c0 = arith.constant 0 : index",
                "  %c1 = arith.constant 1 : index",
                *self.memory,
                *self.stages,
                f"  vyre.return %y : {MATRIX}, %z : {ROW}",
                "}",
            ]
        )


def makeChain(count):
    program = Program()
    current = "%x"
    for k in range(count):
        target = "%y" if k == count - 1 else program.intermediate(MATRIX)
        program.map(EXTENTS, [(current, MATRIX)], (target, MATRIX))
        current = target
    return program


def makeApart(count):
    program = Program()
    matrix, row = "%x", "%r"
    for k in range(count):
        isLast = k >= count - 2
        if k % 2 == 0:
            target = "%y" if isLast else program.intermediate(MATRIX)
            program.map(EXTENTS, [(matrix, MATRIX)], (target, MATRIX))
            matrix = target
        else:
            target = "%z" if isLast else program.intermediate(ROW)
            # The row's elements from a matrix's diagonal: of other points.
            lines = [
                "%k = arith.remui %i, %n : index",
                f"%v = memref.load {matrix}[%k, %k] : {MATRIX}",
                f"%w = memref.load {row}[%i] : {ROW}",
                "%a = arith.addf %v, %w : f32",
                f"memref.store %a, {target}[%i] : {ROW}",
            ]
            program.stage(("m",), [(matrix, MATRIX), (row, ROW)], (target, ROW), lines)
            row = target
    return program


def makeWide(count):
    program = Program()
    made = []
    for _ in range((count - 1) // 2):
        made.append(program.intermediate(MATRIX))
        program.map(EXTENTS, [("%x", MATRIX)], (made[-1], MATRIX))
    current = made[0]
    while len(program.stages) < count:
        isLast = len(program.stages) == count - 1
        target = "%y" if isLast else program.intermediate(MATRIX)
        other = made[1 + len(program.stages) % (len(made) - 1)]
        program.map(EXTENTS, [(current, MATRIX), (other, MATRIX)], (target, MATRIX))
        current = target
    return program


def addRowSums(program, matrix, sums):
    """sums[i] = the sum of row i of a matrix."""
    lines = [
        "%zero = arith.constant 0.0 : f32",
        "%sum = scf.parallel (%k) = (%c0) to (%n) step (%c1) init (%zero) -> f32 {",
        f"  %v = memref.load {matrix}[%i, %k] : {MATRIX}",
        "  scf.reduce(%v : f32) {",
        "  ^bb0(%a: f32, %b: f32):",
        "    %c = arith.addf %a, %b : f32",
        "    scf.reduce.return %c : f32",
        "  }",
        "}",
        f"memref.store %sum, {sums}[%i] : {ROW}",
    ]
    program.stage(("m",), [(matrix, MATRIX)], (sums, ROW), lines)


def addQuotients(program, matrix, sums, target):
    """target[i, j] = matrix[i, j] / sums[i]; both matrices may be the same."""
    lines = [
        f"%v = memref.load {matrix}[%i, %j] : {MATRIX}",
        f"%w = memref.load {sums}[%i] : {ROW}",
        "%d = arith.divf %v, %w : f32",
        f"memref.store %d, {target}[%i, %j] : {MATRIX}",
    ]
    reads = [(sums, ROW)] if matrix == target else [(matrix, MATRIX), (sums, ROW)]
    program.stage(EXTENTS, reads, (target, MATRIX), lines, updates=matrix == target)


def makeRows(count, indices="%j, %i"):
    program = Program()
    current = "%x"
    while len(program.stages) < count:
        sums = program.intermediate(ROW)
        addRowSums(program, current, sums)
        normal = program.intermediate(MATRIX)
        addQuotients(program, current, sums, normal)
        isLast = len(program.stages) >= count - 1
        target = "%y" if isLast else program.intermediate(MATRIX)
        program.map(EXTENTS, [(normal, MATRIX)], (target, MATRIX), indices)
        current = target
    return program


def makeNorms(count):
    return makeRows(count, indices="%i, %j")


def makePlace(count):
    program = Program()
    program.map(EXTENTS, [("%x", MATRIX)], ("%y", MATRIX))
    while len(program.stages) < count:
        addRowSums(program, "%y", "%z")
        addQuotients(program, "%y", "%z", "%y")
    return program


def makeSums(count):
    program = Program()
    program.map(("m",), [("%r", ROW)], ("%z", ROW))
    lines = [
        "scf.for %k = %c0 to %n step %c1 {",
        f"  %v = memref.load %x[%i, %k] : {MATRIX}",
        f"  %w = memref.load %z[%i] : {ROW}",
        "  %a = arith.addf %v, %w : f32",
        f"  memref.store %a, %z[%i] : {ROW}",
        "}",
    ]
    while len(program.stages) < count:
        program.stage(("m",), [("%x", MATRIX)], ("%z", ROW), lines, updates=True)
    return program


KINDS = {
    "chain": makeChain,
    "apart": makeApart,
    "wide": makeWide,
    "rows": makeRows,
    "norms": makeNorms,
    "place": makePlace,
    "sums": makeSums,
}


def runPasses(command, source, passes, flags=()):
    """Runs vyre-opt, which `command` starts, on a module; returns what it printed."""
    done = subprocess.run(
        [
            *command,
            source,
            f"--pass-pipeline=builtin.module({passes and f'vyre.program({passes})'})",
            "--mlir-disable-threading",
            *flags,
            "-o",
            "/dev/null",
        ],
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        raise RuntimeError(done.stderr[:4000])
    return done.stderr


def passTime(vyreOpt, source, passes):
    """What passes take by MLIR's own timing, in milliseconds of the wall clock."""
    flags = ["--verify-each=false", "--mlir-timing", "--mlir-timing-display=list", "--mlir-output-format=json"]
    for timer in json.loads(runPasses([vyreOpt], source, passes, flags)):
        if timer["name"] == "'vyre.program' Pipeline":
            return 1000 * timer["wall"]["duration"]
    raise RuntimeError("vyre-opt printed no time of the pipeline")


def instructions(vyreOpt, source, passes):
    """What passes add to vyre-opt with none, in thousands of instructions."""
    valgrind = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", vyreOpt]
    having, lacking = (
        int(COLLECTED.search(runPasses(valgrind, source, each))[1]) for each in (passes, "")
    )
    return (having - lacking) / 1000


def measure(cost, vyreOpt, source, runs):
    """The minimum of `runs` for each of FUSE, ALL and UPSTREAM, which take turns."""
    costs = {passes: [] for passes in (FUSE, ALL, UPSTREAM)}
    for _ in range(runs):
        for passes, list in costs.items():
            list.append(cost(vyreOpt, source, passes))
    return [max(min(list), 0.1) for list in costs.values()]


def draw(curves, unit, path):
    """One line for each kind, of what ALL adds, by the number of stages; and one of
    upstream's passes for the last kind."""
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(8, 5))
    for kind, points in curves.items():
        sizes, ours, upstream = zip(*points)
        axes.plot(sizes, ours, marker="o", label=kind)
    axes.plot(sizes, upstream, color="black", linestyle="--", label=f"CSE, canonicalize ({kind})")
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel("stages")
    axes.set_ylabel(f"fusion passes, {unit}")
    axes.legend()
    figure.tight_layout()
    figure.savefig(path)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--vyre-opt", required=True)
    parser.add_argument("--sizes", default="100,1000,10000")
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--kinds", default=",".join(KINDS))
    parser.add_argument("--valgrind", action="store_true", help="count instructions")
    parser.add_argument("--plot", type=Path, metavar="FILE.svg")
    parser.add_argument("--max-growth", type=float, default=MAX_GROWTH)
    arguments = parser.parse_args()
    sizes = [int(size) for size in arguments.sizes.split(",")]
    cost, runs = (instructions, 1) if arguments.valgrind else (passTime, arguments.runs)

    print("| kind | stages | fuse | fuse and merge | CSE, canonicalize | ratio | growth |")
    print("|---|---|---|---|---|---|---|")
    limits, missed, curves = 0, [], {}
    with tempfile.TemporaryDirectory(prefix="vyre-scaling-") as folder:
        source = Path(folder) / "program.mlir"
        for kind in arguments.kinds.split(","):
            last = None
            for size in sizes:
                source.write_text(KINDS[kind](size).text())
                fuse, both, upstream = measure(cost, arguments.vyre_opt, source, runs)
                ratio = both / upstream
                growth = both / last if last else None
                text = f"{growth:.1f}" if growth else ""
                print(
                    f"| {kind} | {size:,} | {fuse:,.0f} | {both:,.0f} | {upstream:,.0f} | "
                    f"{ratio:.1f} | {text} |",
                    flush=True,
                )
                last = both
                curves.setdefault(kind, []).append((size, both, upstream))
            limits += 2
            if ratio > MAX_RATIO:
                missed.append(f"{kind}: {ratio:.1f} times upstream's, expected {MAX_RATIO}")
            if growth and growth > arguments.max_growth:
                missed.append(
                    f"{kind}: {growth:.1f} times the size before, "
                    f"expected {arguments.max_growth:g}"
                )
    if arguments.plot:
        unit = "thousands of instructions" if arguments.valgrind else "ms"
        draw(curves, unit, arguments.plot)
    for line in missed:
        print(line)
    print(f"{limits - len(missed)} passed, {len(missed)} failed")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
