//===- DeviceWorkQueueTest.cpp - Tests of the queue planner ---------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "vyre/Planning/DeviceWorkQueue.h"

#include "PlanMatchers.h"

using namespace vyre::planning;
using namespace vyre::testing;

namespace {

constexpr auto kHost = WorkQueueHostSync::HostParticipates;

TEST(DeviceWorkQueue, Examples) {
  auto queue = planDeviceWorkQueue({256, 1024, 16, 128, 32768});
  ASSERT_TRUE(queue);
  EXPECT_EQ(queue->queueBytes, 16384u);
  EXPECT_EQ(queue->controlBytes, 128u);
  EXPECT_EQ(queue->residentBytes, 16512u);
  EXPECT_EQ(queue->initialOccupancyBps, 2500u);
  EXPECT_TRUE(queue->finalOnlyHostSync);

  auto drains =
      planDeviceWorkQueueBackpressure({4096, 65536, 16, 128, 2 << 20}, 8192);
  ASSERT_TRUE(drains);
  EXPECT_EQ(drains->strategy,
            DeviceWorkQueueDrainStrategy::ChunkedResidentDrain);
  EXPECT_EQ(drains->chunks, 8u);
  EXPECT_EQ(drains->itemsPerChunk, 8192u);
  EXPECT_EQ(drains->queue.residentBytes, 1048704u);
  EXPECT_TRUE(drains->finalOnlyHostSync);
}

TEST(DeviceWorkQueue, LargestNumbers) {
  auto drains =
      planDeviceWorkQueueBackpressure({kMost, kMost, 1, 0, kMost}, 65536);
  ASSERT_TRUE(drains);
  EXPECT_EQ(drains->chunks, 281474976710656u);
  EXPECT_EQ(drains->itemsPerChunk, 65536u);
  EXPECT_EQ(drains->queue.initialOccupancyBps, 10000u);
}

TEST(DeviceWorkQueue, Drains) {
  using Strategy = DeviceWorkQueueDrainStrategy;
  auto plan = planDeviceWorkQueueBackpressure({0, 10, 1, 0, 10}, 10);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->strategy, Strategy::SingleResidentDrain);
  EXPECT_EQ(plan->chunks, 1u);
  plan = planDeviceWorkQueueBackpressure({0, 10, 1, 0, 10}, kMost);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->strategy, Strategy::SingleResidentDrain);
  EXPECT_EQ(plan->itemsPerChunk, 10u);
  plan = planDeviceWorkQueueBackpressure({0, 10, 1, 0, 10}, 9);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->strategy, Strategy::ChunkedResidentDrain);
  EXPECT_EQ(plan->chunks, 2u);
  EXPECT_EQ(plan->itemsPerChunk, 9u);
}

// Each profile has the error that is named and all that are checked later.
TEST(DeviceWorkQueue, OrderOfErrors) {
  EXPECT_EQ(errorOf(planDeviceWorkQueueBackpressure({1, 0, 0, 1, 0, kHost}, 0)),
            "ZeroDrainChunk{}");
  EXPECT_EQ(errorOf(planDeviceWorkQueueBackpressure({1, 0, 0, 1, 0, kHost}, 1)),
            "ZeroCapacity{}");
  EXPECT_EQ(errorOf(planDeviceWorkQueue({1, 0, 0, 1, 0, kHost})),
            "ZeroCapacity{}");
  EXPECT_EQ(errorOf(planDeviceWorkQueue({2, 1, 0, 1, 0, kHost})),
            "ZeroEntryBytes{}");
  EXPECT_EQ(errorOf(planDeviceWorkQueue({kMost, 3, kMost, 1, 0, kHost})),
            "InitialItemsExceedCapacity{initial_items 18446744073709551615, "
            "queue_capacity 3}");
  EXPECT_EQ(errorOf(planDeviceWorkQueue({3, 3, kMost, 1, 0, kHost})),
            "HostParticipationRejected{}");
  EXPECT_EQ(errorOf(planDeviceWorkQueue({3, 3, kMost, 1, 0})),
            "ByteCountOverflow{field queue bytes}");
  EXPECT_EQ(errorOf(planDeviceWorkQueue({1, 1, kMost, 1, 0})),
            "ByteCountOverflow{field resident bytes}");
  EXPECT_EQ(errorOf(planDeviceWorkQueue({1, 2, 3, 4, 9})),
            "OverBudget{required_bytes 10, budget_bytes 9}");
  EXPECT_EQ(errorOf(planDeviceWorkQueue({1, 2, 3, 4, 10})), "a plan");
}

} // namespace
