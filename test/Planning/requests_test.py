#!/usr/bin/env python3
#
# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
"""Tests of vyre-plan as a program: what it makes of lines that are no requests,
of very long ones, of its command line, and how fast it is.

    requests_test.py VYRE_PLAN [--no-timing]
"""

import json
import os
import subprocess
import sys
import unittest

VYRE_PLAN = sys.argv[1] if len(sys.argv) > 1 else "vyre-plan"
CHECKS_TIME = "--no-timing" not in sys.argv

STAGE = (
    '{"id":%d,"layout_hash":7,"input_bytes":64,"output_bytes":32,'
    '"scratch_bytes":8,"requires_host_materialization":false}'
)
QUEUE = {
    "plan": "queue",
    "initial_items": 1,
    "queue_capacity": 2,
    "entry_bytes": 3,
    "control_bytes": 4,
    "budget_bytes": 10,
    "host_sync": "final_only",
}
FUSION = {
    "plan": "fusion",
    "stages": [json.loads(STAGE % 1)],
    "max_group_bytes": 256,
}
COMPACTION = {
    "plan": "compaction",
    "slots": [{"slot": 2, "meaningful_bytes": 3, "capacity_bytes": 8}],
    "max_compact_record_bytes": 4,
}
CAPTURE = {"plan": "capture", "bindings": [{"role": "input", "input_index": 0}]}
AUDIT = {"plan": "cache-audit", "observations": [True], "alarm_threshold_bps": 1}


def run(data, *arguments):
    """Exit status and answers of vyre-plan, which prints nothing else."""
    if isinstance(data, str):
        data = data.encode()
    result = subprocess.run(
        [VYRE_PLAN, *arguments], input=data, capture_output=True, check=False
    )
    answers = [json.loads(line) for line in result.stdout.decode().splitlines()]
    return result.returncode, answers, result.stderr.decode()


def with_field(request, path, text):
    """The request as JSON, with the field at a path such as ("slots", 0, "slot")
    replaced by any text, or removed if that is None."""
    request = json.loads(json.dumps(request))
    target = request
    for step in path[:-1]:
        target = target[step]
    target[path[-1]] = "@"
    if text is None:
        del target[path[-1]]
    return json.dumps(request).replace('"@"', text or "")


