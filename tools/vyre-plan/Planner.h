//===- Planner.h - Requests in, answers out ---------------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_TOOLS_VYREPLAN_PLANNER_H
#define VYRE_TOOLS_VYREPLAN_PLANNER_H

#include "Request.h"

#include <string>
#include <string_view>

namespace vyre::plan_tool {

/// Answers requests, one after the other, and keeps its storage in between.
class Planner {
public:
  /// Appends the answer to a line, itself a line with its end. True if it is a
  /// plan, false if it is an error.
  bool answer(std::string_view line, std::string &out);

private:
  bool plan(std::string_view line, std::string &out);

  Request request;
  planning::LaunchFusionScratch fusionScratch;
  planning::ResultCompactionScratch compactionScratch;
};

/// Appends the answer to a line that is longer than `limit` bytes.
void answerTooLong(size_t limit, std::string &out);

} // namespace vyre::plan_tool

#endif // VYRE_TOOLS_VYREPLAN_PLANNER_H
