//===- SizeExpressionsTest.cpp - Size expressions ---------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SizeExpressions.h"

#include <gtest/gtest.h>

namespace vyre::runtime::internal {
namespace {

constexpr int64_t kMin = INT64_MIN, kMax = INT64_MAX;

/// The value of one operation over two scalars; the status says why there is
/// none.
Status compute(ExprOp op, int64_t a, int64_t b, int64_t &result) {
  Program program;
  program.name = "f";
  program.exprs = {{a, 0, 0, 0, ExprOp::constant},
                   {b, 0, 0, 0, ExprOp::constant},
                   {0, 0, 1, 0, op}};
  SizeExpressions expressions(program);
  expressions.evaluate(nullptr, nullptr);
  return expressions.value(2, "it", result);
}

struct Case {
  ExprOp op;
  int64_t a, b, result;
};

TEST(SizeExpressionsTest, ComputesEveryOperation) {
  const Case cases[] = {{ExprOp::add, 2, 3, 5},
                        {ExprOp::sub, 2, 3, -1},
                        {ExprOp::mul, -2, 3, -6},
                        {ExprOp::div_trunc, 7, 2, 3},
                        {ExprOp::div_trunc, -7, 2, -3},
                        {ExprOp::div_trunc, 7, -2, -3},
                        {ExprOp::rem_trunc, -7, 2, -1},
                        {ExprOp::rem_trunc, 7, -2, 1},
                        {ExprOp::div_floor, 7, 2, 3},
                        {ExprOp::div_floor, -7, 2, -4},
                        {ExprOp::div_floor, 7, -2, -4},
                        {ExprOp::div_floor, -8, 2, -4},
                        {ExprOp::mod_floor, -7, 2, 1},
                        {ExprOp::mod_floor, 7, -2, -1},
                        {ExprOp::mod_floor, 6, 3, 0},
                        {ExprOp::div_ceil, 7, 2, 4},
                        {ExprOp::div_ceil, -7, 2, -3},
                        {ExprOp::div_ceil, 7, -2, -3},
                        {ExprOp::div_ceil, -7, -2, 4},
                        {ExprOp::div_ceil, 0, 5, 0},
                        {ExprOp::min, -1, 1, -1},
                        {ExprOp::max, -1, 1, 1},
                        {ExprOp::eq, 3, 3, 1},
                        {ExprOp::ne, 3, 3, 0},
                        {ExprOp::lt, -1, 0, 1},
                        {ExprOp::lt, 0, 0, 0},
                        {ExprOp::le, 0, 0, 1},
                        {ExprOp::and_, 6, 3, 2},
                        {ExprOp::or_, 6, 3, 7},
                        {ExprOp::xor_, 6, 3, 5},
                        {ExprOp::rem_trunc, kMin, -1, 0},
                        {ExprOp::mod_floor, kMin, -1, 0},
                        {ExprOp::div_floor, kMin, 1, kMin},
                        {ExprOp::div_ceil, kMax, 1, kMax},
                        {ExprOp::div_ceil, kMin, 2, kMin / 2}};
  for (const Case &c : cases) {
    int64_t result;
    ASSERT_FALSE(compute(c.op, c.a, c.b, result).failed());
    EXPECT_EQ(result, c.result)
        << static_cast<int>(c.op) << " of " << c.a << " and " << c.b;
  }
}

TEST(SizeExpressionsTest, RefusesWhatOverflowsOrDividesByZero) {
  const Case overflows[] = {
      {ExprOp::add, kMax, 1, 0},        {ExprOp::sub, kMin, 1, 0},
      {ExprOp::mul, kMax, 2, 0},        {ExprOp::mul, kMin, -1, 0},
      {ExprOp::div_trunc, kMin, -1, 0}, {ExprOp::div_floor, kMin, -1, 0},
      {ExprOp::div_ceil, kMin, -1, 0}};
  int64_t result;
  for (const Case &c : overflows) {
    Status status = compute(c.op, c.a, c.b, result);
    EXPECT_NE(status.message().find("it of program 'f' overflows"),
              std::string_view::npos);
  }
  for (ExprOp op : {ExprOp::div_trunc, ExprOp::rem_trunc, ExprOp::div_floor,
                    ExprOp::mod_floor, ExprOp::div_ceil}) {
    Status status = compute(op, 1, 0, result);
    EXPECT_NE(status.message().find("divides by zero"), std::string_view::npos);
  }
}

/// The branch that a select does not take may have no value.
TEST(SizeExpressionsTest, SelectIgnoresTheOtherBranch) {
  Program program;
  program.name = "f";
  program.exprs = {{0, 0, 0, 0, ExprOp::scalar},
                   {8, 0, 0, 0, ExprOp::constant},
                   {0, 1, 0, 0, ExprOp::div_trunc},
                   {0, 0, 2, 1, ExprOp::select},
                   {0, 2, 1, 0, ExprOp::add}};
  SizeExpressions expressions(program);
  int64_t divisor = 0, result;
  expressions.evaluate(&divisor, nullptr);
  ASSERT_FALSE(expressions.value(3, "it", result).failed());
  EXPECT_EQ(result, 8);
  // What uses the missing value has none either.
  EXPECT_TRUE(expressions.value(4, "it", result).failed());
  divisor = 2;
  expressions.evaluate(&divisor, nullptr);
  ASSERT_FALSE(expressions.value(3, "it", result).failed());
  EXPECT_EQ(result, 4);
}

TEST(SizeExpressionsTest, SizesAreNotNegative) {
  Program program;
  program.name = "f";
  program.exprs = {{-1, 0, 0, 0, ExprOp::constant}};
  SizeExpressions expressions(program);
  expressions.evaluate(nullptr, nullptr);
  int64_t result;
  EXPECT_FALSE(expressions.value(0, "it", result).failed());
  Status status = expressions.size(0, "it", result);
  EXPECT_NE(status.message().find("would be -1"), std::string_view::npos);
}

} // namespace
} // namespace vyre::runtime::internal
