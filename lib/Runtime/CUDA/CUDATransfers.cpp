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

#include <algorithm>
#include <cstring>

namespace vyre::runtime::internal::cuda {

Status CudaExecution::bind(const DispatchPlan &plan) {
  bool isBound = boundVersion == plan.bindingsVersion();
  if (!isBound || hasScalars)
    fillParameters(plan);
  if (isBound)
    return Status();
  delivered.clear();
  for (uint32_t i = 0; i < placements.size(); ++i) {
    provided[i] = nullptr;
    bool isInStaging = placements[i].route == Route::staged ||
                       placements[i].route == Route::mapped;
    if (!isInStaging || !plan.getProgram().arguments[i].isWritten())
      continue;
    const uint8_t *from = staging.data() + placements[i].offset;
    const BoundBuffer &to = plan.buffers[i];
    if (to.isReadback())
      provided[i] = from;
    else
      delivered.push_back(
          {to.data, from, plan.readback.bytesBack(i, to.byteSize)});
  }
  // A capture takes no memory for results, so that the next dispatch must.
  if (isCapturing)
    return Status();
  if (Status status = uploadTables(); status.failed())
    return status;
  if (plan.readback.countedResults() != 0)
    if (Status status = readback.prepare(
            plan.readback,
            [&](uint32_t argument) {
              return address(plan, {argument, MemoryKind::argument});
            },
            [&](uint32_t argument) {
              return isStagedLate(plan, argument)
                         ? reinterpret_cast<uintptr_t>(
                               staging.data() +
                               placements[argument].stagingOffset)
                         : 0;
            },
            stream);
        status.failed())
      return status;
  bindCounted(plan);
  boundVersion = plan.bindingsVersion();
  return Status();
}

/// Where counted results and their counts stay, if the kernel that packs them
/// always leaves them in their places, and whether the host has to do something
/// about any of them.
void CudaExecution::bindCounted(const DispatchPlan &plan) {
  mustDeliverCounted = plan.readback.mayExceedRecords();
  const int64_t *count = readback.counts();
  for (const ResultReadback &result : plan.readback.results()) {
    if (!result.isCounted)
      continue;
    const BoundBuffer &to = plan.buffers[result.argument];
    const BoundBuffer &countTo = plan.buffers[result.countArgument];
    bool hasCount = placements[result.countArgument].route == Route::count;
    mustDeliverCounted |= (result.isOnHost && !to.isReadback()) ||
                          (hasCount && !countTo.isReadback());
    if (to.isReadback())
      provided[result.argument] = readback.slab() + result.slabOffset;
    if (hasCount && countTo.isReadback())
      provided[result.countArgument] = count;
    ++count;
  }
}

void CudaExecution::chooseUploads(const DispatchPlan &plan) {
  residentBytes = 0;
  Range before = uploads;
  uploads = inputs;
  if (plan.hasUnchanged)
    uploads = {inputs.end, inputs.begin};
  for (uint32_t i : readArguments) {
    const BoundBuffer &buffer = plan.buffers[i];
    const Placement &placement = placements[i];
    goesUp[i] =
        placement.route != Route::none && placement.route != Route::resident;
    if (!goesUp[i] || !plan.hasUnchanged)
      continue;
    const Kept &found = kept[i];
    if (buffer.isUnchanged && found.from == buffer.data &&
        found.byteSize == buffer.byteSize &&
        found.content == plan.contents[i]) {
      goesUp[i] = false;
      residentBytes += buffer.byteSize;
    } else if (placement.route == Route::staged) {
      // One transfer of all that lies between the first and the last.
      uploads.begin = std::min(uploads.begin, placement.offset);
      uploads.end = std::max(uploads.end, placement.offset + buffer.byteSize);
    }
  }
  if (uploads.begin >= uploads.end)
    uploads = Range();
  // The graph has the transfer.
  generation += before.begin != uploads.begin || before.end != uploads.end;
}

void CudaExecution::keepUploads(const DispatchPlan &plan) {
  if (!plan.getProgram().capture.isResidentReplaySafe)
    return;
  for (uint32_t i : readArguments)
    if (goesUp[i])
      kept[i] = {plan.buffers[i].data, plan.buffers[i].byteSize,
                 plan.contents[i]};
}

void CudaExecution::forgetUploads() {
  std::fill(kept.begin(), kept.end(), Kept());
}

/// Results that the program may leave parts of as they are.
Status CudaExecution::clearResults(const DispatchPlan &plan) {
  for (uint32_t i : clearedResults) {
    Route route = placements[i].route;
    if (route == Route::none || route == Route::resident)
      continue;
    uint64_t byteSize = plan.buffers[i].byteSize;
    if (route == Route::mapped)
      std::memset(staging.data() + placements[i].offset, 0, byteSize);
    else if (Status status = device.check(
                 driver.memsetD8Async(block->data() + placements[i].offset, 0,
                                      byteSize, stream),
                 "cuMemsetD8Async");
             status.failed())
      return status;
  }
  return Status();
}

Status CudaExecution::enqueueInputs(const DispatchPlan &plan) {
  for (uint32_t i : readArguments) {
    const BoundBuffer &buffer = plan.buffers[i];
    if (!goesUp[i])
      continue;
    if (placements[i].route == Route::staged ||
        placements[i].route == Route::mapped)
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

Status CudaExecution::enqueueTransfer(const Transfer &transfer, bool isUp) {
  if (takesCopyKernel(transfer, isUp)) {
    CopyLaunch launch(transfer, isUp);
    return device.check(driver.launchKernel(copyKernel, launch.blocks, 1, 1,
                                            CopyLaunch::kThreads, 1, 1, 0,
                                            stream, launch.addresses, nullptr),
                        "cuLaunchKernel");
  }
  if (isUp)
    return device.check(driver.memcpyHtoDAsync(transfer.device, transfer.host,
                                               transfer.byteSize, stream),
                        "cuMemcpyHtoDAsync");
  return device.check(driver.memcpyDtoHAsync(transfer.host, transfer.device,
                                             transfer.byteSize, stream),
                      "cuMemcpyDtoHAsync");
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

/// Results that are larger than their records and did not come, now that their
/// sizes are known.
Status CudaExecution::enqueueCounted(const DispatchPlan &plan) {
  areCountsRead = true;
  if (!plan.readback.mayExceedRecords())
    return Status();
  const int64_t *count = readback.counts();
  for (const ResultReadback &result : plan.readback.results()) {
    if (!result.isCounted)
      continue;
    int64_t rows = *count++;
    bool isThere =
        result.isPacked(result.bytesFor(rows)) ||
        (readback.writesDirect(result) && isStagedLate(plan, result.argument));
    if (!result.isOnHost || !result.accepts(rows) || isThere)
      continue;
    if (Status status =
            enqueueCopy(plan, result.argument, result.bytesFor(rows));
        status.failed())
      return status;
  }
  return Status();
}

Status CudaExecution::enqueueResults(const DispatchPlan &plan) {
  if (packs(plan))
    if (Status status = readback.fetch(stream, copies); status.failed())
      return status;
  for (uint32_t i : directResults) {
    uint64_t bytes = plan.readback.bytesBack(i, plan.buffers[i].byteSize);
    if (Status status = enqueueCopy(plan, i, bytes); status.failed())
      return status;
  }
  return Status();
}

bool CudaExecution::isStagedLate(const DispatchPlan &plan,
                                 uint32_t argument) const {
  return placements[argument].route == Route::counted &&
         (plan.buffers[argument].byteSize <= kMaxStagedBytes ||
          plan.buffers[argument].isReadback());
}

void CudaExecution::deliverUncounted() const {
  for (const Delivery &delivery : delivered)
    std::memcpy(delivery.to, delivery.from, delivery.byteSize);
}

void CudaExecution::deliverResults(const DispatchPlan &plan) {
  deliverUncounted();
  if (!mustDeliverCounted)
    return;
  const int64_t *count = readback.counts();
  for (const ResultReadback &result : plan.readback.results())
    if (result.isCounted)
      deliverCounted(plan, result, *count++);
}

/// One of the results that the device counts, and that count.
void CudaExecution::deliverCounted(const DispatchPlan &plan,
                                   const ResultReadback &result,
                                   const int64_t &count) {
  // The host is little-endian: the first bytes are those of a smaller type.
  deliver(plan, result.countArgument, Route::count, &count, result.countBytes);
  if (!result.isOnHost || !result.accepts(count))
    return;
  uint64_t bytes = result.bytesFor(count);
  if (result.isPacked(bytes))
    deliver(plan, result.argument, Route::counted,
            readback.slab() + result.slabOffset, bytes);
  else if (bytes != 0 && isStagedLate(plan, result.argument))
    deliver(plan, result.argument, Route::counted,
            staging.data() + placements[result.argument].stagingOffset, bytes);
}

/// To the caller, or says where it is; if the argument goes this route.
void CudaExecution::deliver(const DispatchPlan &plan, uint32_t argument,
                            Route route, const void *from, uint64_t byteSize) {
  if (placements[argument].route != route)
    return;
  if (plan.buffers[argument].isReadback())
    provided[argument] = from;
  else
    std::memcpy(plan.buffers[argument].data, from, byteSize);
}

} // namespace vyre::runtime::internal::cuda
