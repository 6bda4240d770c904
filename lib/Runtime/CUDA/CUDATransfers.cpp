//===- CUDATransfers.cpp - Copies to and from a GPU -------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What goes up before the launches and what comes down after them.
//
//===----------------------------------------------------------------------===//

#include "CUDA/CUDAExecution.h"

#include <cstring>

namespace vyre::runtime::internal::cuda {

Status CudaExecution::enqueueInputs(const DispatchPlan &plan) {
  for (uint32_t i = 0; i < placements.size(); ++i) {
    const BoundBuffer &buffer = plan.buffers[i];
    if (!plan.getProgram().arguments[i].isRead())
      continue;
    if (placements[i].route == Route::staged)
      std::memcpy(staging.data() + placements[i].offset, buffer.data,
                  buffer.byteSize);
    if (placements[i].route == Route::direct)
      if (Status status = device.check(
              driver.memcpyHtoDAsync(block->data() + placements[i].offset,
                                     buffer.data, buffer.byteSize, stream),
              "cuMemcpyHtoDAsync");
          status.failed())
        return status;
  }
  return Status();
}

Transfer CudaExecution::staged(Range range) const {
  if (range.size() == 0)
    return Transfer();
  return {staging.data() + range.begin, block->data() + range.begin,
          range.size()};
}

/// Of an argument in the block: its first bytes, into the caller's memory, or
/// into page-locked memory that is kept for them.
Status CudaExecution::enqueueCopy(const DispatchPlan &plan, uint32_t argument,
                                  uint64_t byteSize) {
  if (byteSize == 0)
    return Status();
  ++copies;
  void *target = plan.buffers[argument].data;
  if (isStagedLate(plan, argument))
    target = staging.data() + placements[argument].stagingOffset;
  return device.check(driver.memcpyDtoHAsync(
                          target, block->data() + placements[argument].offset,
                          byteSize, stream),
                      "cuMemcpyDtoHAsync");
}

/// Results that are larger than their records, now that their sizes are known.
Status CudaExecution::enqueueCounted(const DispatchPlan &plan) {
  areCountsRead = true;
  const int64_t *count = readback.counts();
  for (const ResultReadback &result : plan.readback.results()) {
    if (!result.isCounted)
      continue;
    int64_t rows = *count++;
    if (!result.isOnHost || !result.accepts(rows) ||
        result.isPacked(result.bytesFor(rows)))
      continue;
    if (Status status =
            enqueueCopy(plan, result.argument, result.bytesFor(rows));
        status.failed())
      return status;
  }
  return Status();
}

Status CudaExecution::enqueueResults(const DispatchPlan &plan) {
  if (plan.readback.countedResults() != 0 && !isCapturing)
    if (Status status = readback.enqueue(
            plan.readback,
            [&](uint32_t argument) {
              return address(plan, {argument, MemoryKind::argument});
            },
            stream);
        status.failed())
      return status;
  for (uint32_t i = 0; i < placements.size(); ++i) {
    if (placements[i].route != Route::direct ||
        !plan.getProgram().arguments[i].isWritten())
      continue;
    uint64_t bytes = plan.readback.bytesBack(i, plan.buffers[i].byteSize);
    if (Status status = enqueueCopy(plan, i, bytes); status.failed())
      return status;
  }
  return Status();
}

bool CudaExecution::isStagedLate(const DispatchPlan &plan,
                                 uint32_t argument) const {
  return placements[argument].route == Route::counted &&
         plan.buffers[argument].byteSize <= kMaxStagedBytes;
}

void CudaExecution::deliverResults(const DispatchPlan &plan) {
  for (uint32_t i = 0; i < placements.size(); ++i) {
    bool isInStaging = placements[i].route == Route::staged ||
                       placements[i].route == Route::mapped;
    if (isInStaging && plan.getProgram().arguments[i].isWritten())
      std::memcpy(plan.buffers[i].data, staging.data() + placements[i].offset,
                  plan.readback.bytesBack(i, plan.buffers[i].byteSize));
  }
  const int64_t *count = readback.counts();
  for (const ResultReadback &result : plan.readback.results()) {
    if (!result.isCounted)
      continue;
    // The host is little-endian: the first bytes are those of a smaller type.
    if (placements[result.countArgument].route == Route::count)
      std::memcpy(plan.buffers[result.countArgument].data, count,
                  result.countBytes);
    int64_t rows = *count++;
    if (!result.isOnHost || !result.accepts(rows))
      continue;
    void *target = plan.buffers[result.argument].data;
    uint64_t bytes = result.bytesFor(rows);
    if (result.isPacked(bytes))
      std::memcpy(target, readback.slab() + result.slabOffset, bytes);
    else if (bytes != 0 && isStagedLate(plan, result.argument))
      std::memcpy(target,
                  staging.data() + placements[result.argument].stagingOffset,
                  bytes);
  }
}

} // namespace vyre::runtime::internal::cuda
