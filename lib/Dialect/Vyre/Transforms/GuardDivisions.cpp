//===- GuardDivisions.cpp - No division traps -----------------------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   arith.divui %x, %y   ->   arith.divui %x, (max(%y, 1))
//   arith.divsi %x, %y   ->   arith.divsi %x, (%y == 0 or %x / %y overflows
//                                                ? 1 : %y)
//
// On x86 such a division ends the process, and so the caller's, of whose data
// the divisor is.
//
//===----------------------------------------------------------------------===//

#include "vyre/Dialect/Vyre/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Index/IR/IndexOps.h"
#include "mlir/IR/Matchers.h"

#define DEBUG_TYPE "vyre-guard-divisions"

namespace vyre {
#define GEN_PASS_DEF_GUARDDIVISIONS
#include "vyre/Dialect/Vyre/Transforms/Passes.h.inc"
} // namespace vyre

using namespace mlir;
using namespace vyre;

static bool isUnsignedDivision(Operation *op) {
  return isa<arith::DivUIOp, arith::RemUIOp, arith::CeilDivUIOp, index::DivUOp,
             index::RemUOp, index::CeilDivUOp>(op);
}

static bool isSignedDivision(Operation *op) {
  return isa<arith::DivSIOp, arith::RemSIOp, arith::FloorDivSIOp,
             arith::CeilDivSIOp, index::DivSOp, index::RemSOp,
             index::FloorDivSOp, index::CeilDivSOp>(op);
}

/// A constant of an integer type, or a vector of it.
static Value buildConstant(OpBuilder &builder, Location loc, Type type,
                           const APInt &value) {
  TypedAttr attribute =
      builder.getIntegerAttr(getElementTypeOrSelf(type), value);
  if (auto vector = dyn_cast<VectorType>(type))
    attribute = DenseElementsAttr::get(vector, Attribute(attribute));
  return arith::ConstantOp::create(builder, loc, attribute);
}

static void guard(Operation *op) {
  Value dividend = op->getOperand(0), divisor = op->getOperand(1);
  APInt constant;
  if (matchPattern(divisor, m_ConstantInt(&constant)) && !constant.isZero())
    return;
  OpBuilder builder(op);
  Location loc = op->getLoc();
  Type type = divisor.getType();
  Type element = getElementTypeOrSelf(type);
  unsigned width = element.isIndex() ? IndexType::kInternalStorageBitWidth
                                     : element.getIntOrFloatBitWidth();
  auto build = [&](const APInt &value) {
    return buildConstant(builder, loc, type, value);
  };
  Value one = build(APInt(width, 1));
  Value safe;
  if (isUnsignedDivision(op)) {
    safe = arith::MaxUIOp::create(builder, loc, divisor, one);
  } else {
    auto isEqual = [&](Value value, const APInt &to) -> Value {
      return arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq,
                                   value, build(to));
    };
    Value isZero = isEqual(divisor, APInt::getZero(width));
    Value isLeast = isEqual(dividend, APInt::getSignedMinValue(width));
    Value isMinusOne = isEqual(divisor, APInt::getAllOnes(width));
    Value overflows = arith::AndIOp::create(builder, loc, isLeast, isMinusOne);
    Value isBad = arith::OrIOp::create(builder, loc, isZero, overflows);
    safe = arith::SelectOp::create(builder, loc, isBad, one, divisor);
  }
  op->setOperand(1, safe);
}

/// Whether the divisor was guarded by a former run.
static bool isGuarded(Operation *op) {
  auto isOne = [](Value value) { return matchPattern(value, m_One()); };
  Value divisor = op->getOperand(1);
  if (auto maximum = divisor.getDefiningOp<arith::MaxUIOp>())
    return isUnsignedDivision(op) && isOne(maximum.getRhs());
  auto choice = divisor.getDefiningOp<arith::SelectOp>();
  auto isBad = choice ? choice.getCondition().getDefiningOp<arith::OrIOp>()
                      : arith::OrIOp();
  return isSignedDivision(op) && isBad && isOne(choice.getTrueValue()) &&
         isBad.getLhs().getDefiningOp<arith::CmpIOp>() &&
         isBad.getRhs().getDefiningOp<arith::AndIOp>();
}

namespace {

struct GuardDivisions : vyre::impl::GuardDivisionsBase<GuardDivisions> {
  void runOnOperation() override {
    getOperation().walk([](StageOp stage) {
      stage.getBody().walk([](Operation *op) {
        if ((isUnsignedDivision(op) || isSignedDivision(op)) && !isGuarded(op))
          guard(op);
      });
    });
  }
};

} // namespace
