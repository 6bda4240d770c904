# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# How lit runs the tests below this folder: every .mlir and .test file that is
# not an input of another test.

import os

import lit.formats

config.name = "Vyre"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".test"]
config.excludes = ["Inputs", "Package", "Unit", "Fuzz", "Baselines"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = config.vyre_test_build_dir

# Our tools first, then those of the LLVM that we were built against.
config.environment["PATH"] = os.pathsep.join(
    [config.vyre_tools_dir, config.llvm_tools_dir, config.environment["PATH"]]
)
config.substitutions += [
    ("%python", config.python),
    ("%run-case", config.python + " " + config.vyre_src_dir + "/test/Integration/run_case.py"),
    ("%vyre-plugin", config.vyre_plugin),
    ("%llvm-lib", os.path.join(os.path.dirname(config.llvm_tools_dir), "lib")),
    ("%vyre-src", config.vyre_src_dir),
    ("%vyre-bin", config.vyre_tools_dir),
]

# Captured variables do not leak from one CHECK-LABEL block to the next.
config.environment["FILECHECK_OPTS"] = "-enable-var-scope -dump-input-filter=error"

# Only there are assertions on.
if config.vyre_build_type == "Debug":
    config.available_features.add("debug-build")

if os.path.exists(config.ptxas):
    config.available_features.add("ptxas")
    config.environment["PATH"] += os.pathsep + os.path.dirname(config.ptxas)
