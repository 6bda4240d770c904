//===- ArenaPacking.cpp - Memory shared by liveness ----------- -*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The planner does the work; here are its numbers and its errors those of a
// program.
//
//===----------------------------------------------------------------------===//

#include "ArenaPacking.h"

#include "LaunchOrder.h"

#include <algorithm>
#include <variant>

namespace vyre::runtime::internal {

uint64_t arenaAlignment(const Program &program) {
  uint64_t alignment = 256;
  for (const Intermediate &value : program.intermediates)
    alignment = std::max<uint64_t>(alignment, value.alignment);
  return alignment;
}

ArenaPacking::ArenaPacking(const Program &program)
    : offsets(program.intermediates.size()), program(program),
      uses(findIntermediateUses(program)),
      values(program.intermediates.size()) {
  for (size_t i = 0; i < values.size(); ++i)
    values[i].uses = {uses[i].data(), uses[i].size()};
  options.granule = arenaAlignment(program);
  options.maxBytes = program.capture.maxArenaBytes;
  // The sizes are constants, so what was checked once holds for all dispatches.
  if (program.capture.arenaOffsets.empty())
    return;
  offsets = program.capture.arenaOffsets;
  byteSize = program.capture.arenaBytes;
  edges = program.capture.memoryEdges;
}

Status ArenaPacking::pack(const std::vector<uint64_t> &sizes) {
  if (!program.capture.arenaOffsets.empty() || values.empty())
    return Status();
  if (!graph) {
    auto made = makeLaunchGraph(program);
    if (made.failed())
      return made.takeStatus();
    graph = std::move(*made);
  }
  for (size_t i = 0; i < values.size(); ++i)
    values[i].byteSize = sizes[i];
  auto plan =
      planning::planArena(*graph, {values.data(), values.size()}, options);
  if (plan.failed() &&
      std::holds_alternative<planning::StorageReserveFailed>(plan.error()))
    return failure(VYRE_STATUS_OUT_OF_MEMORY,
                   "there is no memory left to place the intermediates of "
                   "program '",
                   program.name, "'. Fix: free memory.");
  if (plan.failed())
    if (const auto *over =
            std::get_if<planning::ArenaOverBudget>(&plan.error()))
      return invalid("the intermediates of program '", program.name, "' take ",
                     over->requiredBytes,
                     " bytes with these extents, expected at most ",
                     over->budgetBytes,
                     ", for which it was compiled. Fix: pass smaller extents, "
                     "or compile with a larger max-arena-bytes.");
  if (plan.failed() || plan->byteSize > uint64_t(INT64_MAX))
    return invalid("the intermediates of program '", program.name,
                   "' take more than 2^63 bytes with these extents. Fix: pass "
                   "smaller ones.");
  offsets.assign(plan->offsets.begin(), plan->offsets.end());
  byteSize = plan->byteSize;
  edges.assign(plan->addedEdges.begin(), plan->addedEdges.end());
  return Status();
}

} // namespace vyre::runtime::internal
