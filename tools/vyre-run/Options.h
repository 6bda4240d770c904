//===- Options.h - vyre-run's command line ----------------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_TOOLS_VYRE_RUN_OPTIONS_H
#define VYRE_TOOLS_VYRE_RUN_OPTIONS_H

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace vyre::run {

struct Options {
  std::string artifact;
  std::string program;
  /// Empty: the manifest's backend, or "auto".
  std::string device;
  std::vector<std::string> inputs;
  std::vector<std::string> shapes;
  std::string outDirectory;
  std::optional<uint64_t> fillSeed;
  std::optional<uint32_t> ulpBudget;
  std::optional<uint64_t> expectedDispatches;
  uint32_t repeat = 1;
  std::string reportPath;
  /// Empty where they are not asked for.
  std::string manifestPath, fromManifest, tracePath;
  /// Shared libraries with the functions that the program calls.
  std::vector<std::string> callLibraries;
  bool keepsInputs = false;
  bool isPersistent = false;
  bool lists = false;
};

/// What came of the command line: options, or an exit code for main().
struct ParsedOptions {
  Options options;
  std::optional<int> exitCode;
};

ParsedOptions parseOptions(int argc, char **argv);

} // namespace vyre::run

#endif // VYRE_TOOLS_VYRE_RUN_OPTIONS_H
