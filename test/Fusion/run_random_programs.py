# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
"""Fuses random programs and checks what comes out, in four ways.

* Every dependence between two stages that the analysis calls same-index, or does
  not see, is looked at by brute force: no two points may meet that differ. Where it
  gives an example of two points that meet, two such points must exist.
* Every launch is looked at by brute force: no two of its stages may touch an
  element, one of them writing it, at different points of their common indices.
* The programs are run unfused, fused, and merged, the latter two from the last
  point to the first: the results must have the same bits.
* All of them must agree with numpy.

Of the neighbouring stages that brute force calls legal to join, the fraction that
was joined is printed, and must be at least 0.9.

    run_random_programs.py --vyre-opt build/bin/vyre-test-opt --count 2000
"""

import argparse
import ctypes
import itertools
import re
import sys
import tempfile
from pathlib import Path

import numpy as np

import random_programs

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Harness"))
from native_modules import Tools, call, descriptor

DEPENDENCE = re.compile(
    r"^@(\w+) -> @(\w+): [\w-]+ of %(arg)?(\d+) over (\d+) indices: ([\w-]+)", re.M
)
ACCESS = re.compile(r"memref\.(?:load|store|atomic_rmw)\b[^[]*\[([^]]*)\]")
PRINTED = re.compile(
    r"^ *vyre\.program @(?P<program>\w+)|^ *vyre\.launch @(?P<launch>\w+)|"
    r"^ *vyre\.stage @(?P<stage>\w+) \((?P<indices>[^)]*)\)|"
    r"memref\.(?:load|store|atomic_rmw)\b[^[\n]*\[(?P<access>[^]\n]*)\]|^    }$",
    re.M,
)


def run(library, program, arrays):
    """Runs a program on copies of the arrays; returns the copies."""
    copies = {name: array.copy() for name, array in arrays.items()}
    descriptors = [
        descriptor(copies[b.name])
        for b in program.buffers
        if b.kind != "intermediate"
    ]
    getattr(library, f"_mlir_ciface_{program.name}")(
        *[ctypes.byref(d) for d in descriptors]
    )
    return copies


def launchesOf(text):
    """For each program: its launches, each with its stages' printed indices and those of
    their loads and stores, as {stage: (indices, accesses)}."""
    launches, program, current, accesses = {}, None, None, None
    for match in PRINTED.finditer(text):
        if match["program"]:
            program = launches.setdefault(match["program"], [])
            current = None
        elif match["launch"]:
            current = {}
            program.append(current)
        elif match["stage"]:
            if current is None:
                program.append({})
            accesses = []
            group = program[-1] if current is None else current
            indices = match["indices"]
            group[match["stage"]] = (indices.split(", ") if indices else [], accesses)
        elif match["access"] is not None:
            accesses.append(match["access"].split(", "))
        else:
            current = None
    return launches


def orderOf(stage, indices, accesses):
    """The names of a stage's indices in the order in which fusion put them; None where
    it gave the stage another shape.

    `indices` are those of the printed stage and `accesses` the indices of its loads and
    stores. Fusion neither adds nor moves any, so the names of the two can be compared.
    """
    written = [match[1].split(", ") for match in map(ACCESS.search, stage.body) if match]
    assert len(written) == len(accesses), stage.name
    nameOf = {}
    for mine, printed in zip(written, accesses):
        for name, index in zip(mine, printed):
            if index in indices and name[1:] in dict(stage.space):
                nameOf[index] = name[1:]
    order = [nameOf.get(index) for index in indices]
    isComplete = sorted(map(str, order)) == sorted(name for name, _ in stage.space)
    return order if isComplete else None


def matchings(first, second):
    """All ways to take the indices of one stage for those of the other with the same
    extents, as pairs of lists of names."""
    few, many = sorted((first, second), key=lambda stage: len(stage.space))
    for chosen in itertools.permutations(many.space, len(few.space)):
        if all(mine[1] == other[1] for mine, other in zip(few.space, chosen)):
            names = [[name for name, _ in pairs] for pairs in (few.space, chosen)]
            yield names if few is first else names[::-1]


def conflict(touched, first, second, names):
    """An element that two stages meet in at points that differ in the indices that
    `names` has of each, as (buffer, element, point, point); None where there is none."""
    positions = [
        [[n for n, _ in stage.space].index(name) for name in chosen]
        for stage, chosen in zip((first, second), names)
    ]
    return conflictAt(touched[first.name], touched[second.name], positions)


