//===- ShareReciprocals.cpp - Divisions by one divisor --------------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   %q0 = arith.divf %x0, %d        %r, %low, %isUsual = reciprocal of %d
//   ...                        ->   %q0, ... = scf.if (%isUsual and all %x are)
//   %q3 = arith.divf %x3, %d          fused multiply-adds with %r and %low
//                                   else
//                                     arith.divf %x0, %d ...
//
// A GPU divides by such a sequence anyway, one for each division, with an
// estimate of the reciprocal, its refinement, a test and a branch. Here
// r + low is the reciprocal to twice the precision, and for each x
//
//   q' = fma(x, r, x * low)     off by little more than half a unit (ulp)
//   e  = fma(-q', d, x)         exact: x - q' * d
//   q  = fma(e, r, q')          x / d, rounded correctly
//
// Why q is what a division gives. All is scaled such that 1 <= d < 2; u is the
// unit of q. The exact q' + e / d is x / d. What is rounded instead, q' + e *
// r, differs from that by |e| * |r - 1/d|, where |e| is at most d * u / 2 and
// |r - 1/d| at most 2^-25, both but for parts in 2^19: together by d * u *
// 2^-26. It could be rounded to another number only if a midpoint m of two
// neighbours is as close to x / d. But |x / d - m| = |x - m * d| / d, whose
// numerator is an odd multiple of u * 2^-24, for m has one digit more than x
// can have. So three times that is always far enough (3 * 2^-24 / d > d *
// 2^-26), and what is left is |x - m * d| = u * 2^-24: for each d a few x.
// ReciprocalDivisionTest.cpp goes through them all, for every significand of d
// and every estimate that the GPU's instruction may give. There is one failure,
// with the largest significand, which is left to true divisions. Where
// exponents are not near the ends of their range, nothing underflows or
// overflows on the way.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "vyre/Conversion/Passes.h"
#include "llvm/ADT/MapVector.h"

#define DEBUG_TYPE "vyre-share-reciprocals"

namespace vyre {
#define GEN_PASS_DEF_SHARERECIPROCALS
#include "vyre/Conversion/Passes.h.inc"
} // namespace vyre

using namespace mlir;
using namespace vyre;

/// Fewer divisions are not worth a reciprocal.
static constexpr size_t kFewestDivisions = 4;

/// The exponents that divisors and dividends may have: quotients are at least
/// 2^-104 then and at most 2^124, and what the sequence computes besides is no
/// less than 2^-149 or need not be exact.
static constexpr int kLeastDivisor = -24, kMostDivisor = 24;
static constexpr int kLeastDividend = -80, kMostDividend = 100;

/// The bits of a float's significand.
static constexpr uint32_t kSignificand = (1 << 23) - 1;

/// Those of 2^exponent.
static constexpr uint32_t getPowerBits(int exponent) {
  return uint32_t(exponent + 127) << 23;
}

namespace {

/// Divisions by one value, of which none needs another one's result.
using Group = SmallVector<arith::DivFOp>;

/// A divisor's reciprocal, in two parts.
struct Reciprocal {
  Value negated, high, low;
  /// Whether the divisor is one for which the sequence is right.
  Value isUsual;
};

/// Rewrites the divisions of one function.
class DivisionSharer {
public:
  explicit DivisionSharer(FunctionOpInterface function)
      : function(function), builder(function.getContext()) {}

  void run();

private:
  void collect(Block &block);
  void rewrite(ArrayRef<arith::DivFOp> group);
  const Reciprocal &getReciprocal(Value divisor);
  Value buildQuotient(Location loc, Value dividend, Value divisor,
                      const Reciprocal &reciprocal);

  Value constant(Location loc, uint32_t value) {
    return arith::ConstantIntOp::create(builder, loc, value, 32);
  }
  Value getBits(Location loc, Value value) {
    return arith::BitcastOp::create(builder, loc, builder.getI32Type(), value);
  }
  Value fma(Location loc, Value a, Value b, Value c) {
    return math::FmaOp::create(builder, loc, a, b, c);
  }
  /// By how much |value| is beyond 2^least, as an unsigned number: a large one
  /// where it is below, infinite or NaN.
  Value getDistance(Location loc, Value value, int least) {
    Value twice = arith::ShLIOp::create(builder, loc, getBits(loc, value),
                                        constant(loc, 1));
    return arith::SubIOp::create(builder, loc, twice,
                                 constant(loc, 2 * getPowerBits(least)));
  }
  Value isWithin(Location loc, Value distance, int least, int most) {
    uint32_t largest = 2 * (getPowerBits(most) - getPowerBits(least));
    return arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ule,
                                 distance, constant(loc, largest));
  }

  FunctionOpInterface function;
  OpBuilder builder;
  SmallVector<Group> groups;
  llvm::MapVector<Value, Reciprocal> reciprocals;
};

} // namespace

/// Whether the division is one of the kind; LLVM multiplies where that is exact
/// or allowed.
static bool isCandidate(arith::DivFOp division) {
  FloatAttr constant;
  bool isExact = matchPattern(division.getRhs(), m_Constant(&constant)) &&
                 constant.getValue().getExactInverse(nullptr);
  return division.getType().isF32() && !isExact &&
         !arith::bitEnumContainsAny(division.getFastmath(),
                                    arith::FastMathFlags::arcp);
}

