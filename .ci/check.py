#!/usr/bin/env python3
#
# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
"""Builds, runs every test suite, and counts single tests.

    .ci/check.py [--only SUITE]... [--list] [--jobs N]

Suites are run one after the other and each report is read by machine: lit
writes JSON, GoogleTest writes JSON, a script may end its output with a line
'N passed, N failed' (and then ', N skipped: why'), and anything else counts as
one test by its exit status. A suite that dies, hangs, does not build or leaves
no report counts as failed, never as absent. The last line is

    N passed, N failed

and the exit status is 0 only if tests ran and none failed.
"""

import argparse
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
# A refused allocation is an answer that tests ask for, not a fault.
SANITIZERS = {
    "ASAN_OPTIONS": "allocator_may_return_null=1",
    "TSAN_OPTIONS": "allocator_may_return_null=1",
    "UBSAN_OPTIONS": "print_stacktrace=1",
}
# By convention a script that could not run here says why and exits so.
SKIP_STATUS = 77
COUNTED = re.compile(r"(\d+) passed, (\d+) failed(?:, (\d+) skipped(?:: (.*))?)?")


@dataclass
class Outcome:
    """What one suite did: counts, and the text of each failure."""

    passed: int = 0
    failures: list = field(default_factory=list)  # (test, output)
    skips: list = field(default_factory=list)  # (test, reason)
    seconds: float = 0.0

    def add(self, other):
        self.passed += other.passed
        self.failures += other.failures
        self.skips += other.skips

    def fail(self, test, output):
        self.failures.append((test, output))


