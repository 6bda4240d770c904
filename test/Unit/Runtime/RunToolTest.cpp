//===- RunToolTest.cpp - Parts of vyre-run ----------------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Arguments.h"
#include "Literal.h"
#include "NpyFile.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <fstream>
#include <iterator>
#include <limits>

namespace vyre::run {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

template <typename T> T valueOf(const HostArray &array) {
  EXPECT_EQ(array.byteSize, sizeof(T));
  T value;
  std::memcpy(&value, array.data.get(), sizeof(T));
  return value;
}

TEST(LiteralTest, RoundsToNearestEven) {
  struct {
    double value;
    uint16_t f16, bf16;
  } cases[] = {{0.0, 0x0000, 0x0000},         {-0.0, 0x8000, 0x8000},
               {1.0, 0x3c00, 0x3f80},         {-2.5, 0xc100, 0xc020},
               {0.1, 0x2e66, 0x3dcd},         {65504.0, 0x7bff, 0x4780},
               {65519.99, 0x7bff, 0x4780},    {65520.0, 0x7c00, 0x4780},
               {0x1p-24, 0x0001, 0x3380},     {0x1p-25, 0x0000, 0x3300},
               {0x1.8p-24, 0x0002, 0x33c0},   {0x1.ffcp-15, 0x0400, 0x3880},
               {0x1p-14, 0x0400, 0x3880},     {0x1p-133, 0x0000, 0x0001},
               {0x1p-134, 0x0000, 0x0000},    {1 + 0x1p-11, 0x3c00, 0x3f80},
               {1 + 0x3p-11, 0x3c02, 0x3f80}, {1 + 0x1p-8, 0x3c04, 0x3f80},
               {1 + 0x3p-8, 0x3c0c, 0x3f82},  {1e300, 0x7c00, 0x7f80},
               {kInfinity, 0x7c00, 0x7f80},   {-kInfinity, 0xfc00, 0xff80}};
  for (const auto &c : cases) {
    EXPECT_EQ(roundToF16(c.value), c.f16) << c.value;
    EXPECT_EQ(roundToBf16(c.value), c.bf16) << c.value;
  }
  EXPECT_GT(roundToF16(std::nan("")) & 0x7fff, 0x7c00);
  EXPECT_GT(roundToBf16(std::nan("")) & 0x7fff, 0x7f80);
}

TEST(LiteralTest, ReadsEveryType) {
  auto parse = [](const char *text, uint32_t type) {
    return std::move(*parseLiteral(text, type, "it"));
  };
  EXPECT_EQ(valueOf<int8_t>(parse("-128", VYRE_ELEMENT_I8)), -128);
  EXPECT_EQ(valueOf<uint8_t>(parse("255", VYRE_ELEMENT_I8)), 255);
  EXPECT_EQ(valueOf<int16_t>(parse("-0x10", VYRE_ELEMENT_I16)), -16);
  EXPECT_EQ(valueOf<uint32_t>(parse("4294967295", VYRE_ELEMENT_I32)),
            4294967295u);
  EXPECT_EQ(valueOf<int64_t>(parse("-9223372036854775808", VYRE_ELEMENT_I64)),
            INT64_MIN);
  EXPECT_EQ(
      valueOf<uint64_t>(parse("18446744073709551615", VYRE_ELEMENT_INDEX)),
      UINT64_MAX);
  EXPECT_EQ(valueOf<uint8_t>(parse("true", VYRE_ELEMENT_I1)), 1);
  EXPECT_EQ(valueOf<uint8_t>(parse("0", VYRE_ELEMENT_I1)), 0);
  EXPECT_EQ(valueOf<float>(parse("0.1", VYRE_ELEMENT_F32)), 0.1f);
  EXPECT_EQ(valueOf<double>(parse("-inf", VYRE_ELEMENT_F64)), -kInfinity);
  EXPECT_EQ(valueOf<float>(parse("INFINITY", VYRE_ELEMENT_F32)), kInfinity);
  EXPECT_EQ(valueOf<uint16_t>(parse("inf", VYRE_ELEMENT_F16)), 0x7c00);
  EXPECT_EQ(valueOf<uint16_t>(parse("65519", VYRE_ELEMENT_F16)), 0x7bff);
  EXPECT_EQ(valueOf<uint16_t>(parse("1", VYRE_ELEMENT_F16)), 0x3c00);
  EXPECT_EQ(valueOf<uint16_t>(parse("1", VYRE_ELEMENT_BF16)), 0x3f80);
}

TEST(LiteralTest, TellsNumbersOutOfRangeFromFileNames) {
  const std::pair<const char *, uint32_t> outOfRange[] = {
      {"128.5", VYRE_ELEMENT_I8},
      {"256", VYRE_ELEMENT_I8},
      {"-129", VYRE_ELEMENT_I8},
      {"2", VYRE_ELEMENT_I1},
      {"-1", VYRE_ELEMENT_I1},
      {"4294967296", VYRE_ELEMENT_I32},
      {"-9223372036854775809", VYRE_ELEMENT_I64},
      {"18446744073709551616", VYRE_ELEMENT_INDEX},
      {"65520", VYRE_ELEMENT_F16},
      {"-1e39", VYRE_ELEMENT_BF16},
      {"1e39", VYRE_ELEMENT_F32},
      {"1e309", VYRE_ELEMENT_F64}};
  for (auto [text, type] : outOfRange)
    EXPECT_THROW(parseLiteral(text, type, "it"), UserError) << text;
  for (const char *text : {"", " 1", "x.npy", "1.npy", "0x", "1 ", "--1"})
    for (uint32_t type : {VYRE_ELEMENT_I64, VYRE_ELEMENT_F32})
      EXPECT_FALSE(parseLiteral(text, type, "it").has_value()) << text;
}

TEST(NpyFileTest, WritesWhatItReads) {
  std::string path = ::testing::TempDir() + "/round-trip.npy";
  for (uint32_t type = VYRE_ELEMENT_I1; type <= VYRE_ELEMENT_INDEX; ++type)
    for (std::vector<int64_t> shape : {std::vector<int64_t>{},
                                       {3},
                                       {0},
                                       {2, 3},
                                       {2, 0, 3},
                                       std::vector<int64_t>(32, 1)}) {
      HostArray array = HostArray::allocate(type, shape, "it");
      fillArray(array, 42, 1);
      writeNpy(path, array);
      HostArray again = readNpy(path, type, "it");
      EXPECT_EQ(again.extents, shape);
      ASSERT_EQ(again.byteSize, array.byteSize);
      EXPECT_EQ(std::memcmp(again.data.get(), array.data.get(), array.byteSize),
                0);
    }
}

/// bf16 comes as bits, under one of three names.
TEST(NpyFileTest, ReadsBf16) {
  std::string path = ::testing::TempDir() + "/bf16.npy";
  HostArray array = HostArray::allocate(VYRE_ELEMENT_BF16, {2}, "it");
  uint16_t bits[] = {0x3f80, 0x4000};
  std::memcpy(array.data.get(), bits, sizeof(bits));
  writeNpy(path, array);
  std::ifstream file(path, std::ios::binary);
  std::string text(std::istreambuf_iterator<char>(file), {});
  EXPECT_NE(text.find("'<u2'"), std::string::npos);
  for (const char *descr : {"<u2", "<V2", "|V2"}) {
    std::string variant = text;
    variant.replace(text.find("<u2"), 3, descr);
    std::ofstream(path, std::ios::binary) << variant;
    HostArray again = readNpy(path, VYRE_ELEMENT_BF16, "it");
    EXPECT_EQ(std::memcmp(again.data.get(), bits, sizeof(bits)), 0) << descr;
    EXPECT_THROW(readNpy(path, VYRE_ELEMENT_F16, "it"), UserError);
  }
}

TEST(NpyFileTest, RefusesBooleansOfOtherValues) {
  std::string path = ::testing::TempDir() + "/bool.npy";
  HostArray array = HostArray::allocate(VYRE_ELEMENT_I1, {3}, "it");
  array.data.get()[1] = 2;
  writeNpy(path, array);
  EXPECT_THROW(readNpy(path, VYRE_ELEMENT_I1, "it"), UserError);
}

TEST(HostArrayTest, RefusesWhatDoesNotFit) {
  EXPECT_THROW(HostArray::allocate(VYRE_ELEMENT_F64, {INT64_MAX, 2}, "it"),
               UserError);
  EXPECT_THROW(HostArray::allocate(VYRE_ELEMENT_F64, {INT64_MAX / 16}, "it"),
               UserError);
  EXPECT_EQ(
      HostArray::allocate(VYRE_ELEMENT_F64, {INT64_MAX, 0}, "it").byteSize, 0u);
}

TEST(FillTest, StaysInItsRange) {
  for (uint32_t type = VYRE_ELEMENT_I1; type <= VYRE_ELEMENT_INDEX; ++type) {
    HostArray first = HostArray::allocate(type, {1000}, "it");
    HostArray second = HostArray::allocate(type, {1000}, "it");
    fillArray(first, 7, 0);
    fillArray(second, 7, 0);
    EXPECT_EQ(std::memcmp(first.data.get(), second.data.get(), first.byteSize),
              0);
    fillArray(second, 7, 1);
    EXPECT_NE(std::memcmp(first.data.get(), second.data.get(), first.byteSize),
              0);
  }
  HostArray floats = HostArray::allocate(VYRE_ELEMENT_F64, {1000}, "it");
  fillArray(floats, 1, 0);
  for (int i = 0; i < 1000; ++i) {
    double value;
    std::memcpy(&value, floats.data.get() + 8 * i, 8);
    EXPECT_TRUE(value >= -1 && value < 1);
  }
  HostArray integers = HostArray::allocate(VYRE_ELEMENT_I16, {1000}, "it");
  fillArray(integers, 1, 0);
  for (int i = 0; i < 1000; ++i) {
    int16_t value;
    std::memcpy(&value, integers.data.get() + 2 * i, 2);
    EXPECT_TRUE(value >= 0 && value < 8);
  }
}

} // namespace
} // namespace vyre::run
