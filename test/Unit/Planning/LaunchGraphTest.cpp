//===- LaunchGraphTest.cpp - Which launches wait for which ----------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Against a search of the whole graph.
//
//===----------------------------------------------------------------------===//

#include "vyre/Planning/LaunchGraph.h"

#include "RandomGraphs.h"

#include "gtest/gtest.h"

#include <set>

using namespace vyre::planning;
using namespace vyre::planning::test;

namespace {

// An edge that three others say already is not listed, whenever it was added.
TEST(LaunchGraph, LeavesOutWhatOthersSay) {
  LaunchGraph graph =
      makeGraph(4, {{0, 3}, {0, 1}, {0, 2}, {1, 3}, {2, 3}, {0, 3}});
  auto edges = graph.reduce();
  ASSERT_TRUE(edges);
  std::vector<LaunchEdge> found(edges->begin(), edges->end());
  EXPECT_EQ(found, (std::vector<LaunchEdge>{{0, 1}, {0, 2}, {1, 3}, {2, 3}}));
  EXPECT_FALSE(graph.precedes(1, 2));
}

// For random graphs, in any order of edges: the same order of launches as a
// search finds, by the edges of the unique transitive reduction.
TEST(LaunchGraph, IsTheTransitiveReduction) {
  std::mt19937 random(1);
  for (unsigned round = 0; round < 300; ++round) {
    uint32_t launches = 1 + random() % 80;
    std::vector<LaunchEdge> edges =
        randomEdges(random, launches, 2 + random() % 40);
    LaunchGraph graph = makeGraph(launches, edges);
    Reachability reaches = search(launches, edges);
    std::set<std::pair<uint32_t, uint32_t>> expected;
    for (uint32_t a = 0; a < launches; ++a)
      for (uint32_t b = 0; b < launches; ++b) {
        EXPECT_EQ(graph.precedes(a, b), reaches[a][b]);
        bool isImplied = false;
        for (uint32_t via = 0; via < launches; ++via)
          isImplied |= reaches[a][via] && reaches[via][b];
        if (reaches[a][b] && !isImplied)
          expected.insert({b, a});
      }
    auto reduced = graph.reduce();
    ASSERT_TRUE(reduced);
    std::vector<std::pair<uint32_t, uint32_t>> found;
    for (const LaunchEdge &edge : *reduced)
      found.push_back({edge.later, edge.earlier});
    EXPECT_EQ(found, (std::vector<std::pair<uint32_t, uint32_t>>(
                         expected.begin(), expected.end())));
  }
}

// A copy goes its own way.
TEST(LaunchGraph, CloneIsIndependent) {
  LaunchGraph graph = makeGraph(3, {{0, 1}});
  auto copy = graph.clone();
  ASSERT_TRUE(copy);
  ASSERT_TRUE(copy->addEdge(1, 2));
  EXPECT_TRUE(copy->precedes(0, 2));
  EXPECT_FALSE(graph.precedes(1, 2));
}

TEST(LaunchGraph, TooManyLaunchesRunInTheirOrder) {
  constexpr uint32_t kCount = LaunchGraph::kMaxLaunches + 1;
  LaunchGraph graph = makeGraph(kCount, {});
  EXPECT_TRUE(graph.isInOrder());
  EXPECT_TRUE(graph.precedes(0, kCount - 1));
  EXPECT_FALSE(graph.precedes(1, 1));
  auto edges = graph.reduce();
  ASSERT_TRUE(edges);
  ASSERT_EQ(edges->size(), kCount - 1);
  EXPECT_EQ((*edges)[7], (LaunchEdge{7, 8}));
}

TEST(LaunchGraph, Empty) {
  LaunchGraph graph = makeGraph(0, {});
  auto edges = graph.reduce();
  ASSERT_TRUE(edges);
  EXPECT_TRUE(edges->empty());
}

} // namespace
