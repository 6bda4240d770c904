//===- CheckedPointersTest.cpp - Device memory that was found good --------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CUDA/CheckedPointers.h"

#include <gtest/gtest.h>

namespace vyre::testing {
namespace {

using runtime::internal::cuda::CheckedPointers;

const void *at(size_t block) {
  return reinterpret_cast<const void *>(0x7f0000000000u + block * 4096);
}

/// How many of `sets` in turn are asked about, of 58 buffers each, once all of
/// them were.
size_t countUnknown(size_t sets) {
  constexpr size_t kArguments = 58;
  CheckedPointers pointers;
  pointers.begin(0, kArguments);
  size_t unknown = 0;
  for (size_t round = 0; round < 6; ++round) {
    unknown = 0;
    for (size_t set = 0; set < sets; ++set)
      for (size_t i = 0; i < kArguments; ++i) {
        const void *data = at(set * kArguments + i);
        if (pointers.isKnown(i, data, 64))
          continue;
        ++unknown;
        pointers.remember(i, data, 64);
      }
  }
  return unknown;
}

TEST(CheckedPointersTest, KnowsWhatComesAgain) {
  // The same, and two in turn, without exception; more of them mostly.
  EXPECT_EQ(countUnknown(1), 0u);
  EXPECT_EQ(countUnknown(2), 0u);
  EXPECT_LE(countUnknown(3), 3u * 58 / 20);
  EXPECT_LE(countUnknown(4), 4u * 58 / 10);
}

TEST(CheckedPointersTest, ArgumentsShareWhatTheyKnow) {
  CheckedPointers pointers;
  pointers.begin(0, 2);
  for (size_t i = 0; i < 3; ++i)
    pointers.remember(0, at(i), 64);
  // The last two are the argument's own.
  EXPECT_TRUE(pointers.isKnown(1, at(0), 64));
  EXPECT_FALSE(pointers.isKnown(1, at(7), 64));
}

TEST(CheckedPointersTest, MoreBytesAreAnotherQuestion) {
  CheckedPointers pointers;
  pointers.begin(0, 1);
  pointers.remember(0, at(1), 64);
  EXPECT_TRUE(pointers.isKnown(0, at(1), 63));
  EXPECT_FALSE(pointers.isKnown(0, at(1), 65));
  pointers.remember(0, at(1), 65);
  EXPECT_TRUE(pointers.isKnown(0, at(1), 65));
}

TEST(CheckedPointersTest, FreeingForgetsAll) {
  CheckedPointers pointers;
  EXPECT_FALSE(pointers.isOf(0));
  pointers.begin(0, 1);
  EXPECT_TRUE(pointers.isOf(0));
  pointers.remember(0, at(1), 64);
  pointers.begin(0, 1);
  EXPECT_TRUE(pointers.isKnown(0, at(1), 64));
  EXPECT_FALSE(pointers.isOf(1));
  pointers.begin(1, 1);
  EXPECT_FALSE(pointers.isKnown(0, at(1), 64));
}

} // namespace
} // namespace vyre::testing
