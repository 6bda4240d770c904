//===- ResultCompactionTest.cpp - Tests of the compaction planner ---------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "vyre/Planning/ResultCompaction.h"

#include "PlanMatchers.h"

#include <algorithm>
#include <numeric>
#include <random>
#include <vector>

using namespace vyre::planning;
using namespace vyre::testing;

namespace {

using Slots = std::vector<ResultSlot>;

/// The plan as text: "1@0:12 3@12:24 direct 5 full 512 ..." or the error.
std::string plan(const Slots &slots, const ResultCompactionOptions &options) {
  auto result = planResultCompaction(slots, options);
  if (!result)
    return toText(result.error());
  const ResultCompactionPlan &plan = *result;
  std::string text;
  for (const CompactResultRecord &record : plan.compactRecords)
    text += std::to_string(record.slot) + '@' +
            std::to_string(record.compactOffset) + ':' +
            std::to_string(record.bytes) + ' ';
  for (uint32_t slot : plan.directSlots)
    text += "direct " + std::to_string(slot) + ' ';
  EXPECT_EQ(plan.selectedReadbackBytes, plan.compactBytes + plan.directBytes);
  return text + "full " + std::to_string(plan.fullCapacityBytes) +
         " selected " + std::to_string(plan.selectedReadbackBytes) +
         " avoided " + std::to_string(plan.avoidedReadbackBytes) + ' ' +
         std::to_string(plan.avoidedReadbackBasisPoints) + "bps slab " +
         std::to_string(plan.slabBytes);
}

TEST(ResultCompaction, Examples) {
  EXPECT_EQ(plan({{2, 0, 128}, {1, 12, 128}, {3, 24, 256}}, {32}),
            "1@0:12 3@12:24 full 512 selected 36 avoided 476 9296bps slab 36");
  EXPECT_EQ(plan({{1, 64, 128}, {2, 512, 1024}}, {128}),
            "1@0:64 direct 2 full 1152 selected 576 avoided 576 5000bps slab "
            "64");
  EXPECT_EQ(plan({{4, 0, 0}, {9, 0, 0}}, {128}),
            "full 0 selected 0 avoided 0 0bps slab 0");
  EXPECT_EQ(plan({}, {128}), "full 0 selected 0 avoided 0 0bps slab 0");
}

TEST(ResultCompaction, ThresholdIsInclusive) {
  EXPECT_EQ(plan({{1, 4, 4}, {2, 5, 5}}, {4}),
            "1@0:4 direct 2 full 9 selected 9 avoided 0 0bps slab 4");
  EXPECT_EQ(plan({{1, 1, 1}}, {0}),
            "direct 1 full 1 selected 1 avoided 0 0bps slab 0");
  EXPECT_EQ(plan({{1, kMost, kMost}}, {kMost}),
            "1@0:18446744073709551615 full 18446744073709551615 selected "
            "18446744073709551615 avoided 0 0bps slab 18446744073709551615");
}

// Each slot is asked three things, and the slots come in the order given.
TEST(ResultCompaction, OrderOfErrors) {
  EXPECT_EQ(plan({{1, 2, 1}}, {4, 3}), "InvalidAlignment{alignment 3}");
  EXPECT_EQ(plan({{1, 2, 1}}, {4, 0}), "InvalidAlignment{alignment 0}");
  EXPECT_EQ(plan({{1, 1, 1}, {1, 2, 1}}, {4}), "DuplicateSlot{slot 1}");
  EXPECT_EQ(plan({{1, 2, 1}, {1, 2, 1}}, {4}),
            "MeaningfulExceedsCapacity{slot 1, meaningful_bytes 2, "
            "capacity_bytes 1}");
  EXPECT_EQ(plan({{1, 0, 1}, {2, 0, kMost}, {2, 9, 1}}, {4}),
            "ByteCountOverflow{field full capacity bytes}");
  EXPECT_EQ(plan({{1, 0, 1}, {2, kMost, kMost - 1}, {2, 9, 1}}, {4}),
            "MeaningfulExceedsCapacity{slot 2, meaningful_bytes "
            "18446744073709551615, capacity_bytes 18446744073709551614}");
  // The smaller slot is not the earlier one.
  EXPECT_EQ(plan({{9, 2, 1}, {1, 3, 1}}, {4}),
            "MeaningfulExceedsCapacity{slot 9, meaningful_bytes 2, "
            "capacity_bytes 1}");
  EXPECT_EQ(plan({{7, 0, 0}, {3, 0, 0}, {3, 0, 0}, {7, 0, 0}}, {4}),
            "DuplicateSlot{slot 3}");
}

TEST(ResultCompaction, Alignment) {
  EXPECT_EQ(plan({{1, 3, 4}, {2, 5, 8}, {3, 0, 1}, {4, 8, 8}}, {8, 4}),
            "1@0:3 2@4:5 4@12:8 full 21 selected 16 avoided 5 2380bps slab 20");
  uint64_t large = uint64_t(1) << 63;
  EXPECT_EQ(plan({{1, 1, 1}, {2, 1, 1}}, {8, large}),
            "1@0:1 2@9223372036854775808:1 full 2 selected 2 avoided 0 0bps "
            "slab 9223372036854775809");
  EXPECT_EQ(plan({{1, 1, 1}, {2, 1, 1}, {3, 1, 1}}, {8, large}),
            "ByteCountOverflow{field slab bytes}");
  EXPECT_EQ(plan({{1, 1, 1}, {2, large, large}}, {large, large}),
            "ByteCountOverflow{field slab bytes}");
}

TEST(ResultCompaction, SlabLimit) {
  // The second does not fit, the third still does.
  EXPECT_EQ(plan({{1, 4, 4}, {2, 6, 6}, {3, 4, 4}}, {8, 1, 8}),
            "1@0:4 3@4:4 direct 2 full 14 selected 14 avoided 0 0bps slab 8");
  EXPECT_EQ(plan({{1, 1, 1}, {2, 1, 1}}, {8, 8, 8}),
            "1@0:1 direct 2 full 2 selected 2 avoided 0 0bps slab 1");
  EXPECT_EQ(plan({{1, 1, 1}}, {8, 1, 0}),
            "direct 1 full 1 selected 1 avoided 0 0bps slab 0");
  // Where there is a limit, no end is beyond counting.
  uint64_t large = uint64_t(1) << 63;
  EXPECT_EQ(
      plan({{1, 1, 1}, {2, 1, 1}, {3, 1, 1}}, {8, large, kMost}),
      "1@0:1 2@9223372036854775808:1 direct 3 full 3 selected 3 avoided 0 "
      "0bps slab 9223372036854775809");
}

/// Compares with sorting.
void checkOrder(const std::vector<uint32_t> &ids) {
  Slots slots;
  for (uint32_t id : ids)
    slots.push_back({id, 1 + id % 7, 16});
  std::vector<uint32_t> sorted = ids;
  std::sort(sorted.begin(), sorted.end());
  auto result = planResultCompaction(slots, {4});
  if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end()) {
    std::string expected;
    for (size_t i = 0; expected.empty(); ++i)
      if (std::find(ids.begin(), ids.begin() + i, ids[i]) != ids.begin() + i)
        expected = "DuplicateSlot{slot " + std::to_string(ids[i]) + '}';
    ASSERT_EQ(errorOf(result), expected);
    return;
  }
  ASSERT_TRUE(result);
  size_t record = 0, direct = 0;
  uint64_t offset = 0;
  for (uint32_t id : sorted) {
    if (1 + id % 7 > 4) {
      ASSERT_EQ(result->directSlots[direct++], id);
      continue;
    }
    const CompactResultRecord &found = result->compactRecords[record++];
    ASSERT_EQ(found.slot, id);
    ASSERT_EQ(found.compactOffset, offset);
    ASSERT_EQ(found.bytes, 1 + id % 7);
    offset += found.bytes;
  }
  ASSERT_EQ(record, result->compactRecords.size());
  ASSERT_EQ(direct, result->directSlots.size());
}

// Close together, far apart, in clusters, in each order, with repeats.
TEST(ResultCompaction, AnyIdsInAnyOrder) {
  std::mt19937 random(4);
  for (size_t count : {1, 2, 3, 8, 17, 64, 100, 1000, 4096}) {
    for (uint32_t stride : {1u, 3u, 5u, 1000u, 0x00100000u}) {
      std::vector<uint32_t> ids(count);
      for (size_t i = 0; i < count; ++i)
        ids[i] = uint32_t(i) * stride;
      checkOrder(ids);
      std::reverse(ids.begin(), ids.end());
      checkOrder(ids);
      std::shuffle(ids.begin(), ids.end(), random);
      checkOrder(ids);
      ids[random() % count] = ids[random() % count];
      checkOrder(ids);
    }
    // All but one close together, so that one bucket takes nearly all.
    std::vector<uint32_t> ids(count);
    std::iota(ids.begin(), ids.end(), 5u);
    ids.back() = ~0u;
    std::shuffle(ids.begin(), ids.end(), random);
    checkOrder(ids);
    for (uint32_t &id : ids)
      id = random();
    checkOrder(ids);
  }
}

} // namespace
