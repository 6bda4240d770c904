//===- StorageTest.cpp - Tests of storage, arithmetic and messages --------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the planners ask of memory: once, linear in the items, and never more
// than a refusal ends in an error.
//
//===----------------------------------------------------------------------===//

#include "Allocations.h"
#include "PlanMatchers.h"
#include "vyre/Planning/DeviceWorkQueue.h"
#include "vyre/Planning/GraphCapture.h"
#include "vyre/Planning/LaunchFusion.h"
#include "vyre/Planning/ResultCompaction.h"

#include <vector>

using namespace vyre::planning;
using namespace vyre::testing;

namespace {

constexpr LaunchFusionStrategy kStrategies[] = {LaunchFusionStrategy::Greedy,
                                                LaunchFusionStrategy::Optimal};

/// Ids are neither ascending nor descending.
std::vector<LaunchFusionStage> makeStages(size_t count) {
  std::vector<LaunchFusionStage> stages(count);
  for (size_t i = 0; i < count; ++i) {
    stages[i].id = uint32_t(i) * 0x9e3779b1u;
    stages[i].layoutHash = i;
  }
  return stages;
}
std::vector<ResultSlot> makeSlots(size_t count) {
  std::vector<ResultSlot> slots;
  for (size_t i = 0; i < count; ++i)
    slots.push_back({uint32_t(i) * 0x9e3779b1u, i % 5, 8});
  return slots;
}

//===----------------------------------------------------------------------===//
// Scratch
//===----------------------------------------------------------------------===//

TEST(Scratch, SecondFusionAllocatesNothing) {
  std::vector<LaunchFusionStage> stages = makeStages(1000);
  for (LaunchFusionStrategy strategy : kStrategies) {
    LaunchFusionScratch scratch;
    ASSERT_TRUE(planLaunchFusion(stages, {1, strategy}, scratch));
    size_t groups = scratch.getGroupCapacity();
    EXPECT_GE(groups, 1000u);
    AllocationWatch watch;
    // Also after an error and after a smaller list.
    ASSERT_FALSE(planLaunchFusion(stages, {0, strategy}, scratch));
    ASSERT_TRUE(planLaunchFusion({stages.data(), 10}, {1, strategy}, scratch));
    ASSERT_TRUE(planLaunchFusion(stages, {1, strategy}, scratch));
    EXPECT_EQ(watch.getCount(), 0u);
    EXPECT_EQ(scratch.getGroupCapacity(), groups);
  }
}

TEST(Scratch, ReservedFusionAllocatesNothing) {
  std::vector<LaunchFusionStage> stages = makeStages(1000);
  LaunchFusionScratch scratch(1000);
  EXPECT_GE(scratch.getGroupCapacity(), 1000u);
  EXPECT_GE(scratch.getStageIdCapacity(), 1000u);
  EXPECT_GE(scratch.getDuplicateIdCapacity(), 1000u);
  AllocationWatch watch;
  auto plan =
      planLaunchFusion(stages, {1, LaunchFusionStrategy::Greedy}, scratch);
  EXPECT_TRUE(plan);
  EXPECT_EQ(watch.getCount(), 0u);
}

TEST(Scratch, SecondCompactionAllocatesNothing) {
  std::vector<ResultSlot> slots = makeSlots(1000);
  ResultCompactionScratch scratch;
  ASSERT_TRUE(planResultCompaction(slots, {2}, scratch));
  size_t records = scratch.getCompactRecordCapacity();
  AllocationWatch watch;
  ASSERT_FALSE(planResultCompaction(slots, {2, 3}, scratch));
  ASSERT_TRUE(planResultCompaction({slots.data(), 10}, {2}, scratch));
  ASSERT_TRUE(planResultCompaction(slots, {2}, scratch));
  EXPECT_EQ(watch.getCount(), 0u);
  EXPECT_EQ(scratch.getCompactRecordCapacity(), records);
}

TEST(Scratch, ReservedCompactionAllocatesNothing) {
  std::vector<ResultSlot> slots = makeSlots(1000);
  ResultCompactionScratch scratch(1000);
  EXPECT_GE(scratch.getIdCapacity(), 1000u);
  EXPECT_GE(scratch.getOrderedIndexCapacity(), 1000u);
  EXPECT_GE(scratch.getCompactRecordCapacity(), 1000u);
  EXPECT_GE(scratch.getDirectSlotCapacity(), 1000u);
  AllocationWatch watch;
  EXPECT_TRUE(planResultCompaction(slots, {2}, scratch));
  EXPECT_EQ(watch.getCount(), 0u);
}

TEST(Scratch, PlansCanBeTaken) {
  std::vector<LaunchFusionStage> stages = makeStages(100);
  LaunchFusionScratch scratch;
  ASSERT_TRUE(planLaunchFusion(stages, {1}, scratch));
  LaunchFusionPlan plan = scratch.takePlan();
  ASSERT_TRUE(planLaunchFusion({stages.data(), 1}, {1}, scratch));
  ASSERT_EQ(plan.groups.size(), 100u);
  EXPECT_EQ(plan.getStageIds(plan.groups[99])[0], stages[99].id);
}

// Where nothing fuses, memory still grows with the stages and not their square.
TEST(Scratch, FusionOfManyIsLinear) {
  std::vector<LaunchFusionStage> stages = makeStages(65536);
  for (LaunchFusionStrategy strategy : kStrategies) {
    AllocationWatch watch;
    auto plan = planLaunchFusion(stages, {1, strategy});
    ASSERT_TRUE(plan);
    EXPECT_EQ(plan->launchCount, 65536u);
    EXPECT_LE(watch.getLargest(), 64u * 65537);
    EXPECT_LE(watch.getCount(), 9u);
  }
}

//===----------------------------------------------------------------------===//
// Refused memory
//===----------------------------------------------------------------------===//

/// Refuses each allocation of a run in turn and returns the errors, up to the
/// run that needs no more.
template <typename Run> std::vector<std::string> refuseEach(Run &&run) {
  std::vector<std::string> errors;
  for (size_t refused = 0; refused < 100; ++refused) {
    AllocationWatch watch(refused);
    auto result = run();
    if (result)
      return errors;
    errors.push_back(toText(result.error()));
  }
  return errors;
}

TEST(RefusedMemory, Fusion) {
  std::vector<LaunchFusionStage> stages = makeStages(100);
  using Errors = std::vector<std::string>;
  auto failed = [](const char *field, const char *count) {
    return std::string("StorageReserveFailed{field ") + field + ", requested " +
           count + '}';
  };
  // 100 ids take 4096 bits, in words.
  Errors expected = {
      failed("duplicate stage ids", "64"), failed("duplicate stage ids", "100"),
      failed("fusion groups", "100"), failed("fusion group stage ids", "100")};
  EXPECT_EQ(refuseEach([&] { return planLaunchFusion(stages, {1}); }),
            expected);
  for (const char *count : {"101", "101", "100", "101", "256"})
    expected.push_back(failed("fusion groups", count));
  EXPECT_EQ(refuseEach([&] {
              return planLaunchFusion(stages,
                                      {1, LaunchFusionStrategy::Optimal});
            }),
            expected);
}

TEST(RefusedMemory, Compaction) {
  std::vector<ResultSlot> slots = makeSlots(100);
  std::vector<std::string> expected = {
      "StorageReserveFailed{field scratch ids, requested 100}",
      "StorageReserveFailed{field scratch ordered indices, requested 100}",
      "StorageReserveFailed{field compact records, requested 100}",
      "StorageReserveFailed{field direct slots, requested 100}"};
  EXPECT_EQ(refuseEach([&] { return planResultCompaction(slots, {2}); }),
            expected);
}

// A scratch that was refused memory works again when there is some.
TEST(RefusedMemory, ScratchGoesOn) {
  std::vector<LaunchFusionStage> stages = makeStages(100);
  std::vector<ResultSlot> slots = makeSlots(100);
  LaunchFusionScratch fusion;
  ResultCompactionScratch compaction;
  for (size_t refused = 0; refused < 4; ++refused) {
    AllocationWatch watch(0);
    EXPECT_FALSE(planLaunchFusion(stages, {1}, fusion));
  }
  for (size_t refused = 0; refused < 4; ++refused) {
    AllocationWatch watch(0);
    EXPECT_FALSE(planResultCompaction(slots, {2}, compaction));
  }
  EXPECT_TRUE(planLaunchFusion(stages, {1}, fusion));
  EXPECT_TRUE(planResultCompaction(slots, {2}, compaction));
}

TEST(RefusedMemory, SizesBeyondAnyMemory) {
  for (size_t count : {~size_t(0), ~size_t(0) / 2, ~size_t(0) / 8}) {
    LaunchFusionScratch fusion;
    ASSERT_TRUE(fusion.reserve(count));
    EXPECT_STREQ(fusion.reserve(count)->field, "duplicate stage ids");
    EXPECT_EQ(fusion.getGroupCapacity(), 0u);
    ResultCompactionScratch compaction;
    ASSERT_TRUE(compaction.reserve(count));
    EXPECT_STREQ(compaction.reserve(count)->field, "scratch ids");
  }
}

//===----------------------------------------------------------------------===//
// Arithmetic
//===----------------------------------------------------------------------===//

TEST(Arithmetic, BasisPoints) {
  EXPECT_EQ(basisPoints(1, 0), 0u);
  EXPECT_EQ(basisPoints(0, 3), 0u);
  EXPECT_EQ(basisPoints(2, 3), 6666u);
  EXPECT_EQ(basisPoints(kMost, kMost), 10000u);
  EXPECT_EQ(basisPoints(kMost - 1, kMost), 9999u);
  EXPECT_EQ(basisPoints(kMost, 1), ~0u);
  EXPECT_EQ(basisPoints(429496, 1), 4294960000u);
  EXPECT_EQ(basisPoints(429497, 1), ~0u);
}

TEST(Arithmetic, CeilDiv) {
  EXPECT_EQ(ceilDiv(0, 7), 0u);
  EXPECT_EQ(ceilDiv(1, 7), 1u);
  EXPECT_EQ(ceilDiv(7, 7), 1u);
  EXPECT_EQ(ceilDiv(8, 7), 2u);
  EXPECT_EQ(ceilDiv(kMost, 1), kMost);
  EXPECT_EQ(ceilDiv(kMost, kMost), 1u);
  EXPECT_EQ(ceilDiv(kMost, 2), uint64_t(1) << 63);
}

TEST(Arithmetic, Checked) {
  uint64_t total = kMost - 1;
  EXPECT_TRUE(checkedAdd(total, uint64_t(1)));
  EXPECT_EQ(total, kMost);
  EXPECT_FALSE(checkedAdd(total, uint64_t(1)));
  EXPECT_EQ(total, kMost);
  uint64_t product;
  EXPECT_TRUE(checkedMultiply(kMost, 1, product));
  EXPECT_FALSE(checkedMultiply(uint64_t(1) << 32, uint64_t(1) << 32, product));
  uint32_t narrow;
  EXPECT_TRUE(checkedNarrow(~0u, narrow));
  EXPECT_FALSE(checkedNarrow(uint64_t(1) << 32, narrow));
  EXPECT_TRUE(alignUp(kMost, 2) == Uint128(kMost) + 1);
  EXPECT_TRUE(alignUp(kMost, 1) == kMost);
}

//===----------------------------------------------------------------------===//
// Messages
//===----------------------------------------------------------------------===//

template <typename... Errors>
void expectAdvice(const std::variant<Errors...> *) {
  for (const std::string &message : {Errors{}.message()...}) {
    EXPECT_NE(message.find("expected"), message.npos) << message;
    EXPECT_NE(message.find(" Fix: "), message.npos) << message;
    EXPECT_EQ(message.back(), '.') << message;
  }
}

// What was found, what was expected, and what to do.
TEST(Messages, EachGivesAdvice) {
  ByteCountOverflow overflow = {"fused output bytes"};
  EXPECT_EQ(overflow.message().rfind("\"fused output bytes\" ", 0), 0u);
  StageOverBudget over = {7, 160, 128};
  EXPECT_EQ(over.message(),
            "stage 7 needs 160 bytes alone; expected at most the budget of 128 "
            "bytes. Fix: raise max_group_bytes to 160 or more, or split the "
            "stage.");
  // An empty field is as good as any here.
  std::variant<ZeroBudget, DuplicateStage, InvalidStage, StageOverBudget,
               DuplicateSlot, MeaningfulExceedsCapacity, InvalidAlignment,
               ZeroCapacity, ZeroEntryBytes, ZeroDrainChunk,
               InitialItemsExceedCapacity, HostParticipationRejected,
               OverBudget> *others = nullptr;
  expectAdvice(others);
  for (const std::string &message :
       {overflow.message(), StorageReserveFailed{"direct slots", 9}.message(),
        CapacityOverflow{"kernel pointer table"}.message()})
    EXPECT_NE(message.find(" Fix: "), message.npos) << message;
}

} // namespace