class Invalid(unittest.TestCase):
    def refuse(self, line, field):
        """A line that is no request, between two that are."""
        if isinstance(line, str):
            line = line.encode()
        good = json.dumps(QUEUE).encode()
        status, answers, errors = run(good + b"\n" + line + b"\n" + good + b"\n")
        self.assertEqual((status, len(answers), errors), (1, 3, ""), line[:200])
        self.assertNotIn("error", answers[0])
        self.assertEqual(answers[0], answers[2])
        error = answers[1]["error"]
        self.assertEqual(error["kind"], "InvalidRequest", line[:200])
        self.assertEqual(error["field"], field, line[:200])
        self.assertTrue(error["expected"])
        self.assertIn(error["expected"], error["message"])
        self.assertIn("Fix: ", error["message"])
        self.assertLess(len(error["message"]), 1000)

    def test_lines_that_are_no_object(self):
        for line in ("", " ", "\r", "null", "1", '"plan"', "[]", "true", "{", "}",
                     "nul", "{}{}", "\0", "\x01"):
            self.refuse(line, "plan" if line == "{}{}" else "request")

    def test_syntax(self):
        text = json.dumps(QUEUE)
        for size in range(1, len(text)):
            with self.subTest(size=size):
                _, answers, _ = run(text[:size] + "\n")
                self.assertEqual(answers[0]["error"]["kind"], "InvalidRequest")
        self.refuse(text + "x", "request")
        self.refuse(text + text, "request")
        self.refuse(text[:-1] + ",}", "host_sync")
        self.refuse(text.replace('"', "'"), "request")
        self.refuse("// comment", "request")

    def test_utf8(self):
        for bad in (b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xf5\x80\x80\x80", b"\xc3"):
            self.refuse(b'{"plan":"' + bad + b'"}', "plan")
            self.refuse(b'{"' + bad + b'":1}', "request")
        self.refuse('{"plan":"\\ud800"}', "plan")
        self.refuse('{"plän":1}', "plän")
        self.refuse('{"pl\\u0000n":1}', "pl\0n")

    def test_unsigned_integers(self):
        for text in ("-1", "-0", "1.0", "1e3", "18446744073709551616", "1e999", "null",
                     "true", '"1"', "[1]", "{}", "-9223372036854775809", "0." + "1" * 500):
            for field in ("initial_items", "queue_capacity", "entry_bytes",
                          "control_bytes", "budget_bytes"):
                self.refuse(with_field(QUEUE, (field,), text), field)
            if text == "null":
                continue
            path = ("max_items_per_drain_launch",)
            self.refuse(with_field(QUEUE, path, text), path[0])
            path = ("stages", 0, "first_legal_start")
            self.refuse(with_field(FUSION, path, text), "stages[0].first_legal_start")
            path = ("bindings", 0, "output_index")
            self.refuse(with_field(CAPTURE, path, text), "bindings[0].output_index")
        for text in ("01", "+1", "0x1", "1_0", "NaN", "Infinity"):
            self.refuse(with_field(QUEUE, ("budget_bytes",), text), "budget_bytes")

    def test_32_bit_integers(self):
        for text in ("4294967296", "-1", "18446744073709551615"):
            self.refuse(with_field(FUSION, ("stages", 0, "id"), text), "stages[0].id")
            self.refuse(with_field(COMPACTION, ("slots", 0, "slot"), text), "slots[0].slot")
            self.refuse(
                with_field(CAPTURE, ("bindings", 0, "binding"), text), "bindings[0].binding"
            )
            self.refuse(
                with_field(AUDIT, ("alarm_threshold_bps",), text), "alarm_threshold_bps"
            )

    def test_other_types(self):
        for text in ("1", '"true"', "null", "[]", "{}"):
            name = "requires_host_materialization"
            self.refuse(with_field(FUSION, ("stages", 0, name), text), "stages[0]." + name)
        for text in ('"Queue"', '""', "1", "null", "[]", "{}", '"fusion "', '"fusion compaction"'):
            self.refuse(with_field(QUEUE, ("plan",), text), "plan")
            self.refuse(with_field(QUEUE, ("host_sync",), text), "host_sync")
        for text in ('"best"', "1", "[]", "{}"):
            self.refuse(with_field(FUSION, ("strategy",), text), "strategy")
            self.refuse(with_field(FUSION, ("accounting",), text), "accounting")
            self.refuse(with_field(CAPTURE, ("bindings", 0, "role"), text), "bindings[0].role")
        self.refuse(with_field(CAPTURE, ("bindings", 0, "name"), "1"), "bindings[0].name")
        for text in ("1", "null", "{}", '"x"'):
            self.refuse(with_field(FUSION, ("stages",), text), "stages")
            self.refuse(with_field(AUDIT, ("observations",), text), "observations")
        for text in ("1", "null", "[]", '"x"', "true"):
            self.refuse(with_field(FUSION, ("stages",), f"[{text}]"), "stages[0]")
        for text in ("1", "0", "[]", '"hit"', "{}"):
            self.refuse(
                with_field(AUDIT, ("observations",), f"[true,{text}]"), "observations[1]"
            )

    def test_missing_fields(self):
        for request in (QUEUE, FUSION, COMPACTION, CAPTURE, AUDIT):
            for name in request:
                self.refuse(with_field(request, (name,), None), name)
        for name in FUSION["stages"][0]:
            self.refuse(with_field(FUSION, ("stages", 0, name), None), "stages[0]." + name)
        for name in COMPACTION["slots"][0]:
            self.refuse(with_field(COMPACTION, ("slots", 0, name), None), "slots[0]." + name)
        self.refuse(with_field(CAPTURE, ("bindings", 0, "role"), None), "bindings[0].role")

    def test_unknown_and_foreign_keys(self):
        for request in (QUEUE, FUSION, COMPACTION, CAPTURE, AUDIT):
            self.refuse(with_field(request, ("unknown",), "1"), "unknown")
            self.refuse('{"":0,' + json.dumps(request)[1:], "request")
            for other in (QUEUE, FUSION, COMPACTION, CAPTURE, AUDIT):
                name = list(other)[1]
                if name not in request:
                    text = json.dumps(other[name])
                    self.refuse(with_field(request, (name,), text), name)
                    # Also where the plan is known only afterwards.
                    self.refuse(f'{{"{name}":{text},' + json.dumps(request)[1:], name)
        self.refuse(with_field(FUSION, ("stages", 0, "slot"), "1"), "stages[0].slot")
        self.refuse('{"' + "k" * 100 + '":1}', "k" * 60 + "...")
        self.refuse('{"' + "k" * 59 + "é" + '":1}', "k" * 59 + "...")

    def test_repeated_keys(self):
        for request in (QUEUE, FUSION, COMPACTION, CAPTURE, AUDIT):
            for name, value in request.items():
                text = json.dumps(request)[:-1] + f', "{name}": {json.dumps(value)}}}'
                self.refuse(text, name)
        stage = STAGE % 1
        self.refuse(
            with_field(FUSION, ("stages",), f"[{stage},{stage[:-1]},\"id\":1}}]"), "stages[1].id"
        )

    def test_nesting(self):
        self.refuse("[" * 1000000, "request")
        self.refuse('{"a":' * 1000000, "a")
        self.refuse('{"plan":' + "[" * 1000000, "plan")
        self.refuse('{"stages":' + "[" * 1000000, "stages[0]")
        self.refuse('{"stages":[{"id":' + "{" * 1000000, "stages[0].id")


class Valid(unittest.TestCase):
    def plan(self, text):
        status, answers, errors = run(text + "\n")
        self.assertEqual((status, len(answers), errors), (0, 1, ""), answers)
        return answers[0]

    def test_order_of_keys_and_space(self):
        for request in (QUEUE, FUSION, COMPACTION, CAPTURE, AUDIT):
            turned = dict(reversed(request.items()))
            spaced = "\t " + json.dumps(turned).replace(" ", " \t\r ") + " \r"
            self.assertEqual(self.plan(json.dumps(request)), self.plan(spaced))

    def test_optional_fields_may_be_null(self):
        for request, path in (
            (QUEUE, ("max_items_per_drain_launch",)),
            (FUSION, ("strategy",)),
            (FUSION, ("accounting",)),
            (FUSION, ("stages", 0, "first_legal_start")),
            (FUSION, ("stages", 0, "forwarded_bytes")),
            (COMPACTION, ("record_alignment",)),
            (COMPACTION, ("max_slab_bytes",)),
            (CAPTURE, ("bindings", 0, "output_index")),
        ):
            self.assertEqual(
                self.plan(json.dumps(request)), self.plan(with_field(request, path, "null"))
            )

    def test_slab_bytes_where_the_slab_is_shaped(self):
        self.assertNotIn("slab_bytes", self.plan(json.dumps(COMPACTION)))
        for field, text in (("record_alignment", "1"), ("max_slab_bytes", "100")):
            answer = self.plan(with_field(COMPACTION, (field,), text))
            self.assertEqual(answer["slab_bytes"], 3)

    def test_64_bits_are_exact(self):
        most = 2**64 - 1
        request = dict(QUEUE, queue_capacity=most, entry_bytes=1, control_bytes=0,
                       budget_bytes=most, initial_items=most - 1,
                       max_items_per_drain_launch=65536)
        answer = self.plan(json.dumps(request))
        self.assertEqual(answer["chunks"], 281474976710656)
        self.assertEqual(answer["queue"]["resident_bytes"], most)
        self.assertEqual(answer["queue"]["initial_occupancy_bps"], 9999)
        stage = dict(FUSION["stages"][0], layout_hash=most, input_bytes=2**63 + 1,
                     output_bytes=0, scratch_bytes=0, id=2**32 - 1)
        request = dict(FUSION, stages=[stage], max_group_bytes=most)
        group = self.plan(json.dumps(request))["groups"][0]
        self.assertEqual(group["layout_hash"], most)
        self.assertEqual(group["required_bytes"], 2**63 + 1)
        self.assertEqual(group["stage_ids"], [2**32 - 1])
        # Too far a start is the stage's error, however far.
        stage["first_legal_start"] = 2**33
        _, answers, _ = run(json.dumps(request))
        self.assertEqual(answers[0]["error"]["kind"], "InvalidStage")


class Program(unittest.TestCase):
    def test_exit_status(self):
        good, bad = json.dumps(QUEUE), json.dumps(dict(QUEUE, queue_capacity=0))
        self.assertEqual(run("")[:2], (0, []))
        self.assertEqual(run(f"{good}\n{good}\n")[0], 0)
        self.assertEqual(run(f"{good}\n{bad}\n{good}\n")[0], 1)
        self.assertEqual(run("\n")[0], 1)
        # The last line needs no end.
        self.assertEqual(len(run(f"{good}\n{good}")[1]), 2)

    def test_command_line(self):
        for argument, expected in (("--help", "usage: "), ("--version", "vyre-plan ")):
            result = subprocess.run([VYRE_PLAN, argument], capture_output=True, check=False)
            self.assertEqual(result.returncode, 0)
            self.assertTrue(result.stdout.decode().startswith(expected))
        status, answers, errors = run("", "--unknown")
        self.assertEqual((status, answers), (2, []))
        self.assertIn("'--unknown'", errors)

    def test_answers_before_the_next_request(self):
        with subprocess.Popen(
            [VYRE_PLAN], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as process:
            for _ in range(3):
                process.stdin.write(json.dumps(QUEUE).encode() + b"\n")
                process.stdin.flush()
                self.assertIn("queue_bytes", json.loads(process.stdout.readline()))
            process.stdin.close()
            self.assertEqual(process.wait(), 0)

    def test_output_that_cannot_be_written(self):
        with open("/dev/full", "w", encoding="utf-8") as full:
            result = subprocess.run(
                [VYRE_PLAN], input=json.dumps(QUEUE).encode(), stdout=full,
                stderr=subprocess.PIPE, check=False,
            )
        self.assertEqual(result.returncode, 2)
        self.assertIn(b"cannot write", result.stderr)

    def test_input_that_cannot_be_read(self):
        directory = os.open("/", os.O_RDONLY)
        result = subprocess.run(
            [VYRE_PLAN], stdin=directory, capture_output=True, check=False
        )
        os.close(directory)
        self.assertEqual(result.returncode, 2)
        self.assertIn(b"cannot read", result.stderr)

    def test_long_lines(self):
        size = 64 << 20
        count = size // len(STAGE % 100000) + 1
        stages = ",".join(STAGE % i for i in range(count))
        line = f'{{"plan":"fusion","stages":[{stages}],"max_group_bytes":256}}\n'
        self.assertGreater(len(line), size)
        status, answers, _ = run(line)
        self.assertEqual(status, 0)
        self.assertEqual(answers[0]["avoided_launches"], count - answers[0]["launch_count"])
        self.assertEqual(sum(len(g["stage_ids"]) for g in answers[0]["groups"]), count)
        # The same, with an error at its very end, and lines that are nonsense.
        status, answers, _ = run(
            line.replace('"max_group_bytes":256', '"max_group_bytes":-1')
            + "x" * size + "\n"
            + '{"plan":"' + "x" * size + '"}\n'
            + json.dumps(QUEUE)
        )
        self.assertEqual(status, 1)
        fields = [answer.get("error", {}).get("field") for answer in answers]
        self.assertEqual(fields, ["max_group_bytes", "request", "plan", None])
        self.assertTrue(all(len(json.dumps(answer)) < 2000 for answer in answers))

    def test_line_beyond_the_limit(self):
        good = json.dumps(QUEUE).encode()
        status, answers, _ = run(good + b"\n" + b" " * (257 << 20) + b"\n" + good)
        self.assertEqual(status, 1)
        self.assertEqual(len(answers), 3)
        self.assertEqual(answers[1]["error"]["field"], "request")
        self.assertEqual(answers[0], answers[2])

    @unittest.skipUnless(CHECKS_TIME, "the build is not an optimised one")
    def test_speed(self):
        # 100,000 small requests a second, with room for a busy machine.
        count = 200000
        for request in (FUSION, COMPACTION, QUEUE, CAPTURE, AUDIT):
            data = (json.dumps(request) + "\n").encode() * count
            before = os.times().children_user
            result = subprocess.run([VYRE_PLAN], input=data, capture_output=True, check=False)
            seconds = os.times().children_user - before
            self.assertEqual(result.stdout.count(b"\n"), count)
            self.assertLess(seconds, count / 100000, request["plan"])


class Counted(unittest.TextTestResult):
    """Says how many passed and failed in the last line."""

    def stopTestRun(self):
        super().stopTestRun()
        failed = len(self.failures) + len(self.errors)
        skipped = f", {len(self.skipped)} skipped: {self.skipped[0][1]}" if self.skipped else ""
        self.summary = f"{self.testsRun - failed - len(self.skipped)} passed, {failed} failed{skipped}"


if __name__ == "__main__":
    suite = unittest.defaultTestLoader.loadTestsFromModule(sys.modules["__main__"])
    outcome = unittest.TextTestRunner(sys.stdout, resultclass=Counted).run(suite)
    print(outcome.summary)
    sys.exit(not outcome.wasSuccessful())
