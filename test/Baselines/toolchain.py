# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What the comparisons take to a GPU machine, and how they build there."""

import ctypes
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RUNTIME = "libvyre_runtime.so.0"


def packRuntime(folder, tools):
    """Copies the runtime's library and headers; `tools` is the build's bin folder."""
    (folder / "vyre-c").mkdir(parents=True, exist_ok=True)
    shutil.copy(tools.parent / "lib" / RUNTIME, folder)
    for header in (ROOT / "include/vyre-c").glob("*.h"):
        shutil.copy(header, folder / "vyre-c")


def buildLibrary(pack, output, sources, kernels=None):
    """A library of `sources` and the packed runtime: with nvcc and `kernels`, if given,
    else for the CPU alone."""
    link = ["-I", str(pack), "-L", str(pack), f"-l:{RUNTIME}", "-Xlinker", "-rpath"]
    link += ["-Xlinker", str(pack.resolve()), "-o", str(output)]
    if kernels:
        command = ["nvcc", "-x", "cu", "-std=c++17", "-O3", "-arch=sm_90", "-shared"]
        command += ["-Xcompiler", "-fPIC", str(kernels)]
    else:
        command = ["c++", "-std=c++17", "-O2", "-shared", "-fPIC"]
    subprocess.run([*command, *map(str, sources), *link], check=True)
    return ctypes.CDLL(str(output))
