#!/usr/bin/env python3
#
# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
"""The installed Python module: what it computes, against numpy, and what it refuses.

vyre_module_test.py, with the module's folder in PYTHONPATH.
"""

import contextlib
import ctypes.util
import io
import os
import re
import subprocess
import sys
import tempfile
import threading
import unittest
from pathlib import Path

import numpy as np
import vyre

ROOT = Path(__file__).resolve().parents[2]
SOURCE = """
func.func @scale(%x: tensor<?x?xf32> loc("x"), %by: f32 loc("by")) -> tensor<?x?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %m = tensor.dim %x, %c0 : tensor<?x?xf32>
  %n = tensor.dim %x, %c1 : tensor<?x?xf32>
  %e = tensor.empty(%m, %n) : tensor<?x?xf32>
  %y = linalg.map ins(%x : tensor<?x?xf32>) outs(%e : tensor<?x?xf32>) (%a: f32, %o: f32) {
    %p = arith.mulf %a, %by : f32
    linalg.yield %p : f32
  }
  return %y : tensor<?x?xf32>
}
func.func @both(%x: tensor<4xi32>, %n: tensor<1xi32>)
    -> (tensor<4xi32> {vyre.count_result = 1 : i64}, tensor<1xi32>) {
  return %x, %n : tensor<4xi32>, tensor<1xi32>
}
func.func @accumulate(%x: memref<?xi64>, %sum: memref<?xi64>) {
  linalg.add ins(%x, %sum : memref<?xi64>, memref<?xi64>) outs(%sum : memref<?xi64>)
  return
}
func.func @invert(%flag: i1, %n: i8) -> (i1, i8) {
  %true = arith.constant true
  %other = arith.xori %flag, %true : i1
  %c1 = arith.constant 1 : i8
  %next = arith.addi %n, %c1 : i8
  return %other, %next : i1, i8
}
func.func @brain(%x: tensor<2xbf16>) -> tensor<2xbf16> {
  %e = tensor.empty() : tensor<2xbf16>
  %y = linalg.add ins(%x, %x : tensor<2xbf16>, tensor<2xbf16>)
                  outs(%e : tensor<2xbf16>) -> tensor<2xbf16>
  return %y : tensor<2xbf16>
}
"""


class VyreModuleTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.artifact = vyre.compile(SOURCE, targets="cpu")

    def program(self, name):
        return self.artifact.program(name, device="cpu")

    def test_descriptions(self):
        self.assertEqual(
            self.artifact.programs, ["scale", "both", "accumulate", "invert", "brain"]
        )
        scale = self.program("scale")
        self.assertEqual(
            [(a.role, a.dtype.name, a.shape) for a in scale.arguments],
            [
                ("input", "float32", (None, None)),
                ("scalar", "float32", ()),
                ("output", "float32", (None, None)),
            ],
        )
        self.assertEqual((scale.results, scale.taken), ([2], [0, 1]))

    def test_results(self):
        scale = self.program("scale")
        x = np.arange(12, dtype="f4").reshape(3, 4)
        for view in (x, x.T, x[::2, 1:], x[:0]):
            np.testing.assert_array_equal(scale(view, 0.1), view * np.float32(0.1))
            np.testing.assert_array_equal(scale(by=2, x=view), view * 2)

    def test_counted_results(self):
        both = self.program("both")
        x = np.array([5, 6, 7, 8], "i4")
        for count in range(5):
            found, n = both(x, np.array([count], "i4"))
            np.testing.assert_array_equal(found, x[:count])
            self.assertEqual(n, count)
        with self.assertRaisesRegex(vyre.Error, "5") as raised:
            both(x, np.array([5], "i4"))
        self.assertEqual(raised.exception.code, "invalid result")

    def test_written_in_place(self):
        accumulate = self.program("accumulate")
        x, total = np.arange(5), np.full(5, 7)
        self.assertIsNone(accumulate(x.astype("u8"), total))
        np.testing.assert_array_equal(total, x + 7)
        frozen = np.zeros(5, "i8")
        frozen.flags.writeable = False
        for wrong in (np.zeros(10, "i8")[::2], frozen, [0, 0, 0, 0, 0]):
            with self.assertRaisesRegex(TypeError, "arg1 is written by the program"):
                accumulate(x, wrong)

    def test_scalars(self):
        invert = self.program("invert")
        flag, n = invert(True, -2)
        self.assertEqual((flag.item(), n.item()), (False, -1))
        for wrong in ((2, 0), (True, 1.5), (True, 200)):
            with self.assertRaises((TypeError, OverflowError)):
                invert(*wrong)

    def test_brain_floats(self):
        bits = (np.array([1.5, -3], "f4").view("u4") >> 16).astype("u2")
        found = self.program("brain")(bits)
        np.testing.assert_array_equal(
            (found.astype("u4") << 16).view("f4"), np.array([3, -6], "f4")
        )

    def test_refusals(self):
        scale = self.program("scale")
        x = np.zeros((2, 2), "f4")
        for positional, named, found in (
            ((x,), {}, "1 by position"),
            ((x, 1, 2), {}, "3 by position"),
            ((x, 1), {"by": 1}, "2 by position, by"),
            ((x,), {"to": 1}, "1 by position, to"),
        ):
            with self.assertRaises(TypeError) as raised:
                scale(*positional, **named)
            self.assertEqual(str(raised.exception), f"scale takes (x, by), found {found}")
        with self.assertRaisesRegex(TypeError, "x has element type float64"):
            scale(np.zeros((2, 2)), 1)
        with self.assertRaisesRegex(TypeError, "x has element type >f4"):
            scale(np.zeros((2, 2), ">f4"), 1)
        with self.assertRaisesRegex(vyre.Error, "rank") as raised:
            scale(np.zeros(2, "f4"), 1)
        self.assertEqual(raised.exception.code, "invalid argument")
        with self.assertRaisesRegex(TypeError, "name one"):
            self.artifact.program()
        with self.assertRaisesRegex(vyre.Error, "there is no program 'none'"):
            self.program("none")
        with self.assertRaisesRegex(vyre.Error, "there is no device 'abacus'"):
            self.artifact.program("scale", device="abacus")

    @unittest.skipIf(ctypes.util.find_library("vyre_runtime"), "the system has a libvyre_runtime")
    def test_no_library(self):
        done = subprocess.run(
            [sys.executable, "-c", "import vyre; vyre.Artifact(b'')"],
            env={**os.environ, "VYRE_LIBRARY_DIR": "/nowhere", "LD_LIBRARY_PATH": ""},
            capture_output=True,
            text=True,
        )
        self.assertIn("Fix: let VYRE_LIBRARY_DIR name the folder of", done.stderr)

    def test_files(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "all.vyre"
            path.write_bytes(self.artifact.data)
            self.assertEqual(vyre.load(path).programs, self.artifact.programs)
            path.write_bytes(self.artifact.data[:-1])
            with self.assertRaises(vyre.Error) as raised:
                vyre.load(path)
            self.assertEqual(raised.exception.code, "bad artifact")

    def test_what_the_compiler_says(self):
        said = []
        vyre.compile(
            SOURCE, targets="cpu", remarks_filter="vyre-form-program", file_name="mine.mlir",
            on_diagnostic=lambda severity, message: said.append((severity, message)),
        )  # fmt: skip
        self.assertEqual({severity for severity, _ in said}, {"remark"})
        self.assertRegex(said[0][1], r"^mine.mlir:2:1: \[Passed\] formed-program")
        with self.assertRaisesRegex(vyre.CompileError, "source:1:1: error: custom op 'nonsense'"):
            vyre.compile("nonsense")
        with self.assertRaisesRegex(TypeError, "no option 'speed'"):
            vyre.compile(SOURCE, speed="high")
        with self.assertRaises(ZeroDivisionError):
            vyre.compile("nonsense", on_diagnostic=lambda *_: 1 // 0)

    def test_documented_example(self):
        def block(page, language):
            return re.search(f"^```{language}\n(.*?)^```", page.read_text(), re.M | re.S)[1]

        source = block(ROOT / "README.md", "mlir")
        example = block(ROOT / "docs" / "Compiling.md", "python")
        printed = io.StringIO()
        before = os.getcwd()
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            try:
                Path("distance.mlir").write_text(source)
                with contextlib.redirect_stdout(printed):
                    exec(example, {})
            finally:
                os.chdir(before)
        self.assertEqual(printed.getvalue(), re.search("# (.*)$", example)[1] + "\n")

    def test_threads(self):
        scale = self.program("scale")
        wrong = []

        def work(number):
            x = np.full((50, number + 1), number, "f4")
            for _ in range(50):
                if not np.array_equal(scale(x, 2), 2 * x):
                    wrong.append(number)

        threads = [threading.Thread(target=work, args=(i,)) for i in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(wrong, [])


if __name__ == "__main__":
    unittest.main()
