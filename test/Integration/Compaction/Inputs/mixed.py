#!/usr/bin/env python3
#
# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
"""Runs random programs whose results mix everything that a result can be.

    mixed.py FOLDER [--seed N] [--programs N] [--device cpu]

Every element type, ranks 1 to 3, empty results, counts of every width that several results
may share, counts that are constant or an extent, results that a later stage reads again, and
counts that can't be right; compiled with random limits of records and slab. What comes back
has to be numpy's, and the report that of the model below, which knows the documentation only.
"""

import argparse
import json
import subprocess
from pathlib import Path

import numpy as np

TYPES = {"i1": np.bool_, "i8": np.int8, "i16": np.int16, "i32": np.int32, "i64": np.int64}
TYPES |= {"f16": np.float16, "f32": np.float32, "f64": np.float64, "index": np.int64}
COUNT_TYPES = ["i8", "i16", "i32", "i64", "index"]
HOSTILE = [-1, 1 << 7, 1 << 15, 1 << 31, (1 << 31) - 1, -(1 << 63), (1 << 63) - 1]


class Case:
    """One program with its data."""

    def __init__(self, rng):
        self.rng = rng
        number = int(rng.choice([1, 2, 5, 12, 40], p=[0.15, 0.2, 0.3, 0.25, 0.1]))
        self.counts = [str(rng.choice(COUNT_TYPES)) for _ in range(int(rng.integers(1, 5)))]
        self.dims = [int(rng.integers(0, 9)) for _ in range(2)]
        self.results = []
        for _ in range(number):
            shape = [int(rng.choice([0, 1, 2, 7, 16, 100, 2000], p=[0.08] + [0.92 / 6] * 6))]
            for _ in range(int(rng.integers(0, 3))):
                shape.append(int(rng.choice([0, 1, 3, 8], p=[0.05, 0.3, 0.35, 0.3])))
            kind = str(rng.choice(["none", "constant", "extent", "device"], p=[0.3, 0.1, 0.1, 0.5]))
            which = None
            if kind == "constant":
                which = int(rng.integers(0, shape[0] + 1))
            elif kind == "extent":
                which = int(rng.integers(len(self.dims)))
                shape[0] = max(shape[0], self.dims[which])
            elif kind == "device":
                which = int(rng.integers(len(self.counts)))
            element = str(rng.choice(list(TYPES)))
            readAgain = bool(rng.integers(0, 4) == 0)
            self.results.append((shape, element, kind, which, readAgain))
        self.options = {
            "max-compact-record-bytes": int(rng.choice([0, 1, 64, 4096, 1 << 20])),
            "record-alignment": int(rng.choice([16, 32, 64, 256])),
        }
        if rng.integers(0, 2):
            self.options["max-slab-bytes"] = int(rng.choice([0, 40, 300, 5000]))

    def program(self):
        arguments, body, returned, types = [], [], [], []
        slot = 0

        def add(name, type, role):
            nonlocal slot
            capacity = ", capacity = 4096" if "?" in type else ""
            binding = f"#vyre.binding<slot = {slot}, role = {role}{capacity}>"
            arguments.append(f"    %{name}: {type} {{vyre.binding = {binding}}}")
            slot += 1

        def copy(stage, source, target, shape, type):
            indices = [f"%i{d}" for d in range(len(shape))]
            extents = [f"%c{extent}" for extent in shape]
            at = ", ".join(indices)
            body.append(
                f"  vyre.stage @{stage} ({at}) in ({', '.join(extents)}) "
                f"reads(%{source} : {type}) writes(%{target} : {type}) {{\n"
                f"    %v = memref.load %{source}[{at}] : {type}\n"
                f"    memref.store %v, %{target}[{at}] : {type}\n  }}"
            )

        rows = [
            "memref<" + "x".join(map(str, shape)) + f"x{element}>"
            for shape, element, _, _, _ in self.results
        ]
        constants = {1} | {extent for result in self.results for extent in result[0]}
        for i, row in enumerate(rows):
            add(f"x{i}", row, "input")
        for j, element in enumerate(self.counts):
            add(f"k{j}", f"memref<1x{element}>", "input")
        for j in range(len(self.dims)):
            add(f"d{j}", "memref<?xi8>", "input")
        for i, row in enumerate(rows):
            add(f"y{i}", row, "output")
        for j, element in enumerate(self.counts):
            add(f"n{j}", f"memref<1x{element}>", "output")
        for i, (result, row) in enumerate(zip(self.results, rows)):
            shape, _, kind, which, readAgain = result
            if readAgain:
                add(f"z{i}", row, "output")
            copy(f"s{i}", f"x{i}", f"y{i}", shape, row)
            count = ""
            if kind == "constant":
                constants.add(which)
                count = f" count(%c{which} : index)"
            elif kind == "extent":
                count = f" count(%e{which} : index)"
            elif kind == "device":
                count = f" count(%n{which} : memref<1x{self.counts[which]}>)"
            returned.append(f"%y{i}{count} : {row}")
            types.append(row)
        for j, element in enumerate(self.counts):
            copy(f"t{j}", f"k{j}", f"n{j}", [1], f"memref<1x{element}>")
            returned.append(f"%n{j} : memref<1x{element}>")
            types.append(f"memref<1x{element}>")
        for i, (result, row) in enumerate(zip(self.results, rows)):
            if result[4]:
                copy(f"u{i}", f"y{i}", f"z{i}", result[0], row)
                returned.append(f"%z{i} : {row}")
                types.append(row)
        first = [f"  %c{value} = arith.constant {value} : index" for value in sorted({0} | constants)]
        first += [
            f"  %e{j} = memref.dim %d{j}, %c0 : memref<?xi8>" for j in range(len(self.dims))
        ]
        return (
            "vyre.program @f(\n" + ",\n".join(arguments) + ")\n    -> (" + ", ".join(types) + ") {\n"
            + "\n".join(first + body)
            + "\n  vyre.return " + ", ".join(returned) + "\n}\n"
        )  # fmt: skip

    def data(self, isHostile):
        """The inputs; counts that all results can have, or a few that some can't."""
        rng = self.rng
        arrays = []
        for shape, element, _, _, _ in self.results:
            arrays.append(rng.integers(-100, 100, shape).astype(TYPES[element]))
        counts = []
        for j, element in enumerate(self.counts):
            users = [r[0][0] for r in self.results if r[2] == "device" and r[3] == j]
            least = min(users, default=5)
            value = int(rng.choice([0, least, rng.integers(0, least + 1)]))
            if isHostile and rng.integers(0, 2):
                value = int(rng.choice(HOSTILE + [max(users, default=0) + 1]))
            bits = np.array([value & ((1 << 64) - 1)], np.uint64).view(np.int64)
            counts.append(bits.astype(TYPES[element]))
        dims = [np.zeros(n, np.int8) for n in self.dims]
        return arrays, counts, dims

    def model(self, arrays, counts):
        """Each result as it has to come back, None where its count is wrong; the slab."""
        expected, room = [], []
        limit = self.options["max-compact-record-bytes"]
        for array, (shape, _, kind, which, _) in zip(arrays, self.results):
            count = shape[0]
            if kind == "constant":
                count = which
            elif kind == "extent":
                count = self.dims[which]
            elif kind == "device":
                count = int(counts[which][0])
            isRight = 0 <= count <= shape[0]
            expected.append(array[:count] if isRight else None)
            room.append(min(array.nbytes, limit) if kind == "device" else expected[-1].nbytes)
        expected += counts
        room += [count.nbytes for count in counts]
        again = [array for array, result in zip(arrays, self.results) if result[4]]
        expected += again
        room += [array.nbytes for array in again]
        slab, alignment = 0, self.options["record-alignment"]
        for size in room:
            end = -(-slab // alignment) * alignment + size
            if 0 < size <= limit and end <= self.options.get("max-slab-bytes", 1 << 62):
                slab = end
        full = arrays + counts + again
        return expected, full, slab


def check(folder, device, case, isHostile):
    arrays, counts, dims = case.data(isHostile)
    expected, full, slab = case.model(arrays, counts)
    command = ["vyre-run", folder / "f.vyre", f"--device={device}", f"--out={folder}"]
    command.append(f"--report={folder / 'report.json'}")
    for i, array in enumerate(arrays + counts + dims):
        np.save(folder / f"in{i}.npy", array)
        command.append(f"--in={i}={folder / f'in{i}.npy'}")
    for old in folder.glob("result*.npy"):
        old.unlink()
    done = subprocess.run(command, capture_output=True, text=True)
    isRight = all(one is not None for one in expected)
    assert done.returncode == (0 if isRight else 2), done.stderr
    report = json.loads((folder / "report.json").read_text())
    for i, one in enumerate(expected):
        result = report["results"][i]
        assert result["capacity_bytes"] == full[i].nbytes, (i, result)
        if one is None:
            assert result["status"] != "ok" and result["meaningful_bytes"] == 0, (i, result)
            assert not (folder / f"result{i}.npy").exists(), i
            continue
        assert result["status"] == "ok" and result["meaningful_bytes"] == one.nbytes, (i, result)
        found = np.load(folder / f"result{i}.npy")
        assert found.shape == one.shape and found.dtype == one.dtype, (i, found.dtype)
        assert np.array_equal(found, one), i
    selected = sum(one.nbytes for one in expected if one is not None)
    total = sum(array.nbytes for array in full)
    readback = report["readback"]
    assert readback["full_bytes"] == total, (readback, total)
    assert readback["selected_bytes"] == selected, (readback, selected)
    assert readback["avoided_bytes"] == total - selected, readback
    assert readback["avoided_basis_points"] == (total - selected) * 10000 // max(total, 1)
    assert readback["slab_bytes"] == slab, (readback, slab)
    if device == "cpu":
        assert readback["copies"] == 0 and readback["waits"] == 1, readback


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--programs", type=int, default=12)
    parser.add_argument("--device", default="cpu")
    arguments = parser.parse_args()
    folder = arguments.folder
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(arguments.programs):
        case = Case(np.random.default_rng([arguments.seed, number]))
        (folder / "f.mlir").write_text(case.program())
        options = " ".join(f"{name}={value}" for name, value in case.options.items())
        command = ["vyre-compile", folder / "f.mlir", "-o", folder / "f.vyre"]
        command += ["--targets=cpu", "--cpu=native", f"--compact={options}"]
        subprocess.run(command, check=True)
        try:
            check(folder, arguments.device, case, isHostile=False)
            check(folder, arguments.device, case, isHostile=True)
        except AssertionError:
            print(f"program {number} of seed {arguments.seed}, {options}")
            raise
    print("all right")


if __name__ == "__main__":
    main()