def conflictAt(left, right, positions, buffer=None):
    """The same for positions in the points, and for one buffer if it is given."""
    for key, (readers, writers) in left.items():
        if key not in right or buffer not in (None, key[0]):
            continue
        otherReaders, otherWriters = right[key]
        for mine, others in (
            (writers, otherReaders | otherWriters),
            (readers, otherWriters),
        ):
            for p in mine:
                for q in others:
                    if [p[i] for i in positions[0]] != [q[i] for i in positions[1]]:
                        return (*key, p, q)
    return None


def isLegalPair(touched, first, second):
    """Whether two neighbours may be joined: under some matching, the indices of one are
    among those of the other, and they meet at equal points alone."""
    if second.host_boundary:
        return False
    if bool(first.space) != bool(second.space):
        return False
    return any(
        conflict(touched, first, second, names) is None
        for names in matchings(first, second)
    )


class Report:
    def __init__(self):
        self.passed, self.failures = 0, []
        self.legal, self.joined, self.dependences = 0, 0, 0
        self.launches, self.reshaped = 0, 0

    def check(self, program, isRight, message):
        if isRight:
            return True
        self.failures.append(f"{program.name}: {message}")
        return False


def checkLaunches(program, touched, launches, isOrdered, report):
    """Brute force over one program's launches; counts the legal neighbours."""
    stages = {s.name: s for s in program.stages}
    launchOf = {}
    isRight = True
    for number, launch in enumerate(launches):
        launchOf.update((name, number) for name in launch)
        members = [stages[name] for name in launch]
        orders = [orderOf(stages[name], *printed) for name, printed in launch.items()]
        # A reshaped stage has no index by the name that it had; execution looks at it.
        report.launches += len(members) > 1
        if None in orders:
            report.reshaped += 1
            continue
        rank = min(map(len, orders))
        indices = [order[:rank] for order in orders]
        for later, earlier in itertools.product(range(len(members)), repeat=2):
            if earlier >= later:
                continue
            first, second = members[earlier], members[later]
            found = conflict(touched, first, second, (indices[earlier], indices[later]))
            isRight &= report.check(
                program,
                found is None,
                f"{first.name} and {second.name} share a launch and meet: {found}",
            )
    if isOrdered:
        for first, second in zip(program.stages, program.stages[1:]):
            if isLegalPair(touched, first, second):
                report.legal += 1
                report.joined += launchOf[first.name] == launchOf[second.name]
    return isRight


def dependencesOf(text):
    """For each program: what the analysis says of two stages and a buffer, as
    {(stage, stage, buffer number, is argument): (matched indices, distances)}."""
    programs = {}
    for part in re.split(r"^program @", text, flags=re.M)[1:]:
        found = programs.setdefault(part.split("\n", 1)[0], {})
        for match in DEPENDENCE.finditer(part):
            key = (match[1], match[2], int(match[4]), match[3] == "arg")
            found.setdefault(key, (int(match[5]), set()))[1].add(match[6])
    return programs


def checkDependences(program, touched, dependences, report):
    """Brute force over every two stages of a program and every buffer."""
    arguments = [b for b in program.buffers if b.kind != "intermediate"]
    intermediates = [b for b in program.buffers if b.kind == "intermediate"]
    isRight = True
    for k, second in enumerate(program.stages):
        for first in program.stages[:k]:
            matched = 0
            for (_, a), (_, b) in zip(first.space, second.space):
                # Equal numbers are proved to be equal only where they are known.
                isKnown = a == b or not program.dynamic
                if not isKnown or program.extent(a) != program.extent(b):
                    break
                matched += 1
            for buffer in program.buffers:
                isArgument = buffer.kind != "intermediate"
                number = (arguments if isArgument else intermediates).index(buffer)
                count, distances = dependences.get(
                    (first.name, second.name, number, isArgument), (matched, set())
                )
                isRight &= report.check(
                    program,
                    count == matched,
                    f"{first.name} and {second.name} share {matched} indices, not {count}",
                )
                positions = [range(matched), range(matched)]
                found = conflictAt(
                    touched[first.name], touched[second.name], positions, buffer.name
                )
                isCautious = distances & {"cross-index", "unknown"}
                isRight &= report.check(
                    program,
                    found is None or isCautious,
                    f"{first.name} and {second.name} meet: {found}; seen: {distances}",
                )
                isRight &= report.check(
                    program,
                    found or program.dynamic or "cross-index" not in distances,
                    f"{first.name} and {second.name} do not meet in {buffer.name}",
                )
                report.dependences += bool(distances)
    return isRight


