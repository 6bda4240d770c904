//===- DeviceWorkQueue.h - Memory and drains of a queue ---------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The planner of device work queues. A queue lives in device memory, is filled
// and drained there, and meets the host again only when it is empty.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_PLANNING_DEVICEWORKQUEUE_H
#define VYRE_PLANNING_DEVICEWORKQUEUE_H

#include "vyre/Planning/PlanResult.h"

namespace vyre::planning {

/// When the host sees a queue.
enum class WorkQueueHostSync : uint8_t {
  /// Once, after it is drained.
  FinalOnly,
  /// In between, which no plan allows.
  HostParticipates,
};

struct DeviceWorkQueueProfile {
  /// Items in the queue before the first drain, at most queueCapacity.
  uint64_t initialItems = 0;
  /// Items for which there is room.
  uint64_t queueCapacity = 0;
  /// Bytes of an item, and of the block that holds head, tail and the like.
  uint64_t entryBytes = 0;
  uint64_t controlBytes = 0;
  /// Device memory that queue and control block may take.
  uint64_t budgetBytes = 0;
  WorkQueueHostSync hostSync = WorkQueueHostSync::FinalOnly;
};

struct DeviceWorkQueuePlan {
  /// Bytes of all items, of the control block, and of both.
  uint64_t queueBytes = 0;
  uint64_t controlBytes = 0;
  uint64_t residentBytes = 0;
  /// How full the queue starts, in basis points.
  uint32_t initialOccupancyBps = 0;
  /// Always: a queue that would need more is refused.
  bool finalOnlyHostSync = true;
};

enum class DeviceWorkQueueDrainStrategy : uint8_t {
  /// One launch drains whatever the queue can hold.
  SingleResidentDrain,
  /// Several launches, each of which takes a bounded number of items.
  ChunkedResidentDrain,
};

/// A queue whose drain launches take a bounded number of items each.
struct DeviceWorkQueueBackpressurePlan {
  DeviceWorkQueuePlan queue;
  DeviceWorkQueueDrainStrategy strategy =
      DeviceWorkQueueDrainStrategy::SingleResidentDrain;
  /// Launches that drain a full queue.
  uint64_t chunks = 0;
  /// Items that one of them takes at most.
  uint64_t itemsPerChunk = 0;
  bool finalOnlyHostSync = true;
};

/// ByteCountOverflow names "queue bytes" or "resident bytes".
using DeviceWorkQueueError =
    std::variant<ZeroDrainChunk, ZeroCapacity, ZeroEntryBytes,
                 InitialItemsExceedCapacity, HostParticipationRejected,
                 ByteCountOverflow, OverBudget>;

/// Errors, in the order in which they are looked for: ZeroCapacity,
/// ZeroEntryBytes, InitialItemsExceedCapacity, HostParticipationRejected,
/// "queue bytes", "resident bytes", OverBudget.
PlanResult<DeviceWorkQueuePlan, DeviceWorkQueueError>
planDeviceWorkQueue(const DeviceWorkQueueProfile &profile);

/// The same for a queue that is drained by launches of at most so many items.
/// ZeroDrainChunk comes before all other errors.
PlanResult<DeviceWorkQueueBackpressurePlan, DeviceWorkQueueError>
planDeviceWorkQueueBackpressure(const DeviceWorkQueueProfile &profile,
                                uint64_t maxItemsPerDrainLaunch);

} // namespace vyre::planning

#endif // VYRE_PLANNING_DEVICEWORKQUEUE_H