def run(command, timeout, cwd=ROOT, env=None):
    """Runs a command; returns (exit status, output, timed out).

    A command that is late loses its whole process group, so that nothing it
    started lives on.
    """
    try:
        process = subprocess.Popen(
            [str(part) for part in command],
            cwd=cwd,
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        return 127, f"{command[0]}: {error.strerror}", False
    try:
        output, _ = process.communicate(timeout=timeout)
        late = False
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        output, _ = process.communicate()
        late = True
    return process.returncode, output.decode(errors="replace"), late


def describeEnd(status, late, timeout):
    if late:
        return f"no end within {timeout:.0f} s"
    if status < 0:
        return f"died of {signal.Signals(-status).name}"
    return f"exit status {status}"


def fromGoogleTest(name, report):
    """Counts the cases of a GoogleTest JSON report."""
    outcome = Outcome()
    for suite in report.get("testsuites", []):
        for case in suite.get("testsuite", []):
            test = f"{name}: {suite['name']}.{case['name']}"
            if case.get("failures"):
                text = "\n".join(f["failure"] for f in case["failures"])
                outcome.fail(test, text)
            elif case.get("result") == "SKIPPED":
                messages = [s.get("message", "") for s in case.get("skipped", [])]
                outcome.skips.append((test, " ".join(messages).strip() or "skipped"))
            elif case.get("status") == "RUN":
                outcome.passed += 1
    return outcome


def fromLines(name, output):
    """Counts by the last line of a script, or None if it has no such line."""
    lines = output.strip().splitlines()
    match = COUNTED.fullmatch(lines[-1].strip()) if lines else None
    if not match:
        return None
    outcome = Outcome(passed=int(match[1]))
    for index in range(int(match[2])):
        outcome.fail(f"{name}: failure {index + 1}", output if index == 0 else "")
    for _ in range(int(match[3] or 0)):
        outcome.skips.append((name, match[4] or "said so"))
    return outcome


def runCounted(name, command, timeout=600, cwd=ROOT, env=None, skipStatus=SKIP_STATUS):
    """Runs one test program and counts what it reports in whichever way."""
    with tempfile.TemporaryDirectory(prefix="vyre-check-") as scratch:
        report = Path(scratch) / "report.json"
        environment = {
            **SANITIZERS,
            **os.environ,
            **(env or {}),
            "GTEST_OUTPUT": f"json:{report}",
        }
        status, output, late = run(command, timeout, cwd, environment)
        outcome = None
        if report.exists():
            try:
                outcome = fromGoogleTest(name, json.loads(report.read_text()))
            except ValueError as error:
                outcome = Outcome()
                outcome.fail(name, f"{output}\nits report is damaged: {error}")
        elif not late and status == skipStatus:
            lines = output.strip().splitlines()
            return Outcome(skips=[(name, lines[-1] if lines else "said so")])
        else:
            outcome = fromLines(name, output)
    end = describeEnd(status, late, timeout)
    if outcome is None:
        outcome = Outcome()
        if status == 0:
            outcome.passed = 1
        else:
            outcome.fail(name, f"{output}\n{end}")
    elif status != 0 and not outcome.failures:
        # It reported no failure and yet did not end well: a leak, a crash at
        # exit, or a report that stops early.
        outcome.fail(f"{name}: at exit", f"{output}\n{end}")
    elif not (outcome.passed or outcome.failures or outcome.skips):
        outcome.fail(name, f"{output}\nit ran no test")
    return outcome


def build(preset, jobs, options=()):
    """Configures and builds a preset; a build is no test unless it fails."""
    outcome = Outcome()
    for step, command in (
        ("configure", ["cmake", "--preset", preset, *options]),
        ("build", ["cmake", "--build", BUILD / preset, "--parallel", str(jobs)]),
    ):
        status, output, late = run(command, timeout=7200)
        if status != 0:
            text = "\n".join(output.splitlines()[-60:])
            outcome.fail(f"{step} {preset}", f"{text}\n{describeEnd(status, late, 7200)}")
            break
    return outcome


def ctest(preset):
    """Runs what the folders of a build registered by add_test."""
    directory = BUILD / preset
    status, output, _ = run(
        ["ctest", "--test-dir", directory, "--show-only=json-v1"], timeout=60
    )
    outcome = Outcome()
    try:
        tests = json.loads(output[output.index("{") :])["tests"]
    except ValueError:
        outcome.fail(f"list the tests of {preset}", output)
        return outcome
    if not tests:
        outcome.fail(f"tests of {preset}", "the build registered none")
    for test in tests:
        properties = {p["name"]: p["value"] for p in test.get("properties", [])}
        name = f"{preset}/{test['name']}"
        if properties.get("DISABLED"):
            outcome.skips.append((name, "disabled"))
            continue
        if "command" not in test:
            outcome.fail(name, "its program was not built")
            continue
        environment = dict(
            entry.split("=", 1) for entry in properties.get("ENVIRONMENT", [])
        )
        outcome.add(
            runCounted(
                name,
                test["command"],
                timeout=float(properties.get("TIMEOUT", 600)),
                cwd=properties.get("WORKING_DIRECTORY", directory),
                env=environment,
                skipStatus=properties.get("SKIP_RETURN_CODE", SKIP_STATUS),
            )
        )
    return outcome


def lit(preset, jobs):
    """Runs the lit suite of a build."""
    outcome = Outcome()
    directory = BUILD / preset / "test"
    report = directory / "lit-report.json"
    report.unlink(missing_ok=True)
    runner = directory / "run-lit"
    command = [runner, "-q", "-j", str(jobs), "-o", report]
    status, output, late = run(command, timeout=3600)
    end = describeEnd(status, late, 3600)
    try:
        tests = json.loads(report.read_text())["tests"]
    except (OSError, ValueError):
        outcome.fail("lit", f"{output}\nleft no report; {end}")
        return outcome
    for test in tests:
        code = test["code"]
        if code in ("PASS", "FLAKYPASS", "XFAIL"):
            outcome.passed += 1
        elif code in ("UNSUPPORTED", "SKIPPED", "EXCLUDED"):
            reason = test.get("output", "").strip().splitlines()
            outcome.skips.append((test["name"], reason[-1] if reason else code.lower()))
        else:
            outcome.fail(test["name"], f"{code}\n{test.get('output', '')}")
    if status != 0 and not outcome.failures:
        outcome.fail("lit: at exit", f"{output}\n{end}")
    if not tests:
        outcome.fail("lit", "no test found")
    return outcome


def gpu(preset, jobs):
    """Runs all execution tests on the GPU of this machine, if it has one."""
    if not Path("/dev/nvidiactl").exists():
        return Outcome(skips=[("the execution tests on a GPU", "no GPU")])
    pack = BUILD / preset / "pack"
    script = ROOT / "test/Integration/pack.py"
    tools = BUILD / preset / "bin"
    status, output, _ = run(
        [sys.executable, script, pack, "--bin", tools, "--jobs", jobs], timeout=1800
    )
    if status != 0:
        outcome = Outcome()
        outcome.fail("pack the execution tests", output)
        return outcome
    return runCounted("gpu", [sys.executable, pack / "run_on_gpu.py"], timeout=1800)


def suites(jobs):
    """Name, what it needs built before, and what runs it."""
    werror = ["-DVYRE_WERROR=ON"]
    return [
        ("format", None, lambda: runCounted("format", [ROOT / ".ci/format", "--check"])),
        ("build", None, lambda: build("release", jobs, werror)),
        ("docs", "build", lambda: runCounted("docs", [ROOT / ".ci/docs", "--check"])),
        ("unit", "build", lambda: ctest("release")),
        ("lit", "build", lambda: lit("release", jobs)),
        ("gpu", "build", lambda: gpu("release", jobs)),
        ("build-sanitize", None, lambda: build("sanitize", jobs, werror)),
        ("sanitize", "build-sanitize", lambda: ctest("sanitize")),
        ("build-tsan", None, lambda: build("tsan", jobs, werror)),
        ("tsan", "build-tsan", lambda: ctest("tsan")),
    ]


def shorten(text, lines=60):
    kept = text.strip().splitlines()
    if len(kept) > lines:
        kept = [f"... {len(kept) - lines} lines before ..."] + kept[-lines:]
    return "\n".join("    " + line for line in kept)


def report(results):
    """Prints skips, the cost of each suite, and the sum as the last line."""
    total = Outcome()
    for outcome in results.values():
        total.add(outcome)
    reasons = {}
    for test, reason in total.skips:
        reasons.setdefault(reason, []).append(test)
    if reasons:
        print()
    for reason, tests in reasons.items():
        more = f" and {len(tests) - 3} more" if len(tests) > 3 else ""
        print(f"skipped: {reason}: {', '.join(tests[:3])}{more}")
    print(f"\n{'suite':<16}{'passed':>8}{'failed':>8}{'skipped':>9}{'seconds':>9}")
    for name, outcome in results.items():
        print(
            f"{name:<16}{outcome.passed:>8}{len(outcome.failures):>8}"
            f"{len(outcome.skips):>9}{outcome.seconds:>9.1f}"
        )
    for test, _ in total.failures:
        print(f"FAILED: {test}")
    print(f"{total.passed} passed, {len(total.failures)} failed")
    return 0 if total.passed and not total.failures else 1


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--only", action="append", metavar="SUITE", help="run this suite (repeatable)"
    )
    parser.add_argument("--list", action="store_true", help="list the suites")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    arguments = parser.parse_args()
    known = suites(max(1, arguments.jobs))
    names = [name for name, _, _ in known]
    if arguments.list:
        print("\n".join(names))
        return 0
    for name in arguments.only or []:
        if name not in names:
            parser.error(f"no suite '{name}'; there are: {', '.join(names)}")

    results = {}
    for name, needs, suite in known:
        if arguments.only and name not in arguments.only:
            continue
        print(f"check: {name}", flush=True)
        start = time.monotonic()
        if needs in results and results[needs].failures:
            outcome = Outcome()
            outcome.fail(name, f"not run: {needs} failed")
        else:
            outcome = suite()
        outcome.seconds = time.monotonic() - start
        results[name] = outcome
        for test, text in outcome.failures:
            print(f"FAILED: {test}\n{shorten(text)}", flush=True)
    return report(results)


if __name__ == "__main__":
    sys.exit(main())
