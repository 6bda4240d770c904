//===- ArenaPlacementTest.cpp - Intermediates in one block of memory ------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Placements of random values over random graphs, checked byte range by byte
// range against a search of the graph with the edges that were added.
//
//===----------------------------------------------------------------------===//

#include "vyre/Planning/ArenaPlacement.h"

#include "RandomGraphs.h"

#include "gtest/gtest.h"

#include <limits>

using namespace vyre::planning;
using namespace vyre::planning::test;

namespace {

struct Values {
  std::vector<std::vector<uint32_t>> uses;
  std::vector<uint64_t> sizes;

  std::vector<ArenaValue> get() const {
    std::vector<ArenaValue> values;
    for (size_t i = 0; i < sizes.size(); ++i)
      values.push_back({sizes[i], uses[i]});
    return values;
  }
};

/// Two chains of two launches, a value in each.
const std::vector<LaunchEdge> kTwoChains = {{0, 1}, {2, 3}};
const Values kOneEach = {{{0, 1}, {2, 3}}, {1000, 600}};

ArenaPlan plan(const LaunchGraph &graph, const Values &values,
               const ArenaOptions &options) {
  std::vector<ArenaValue> list = values.get();
  auto result = planArena(graph, {list.data(), list.size()}, options);
  EXPECT_TRUE(result);
  return result ? std::move(*result) : ArenaPlan();
}

/// Every use of `a` before every use of `b`.
bool isBefore(const Values &values, const Reachability &reaches, size_t a,
              size_t b) {
  for (uint32_t earlier : values.uses[a])
    for (uint32_t later : values.uses[b])
      if (!reaches[earlier][later])
        return false;
  return true;
}

// Branches that may run side by side do not share, and nobody waits.
TEST(ArenaPlacement, BranchesAreSideBySide) {
  LaunchGraph graph = makeGraph(4, kTwoChains);
  ArenaPlan found = plan(graph, kOneEach, ArenaOptions());
  EXPECT_EQ(found.byteSize, 1024u + 768u);
  EXPECT_EQ(found.concurrentByteSize, 1024u + 768u);
  EXPECT_EQ(found.inOrderByteSize, 1024u);
  EXPECT_TRUE(found.addedEdges.empty());
}

// With less memory they share, and the second branch waits for the first.
TEST(ArenaPlacement, ABudgetAddsEdges) {
  LaunchGraph graph = makeGraph(4, kTwoChains);
  ArenaOptions options;
  options.maxBytes = 1024;
  ArenaPlan found = plan(graph, kOneEach, options);
  EXPECT_EQ(found.byteSize, 1024u);
  ASSERT_EQ(found.addedEdges.size(), 1u);
  EXPECT_EQ(found.addedEdges[0], (LaunchEdge{1, 2}));
}

// Without a budget of the caller's, large arenas are not made larger.
TEST(ArenaPlacement, LargeArenasStaySmall) {
  LaunchGraph graph = makeGraph(4, kTwoChains);
  ArenaOptions options;
  options.concurrentBytes = 1500;
  ArenaPlan found = plan(graph, kOneEach, options);
  EXPECT_EQ(found.byteSize, 1024u);
  EXPECT_EQ(found.addedEdges.size(), 1u);
}

TEST(ArenaPlacement, ABudgetTooSmallIsAnError) {
  LaunchGraph graph = makeGraph(4, kTwoChains);
  ArenaOptions options;
  options.maxBytes = 1023;
  std::vector<ArenaValue> list = kOneEach.get();
  auto result = planArena(graph, {list.data(), list.size()}, options);
  ASSERT_FALSE(result);
  const auto *error = std::get_if<ArenaOverBudget>(&result.error());
  ASSERT_NE(error, nullptr);
  EXPECT_EQ(error->requiredBytes, 1024u);
  EXPECT_EQ(error->budgetBytes, 1023u);
  EXPECT_NE(error->message().find("1024 bytes"), std::string::npos);
}

TEST(ArenaPlacement, BytesThatOverflowAreAnError) {
  LaunchGraph graph = makeGraph(1, {});
  constexpr uint64_t kMost = std::numeric_limits<uint64_t>::max();
  for (uint64_t size : {kMost, kMost / 2 + 2}) {
    Values values = {{{0}, {0}}, {size, kMost / 2}};
    std::vector<ArenaValue> list = values.get();
    auto result = planArena(graph, {list.data(), list.size()}, {});
    ASSERT_FALSE(result);
    EXPECT_NE(std::get_if<ByteCountOverflow>(&result.error()), nullptr);
  }
}

// What has no bytes, and what nobody uses, takes no place.
TEST(ArenaPlacement, NothingTakesNoPlace) {
  LaunchGraph graph = makeGraph(2, {{0, 1}});
  Values values = {{{0, 1}, {}, {1}}, {0, 500, 100}};
  ArenaPlan found = plan(graph, values, ArenaOptions());
  EXPECT_EQ(found.byteSize, 256u);
  EXPECT_EQ(plan(graph, {}, ArenaOptions()).byteSize, 0u);
}

// More launches than a graph takes: by their order, with nothing to add.
TEST(ArenaPlacement, LongProgramsRunInOrder) {
  constexpr uint32_t kCount = LaunchGraph::kMaxLaunches + 10;
  LaunchGraph graph = makeGraph(kCount, {});
  Values values;
  for (uint32_t i = 0; i + 1 < kCount; ++i) {
    values.uses.push_back({i, i + 1});
    values.sizes.push_back(100);
  }
  ArenaPlan found = plan(graph, values, ArenaOptions());
  EXPECT_EQ(found.byteSize, 512u);
  EXPECT_TRUE(found.addedEdges.empty());
}

// More values than are placed side by side: then the launches run in order.
TEST(ArenaPlacement, ManyValuesRunInOrder) {
  constexpr uint32_t kCount = kMaxConcurrentValues + 10;
  LaunchGraph graph = makeGraph(kCount, {});
  Values values;
  for (uint32_t i = 0; i < kCount; ++i) {
    values.uses.push_back({i});
    values.sizes.push_back(100);
  }
  ArenaPlan found = plan(graph, values, ArenaOptions());
  EXPECT_EQ(found.byteSize, 256u);
  EXPECT_EQ(found.addedEdges.size(), kCount - 1);
}

/// Checks that whatever shares bytes is ordered, by the edges listed.
void check(const std::vector<LaunchEdge> &edges, size_t launches,
           const Values &values, const ArenaPlan &found) {
  std::vector<LaunchEdge> all = edges;
  Reachability before = search(launches, edges);
  for (const LaunchEdge &edge : found.addedEdges) {
    EXPECT_LT(edge.earlier, edge.later);
    EXPECT_FALSE(before[edge.earlier][edge.later]);
    all.push_back(edge);
  }
  Reachability reaches = search(launches, all);
  for (size_t a = 0; a < values.sizes.size(); ++a) {
    if (values.uses[a].empty() || values.sizes[a] == 0)
      continue;
    EXPECT_EQ(found.offsets[a] % 256, 0u);
    EXPECT_LE(found.offsets[a] + values.sizes[a], found.byteSize);
    for (size_t b = 0; b < a; ++b) {
      if (values.uses[b].empty() || values.sizes[b] == 0 ||
          found.offsets[a] >= found.offsets[b] + values.sizes[b] ||
          found.offsets[b] >= found.offsets[a] + values.sizes[a])
        continue;
      EXPECT_TRUE(isBefore(values, reaches, a, b) ||
                  isBefore(values, reaches, b, a))
          << "values " << b << " and " << a;
    }
  }
}

Values randomValues(std::mt19937 &random, uint32_t launches) {
  Values values;
  for (unsigned i = random() % 40; i != 0; --i) {
    std::vector<uint32_t> uses;
    uint32_t first = random() % launches;
    for (uint32_t use = first; use < launches && use < first + 6; ++use)
      if (random() % 2)
        uses.push_back(use);
    values.uses.push_back(uses);
    values.sizes.push_back(random() % 8 ? 1 + random() % 5000 : 0);
  }
  return values;
}

// Random programs under every budget: sound, within it, and with no edges where
// there is memory for all.
TEST(ArenaPlacement, WhatIsInUseAtOnceNeverShares) {
  std::mt19937 random(2);
  unsigned between = 0;
  for (unsigned round = 0; round < 400; ++round) {
    uint32_t launches = 1 + random() % 40;
    std::vector<LaunchEdge> edges =
        randomEdges(random, launches, 2 + random() % 30);
    LaunchGraph graph = makeGraph(launches, edges);
    Values values = randomValues(random, launches);
    ArenaPlan free = plan(graph, values, ArenaOptions());
    EXPECT_EQ(free.byteSize, free.concurrentByteSize);
    EXPECT_TRUE(free.addedEdges.empty());
    EXPECT_LE(free.inOrderByteSize, free.concurrentByteSize);
    check(edges, launches, values, free);
    for (unsigned part = 0; part <= 4; ++part) {
      ArenaOptions options;
      options.maxBytes =
          free.inOrderByteSize +
          part * (free.concurrentByteSize - free.inOrderByteSize) / 4;
      ArenaPlan found = plan(graph, values, options);
      EXPECT_LE(found.byteSize, *options.maxBytes);
      check(edges, launches, values, found);
      between += found.byteSize > free.inOrderByteSize &&
                 found.byteSize < free.concurrentByteSize;
    }
  }
  EXPECT_GT(between, 50u);
}

// A placement of somebody else's is judged as a search judges it.
TEST(ArenaPlacement, FindsConflicts) {
  std::mt19937 random(3);
  unsigned sound = 0, unsound = 0;
  for (unsigned round = 0; round < 500; ++round) {
    uint32_t launches = 1 + random() % 12;
    std::vector<LaunchEdge> edges = randomEdges(random, launches, 2);
    LaunchGraph graph = makeGraph(launches, edges);
    Reachability reaches = search(launches, edges);
    Values values = randomValues(random, launches);
    values.uses.resize(std::min<size_t>(values.uses.size(), 4));
    values.sizes.resize(values.uses.size());
    std::vector<uint64_t> offsets;
    for (size_t i = 0; i < values.sizes.size(); ++i)
      offsets.push_back(random() % 6 * 1024);
    bool isSound = true;
    for (size_t a = 0; a < offsets.size(); ++a)
      for (size_t b = 0; b < a; ++b)
        if (!values.uses[a].empty() && !values.uses[b].empty() &&
            values.sizes[a] != 0 && values.sizes[b] != 0 &&
            offsets[a] < offsets[b] + values.sizes[b] &&
            offsets[b] < offsets[a] + values.sizes[a] &&
            !isBefore(values, reaches, a, b) &&
            !isBefore(values, reaches, b, a))
          isSound = false;
    std::vector<ArenaValue> list = values.get();
    auto conflict = findArenaConflict(graph, {list.data(), list.size()},
                                      {offsets.data(), offsets.size()});
    ASSERT_TRUE(conflict);
    EXPECT_EQ(!conflict->has_value(), isSound);
    ++(isSound ? sound : unsound);
  }
  EXPECT_GT(sound, 50u);
  EXPECT_GT(unsound, 50u);
}

} // namespace
