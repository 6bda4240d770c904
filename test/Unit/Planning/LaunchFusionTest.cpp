//===- LaunchFusionTest.cpp - Tests of the fusion planner -----------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "vyre/Planning/LaunchFusion.h"

#include "PlanMatchers.h"

#include <algorithm>
#include <random>
#include <vector>

using namespace vyre::planning;
using namespace vyre::testing;

namespace {

using Strategy = LaunchFusionStrategy;
using Accounting = LaunchFusionAccounting;
using Stages = std::vector<LaunchFusionStage>;

LaunchFusionOptions within(uint64_t budget,
                           Strategy strategy = Strategy::Greedy,
                           Accounting accounting = Accounting::Sum) {
  return {budget, strategy, accounting};
}

/// The plan as text: "[1,2] 184 avoids 80; [3] 9 avoids 0; total 80", or the
/// error.
std::string plan(const Stages &stages, const LaunchFusionOptions &options) {
  auto result = planLaunchFusion(stages, options);
  if (!result)
    return toText(result.error());
  EXPECT_EQ(result->launchCount, result->groups.size());
  EXPECT_EQ(result->avoidedLaunches, stages.size() - result->groups.size());
  std::string text;
  for (const LaunchFusionGroup &group : result->groups) {
    EXPECT_EQ(group.layoutHash, stages[group.firstStage].layoutHash);
    std::string ids;
    for (uint32_t id : result->getStageIds(group))
      ids += (ids.empty() ? "" : ",") + std::to_string(id);
    text += '[' + ids + "] " + std::to_string(group.requiredBytes) +
            " avoids " + std::to_string(group.avoidedIntermediateBytes) + "; ";
  }
  return text + "total " + std::to_string(result->avoidedIntermediateBytes);
}

LaunchFusionStage withStart(LaunchFusionStage stage, uint64_t start) {
  stage.firstLegalStart = start;
  return stage;
}
LaunchFusionStage withForwarded(LaunchFusionStage stage, uint64_t bytes) {
  stage.forwardedBytes = bytes;
  return stage;
}

//===----------------------------------------------------------------------===//
// Greedy
//===----------------------------------------------------------------------===//

TEST(LaunchFusion, Examples) {
  EXPECT_EQ(plan({{1, 7, 64, 32, 8}, {2, 7, 32, 48, 8}, {3, 7, 48, 16, 8}},
                 within(256)),
            "[1,2,3] 184 avoids 80; total 80");
  EXPECT_EQ(plan({{1, 7, 64, 32, 8},
                  {2, 8, 32, 48, 8},
                  {3, 8, 48, 16, 8, true},
                  {4, 9, 16, 16, 8}},
                 within(128)),
            "[1] 104 avoids 0; [2] 88 avoids 0; [3] 72 avoids 0; [4] 40 avoids "
            "0; total 0");
  EXPECT_EQ(plan({{9, 7, 64, 32, 64}}, within(128)),
            "StageOverBudget{id 9, required_bytes 160, budget_bytes 128}");
  EXPECT_EQ(plan({{1, 7, 10, 20, 0, true}, {2, 7, 20, 5, 0}}, within(1000)),
            "[1,2] 35 avoids 20; total 20");
}

TEST(LaunchFusion, EmptyList) {
  EXPECT_EQ(plan({}, within(1)), "total 0");
  EXPECT_EQ(plan({}, within(0)), "ZeroBudget{}");
}

// Each pair of errors that can be there together: the earlier check wins.
TEST(LaunchFusion, OrderOfErrors) {
  LaunchFusionStage invalid = withStart({1, 0, 1, 1, 1}, 9);
  EXPECT_EQ(plan({{1, 0, 9, 9, 9}, {1, 0, 9, 9, 9}}, within(0)),
            "ZeroBudget{}");
  EXPECT_EQ(plan({invalid, {1, 0, 9, 9, 9}}, within(1)),
            "DuplicateStage{id 1}");
  EXPECT_EQ(plan({{2, 0, 9, 9, 9}, invalid}, within(1)), "InvalidStage{id 1}");
  EXPECT_EQ(plan({{1, 0, kMost, 1, 1}}, within(1)),
            "ByteCountOverflow{field stage io bytes}");
  EXPECT_EQ(plan({{1, 0, kMost, 0, 1}}, within(1)),
            "ByteCountOverflow{field stage required bytes}");
  // From left to right, whatever is behind.
  EXPECT_EQ(plan({{1, 0, 9, 0, 0}, {2, 0, kMost, 1, 1}}, within(8)),
            "StageOverBudget{id 1, required_bytes 9, budget_bytes 8}");
}

TEST(LaunchFusion, FirstRepeatedId) {
  EXPECT_EQ(plan({{5}, {6}, {7}, {6}, {5}}, within(9)), "DuplicateStage{id 6}");
  EXPECT_EQ(plan({{5}, {5}, {5}}, within(9)), "DuplicateStage{id 5}");
  EXPECT_EQ(plan({{~0u}, {0}, {~0u}}, within(9)),
            "DuplicateStage{id 4294967295}");
}

// Overflow of a sum that would be over the budget is an error, not a split.
TEST(LaunchFusion, OverflowFields) {
  EXPECT_EQ(plan({{1, 0, 1, 1, 0}, {2, 0, 0, 0, kMost - 1}}, within(kMost)),
            "ByteCountOverflow{field fused scratch bytes}");
  EXPECT_EQ(plan({{1, 0, 1, 1, 0}, {2, 0, 0, kMost - 1, 0}}, within(2)),
            "ByteCountOverflow{field fused output bytes}");
  // With Sum what a group avoids is part of what it needs and cannot overflow
  // alone; with Live it is not.
  uint64_t half = uint64_t(1) << 63;
  Stages stages = {withForwarded({1, 0, 0, half, 0}, half),
                   withForwarded({2, 0, 0, half, 0}, half),
                   {3, 0, 0, 1, 0}};
  EXPECT_EQ(plan(stages, within(kMost, Strategy::Greedy, Accounting::Live)),
            "ByteCountOverflow{field avoided intermediate bytes}");
  EXPECT_EQ(plan({{1, 0, 0, half, 0},
                  {2, 0, 0, 0, 0},
                  {3, 1, 0, half, 0},
                  {4, 1, 0, 0, 0}},
                 within(kMost)),
            "ByteCountOverflow{field total avoided intermediate bytes}");
}

// A stage that may not join for another reason does not form the sum.
TEST(LaunchFusion, NoSumWithoutAJoin) {
  LaunchFusionStage large = {2, 0, 0, kMost, 0};
  LaunchFusionStage first = {1, 0, 1, 1, 1};
  std::string split = "[1] 3 avoids 0; [2] 18446744073709551615 avoids 0; "
                      "total 0";
  EXPECT_EQ(plan({first, large}, within(kMost)),
            "ByteCountOverflow{field fused output bytes}");
  EXPECT_EQ(plan({first, withStart(large, 1)}, within(kMost)), split);
  LaunchFusionStage other = large;
  other.layoutHash = 1;
  EXPECT_EQ(plan({first, other}, within(kMost)), split);
  other = large;
  other.requiresHostMaterialization = true;
  EXPECT_EQ(plan({first, other}, within(kMost)), split);
}

TEST(LaunchFusion, BudgetIsInclusive) {
  Stages stages = {{1, 0, 1, 2, 3}, {2, 0, 9, 2, 2}};
  EXPECT_EQ(plan(stages, within(10)), "[1,2] 10 avoids 2; total 2");
  // Alone the second needs its input as well.
  EXPECT_EQ(plan(stages, within(9)),
            "StageOverBudget{id 2, required_bytes 13, budget_bytes 9}");
}

TEST(LaunchFusion, FirstLegalStart) {
  // The third may share a launch with the second but not with the first; a
  // group that holds the first therefore ends before it.
  Stages stages = {{1}, {2}, withStart({3}, 1), {4}};
  EXPECT_EQ(plan(stages, within(9)),
            "[1,2] 0 avoids 0; [3,4] 0 avoids 0; total 0");
  EXPECT_EQ(plan(stages, within(9, Strategy::Optimal)),
            "[1] 0 avoids 0; [2,3,4] 0 avoids 0; total 0");
  EXPECT_EQ(plan({{1}, withStart({2}, 2)}, within(9)), "InvalidStage{id 2}");
  EXPECT_EQ(plan({withStart({1}, kMost)}, within(9)), "InvalidStage{id 1}");
  EXPECT_EQ(plan({{1}, withStart({2}, 1)}, within(9)),
            "[1] 0 avoids 0; [2] 0 avoids 0; total 0");
}

TEST(LaunchFusion, ForwardedBytes) {
  Stages stages = {withForwarded({1, 0, 10, 20, 1}, 15),
                   withForwarded({2, 0, 20, 30, 2}, 30),
                   {3, 0, 30, 40, 3}};
  EXPECT_EQ(plan(stages, within(200)), "[1,2,3] 106 avoids 50; total 50");
  // 10 + (20 - 15) + 1, + (30 - 30) + 2, + 40 + 3
  EXPECT_EQ(plan(stages, within(200, Strategy::Greedy, Accounting::Live)),
            "[1,2,3] 61 avoids 45; total 45");
  // Before the third joins, the second's output counts in full: 16 + 32 = 48.
  EXPECT_EQ(plan(stages, within(47, Strategy::Greedy, Accounting::Live)),
            "StageOverBudget{id 2, required_bytes 52, budget_bytes 47}");
  EXPECT_EQ(plan({withForwarded({1, 0, 0, 20, 0}, 21)}, within(200)),
            "InvalidStage{id 1}");
}

TEST(LaunchFusion, IdsKeepTheirOrder) {
  std::mt19937 random(1);
  Stages stages;
  for (uint32_t i = 0; i < 1000; ++i)
    stages.push_back({i * 0x9e3779b1u, random() % 2, 1, 1, 1});
  auto result = planLaunchFusion(stages, within(1000));
  ASSERT_TRUE(result);
  size_t next = 0;
  for (const LaunchFusionGroup &group : result->groups) {
    EXPECT_EQ(group.firstStage, next);
    for (uint32_t id : result->getStageIds(group))
      EXPECT_EQ(id, stages[next++].id);
  }
  EXPECT_EQ(next, stages.size());
}

//===----------------------------------------------------------------------===//
// Repeated ids
//===----------------------------------------------------------------------===//

/// Compares with looking for each id among those before it.
void expectRepeated(const std::vector<uint32_t> &ids) {
  std::string expected = "a plan";
  std::vector<uint32_t> seen;
  for (uint32_t id : ids) {
    auto place = std::lower_bound(seen.begin(), seen.end(), id);
    if (place != seen.end() && *place == id) {
      expected = "DuplicateStage{id " + std::to_string(id) + '}';
      break;
    }
    seen.insert(place, id);
  }
  Stages stages(ids.size());
  for (size_t i = 0; i < ids.size(); ++i)
    stages[i].id = ids[i];
  LaunchFusionScratch scratch;
  EXPECT_EQ(errorOf(planLaunchFusion(stages, within(1), scratch)), expected);
}

TEST(LaunchFusion, RepeatedIdsOfAnyKind) {
  std::mt19937 random(2);
  for (size_t count : {2, 3, 8, 63, 64, 65, 1000, 5000}) {
    for (uint32_t stride : {1u, 64u, 65536u, 0x9e3779b1u}) {
      std::vector<uint32_t> ids;
      for (size_t i = 0; i < count; ++i)
        ids.push_back(uint32_t(count - i) * stride);
      expectRepeated(ids);
      for (int repeats : {1, 3}) {
        for (int i = 0; i < repeats; ++i)
          ids[random() % count] = ids[random() % count];
        expectRepeated(ids);
      }
    }
    // Few values: many repeats. All 32 bits: hardly any.
    for (uint32_t mask : {0xfu, 0xffffu, ~0u}) {
      std::vector<uint32_t> ids(count);
      for (uint32_t &id : ids)
        id = random() & mask;
      expectRepeated(ids);
    }
  }
}

// Ids whose hashes fall into one word of the filter are slower and no less
// right. The hash multiplies by the golden ratio, and these ids by its inverse.
TEST(LaunchFusion, HostileIds) {
  uint32_t inverse = 1;
  for (int i = 0; i < 5; ++i) // Doubles the bits that are right.
    inverse *= 2 - 0x9e3779b1u * inverse;
  std::vector<uint32_t> ids;
  for (uint32_t i = 0; i < 20000; ++i)
    ids.push_back(i * inverse);
  std::swap(ids[0], ids[1]);
  expectRepeated(ids);
  ids[15000] = ids[14000];
  expectRepeated(ids);
}

//===----------------------------------------------------------------------===//
// Optimal
//===----------------------------------------------------------------------===//

/// A partition's cost, in the order in which costs compare.
struct Cost {
  uint64_t launches = 0;
  uint64_t avoided = 0;
  std::vector<size_t> starts;

