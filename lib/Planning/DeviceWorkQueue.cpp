//===- DeviceWorkQueue.cpp - The memory and the drains of a work queue ----===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "vyre/Planning/DeviceWorkQueue.h"

#include "vyre/Planning/CheckedArithmetic.h"

#include <algorithm>

using namespace vyre::planning;

PlanResult<DeviceWorkQueuePlan, DeviceWorkQueueError>
vyre::planning::planDeviceWorkQueue(const DeviceWorkQueueProfile &profile) {
  if (profile.queueCapacity == 0)
    return ZeroCapacity{};
  if (profile.entryBytes == 0)
    return ZeroEntryBytes{};
  if (profile.initialItems > profile.queueCapacity)
    return InitialItemsExceedCapacity{profile.initialItems,
                                      profile.queueCapacity};
  if (profile.hostSync == WorkQueueHostSync::HostParticipates)
    return HostParticipationRejected{};

  DeviceWorkQueuePlan plan;
  if (!checkedMultiply(profile.queueCapacity, profile.entryBytes,
                       plan.queueBytes))
    return ByteCountOverflow{"queue bytes"};
  plan.controlBytes = profile.controlBytes;
  plan.residentBytes = plan.queueBytes;
  if (!checkedAdd(plan.residentBytes, plan.controlBytes))
    return ByteCountOverflow{"resident bytes"};
  if (plan.residentBytes > profile.budgetBytes)
    return OverBudget{plan.residentBytes, profile.budgetBytes};
  plan.initialOccupancyBps =
      basisPoints(profile.initialItems, profile.queueCapacity);
  return plan;
}

PlanResult<DeviceWorkQueueBackpressurePlan, DeviceWorkQueueError>
vyre::planning::planDeviceWorkQueueBackpressure(
    const DeviceWorkQueueProfile &profile, uint64_t maxItemsPerDrainLaunch) {
  if (maxItemsPerDrainLaunch == 0)
    return ZeroDrainChunk{};
  auto queue = planDeviceWorkQueue(profile);
  if (!queue)
    return queue.error();

  DeviceWorkQueueBackpressurePlan plan;
  plan.queue = *queue;
  plan.chunks = ceilDiv(profile.queueCapacity, maxItemsPerDrainLaunch);
  plan.itemsPerChunk = std::min(maxItemsPerDrainLaunch, profile.queueCapacity);
  plan.strategy = plan.chunks == 1
                      ? DeviceWorkQueueDrainStrategy::SingleResidentDrain
                      : DeviceWorkQueueDrainStrategy::ChunkedResidentDrain;
  return plan;
}
