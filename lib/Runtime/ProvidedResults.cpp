//===- ProvidedResults.cpp - Host memory for results ------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ProvidedResults.h"

#include <algorithm>
#include <cstring>

namespace vyre::runtime::internal {

Status ProvidedResults::reserve(const DispatchPlan &plan) {
  if (version == plan.bindingsVersion())
    return Status();
  version = 0;
  // Offsets first, as there is no memory yet.
  uint64_t end = 0, alignment = 64;
  for (uint32_t i = 0; i < places.size(); ++i) {
    places[i] = nullptr;
    if (!plan.buffers[i].isReadback())
      continue;
    uint64_t own = std::max<uint64_t>(program.arguments[i].alignment, 16);
    alignment = std::max(alignment, own);
    uint64_t byteSize = plan.buffers[i].byteSize;
    if (byteSize > uint64_t(INT64_MAX) - end - own)
      return failure(VYRE_STATUS_OUT_OF_MEMORY, "the results of program '",
                     program.name,
                     "' take more than 2^63 bytes. Fix: pass smaller extents.");
    offsets[i] = (end + own - 1) / own * own;
    end = offsets[i] + byteSize;
  }
  if (Status status = block.reserve(end, alignment); status.failed())
    return status;
  for (uint32_t i = 0; i < places.size(); ++i)
    if (plan.buffers[i].isReadback())
      places[i] = block.data() + offsets[i];
  version = plan.bindingsVersion();
  return Status();
}

Status ProvidedResults::prepare(const DispatchPlan &plan) {
  if (Status status = reserve(plan); status.failed() || !plan.hasUnchanged)
    return status;
  for (uint32_t i = 0; i < program.capture.replay.size(); ++i)
    if (program.capture.replay[i] == artifact::ReplaySafety::escaping_result &&
        plan.buffers[i].isReadback() && plan.buffers[i].byteSize != 0)
      std::memset(places[i], 0, plan.buffers[i].byteSize);
  return Status();
}

} // namespace vyre::runtime::internal
