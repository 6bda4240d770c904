//===- ArenaPackingTest.cpp - Sharing memory by liveness --------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ArenaPacking.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace vyre::runtime::internal {
namespace {

Program programOf(std::vector<std::pair<uint32_t, uint32_t>> lives) {
  Program program;
  for (auto [first, last] : lives)
    program.intermediates.push_back({"", 0, 64, first, last});
  return program;
}

TEST(ArenaPackingTest, ReusesWhatIsDead) {
  Program program = programOf({{0, 1}, {1, 2}, {2, 3}, {3, 4}});
  std::vector<uint64_t> offsets(4);
  uint64_t bytes;
  ASSERT_TRUE(packArena(program, {1000, 1000, 1000, 1000}, offsets, bytes));
  EXPECT_EQ(bytes, 2048u);
  EXPECT_EQ(offsets, (std::vector<uint64_t>{0, 1024, 0, 1024}));
}

TEST(ArenaPackingTest, JoinsHolesAndGrowsTheLastOne) {
  // Two small ones die together; a large one takes the place of both.
  Program program = programOf({{0, 0}, {0, 0}, {1, 1}});
  std::vector<uint64_t> offsets(3);
  uint64_t bytes;
  ASSERT_TRUE(packArena(program, {256, 256, 1024}, offsets, bytes));
  EXPECT_EQ(offsets[2], 0u);
  EXPECT_EQ(bytes, 1024u);
}

TEST(ArenaPackingTest, EmptyOnesTakeNothing) {
  Program program = programOf({{0, 5}, {0, 5}});
  std::vector<uint64_t> offsets(2);
  uint64_t bytes;
  ASSERT_TRUE(packArena(program, {0, 0}, offsets, bytes));
  EXPECT_EQ(bytes, 0u);
}

TEST(ArenaPackingTest, RefusesToOverflow) {
  Program program = programOf({{0, 0}, {0, 0}});
  std::vector<uint64_t> offsets(2);
  uint64_t bytes;
  EXPECT_FALSE(packArena(program, {INT64_MAX, 1}, offsets, bytes));
  EXPECT_FALSE(packArena(program, {INT64_MAX / 2 + 1, INT64_MAX / 2 + 1},
                         offsets, bytes));
}

/// Whatever the lives and sizes: what lives at the same time shares no byte,
/// all is aligned, and the arena is no larger than without sharing.
TEST(ArenaPackingTest, NeverOverlapsTheLiving) {
  std::mt19937 random(7);
  for (int round = 0; round < 300; ++round) {
    Program program;
    std::vector<uint64_t> sizes;
    size_t count = random() % 40;
    uint64_t sum = 0;
    for (size_t i = 0; i < count; ++i) {
      uint32_t first = random() % 30;
      program.intermediates.push_back({"", 0, 1u << (random() % 13), first,
                                       first + uint32_t(random() % 8)});
      sizes.push_back(random() % 5 ? random() % 5000 : 0);
    }
    uint64_t granule = arenaAlignment(program);
    for (uint64_t size : sizes)
      sum += (size + granule - 1) / granule * granule;
    std::vector<uint64_t> offsets(count);
    uint64_t bytes;
    ASSERT_TRUE(packArena(program, sizes, offsets, bytes));
    EXPECT_LE(bytes, sum);
    for (size_t i = 0; i < count; ++i) {
      const Intermediate &a = program.intermediates[i];
      ASSERT_EQ(offsets[i] % a.alignment, 0u);
      ASSERT_LE(offsets[i] + sizes[i], bytes);
      for (size_t k = 0; k < i; ++k) {
        const Intermediate &b = program.intermediates[k];
        bool areAlive = a.firstUse <= b.lastUse && b.firstUse <= a.lastUse;
        bool areApart = offsets[i] + sizes[i] <= offsets[k] ||
                        offsets[k] + sizes[k] <= offsets[i];
        ASSERT_TRUE(!areAlive || areApart || !sizes[i] || !sizes[k]);
      }
    }
  }
}

} // namespace
} // namespace vyre::runtime::internal
