# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
""".ci/check.py counts every way in which a suite can end, and loses no failure."""

import importlib.util
import io
import sys
import unittest
from contextlib import redirect_stdout
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[2] / ".ci/check.py"
specification = importlib.util.spec_from_file_location("check", SCRIPT)
check = importlib.util.module_from_spec(specification)
sys.modules["check"] = check
specification.loader.exec_module(check)

GTEST = """
import json, os, sys
def case(name, **more): return dict(name=name, status="RUN", result="COMPLETED", **more)
path = os.environ["GTEST_OUTPUT"].split(":", 1)[1]
cases = [case("a"), case("b"), case("c", failures=[dict(failure="1 != 2")]),
         dict(name="d", status="NOTRUN", result="SUPPRESSED"),
         dict(name="e", status="RUN", result="SKIPPED", skipped=[dict(message="no GPU")])]
json.dump(dict(testsuites=[dict(name="S", testsuite=cases)]), open(path, "w"))
"""


def counts(code, **options):
    """Passed, failed and skipped of a Python program that is run as a suite."""
    outcome = check.runCounted("suite", [sys.executable, "-c", code], **options)
    return outcome.passed, len(outcome.failures), len(outcome.skips)


class Counting(unittest.TestCase):
    def test_an_exit_status_is_one_test(self):
        self.assertEqual(counts("pass"), (1, 0, 0))
        self.assertEqual(counts("exit(3)"), (0, 1, 0))

    def test_a_last_line_counts(self):
        self.assertEqual(counts("print('7 passed, 0 failed')"), (7, 0, 0))
        self.assertEqual(counts("print('7 passed, 2 failed'); exit(1)"), (7, 2, 0))
        self.assertEqual(
            counts("print('7 passed, 0 failed, 3 skipped: no GPU')"), (7, 0, 3)
        )
        # In the middle of the output it is somebody else's line.
        self.assertEqual(counts("print('7 passed, 0 failed\\nbye')"), (1, 0, 0))

    def test_googletest_reports_count_single_cases(self):
        self.assertEqual(counts(GTEST + "exit(1)"), (2, 1, 1))

    def test_a_good_report_does_not_hide_a_bad_end(self):
        passing = GTEST.replace("failures=[", "others=[")
        self.assertEqual(counts(passing), (3, 0, 1))
        self.assertEqual(counts(passing + "os.abort()"), (3, 1, 1))
        self.assertEqual(counts("print('7 passed, 0 failed'); exit(1)"), (7, 1, 0))

    def test_death_and_silence_are_failures(self):
        self.assertEqual(counts("import os; os.abort()"), (0, 1, 0))
        self.assertEqual(counts("print('0 passed, 0 failed')"), (0, 1, 0))
        self.assertEqual(counts(GTEST.split("cases =")[0] + "open(path, 'w')"), (0, 1, 0))
        outcome = check.runCounted("suite", ["/nowhere/vyre-unit-nothing"])
        self.assertEqual(len(outcome.failures), 1)

    def test_a_suite_that_hangs_is_ended(self):
        code = "import subprocess; subprocess.run(['sleep', '600'])"
        self.assertEqual(counts(code, timeout=0.5), (0, 1, 0))

    def test_a_skip_is_said_and_is_no_pass(self):
        self.assertEqual(counts("print('skipped: no GPU'); exit(77)"), (0, 0, 1))


class Reporting(unittest.TestCase):
    def lastLine(self, *outcomes):
        with redirect_stdout(io.StringIO()) as text:
            status = check.report({str(i): o for i, o in enumerate(outcomes)})
        return text.getvalue().splitlines()[-1], status

    def test_the_last_line_sums_and_the_status_follows(self):
        good = check.Outcome(passed=3)
        bad = check.Outcome(passed=1, failures=[("x", "")])
        self.assertEqual(self.lastLine(good), ("3 passed, 0 failed", 0))
        self.assertEqual(self.lastLine(good, bad), ("4 passed, 1 failed", 1))
        self.assertEqual(self.lastLine(), ("0 passed, 0 failed", 1))


if __name__ == "__main__":
    unittest.main()