def checkResults(program, seed, plain, others, report):
    arrays = random_programs.makeArguments(program, seed)
    expected = random_programs.evaluate(program, arrays)
    results = run(plain, program, arrays)
    isRight = True
    for buffer in program.buffers:
        if buffer.kind not in ("output", "input_output", "state"):
            continue
        name = buffer.name
        isRight &= report.check(
            program,
            np.array_equal(
                results[name], expected[name], equal_nan=results[name].dtype.kind == "f"
            ),
            f"{name} differs from numpy:\n{results[name]}\n{expected[name]}",
        )
    for kind, library in others.items():
        found = run(library, program, arrays)
        for name, array in results.items():
            isRight &= report.check(
                program,
                array.tobytes() == found[name].tobytes()
                or np.array_equal(array, found[name], equal_nan=True)
                and np.array_equal(np.signbit(array), np.signbit(found[name]))
                if array.dtype.kind == "f"
                else array.tobytes() == found[name].tobytes(),
                f"{name} differs, {kind}:\n{found[name]}\n{array}",
            )
    return isRight


def checkBatch(tools, first, count, folder, report):
    programs = [random_programs.generate(f"p{i}", i) for i in range(first, first + count)]
    text = "\n".join(random_programs.toText(p) for p in programs)
    isOrdered = (first // count) % 2 == 0
    fuse = "vyre-fuse-launches{reorder=%s}" % ("false" if isOrdered else "true")
    fused = tools.optimize(text, f"vyre.program({fuse},vyre-verify-launches)")
    merge = "vyre.program(vyre-form-launches,vyre-merge-stages)"
    plain = tools.load(text, "test-vyre-execution", folder, f"plain{first}")
    others = {
        "fused": tools.load(
            fused, "test-vyre-execution{reverse}", folder, f"fused{first}"
        ),
        "merged": tools.load(
            fused, f"{merge},test-vyre-execution{{reverse}}", folder, f"merged{first}"
        ),
    }
    launches = launchesOf(fused)
    dependences = dependencesOf(
        call(
            tools.vyreOpt,
            "--pass-pipeline=builtin.module(vyre.program(test-vyre-dependences))",
            "--mlir-disable-threading",
            "-o",
            "/dev/null",
            stdin=text,
        )
    )
    for seed, program in enumerate(programs, first):
        name = program.name
        touched = {
            s.name: random_programs.touchedElements(program, s) for s in program.stages
        }
        isRight = checkLaunches(program, touched, launches[name], isOrdered, report)
        isRight &= checkDependences(program, touched, dependences[name], report)
        isRight &= checkResults(program, seed, plain, others, report)
        report.passed += isRight


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    Tools.addArguments(parser)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--batch", type=int, default=100, help="programs in a module")
    parser.add_argument("--show", type=int, help="print the program of a seed")
    arguments = parser.parse_args()
    if arguments.show is not None:
        program = random_programs.generate(f"p{arguments.show}", arguments.show)
        print(random_programs.toText(program))
        return 0

    tools = Tools.of(arguments)
    report = Report()
    with tempfile.TemporaryDirectory(prefix="vyre-fusion-") as folder:
        for first in range(arguments.first, arguments.first + arguments.count, arguments.batch):
            count = min(arguments.batch, arguments.first + arguments.count - first)
            checkBatch(tools, first, count, Path(folder), report)
    for failure in report.failures[:20]:
        print(failure)
    fraction = report.joined / report.legal if report.legal else 1
    print(f"{report.dependences} dependences agree with brute force")
    print(f"{report.launches} launches agree, {report.reshaped} by execution alone")
    print(f"of {report.legal} legal neighbours, {report.joined} joined: {fraction:.3f}")
    failed = arguments.count - report.passed
    if fraction < 0.9:
        print("expected a fraction of at least 0.9")
        failed = max(failed, 1)
    print(f"{arguments.count - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
