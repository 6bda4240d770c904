//===- Report.h - What vyre-run tells ---------------------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The --list text, the --report file and what they are made of.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_TOOLS_VYRE_RUN_REPORT_H
#define VYRE_TOOLS_VYRE_RUN_REPORT_H

#include "Arguments.h"
#include "Options.h"

#include <string>
#include <vector>

namespace vyre::run {

/// The device that was taken, and why that one.
struct ChosenDevice {
  runtime::Device device;
  std::string reason;
};

/// The outcome of all dispatches.
struct RunSummary {
  VyreDispatchReport dispatch = {};
  VyreTelemetry telemetry = {};
  /// Wall time of each dispatch, in microseconds.
  std::vector<double> times;
  /// What is known of the program's results, in order.
  std::vector<VyreResultInfo> results;
  /// Why a result has no meaning, or empty.
  std::string resultError;
  /// Result files, in order; empty without --out, and an empty name for a
  /// result that has no meaning.
  std::vector<std::string> files;
};

/// Programs, arguments, results and code, one thing a line.
std::string listArtifact(const runtime::Artifact &artifact);

/// A line with the times of several dispatches; "" for a single one, whose time
/// says little.
std::string listTimes(const RunSummary &summary);

/// Writes the JSON report. Throws UserError if the system refuses.
void writeReport(const Options &options, const runtime::Artifact &artifact,
                 uint32_t program, const ChosenDevice &chosen,
                 const Arguments &arguments, const RunSummary &summary);

} // namespace vyre::run

#endif // VYRE_TOOLS_VYRE_RUN_REPORT_H
