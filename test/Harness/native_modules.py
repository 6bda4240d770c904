# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
"""Modules compiled to native code by upstream's lowering alone, and called from here.

Nothing of our own conversions takes part, so what comes out can be held against
what they do.
"""

import ctypes
import subprocess

# From vector, scf, arith, memref and func to LLVM's dialect.
LOWERING = (
    "convert-vector-to-llvm,convert-scf-to-cf,expand-strided-metadata,lower-affine,"
    "convert-arith-to-llvm,finalize-memref-to-llvm,convert-cf-to-llvm,convert-func-to-llvm,"
    "reconcile-unrealized-casts"
)


def call(*command, stdin=None):
    """Runs a command; returns what it printed, or raises with what it complained of."""
    done = subprocess.run(
        [str(c) for c in command], input=stdin, capture_output=True, text=True
    )
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))}\n{done.stderr[:4000]}")
    return done.stdout


class Tools:
    """vyre-opt, mlir-translate and clang."""

    def __init__(self, vyreOpt, mlirTranslate, clang):
        self.vyreOpt, self.mlirTranslate, self.clang = vyreOpt, mlirTranslate, clang

    @staticmethod
    def addArguments(parser):
        """Adds the options that name the tools."""
        parser.add_argument("--vyre-opt", required=True)
        parser.add_argument("--mlir-translate", default="mlir-translate-22")
        parser.add_argument("--clang", default="clang-22")

    @classmethod
    def of(cls, arguments):
        """The tools that the parsed options name."""
        return cls(arguments.vyre_opt, arguments.mlir_translate, arguments.clang)

    def optimize(self, text, passes):
        """The module after `passes`, as text."""
        return call(self.vyreOpt, f"--pass-pipeline=builtin.module({passes})", stdin=text)

    def load(self, text, passes, folder, name):
        """The module after `passes` and LOWERING, as a library named `name` in
        `folder`, loaded."""
        lowered = self.optimize(text, f"{passes},{LOWERING}")
        ir = call(self.mlirTranslate, "--mlir-to-llvmir", stdin=lowered)
        source, library = folder / f"{name}.ll", folder / f"{name}.so"
        source.write_text(ir)
        call(
            self.clang, "-w", "-O0", "-ffp-contract=off", "-shared", "-fPIC",
            "--rtlib=compiler-rt", source, "-o", library, "-lm",
        )  # fmt: skip
        return ctypes.CDLL(str(library))


def descriptor(array):
    """A memref as MLIR's C interface passes it."""
    strides = [s // array.itemsize for s in array.strides]
    words = [array.ctypes.data, array.ctypes.data, 0, *array.shape, *strides]
    return (ctypes.c_int64 * len(words))(*words)
