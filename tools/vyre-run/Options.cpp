//===- Options.cpp - vyre-run's command line --------------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Options.h"

#include <CLI/CLI.hpp>

namespace vyre::run {

ParsedOptions parseOptions(int argc, char **argv) {
  ParsedOptions parsed;
  Options &options = parsed.options;
  CLI::App app("Runs a program of a .vyre artifact on a GPU or the CPU.",
               "vyre-run");
  app.set_version_flag("--version", "vyre-run " VYRE_VERSION);
  app.add_option("artifact", options.artifact, "What vyre-compile wrote")
      ->required()
      ->type_name("OUT.vyre");
  app.add_option("--program", options.program,
                 "The program to run; needed where there are several")
      ->type_name("NAME");
  app.add_option("--device", options.device,
                 "auto (a GPU if one answers, else the CPU; the default), cpu, "
                 "cuda:N")
      ->type_name("ID");
  app.add_option("--in", options.inputs,
                 "An argument's value: a .npy file, or a literal for a scalar")
      ->type_name("INDEX_OR_NAME=FILE.npy")
      ->allow_extra_args(false);
  app.add_option("--shape", options.shapes,
                 "The shape of an argument that is filled or only written")
      ->type_name("INDEX_OR_NAME=2x3")
      ->allow_extra_args(false);
  app.add_option("--out", options.outDirectory,
                 "Directory for result0.npy and on; made if it is not there")
      ->type_name("DIR");
  app.add_option("--fill", options.fillSeed,
                 "Fill what no --in gives with numbers that follow from SEED")
      ->type_name("SEED");
  app.add_option("--repeat", options.repeat,
                 "Dispatch N times; times are over all of them")
      ->type_name("N")
      ->check(CLI::Range(1u, 10000000u))
      ->capture_default_str();
  app.add_flag("--keep-inputs", options.keepsInputs,
               "Take inputs to the device in the first dispatch alone");
  app.add_option(
         "--expected-dispatches", options.expectedDispatches,
         "How many dispatches are to be expected, which decides whether "
         "a GPU replays a graph; those of --repeat unless given")
      ->type_name("N")
      ->check(CLI::PositiveNumber);
  app.add_flag("--persistent", options.isPersistent,
               "Let a kernel that stays on the GPU run it, where one can; the "
               "report says why not");
  app.add_option("--report", options.reportPath,
                 "Write device, launches, bytes, times and counters as JSON")
      ->type_name("FILE.json");
  app.add_option("--ulp-budget", options.ulpBudget,
                 "Refuse math functions that may be off by more than N units "
                 "in the last place")
      ->type_name("N");
  app.add_option("--manifest", options.manifestPath,
                 "Write which pipeline ran, as JSON")
      ->type_name("FILE.json");
  app.add_option("--from-manifest", options.fromManifest,
                 "Run the program and the backend of a manifest, or nothing")
      ->type_name("FILE.json")
      ->excludes("--program");
  app.add_option("--trace", options.tracePath,
                 "Write when each dispatch did what, for ui.perfetto.dev")
      ->type_name("FILE.json");
  app.add_option("--call-library", options.callLibraries,
                 "A shared library with functions of the host that the program "
                 "calls, under their names; see vyre-c/Call.h")
      ->type_name("LIB.so")
      ->allow_extra_args(false);
  app.add_flag("--list", options.lists,
               "Print the artifact's programs and code, and run nothing");
  app.failure_message([](const CLI::App *, const CLI::Error &error) {
    return "vyre-run: error: " + std::string(error.what()) +
           ". Fix: see vyre-run --help.\n";
  });
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError &error) {
    // Help and version are no errors; everything else is bad input.
    parsed.exitCode = app.exit(error) == 0 ? 0 : 2;
  }
  return parsed;
}

} // namespace vyre::run
