#!/usr/bin/env python3
#
# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
"""Installs a build, and uses the installed tree as a stranger would.

    package_test.py --build DIR --cmake CMAKE --compiler CXX

A project that only knows find_package(Vyre) is configured, built and run; the installed
tools must answer from there; and what goes to a GPU machine must need nothing but the C
library. The last line is 'N passed, N failed'.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

CONSUMER = Path(__file__).resolve().parent / "consumer"
SOURCES = CONSUMER.parents[2]
EXAMPLE = SOURCES / "docs" / "examples" / "compiler"
# All that a binary for a GPU machine may be linked to.
C_LIBRARY = re.compile(r"lib(c|m|dl|pthread|rt)\.so\.\d+|ld-linux.*\.so\.\d+")


class Failed(Exception):
    pass


def run(*command, **variables):
    done = subprocess.run(
        [str(part) for part in command],
        capture_output=True,
        text=True,
        timeout=600,
        env={**os.environ, **variables},
    )
    if done.returncode != 0:
        raise Failed(f"{command[0]} ended with {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout + done.stderr


def neededLibraries(binary):
    return re.findall(r"\(NEEDED\).*\[(.*)\]", run("readelf", "--dynamic", binary))


class Package:
    def __init__(self, arguments, folder):
        self.arguments = arguments
        self.prefix = folder / "prefix"
        self.consumer = folder / "consumer"
        self.example = folder / "example"

    def install(self):
        """The build installs."""
        run(self.arguments.cmake, "--install", self.arguments.build, "--prefix", self.prefix)

    def configure(self, source=CONSUMER, build=None):
        """find_package(Vyre) finds it, and MLIR through it."""
        run(
            self.arguments.cmake,
            "-G",
            "Ninja",
            "-S",
            source,
            "-B",
            build or self.consumer,
            f"-DCMAKE_PREFIX_PATH={self.prefix}",
            f"-DCMAKE_CXX_COMPILER={self.arguments.compiler}",
        )

    def build(self):
        """The project builds against the installed headers and libraries alone."""
        run(self.arguments.cmake, "--build", self.consumer)
        text = (self.consumer / "build.ninja").read_text()
        strays = set(re.findall(rf"-I{re.escape(str(SOURCES))}\S*", text))
        if strays:
            raise Failed(f"it includes the source tree: {strays}")

    def useRuntime(self):
        """The C API, linked shared and static, answers."""
        for program in ("uses-runtime", "uses-runtime-static"):
            run(self.consumer / program)

    def useDialect(self):
        """The dialect parses a program and a pass rewrites it."""
        run(self.consumer / "uses-dialect")

    def useCompiler(self):
        """A C program compiles a source and runs what came out."""
        run(self.consumer / "uses-compiler")

    def useExample(self):
        """docs/examples/compiler, a compiler with a dialect of its own, builds and runs."""
        self.configure(EXAMPLE, self.example)
        run(self.arguments.cmake, "--build", self.example)
        said = run(self.example / "poly-run", EXAMPLE / "curve.mlir", "0", "1", "2", "3")
        if not said.startswith("0.5\n3\n8.5\n17\n") or "[Passed] fused" not in said:
            raise Failed(f"expected (1 + 2x + 3x^2) / 2 in one launch, found\n{said}")

    def usePython(self):
        """The Python module finds the libraries that it was installed with."""
        run(
            sys.executable,
            CONSUMER.parent / "vyre_module_test.py",
            PYTHONPATH=str(self.prefix / "lib" / "python"),
        )

    def useTools(self):
        """The installed tools start from their new place."""
        tools = sorted((self.prefix / "bin").iterdir())
        if not tools:
            raise Failed("no tool was installed")
        for tool in tools:
            if "test-vyre-" in run(tool, "--help"):
                raise Failed(f"{tool.name} has passes of the tests")

    def runAnywhere(self):
        """vyre-run, vyre-plan and the runtime need the C library alone."""
        binaries = [self.prefix / "bin" / name for name in ("vyre-run", "vyre-plan")]
        binaries += (self.prefix / "lib").rglob("libvyre_runtime.so")
        if len(binaries) != 3:
            raise Failed("libvyre_runtime.so was not installed")
        for binary in binaries:
            others = [n for n in neededLibraries(binary) if not C_LIBRARY.fullmatch(n)]
            if others:
                raise Failed(f"{binary.name} needs {', '.join(others)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=Path, required=True)
    parser.add_argument("--cmake", default="cmake")
    parser.add_argument("--compiler", default="c++")
    arguments = parser.parse_args()
    passed, failed = 0, 0
    with tempfile.TemporaryDirectory(prefix="vyre-package-") as folder:
        package = Package(arguments, Path(folder))
        for step in (
            package.install,
            package.configure,
            package.build,
            package.useRuntime,
            package.useDialect,
            package.useCompiler,
            package.useExample,
            package.usePython,
            package.useTools,
            package.runAnywhere,
        ):
            try:
                step()
                passed += 1
            except (Failed, OSError, subprocess.TimeoutExpired) as error:
                failed += 1
                print(f"FAILED: {step.__doc__}\n{error}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