  bool isBetterThan(const Cost &other) const {
    if (launches != other.launches)
      return launches < other.launches;
    if (avoided != other.avoided)
      return avoided > other.avoided;
    return starts < other.starts;
  }
};

/// The best of all partitions, by trying each; none where a stage does not fit
/// alone. Small values: nothing overflows.
std::optional<Cost> searchAll(const Stages &stages,
                              const LaunchFusionOptions &options) {
  bool isLive = options.accounting == Accounting::Live;
  size_t count = stages.size();
  for (const LaunchFusionStage &stage : stages)
    if (stage.inputBytes + stage.outputBytes + stage.scratchBytes >
        options.maxGroupBytes)
      return std::nullopt;
  std::optional<Cost> best;
  // Bit i says that a group starts at stage i + 1.
  for (unsigned cuts = 0; cuts < 1u << (count - 1); ++cuts) {
    Cost cost;
    bool isLegal = true;
    for (size_t start = 0; start < count && isLegal;) {
      size_t end = start + 1;
      while (end < count && !(cuts >> (end - 1) & 1))
        ++end;
      uint64_t required = stages[start].inputBytes;
      for (size_t i = start; i < end; ++i) {
        const LaunchFusionStage &stage = stages[i];
        isLegal &= stage.firstLegalStart <= start;
        isLegal &= stage.layoutHash == stages[start].layoutHash;
        isLegal &= i == start || !stage.requiresHostMaterialization;
        bool isLast = i + 1 == end;
        required += stage.scratchBytes + stage.outputBytes;
        if (!isLast && isLive)
          required -= stage.forwardedBytes;
        if (!isLast)
          cost.avoided += isLive ? stage.forwardedBytes : stage.outputBytes;
      }
      isLegal &= required <= options.maxGroupBytes;
      cost.launches += 1;
      cost.starts.push_back(start);
      start = end;
    }
    if (isLegal && (!best || cost.isBetterThan(*best)))
      best = cost;
  }
  return best;
}

/// Compares with the search and with Greedy.
void checkOptimal(const Stages &stages, LaunchFusionOptions options,
                  LaunchFusionScratch &scratch) {
  options.strategy = Strategy::Optimal;
  std::optional<Cost> expected = searchAll(stages, options);
  auto result = planLaunchFusion(stages, options, scratch);
  ASSERT_EQ(bool(result), expected.has_value());
  if (!result) {
    ASSERT_TRUE(std::get_if<StageOverBudget>(&result.error()));
    return;
  }
  Cost cost;
  for (const LaunchFusionGroup &group : (*result)->groups)
    cost.starts.push_back(group.firstStage);
  ASSERT_EQ((*result)->launchCount, expected->launches);
  ASSERT_EQ((*result)->avoidedIntermediateBytes, expected->avoided);
  ASSERT_EQ(cost.starts, expected->starts);

  cost.launches = (*result)->launchCount;
  cost.avoided = (*result)->avoidedIntermediateBytes;
  options.strategy = Strategy::Greedy;
  auto greedy = planLaunchFusion(stages, options, scratch);
  if (!greedy)
    return;
  Cost greedyCost;
  greedyCost.launches = (*greedy)->launchCount;
  greedyCost.avoided = (*greedy)->avoidedIntermediateBytes;
  for (const LaunchFusionGroup &group : (*greedy)->groups)
    greedyCost.starts.push_back(group.firstStage);
  ASSERT_FALSE(greedyCost.isBetterThan(cost));
}

// All lists of up to 10 stages that are made of two kinds of stage, for pairs
// of kinds that differ in one thing each.
TEST(LaunchFusionOptimal, AllListsOfTwoKinds) {
  LaunchFusionStage base = {0, 0, 1, 2, 1, false, 0, 1};
  std::vector<LaunchFusionStage> kinds(7, base);
  kinds[0].inputBytes = 4;
  kinds[1].outputBytes = 5;
  kinds[2].scratchBytes = 3;
  kinds[3].layoutHash = 1;
  kinds[4].requiresHostMaterialization = true;
  kinds[5].outputBytes = kinds[5].forwardedBytes = 4;
  kinds[6].forwardedBytes = 0;
  LaunchFusionScratch scratch;
  Stages stages;
  for (const LaunchFusionStage &kind : kinds)
    for (uint64_t budget : {6, 8, 11, 17})
      for (Accounting accounting : {Accounting::Sum, Accounting::Live})
        for (size_t count = 1; count <= 10; ++count)
          for (unsigned list = 0; list < 1u << count; ++list) {
            stages.clear();
            for (size_t i = 0; i < count; ++i) {
              stages.push_back(list >> i & 1 ? kind : base);
              stages.back().id = uint32_t(i);
            }
            checkOptimal(stages, within(budget, Strategy::Optimal, accounting),
                         scratch);
            if (HasFatalFailure())
              return;
          }
}

TEST(LaunchFusionOptimal, RandomLists) {
  std::mt19937 random(3);
  LaunchFusionScratch scratch;
  for (int round = 0; round < 20000; ++round) {
    Stages stages(1 + random() % 10);
    for (size_t i = 0; i < stages.size(); ++i) {
      LaunchFusionStage &stage = stages[i];
      stage.id = uint32_t(i);
      stage.layoutHash = random() % 8 == 0;
      stage.inputBytes = random() % 5;
      stage.outputBytes = random() % 5;
      stage.scratchBytes = random() % 3;
      stage.requiresHostMaterialization = random() % 8 == 0;
      stage.firstLegalStart = random() % 3 == 0 ? random() % (i + 1) : 0;
      stage.forwardedBytes = random() % (stage.outputBytes + 1);
    }
    Accounting accounting = random() % 2 ? Accounting::Live : Accounting::Sum;
    uint64_t budget = 6 + random() % 20;
    checkOptimal(stages, within(budget, Strategy::Optimal, accounting),
                 scratch);
    if (HasFatalFailure())
      return;
  }
}

// With Live a group may fit though it would not without its last stage.
TEST(LaunchFusionOptimal, LaterStagesMakeRoom) {
  Stages stages = {
      {1, 0, 1, 1, 0}, withForwarded({2, 0, 0, 5, 0}, 5), {3, 0, 0, 1, 0}};
  EXPECT_EQ(plan(stages, within(6, Strategy::Greedy, Accounting::Live)),
            "[1] 2 avoids 0; [2,3] 1 avoids 5; total 5");
  EXPECT_EQ(plan(stages, within(6, Strategy::Optimal, Accounting::Live)),
            "[1,2,3] 3 avoids 5; total 5");
}

TEST(LaunchFusionOptimal, OverflowIsInfeasible) {
  Stages stages = {{1, 0, 1, 1, 0}, {2, 0, 0, kMost - 1, 0}};
  EXPECT_EQ(plan(stages, within(kMost, Strategy::Optimal)),
            "[1] 2 avoids 0; [2] 18446744073709551614 avoids 0; total 0");
  uint64_t half = uint64_t(1) << 63;
  stages = {withForwarded({1, 0, 0, half, 0}, half),
            withForwarded({2, 0, 0, half, 0}, half),
            {3, 0, 0, 1, 0}};
  EXPECT_EQ(plan(stages, within(kMost, Strategy::Optimal, Accounting::Live)),
            "[1] 9223372036854775808 avoids 0; [2,3] 1 avoids "
            "9223372036854775808; total 9223372036854775808");
}

TEST(LaunchFusionOptimal, EveryStageHasToFitAlone) {
  // Greedy never opens a group with the second.
  Stages stages = {{1, 0, 1, 1, 0}, {2, 0, 7, 1, 0}, {3, 0, kMost, 1, 0}};
  EXPECT_EQ(plan(stages, within(4)), "[1,2,3] 4 avoids 2; total 2");
  EXPECT_EQ(plan(stages, within(4, Strategy::Optimal)),
            "StageOverBudget{id 2, required_bytes 8, budget_bytes 4}");
  EXPECT_EQ(plan(stages, within(8, Strategy::Optimal)),
            "ByteCountOverflow{field stage io bytes}");
}

} // namespace
