//===- ReciprocalDivisionTest.cpp - Divisions by a shared reciprocal ------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The operations of vyre-share-reciprocals, on the host, against divisions. Its
// file shows that a quotient can only be wrong where it is as close to the
// midpoint of two floats as a quotient can be. Here are all such cases.
//
//===----------------------------------------------------------------------===//

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <random>

namespace vyre::testing {
namespace {

float fromBits(uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

uint32_t toBits(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof(bits));
  return bits;
}

/// A float in [1, 2) with this significand, its leading one included.
float fromSignificand(uint64_t significand) {
  return fromBits(0x3f800000 | (static_cast<uint32_t>(significand) & 0x7fffff));
}

struct Reciprocal {
  float high, low;
};

/// `offset`: by how many units the GPU's estimate is off what is nearest.
Reciprocal reciprocal(float divisor, int offset) {
  float estimate = fromBits(toBits(1.0f / divisor) + uint32_t(offset));
  float error = std::fma(-divisor, estimate, 1.0f);
  float high = std::fma(estimate, error, estimate);
  float rest = std::fma(-divisor, high, 1.0f);
  return {high, rest * high};
}

float quotient(float dividend, float divisor, Reciprocal of) {
  float part = dividend * of.low;
  float near = std::fma(dividend, of.high, part);
  float error = std::fma(near, -divisor, dividend);
  return std::fma(error, of.high, near);
}

/// Calls `visit(x, m)` for the significands x of dividends of which x / d, for
/// the significand d, is (m + j / d') / 2 in units of the quotient: m odd, and
/// thus a midpoint, and j / d' as small as it can be and not zero. `shift` is
/// 24 for quotients from 1 on, 25 for those below.
template <typename Visit>
void visitHardCases(uint64_t d, unsigned shift, Visit visit) {
  // x * 2^shift = m * d + j * 2^zeros, where 2^zeros divides d.
  unsigned zeros = static_cast<unsigned>(__builtin_ctzll(d));
  uint64_t odd = d >> zeros, modulus = uint64_t(1) << (shift - zeros);
  uint64_t inverse = odd;
  for (int i = 0; i < 5; ++i)
    inverse *= 2 - odd * inverse;
  for (int64_t j : {-3, -1, 1, 3}) {
    constexpr uint64_t begin = 1 << 24, end = 1 << 25;
    uint64_t m = (static_cast<uint64_t>(-j) * inverse) % modulus;
    if (m < begin)
      m += (begin - m + modulus - 1) / modulus * modulus;
    for (; m < end; m += modulus) {
      uint64_t x = (m * d + (static_cast<uint64_t>(j) << zeros)) >> shift;
      if (x >= begin / 2 && x < begin)
        visit(x);
    }
  }
}

constexpr uint64_t kFirst = 1 << 23, kLast = (1 << 24) - 1;

TEST(ReciprocalDivisionTest, QuotientsNextToMidpoints) {
  uint64_t cases = 0, wrong = 0;
  // Of the last one the sequence is wrong: the pass leaves it out.
  for (uint64_t d = kFirst; d < kLast; ++d) {
    float divisor = fromSignificand(d);
    for (unsigned shift : {24, 25})
      visitHardCases(d, shift, [&](uint64_t x) {
        float dividend = fromSignificand(x), right = dividend / divisor;
        for (int offset : {-1, 0, 1}) {
          ++cases;
          wrong +=
              quotient(dividend, divisor, reciprocal(divisor, offset)) != right;
        }
      });
  }
  EXPECT_EQ(wrong, 0u);
  EXPECT_GT(cases, uint64_t(3) << 24);
}

TEST(ReciprocalDivisionTest, TheLargestSignificandIsWrong) {
  float divisor = fromSignificand(kLast);
  EXPECT_NE(quotient(1.0f, divisor, reciprocal(divisor, -1)), 1.0f / divisor);
}

/// The ends of the ranges of exponents, and what is between.
TEST(ReciprocalDivisionTest, WholeRangeOfExponents) {
  std::mt19937 random(17);
  auto draw = [&](int least, int most) {
    uint32_t bits = random();
    int exponent = least + int(random() % unsigned(most - least + 1));
    // Not beyond 2^most.
    uint32_t significand = exponent == most ? 0 : random() & 0x7fffff;
    return fromBits((bits & 0x80000000) | uint32_t(exponent + 127) << 23 |
                    significand);
  };
  for (int i = 0; i < 20000000; ++i) {
    int edge = i % 4;
    float divisor = edge == 1   ? draw(-24, -23)
                    : edge == 2 ? draw(23, 24)
                                : draw(-24, 24);
    float dividend = edge == 1   ? draw(99, 100)
                     : edge == 2 ? draw(-80, -79)
                                 : draw(-80, 100);
    if ((toBits(divisor) & 0x7fffff) == 0x7fffff)
      continue;
    Reciprocal of = reciprocal(divisor, i % 3 - 1);
    ASSERT_EQ(quotient(dividend, divisor, of), dividend / divisor)
        << dividend << " / " << divisor;
  }
}

} // namespace
} // namespace vyre::testing
