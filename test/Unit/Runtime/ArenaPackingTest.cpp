//===- ArenaPackingTest.cpp - Sharing memory by liveness --------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ArenaPacking.h"

#include "LaunchOrder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace vyre::runtime::internal {
namespace {

/// A program of launches, each of which has pointers to these intermediates. A
/// chain waits launch for launch.
Program programOf(uint32_t intermediates,
                  const std::vector<std::vector<uint32_t>> &launches,
                  bool isChain) {
  Program program;
  program.name = "test";
  for (uint32_t i = 0; i < intermediates; ++i)
    program.intermediates.push_back({"", 0, 64, 0, 0});
  for (const std::vector<uint32_t> &used : launches) {
    Launch launch;
    for (uint32_t value : used)
      launch.pointers.push_back({value, MemoryKind::intermediate});
    if (isChain && !program.launches.empty())
      launch.dependsOn = {uint32_t(program.launches.size() - 1)};
    program.launches.push_back(launch);
  }
  return program;
}

TEST(ArenaPackingTest, ReusesWhatIsDead) {
  Program program = programOf(4, {{0}, {0, 1}, {1, 2}, {2, 3}, {3}}, true);
  ArenaPacking packing(program);
  ASSERT_FALSE(packing.pack({1000, 1000, 1000, 1000}).failed());
  EXPECT_EQ(packing.byteSize, 2048u);
  EXPECT_EQ(packing.offsets, (std::vector<uint64_t>{0, 1024, 0, 1024}));
  EXPECT_TRUE(packing.edges.empty());
}

// Launches that may run side by side have bytes of their own.
TEST(ArenaPackingTest, BranchesShareNothing) {
  Program program = programOf(2, {{0}, {1}}, false);
  ArenaPacking packing(program);
  ASSERT_FALSE(packing.pack({1000, 1000}).failed());
  EXPECT_EQ(packing.byteSize, 2048u);
  EXPECT_TRUE(packing.edges.empty());
}

// With the limit that the program was compiled for they share, and wait.
TEST(ArenaPackingTest, ALimitAddsEdges) {
  Program program = programOf(2, {{0}, {1}}, false);
  program.capture.maxArenaBytes = 1024;
  ArenaPacking packing(program);
  ASSERT_FALSE(packing.pack({1000, 1000}).failed());
  EXPECT_EQ(packing.byteSize, 1024u);
  ASSERT_EQ(packing.edges.size(), 1u);
  EXPECT_EQ(packing.edges[0], (planning::LaunchEdge{0, 1}));
  Status status = packing.pack({1000, 1100});
  ASSERT_TRUE(status.failed());
  EXPECT_NE(status.message().find("take 1280 bytes"), std::string::npos);
  EXPECT_NE(status.message().find("at most 1024"), std::string::npos);
}

// What the artifact placed is taken as it is.
TEST(ArenaPackingTest, TakesTheArtifactsPlacement) {
  Program program = programOf(2, {{0}, {1}}, true);
  program.capture.arenaOffsets = {512, 0};
  program.capture.arenaBytes = 1024;
  ArenaPacking packing(program);
  ASSERT_FALSE(packing.pack({256, 256}).failed());
  EXPECT_EQ(packing.offsets, program.capture.arenaOffsets);
  EXPECT_EQ(packing.byteSize, 1024u);
}

TEST(ArenaPackingTest, EmptyOnesTakeNothing) {
  Program program = programOf(2, {{0, 1}}, true);
  ArenaPacking packing(program);
  ASSERT_FALSE(packing.pack({0, 0}).failed());
  EXPECT_EQ(packing.byteSize, 0u);
}

TEST(ArenaPackingTest, RefusesToOverflow) {
  Program program = programOf(2, {{0, 1}}, true);
  ArenaPacking packing(program);
  EXPECT_TRUE(packing.pack({INT64_MAX, 1}).failed());
  EXPECT_TRUE(packing.pack({INT64_MAX / 2 + 1, INT64_MAX / 2 + 1}).failed());
  EXPECT_TRUE(packing.pack({UINT64_MAX, UINT64_MAX}).failed());
}

/// Whatever the uses and sizes: what a chain has in use at the same time shares
/// no byte, all is aligned, and the arena is no larger than without sharing.
TEST(ArenaPackingTest, NeverOverlapsTheLiving) {
  std::mt19937 random(7);
  for (int round = 0; round < 300; ++round) {
    uint32_t count = random() % 40;
    std::vector<std::vector<uint32_t>> launches(38);
    std::vector<std::pair<uint32_t, uint32_t>> lives;
    std::vector<uint64_t> sizes;
    uint64_t sum = 0;
    for (uint32_t i = 0; i < count; ++i) {
      uint32_t first = random() % 30, last = first + random() % 8;
      lives.push_back({first, last});
      launches[first].push_back(i);
      launches[last].push_back(i);
      sizes.push_back(random() % 5 ? random() % 5000 : 0);
    }
    Program program = programOf(count, launches, true);
    for (Intermediate &value : program.intermediates)
      value.alignment = 1u << (random() % 13);
    uint64_t granule = arenaAlignment(program);
    for (uint64_t size : sizes)
      sum += (size + granule - 1) / granule * granule;
    ArenaPacking packing(program);
    ASSERT_FALSE(packing.pack(sizes).failed());
    EXPECT_LE(packing.byteSize, sum);
    for (uint32_t i = 0; i < count; ++i) {
      ASSERT_EQ(packing.offsets[i] % program.intermediates[i].alignment, 0u);
      ASSERT_LE(packing.offsets[i] + sizes[i], packing.byteSize);
      for (uint32_t k = 0; k < i; ++k) {
        bool areAlive = lives[i].first <= lives[k].second &&
                        lives[k].first <= lives[i].second;
        bool areApart = packing.offsets[i] + sizes[i] <= packing.offsets[k] ||
                        packing.offsets[k] + sizes[k] <= packing.offsets[i];
        ASSERT_TRUE(!areAlive || areApart || !sizes[i] || !sizes[k]);
      }
    }
  }
}

MemoryRef of(uint32_t value) { return {value, MemoryKind::intermediate}; }

// What an artifact leaves out of its dependences follows from the accesses;
// what it asks for besides stays, and what others say is left out.
TEST(LaunchOrderTest, AccessesDecide) {
  Program program = programOf(2, {{0}, {0, 1}, {1}, {0}, {}}, false);
  program.launches[0].writes = {of(0)};
  program.launches[1].reads = {of(0)};
  program.launches[1].writes = {of(1)};
  program.launches[2].reads = {of(1)};
  program.launches[3].writes = {of(0)};
  program.launches[3].dependsOn = {0};
  program.launches[4].dependsOn = {2, 0};
  ASSERT_FALSE(completeDependences(program).failed());
  EXPECT_EQ(program.launches[1].dependsOn, (std::vector<uint32_t>{0}));
  EXPECT_EQ(program.launches[2].dependsOn, (std::vector<uint32_t>{1}));
  EXPECT_EQ(program.launches[3].dependsOn, (std::vector<uint32_t>{1}));
  EXPECT_EQ(program.launches[4].dependsOn, (std::vector<uint32_t>{2}));
}

} // namespace
} // namespace vyre::runtime::internal