/// Whether this pass has been here: the divisions that it left are to stay.
static bool hasReciprocal(Value divisor) {
  return llvm::any_of(divisor.getUsers(),
                      llvm::IsaPred<NVVM::RcpApproxFtzF32Op>);
}

/// Groups end before an op that uses one of their results.
void DivisionSharer::collect(Block &block) {
  llvm::MapVector<Value, Group> open;
  auto close = [&](Value divisor) {
    Group &group = open[divisor];
    if (group.size() >= kFewestDivisions && !hasReciprocal(divisor))
      groups.push_back(group);
    group.clear();
  };
  for (Operation &op : block) {
    op.walk([&](Operation *user) {
      for (Value operand : user->getOperands())
        if (auto division = operand.getDefiningOp<arith::DivFOp>();
            division && division->getBlock() == &block)
          close(division.getRhs());
    });
    if (auto division = dyn_cast<arith::DivFOp>(op);
        division && isCandidate(division))
      open[division.getRhs()].push_back(division);
  }
  for (Value divisor : llvm::to_vector(llvm::make_first_range(open)))
    close(divisor);
}

const Reciprocal &DivisionSharer::getReciprocal(Value divisor) {
  auto [known, isNew] = reciprocals.try_emplace(divisor);
  if (!isNew)
    return known->second;
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointAfterValue(divisor);
  Location loc = divisor.getLoc();
  Value one =
      arith::ConstantOp::create(builder, loc, builder.getF32FloatAttr(1.0f));
  Value negated = arith::NegFOp::create(builder, loc, divisor);
  Value estimate = NVVM::RcpApproxFtzF32Op::create(
      builder, loc, builder.getF32Type(), divisor);
  Value error = fma(loc, negated, estimate, one);
  Value high = fma(loc, estimate, error, estimate);
  Value rest = fma(loc, negated, high, one);
  Value low = arith::MulFOp::create(builder, loc, rest, high);

  Value isWithinRange = isWithin(loc, getDistance(loc, divisor, kLeastDivisor),
                                 kLeastDivisor, kMostDivisor);
  Value ones = constant(loc, kSignificand);
  Value significand =
      arith::AndIOp::create(builder, loc, getBits(loc, divisor), ones);
  Value isLess = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ne,
                                       significand, ones);
  Value isUsual = arith::AndIOp::create(builder, loc, isWithinRange, isLess);
  known->second = {negated, high, low, isUsual};
  return known->second;
}

Value DivisionSharer::buildQuotient(Location loc, Value dividend, Value divisor,
                                    const Reciprocal &reciprocal) {
  Value part = arith::MulFOp::create(builder, loc, dividend, reciprocal.low);
  Value quotient = fma(loc, dividend, reciprocal.high, part);
  Value error = fma(loc, quotient, reciprocal.negated, dividend);
  return fma(loc, error, reciprocal.high, quotient);
}

void DivisionSharer::rewrite(ArrayRef<arith::DivFOp> group) {
  arith::DivFOp last = group.back();
  Value divisor = last.getRhs();
  Reciprocal reciprocal = getReciprocal(divisor);
  Location loc = last.getLoc();
  builder.setInsertionPoint(last);
  Value furthest;
  for (arith::DivFOp division : group) {
    Value distance = getDistance(loc, division.getLhs(), kLeastDividend);
    furthest = furthest
                   ? arith::MaxUIOp::create(builder, loc, furthest, distance)
                   : distance;
  }
  Value areUsual = isWithin(loc, furthest, kLeastDividend, kMostDividend);
  areUsual = arith::AndIOp::create(builder, loc, reciprocal.isUsual, areUsual);

  SmallVector<Type> types(group.size(), builder.getF32Type());
  auto branch = scf::IfOp::create(builder, loc, types, areUsual,
                                  /*withElseRegion=*/true);
  SmallVector<Value> quotients, divided;
  builder.setInsertionPointToStart(branch.thenBlock());
  for (arith::DivFOp division : group)
    quotients.push_back(buildQuotient(division.getLoc(), division.getLhs(),
                                      divisor, reciprocal));
  scf::YieldOp::create(builder, loc, quotients);
  builder.setInsertionPointToStart(branch.elseBlock());
  for (arith::DivFOp division : group)
    divided.push_back(builder.clone(*division)->getResult(0));
  scf::YieldOp::create(builder, loc, divided);
  for (auto [position, division] : llvm::enumerate(group)) {
    Operation *op = division;
    op->replaceAllUsesWith(ValueRange(branch.getResult(position)));
    op->erase();
  }
}

void DivisionSharer::run() {
  function.walk([&](Block *block) { collect(*block); });
  for (const Group &group : groups)
    rewrite(group);
}

namespace {

struct ShareReciprocals : vyre::impl::ShareReciprocalsBase<ShareReciprocals> {
  void runOnOperation() override {
    getOperation()->walk(
        [](FunctionOpInterface function) { DivisionSharer(function).run(); });
  }
};

} // namespace
