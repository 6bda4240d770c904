#!/usr/bin/env python3
#===- vyre_run_test.py - vyre-run, from outside ---------------------------===#
#
# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
#===-----------------------------------------------------------------------===#
"""Runs vyre-run on the sample artifact, with good and with bad input.

usage: vyre_run_test.py VYRE_RUN VYRE_MAKE_SAMPLE FAKE_CUDA
"""

import json
import os
import struct
import subprocess
import sys
import tempfile
import unittest

import numpy as np

VYRE_RUN, MAKE_SAMPLE, FAKE_CUDA = (os.path.abspath(a) for a in sys.argv[1:4])
TABLE = np.array([0.5, -1.0, 2.0, 0.25, 3.0], np.float32)


class VyreRunTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.sample = self.path("sample.vyre")
        subprocess.run([MAKE_SAMPLE, self.sample], check=True)

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def save(self, name, array):
        np.save(self.path(name), array)
        return self.path(name)

    def write(self, name, data):
        with open(self.path(name), "wb") as file:
            file.write(data)
        return self.path(name)

    def run_tool(self, *arguments, driver="/nonexistent"):
        # Running out of memory is reported, also under a sanitizer.
        environment = dict(os.environ, VYRE_CUDA_DRIVER=driver,
                           VYRE_CODE_CACHE=self.path("cache"),
                           ASAN_OPTIONS="allocator_may_return_null=1")
        return subprocess.run([VYRE_RUN, *arguments], env=environment,
                              capture_output=True, text=True, timeout=60)

    def run_well(self, *arguments, **options):
        done = self.run_tool(*arguments, **options)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def run_badly(self, *arguments, says=(), **options):
        """Exit code 2, a reason with a fix, and nothing run."""
        out = self.path("never")
        done = self.run_tool(*arguments, "--out", out, **options)
        self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
        for part in (says,) if isinstance(says, str) else says:
            self.assertIn(part, done.stderr)
        self.assertFalse(os.path.exists(os.path.join(out, "result0.npy")))
        return done.stderr

    # Results.

    def test_results_on_both_devices(self):
        x = np.linspace(-3, 3, 1001, dtype=np.float32)
        file = self.save("x.npy", x)
        expected = np.sin(x + np.resize(TABLE, x.shape))
        for device in "cpu", "cuda:0":
            out = self.path(device)
            self.run_well(self.sample, "--program", "sine", "--in",
                          "x=" + file, "--device", device, "--out", out,
                          driver=FAKE_CUDA)
            y = np.load(os.path.join(out, "result0.npy"))
            self.assertEqual(y.dtype, np.float32)
            np.testing.assert_allclose(y, expected, rtol=1e-6, atol=1e-6)

    def test_written_arguments_come_after_results(self):
        a = np.arange(12, dtype=np.int32).reshape(2, 6)
        b = np.full((2, 6), 5, np.int32)
        files = self.save("a.npy", a), self.save("b.npy", b)
        out = self.path("out")
        # Every repetition begins with what the file holds.
        self.run_well(self.sample, "--program", "accumulate", "--in",
                      "0=" + files[0], "--in", "b=" + files[1], "--repeat",
                      "3", "--out", out)
        np.testing.assert_array_equal(
            np.load(os.path.join(out, "result0.npy")), a + b)
        np.testing.assert_array_equal(np.load(files[0]), a)

    def test_scalars(self):
        x = self.save("x.npy", np.array([1, 2, 4], np.float32))
        for value in "0.5", "5e-1", "0x1p-1", self.save(
                "s.npy", np.float32(0.5)):
            out = self.path("out")
            self.run_well(self.sample, "--program", "scale", "--in", "x=" + x,
                          "--in", "s=" + value, "--out", out)
            np.testing.assert_array_equal(
                np.load(os.path.join(out, "result0.npy")), [0.5, 1, 2])
        for value, last in ("-7", 33), ("0x10", 56), ("18446744073709551615",
                                                      39):
            self.run_well(self.sample, "--program", "count", "--in",
                          "step=" + value, "--out", out)
            self.assertEqual(
                np.load(os.path.join(out, "result0.npy"))[3], last)

    def test_state_lives_across_repetitions(self):
        out = self.path("out")
        self.run_well(self.sample, "--program", "count", "--in", "step=1",
                      "--repeat", "4", "--out", out)
        np.testing.assert_array_equal(
            np.load(os.path.join(out, "result0.npy")), [14, 24, 34, 44])

    def test_fill_follows_from_the_seed(self):
        results = []
        for seed in "1", "1", "2":
            out = self.path("out")
            self.run_well(self.sample, "--program", "scale", "--fill", seed,
                          "--shape", "x=50", "--out", out)
            results.append(np.load(os.path.join(out, "result0.npy")))
        np.testing.assert_array_equal(results[0], results[1])
        self.assertFalse(np.array_equal(results[0], results[2]))
        self.assertEqual(results[0].shape, (50,))

    def test_empty_arrays(self):
        x = self.save("x.npy", np.zeros(0, np.float32))
        out = self.path("out")
        report = self.path("report.json")
        self.run_well(self.sample, "--program", "sine", "--in", "x=" + x,
                      "--out", out, "--report", report)
        self.assertEqual(np.load(os.path.join(out, "result0.npy")).shape,
                         (0,))
        with open(report) as file:
            self.assertEqual(json.load(file)["launches"], 0)

    def test_every_npy_version(self):
        x = np.array([1, 2, 4], np.float32)
        for version in (1, 0), (2, 0), (3, 0):
            name = self.path("x.npy")
            with open(name, "wb") as file:
                np.lib.format.write_array(file, x, version=version)
            out = self.path("out")
            self.run_well(self.sample, "--program", "scale", "--in",
                          "x=" + name, "--in", "s=2", "--out", out)
            np.testing.assert_array_equal(
                np.load(os.path.join(out, "result0.npy")), 2 * x)

    # Report and list.

    def test_report(self):
        report = self.path("report.json")
        out = self.path("out")
        for device in "cpu", "cuda:0":
            said = self.run_well(self.sample, "--program", "sine", "--fill",
                                 "1", "--shape", "x=1000", "--device", device,
                                 "--repeat", "7", "--out", out, "--report",
                                 report, driver=FAKE_CUDA)
            self.assertRegex(
                said, r"\n7 dispatches: min \d+\.\d us, "
                r"median \d+\.\d us, p99 \d+\.\d us\n")
            with open(report) as file:
                data = json.load(file)
            self.assertEqual(data["device"], device)
            self.assertEqual(data["program"], "sine")
            self.assertEqual(data["launches"], 2)
            self.assertEqual(data["bytes_up"], 4000)
            self.assertEqual(data["bytes_down"], 4000)
            self.assertGreaterEqual(data["arena_bytes"], 4000)
            self.assertEqual(data["repeat"], 7)
            times = data["time_us"]
            self.assertLess(0, times["min"])
            self.assertLessEqual(times["min"], times["median"])
            self.assertLessEqual(times["median"], times["p99"])
            self.assertEqual(data["results"][0]["shape"], [1000])
            self.assertEqual(data["results"][0]["element_type"], "f32")
            self.assertTrue(os.path.exists(data["results"][0]["file"]))

    def test_keeps_inputs(self):
        report = self.path("report.json")
        for device, bytes_kept in ("cpu", 0), ("cuda:0", 4000):
            outs = [self.path("taken"), self.path("kept")]
            for out, options in zip(outs, ((), ("--keep-inputs", ))):
                self.run_well(self.sample, "--program", "sine", "--fill", "1",
                              "--shape", "x=1000", "--device", device,
                              "--repeat", "3", "--out", out, "--report",
                              report, *options, driver=FAKE_CUDA)
            with open(report) as file:
                self.assertEqual(json.load(file)["resident_bytes"], bytes_kept)
            taken, kept = (np.load(os.path.join(out, "result0.npy"))
                           for out in outs)
            np.testing.assert_array_equal(kept, taken)
        # Nothing is proved of a program that writes what it reads.
        self.run_badly(self.sample, "--program", "accumulate", "--fill", "1",
                       "--shape", "a=2x4", "--shape", "b=2x4", "--repeat", "2",
                       "--keep-inputs", says="VYRE_BINDING_UNCHANGED")

    def test_says_why_it_is_not_persistent(self):
        report = self.path("report.json")
        self.run_well(self.sample, "--program", "sine", "--fill", "1",
                      "--shape", "x=10", "--device", "cuda:0", "--persistent",
                      "--report", report, driver=FAKE_CUDA)
        with open(report) as file:
            data = json.load(file)
        self.assertFalse(data["is_persistent"])
        self.assertEqual(data["no_persistent_reason"],
                         "the program has not one launch")

    def test_list_runs_nothing(self):
        text = self.run_well(self.sample, "--list", "--device", "cuda:7")
        for part in ("program scale: 1 launch", "program sine: 2 launches",
                     "argument 0 x: f32 ? input", "argument 1 s: f32 scalar",
                     "total: i64 4 state", "result 0: argument 2",
                     "code ptx sm_80", "code elf x86_64 x86-64"):
            self.assertIn(part, text)

    def test_auto_says_what_it_took(self):
        arguments = (self.sample, "--program", "sine", "--fill", "1",
                     "--shape", "x=10")
        self.assertIn("device: cuda:0 (Fake GPU, sm_90)",
                      self.run_well(*arguments, driver=FAKE_CUDA))
        text = self.run_well(*arguments)
        self.assertIn("device: cpu", text)
        self.assertIn("no GPU: the CUDA driver cannot be loaded", text)

    def test_help_and_version(self):
        self.assertIn("--program", self.run_well("--help"))
        self.assertIn("vyre-run ", self.run_well("--version"))

    # Bad input.

    def test_bad_command_lines(self):
        for arguments in ((), (self.sample, "--no-such-option"),
                          (self.sample, "--repeat", "0"),
                          (self.sample, "--repeat", "x"),
                          (self.sample, "--fill", "x"),
                          (self.sample, "--program")):
            self.run_badly(*arguments, says="Fix: ")

    def test_bad_choices(self):
        x = self.save("x.npy", np.zeros(10, np.float32))
        scale = (self.sample, "--program", "scale")
        good = ("--in", "x=" + x, "--in", "s=1")
        cases = [
            ((self.sample, ), "6 programs"),
            ((self.sample, "--program", "nothing"), "no program 'nothing'"),
            ((self.path("absent.vyre"), ), "absent.vyre"),
            ((self.folder.name, ), "regular file"),
            ((*scale, *good, "--device", "tpu"), "no device 'tpu'"),
            ((*scale, *good, "--device", "cuda:0"), "driver"),
            (scale, "'x' is not given"),
            ((*scale, "--in", "x=" + x), "'s' is not given"),
            ((*scale, "--fill", "1"), "--shape x="),
            ((*scale, *good, "--in", "y=" + x), "does not read it"),
            ((*scale, *good, "--in", "z=" + x), "no such argument"),
            ((*scale, *good, "--in", "3=" + x), "no such argument"),
            ((*scale, *good, "--in", "0=" + x), "given twice"),
            ((*scale, *good, "--in", x), "has no '='"),
            ((*scale, "--in", "x=" + x, "--in", "s=one"), "one"),
            ((*scale, "--in", "x=" + x, "--in", "s=" + x), "scalar"),
            ((*scale, *good, "--shape", "x=11"), "leave the --shape out"),
            ((*scale, *good, "--shape", "s=1"), "takes no shape"),
            ((*scale, *good, "--shape", "y=11"), "shape [10]"),
            ((*scale, *good, "--shape", "y=10x1"), "rank 1"),
            ((*scale, *good, "--shape", "y=ten"), "no shape"),
            ((*scale, *good, "--shape", "y=-1"), "no shape"),
            ((*scale, *good, "--shape", "y=1x"), "no shape"),
            ((*scale, "--fill", "1", "--shape", "x=99999999999999999"), ""),
            ((*scale, "--fill", "1", "--shape", "x=262145"),
             "capacity is 1048576"),
            ((self.sample, "--program", "count", "--in", "step=1", "--in",
              "total=" + x), "does not read"),
            ((self.sample, "--program", "count", "--in",
              "step=18446744073709551616"), "step"),
            ((self.sample, "--program", "count", "--in", "step=1.5"), "step"),
        ]
        for arguments, part in cases:
            with self.subTest(arguments[1:]):
                self.run_badly(*arguments, says=("Fix: ", part))

    def test_bad_gpus(self):
        arguments = (self.sample, "--program", "sine", "--fill", "1",
                     "--shape", "x=10", "--device")
        self.run_badly(*arguments, "cuda:1", says=("'cuda:1'", "Fix: "),
                       driver=FAKE_CUDA)

    def test_bad_arrays(self):
        good = np.arange(6, dtype=np.float32)
        file = self.save("good.npy", good)
        with open(file, "rb") as stream:
            whole = stream.read()
        header = b"{'descr': '<f4', 'fortran_order': False, 'shape': (6,), }"

        def npy(text, data=good.tobytes(), version=b"\x01\x00"):
            return (b"\x93NUMPY" + version + struct.pack("<H", len(text)) +
                    text + data)

        cases = {
            "big-endian": (good.astype(">f4"), "big-endian"),
            "fortran": (np.asfortranarray(good.reshape(2, 3)), "Fortran"),
            "double": (good.astype(np.float64), "'<f8'"),
            "integer": (good.astype(np.int32), "takes f32"),
            "rank": (good.reshape(2, 3), "rank 1"),
            "objects": (np.array([None, 1], object), "objects"),
            "records": (np.zeros(3, [("a", "f4")]), "records"),
            "text": (np.array(["abc"]), "element type"),
            "absent": (None, "cannot open"),
            "empty": (b"", "ends within"),
            "other": (b"PK\x03\x04" + b"\0" * 100, "magic"),
            "version": (npy(header, version=b"\x04\x00"), "version 4.0"),
            "longer": (whole + b"\0", "25 bytes"),
            "header": (whole[:64], "ends within"),
            "keys": (npy(b"{'descr': '<f4'}"), "lacks"),
            "key": (npy(header.replace(b"descr", b"other")), "'other'"),
            "twice": (npy(header.replace(b"}", b"'shape': (6,)}")), "shape"),
            "order": (npy(header.replace(b"False", b"Maybe")), "True nor"),
            "negative": (npy(header.replace(b"(6,)", b"(-6,)")), "number"),
            "huge": (npy(header.replace(b"(6,)", b"(99999999999999999999,)")),
                     "2^63"),
            "product": (npy(header.replace(b"(6,)", b"(4611686018427387904,)")),
                        "bytes"),
            "nested": (npy(header.replace(b"(6,)", b"((6,),)")), "number"),
            "code": (npy(b"__import__('os').abort()"), "lacks a '{'"),
            "escape": (npy(header.replace(b"<f4", b"\\x3cf4")), "unexpected"),
            "unclosed": (npy(header[:-1]), "lacks a string"),
            "behind": (npy(header + b"x"), "goes on"),
            "nothing": (npy(b""), "lacks a '{'"),
        }
        for name, (content, part) in cases.items():
            with self.subTest(name):
                file = self.path(name + ".npy")
                if isinstance(content, bytes):
                    self.write(name + ".npy", content)
                elif content is not None:
                    np.save(file, content, allow_pickle=True)
                self.run_badly(self.sample, "--program", "scale", "--in",
                               "s=1", "--in", "x=" + file,
                               says=("Fix: ", part))

    def test_truncated_arrays(self):
        with open(self.save("x.npy", np.zeros(40, np.float32)), "rb") as file:
            whole = file.read()
        for size in [*range(0, 130, 7), *range(130, len(whole), 11)]:
            cut = self.write("cut.npy", whole[:size])
            self.run_badly(self.sample, "--program", "scale", "--in", "s=1",
                           "--in", "x=" + cut, says="Fix: ")

    def test_unwritable_results(self):
        # Found before a device is looked for, so that nothing has run.
        blocked = self.write("blocked", b"")
        for option in "--out", "--report", "--manifest", "--trace":
            done = self.run_tool(self.sample, "--program", "count", "--in",
                                 "step=1", option, blocked + "/x")
            self.assertEqual(done.returncode, 2)
            self.assertIn("Fix: ", done.stderr)
            self.assertNotIn("device:", done.stdout)

    def test_a_result_in_the_way(self):
        # One file of several can't be written: no other is touched.
        out = self.path("out")
        os.makedirs(os.path.join(out, "result0.npy"))
        done = self.run_tool(self.sample, "--program", "count", "--in",
                             "step=1", "--out", out)
        self.assertEqual(done.returncode, 2)
        self.assertIn("result0.npy'", done.stderr)
        self.assertNotIn("device:", done.stdout)

    def test_a_full_disk(self):
        done = self.run_tool(self.sample, "--program", "count", "--in",
                             "step=1", "--report", "/dev/full")
        self.assertEqual(done.returncode, 2)
        self.assertIn("cannot write '/dev/full'", done.stderr)

    def test_a_refused_run_leaves_files_alone(self):
        kept = self.write("report.json", b"as before")
        done = self.run_tool(self.sample, "--program", "count", "--in",
                             "step=1", "--report", kept, "--manifest",
                             self.path("no/manifest.json"))
        self.assertEqual(done.returncode, 2)
        with open(kept, "rb") as file:
            self.assertEqual(file.read(), b"as before")

    # Manifests, traces, caches.

    def test_a_manifest_names_the_same_pipeline_in_a_fresh_process(self):
        for device in "cpu", "cuda":
            written = self.path(device + ".json")
            run = (self.sample, "--fill", "1", "--shape", "x=8")
            self.run_well(*run, "--program", "sine", "--device", device,
                          "--manifest", written, driver=FAKE_CUDA)
            with open(written) as file:
                manifest = json.load(file)
            self.assertEqual(list(manifest),
                             ["schema", "backend_id", "pipeline_id",
                              "program_digest", "dispatch_policy", "cache_hit"])
            self.assertEqual(manifest["backend_id"], device)
            self.assertEqual(manifest["program_digest"], "b" * 64)
            again = self.path("again.json")
            text = self.run_well(*run, "--from-manifest", written,
                                 "--manifest", again, driver=FAKE_CUDA)
            self.assertIn("device: " + device, text)
            with open(again) as file:
                self.assertEqual(json.load(file), manifest)
            # Another backend has other pipelines.
            other = "cpu" if device == "cuda" else "cuda"
            self.run_badly(*run, "--from-manifest", written, "--device", other,
                           says=(manifest["pipeline_id"], "found", "Fix: "),
                           driver=FAKE_CUDA)

    def test_a_manifest_of_another_artifact_is_refused(self):
        written = self.path("manifest.json")
        self.run_well(self.sample, "--program", "sine", "--fill", "1",
                      "--shape", "x=8", "--device", "cpu", "--manifest",
                      written)
        other = self.path("other.vyre")
        subprocess.run([MAKE_SAMPLE, other, "scale"], check=True)
        self.run_badly(other, "--from-manifest", written, "--fill", "1",
                       "--shape", "x=8", says=("b" * 64, "a" * 64, "Fix: "))
        bad = {"": "no JSON object", "[]": "no JSON object",
               "{}": "'schema' is missing", '{"schema": 2}': "expected 1",
               '{"schema": 1}': "no 'backend_id'",
               '{"schema": 1, "backend_id": 3}': "is no string"}
        for text, part in bad.items():
            with self.subTest(text):
                self.write("bad.json", text.encode())
                self.run_badly(self.sample, "--from-manifest",
                               self.path("bad.json"), says=(part, "Fix: "))
        self.run_badly(self.sample, "--from-manifest", self.path("absent"),
                       says=("cannot read", "Fix: "))

    def test_an_edited_manifest_is_refused(self):
        written = self.path("manifest.json")
        run = (self.sample, "--fill", "1", "--shape", "x=8")
        self.run_well(*run, "--program", "sine", "--device", "cpu",
                      "--manifest", written)
        with open(written) as file:
            manifest = json.load(file)
        edits = {"pipeline_id": ("cpu/cosine@bbbbbbbbbbbbbbbb", "cpu/cosine"),
                 "backend_id": ("fpga", "'fpga'"),
                 "program_digest": ("0" * 64, "0" * 64),
                 "schema": (1.5, "expected 1")}
        for key, (value, says) in edits.items():
            with self.subTest(key):
                self.write("edited.json",
                           json.dumps(dict(manifest, **{key: value})).encode())
                self.run_badly(*run, "--from-manifest",
                               self.path("edited.json"), says=(says, "Fix: "))
        # Whether it was a cache hit, and what a later version adds, says
        # nothing about which pipeline it is.
        self.write("edited.json", json.dumps(
            dict(manifest, cache_hit=None, later=1)).encode())
        self.run_well(*run, "--from-manifest", self.path("edited.json"))

    def test_expected_dispatches(self):
        report = self.path("report.json")
        self.run_well(self.sample, "--program", "sine", "--fill", "1",
                      "--shape", "x=100", "--device", "cuda", "--repeat", "9",
                      "--expected-dispatches", "9", "--report", report,
                      driver=FAKE_CUDA)
        with open(report) as file:
            found = json.load(file)
        # Whether a graph pays there nobody knows; it is built once at most.
        self.assertLessEqual(found["telemetry"]["graph_builds"], 1)
        self.assertEqual(found["graph"]["is_replay"],
                         found["telemetry"]["replays"] > 0)
        for count in ("0", "-3", "many"):
            self.run_badly(self.sample, "--program", "sine", "--fill", "1",
                           "--shape", "x=100", "--expected-dispatches", count,
                           says=("--expected-dispatches", "Fix: "))

    def test_a_trace_and_counters(self):
        trace, report = self.path("trace.json"), self.path("report.json")
        self.run_well(self.sample, "--program", "sine", "--fill", "1",
                      "--shape", "x=100", "--device", "cuda", "--repeat", "5",
                      "--trace", trace, "--report", report, driver=FAKE_CUDA)
        with open(trace) as file:
            events = json.load(file)["traceEvents"]
        begins = [e for e in events if e["ph"] == "b"]
        self.assertEqual([e["name"] for e in begins], ["sine"] * 5)
        self.assertEqual(len([e for e in events if e["ph"] == "e"]), 5)
        with open(report) as file:
            found = json.load(file)
        telemetry, graph = found["telemetry"], found["graph"]
        self.assertEqual(graph["is_replay"], graph["no_replay_reason"] is None)
        self.assertLessEqual(telemetry["replays"], 3)
        self.assertEqual(telemetry["dispatches"], 5)
        self.assertEqual(telemetry["launches"], 10)
        self.assertEqual(telemetry["input_bytes"], 2000)
        self.assertEqual(telemetry["replays"],
                         sum(e["args"]["replays"] for e in begins))
        self.run_badly(self.sample, "--program", "count", "--in", "step=1",
                       "--trace", "/no/such/folder/t", says="Fix: ")

    def test_compiled_code_is_kept_for_the_next_process(self):
        def run():
            self.run_well(self.sample, "--program", "scale", "--fill", "1",
                          "--shape", "x=8", "--device", "cuda",
                          driver=FAKE_CUDA)
            return [(e.name, e.stat().st_ino)
                    for e in os.scandir(self.path("cache"))]
        first = run()
        self.assertEqual(len(first), 1)
        self.assertTrue(first[0][0].endswith(".code"))
        # Found, so not written again.
        self.assertEqual(run(), first)

    def test_a_budget_for_rounding(self):
        """The sample does not say what it calls."""
        self.run_badly(self.sample, "--program", "scale", "--fill", "1",
                       "--shape", "x=8", "--ulp-budget", "4", "--device",
                       "cpu", says=("nobody tells", "ulp_budget", "Fix: "))

    # Damaged artifacts.

    def test_flipped_and_truncated_artifacts(self):
        with open(self.sample, "rb") as file:
            whole = bytearray(file.read())
        arguments = ("--program", "count", "--in", "step=1")
        for position in [*range(0, 64), *range(64, len(whole), 251)]:
            whole[position] ^= 0x55
            self.run_badly(self.write("bad.vyre", whole), *arguments,
                           says="Fix: ")
            whole[position] ^= 0x55
        for size in range(0, len(whole), 256):
            self.run_badly(self.write("bad.vyre", whole[:size]), *arguments,
                           says="Fix: ")

    def test_mutants_with_a_right_digest(self):
        """Whatever changed: exit code 0 or 2, never a signal."""
        mutant = self.path("mutant.vyre")
        codes = set()
        for seed in range(100):
            subprocess.run([MAKE_SAMPLE, mutant, str(seed)], check=True)
            for device in "cpu", "cuda:0":
                done = self.run_tool(mutant, "--program", "sine", "--fill",
                                     "1", "--shape", "x=100", "--device",
                                     device, driver=FAKE_CUDA)
                if device == "cuda:0" and done.returncode < 0:
                    # A kernel of the stand-in runs in this process; a GPU's
                    # does not.
                    continue
                self.assertIn(done.returncode, (0, 2), (seed, done.stderr))
                codes.add(done.returncode)
        self.assertEqual(codes, {0, 2})


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
