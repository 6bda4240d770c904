//===- SizeExpressions.cpp - Sizes as data --------------------------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "vyre/Conversion/SizeExpressions.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"
#include "vyre/Dialect/Vyre/IR/ElementTypes.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace vyre {

using artifact::Expr;
using artifact::ExprOp;

ProgramScalar resolveExtent(Value buffer, unsigned dimension) {
  auto type = cast<MemRefType>(buffer.getType());
  auto pick = [&](OperandRange extents) {
    return resolveProgramScalar(extents[type.getDynamicDimIndex(dimension)]);
  };
  if (auto intermediate = buffer.getDefiningOp<IntermediateOp>())
    return pick(intermediate.getExtents());
  auto argument = dyn_cast<BlockArgument>(buffer);
  auto program = argument
                     ? dyn_cast<ProgramOp>(argument.getOwner()->getParentOp())
                     : ProgramOp();
  if (!program)
    return {};
  if (ExtentsOp extents = program.getExtentsOf(argument))
    return pick(extents.getExtents());
  return {buffer, int64_t(dimension)};
}

ProgramScalar resolveProgramScalar(Value value) {
  auto dim = value.getDefiningOp<memref::DimOp>();
  if (!dim)
    return {value};
  auto type = dyn_cast<MemRefType>(dim.getSource().getType());
  std::optional<int64_t> position = dim.getConstantIndex();
  if (!type || !position || *position < 0 || *position >= type.getRank() ||
      !type.isDynamicDim(*position))
    return {};
  return resolveExtent(dim.getSource(), *position);
}

/// The node kind of an arith op on integers, if there is one.
static std::optional<ExprOp> getExprOp(Operation *op) {
  return llvm::TypeSwitch<Operation *, std::optional<ExprOp>>(op)
      .Case([](arith::AddIOp) { return ExprOp::add; })
      .Case([](arith::SubIOp) { return ExprOp::sub; })
      .Case([](arith::MulIOp) { return ExprOp::mul; })
      .Case([](arith::DivSIOp) { return ExprOp::div_trunc; })
      .Case([](arith::RemSIOp) { return ExprOp::rem_trunc; })
      .Case([](arith::FloorDivSIOp) { return ExprOp::div_floor; })
      .Case([](arith::CeilDivSIOp) { return ExprOp::div_ceil; })
      .Case([](arith::MinSIOp) { return ExprOp::min; })
      .Case([](arith::MaxSIOp) { return ExprOp::max; })
      .Case([](arith::AndIOp) { return ExprOp::and_; })
      .Case([](arith::OrIOp) { return ExprOp::or_; })
      .Case([](arith::XOrIOp) { return ExprOp::xor_; })
      .Case([](arith::SelectOp) { return ExprOp::select; })
      .Default([](Operation *) { return std::nullopt; });
}

/// A comparison as a node kind, its operands to be swapped or not.
static std::optional<std::pair<ExprOp, bool>>
getComparison(arith::CmpIPredicate predicate) {
  switch (predicate) {
  case arith::CmpIPredicate::eq:
    return std::make_pair(ExprOp::eq, false);
  case arith::CmpIPredicate::ne:
    return std::make_pair(ExprOp::ne, false);
  case arith::CmpIPredicate::slt:
    return std::make_pair(ExprOp::lt, false);
  case arith::CmpIPredicate::sle:
    return std::make_pair(ExprOp::le, false);
  case arith::CmpIPredicate::sgt:
    return std::make_pair(ExprOp::lt, true);
  case arith::CmpIPredicate::sge:
    return std::make_pair(ExprOp::le, true);
  default:
    return std::nullopt;
  }
}

/// Integers narrower than 64 bits wrap in IR and not in an expression, so only
/// index and i64 take part in arithmetic; others come in through a cast.
static bool hasExpressionWidth(Type type) {
  return type.isIndex() || type.isInteger(64) || type.isInteger(1);
}

bool SizeExpressions::isExpressible(Value value) {
  APInt constant;
  if (matchPattern(value, m_ConstantInt(&constant)))
    return constant.getSignificantBits() <= 64;
  if (auto argument = dyn_cast<BlockArgument>(value))
    return argument.getType().isIntOrIndex();
  Operation *op = value.getDefiningOp();
  if (isa<memref::DimOp>(op)) {
    ProgramScalar scalar = resolveProgramScalar(value);
    return scalar.value && (scalar.isExtent() || isExpressible(scalar.value));
  }
  auto cmp = dyn_cast<arith::CmpIOp>(op);
  bool isKnown = isa<arith::IndexCastOp, arith::ExtSIOp>(op) ||
                 (cmp && getComparison(cmp.getPredicate())) ||
                 (getExprOp(op) && hasExpressionWidth(value.getType()));
  return isKnown && llvm::all_of(op->getOperands(), isExpressible);
}

FailureOr<int32_t> SizeExpressions::getNode(ProgramScalar scalar,
                                            Location loc) {
  if (!scalar.value)
    return emitError(loc, "has an extent that is not known before the "
                          "dispatch");
  if (!scalar.isExtent())
    return getNode(scalar.value);
  auto argument = cast<BlockArgument>(scalar.value);
  return add(
      Expr(0, argument.getArgNumber(), scalar.dimension, 0, ExprOp::extent));
}

FailureOr<int32_t> SizeExpressions::getNode(Value value) {
  if (auto known = nodeOf.find(value); known != nodeOf.end())
    return known->second;
  auto remember = [&](FailureOr<int32_t> node) {
    if (succeeded(node))
      nodeOf[value] = *node;
    return node;
  };
  APInt constant;
  if (matchPattern(value, m_ConstantInt(&constant)) &&
      constant.getSignificantBits() <= 64)
    return remember(getConstant(constant.getSExtValue()));
  if (!isExpressible(value))
    return emitError(value.getLoc(),
                     "the runtime can't compute this size: expected signed "
                     "index arithmetic on extents of inputs and integer "
                     "arguments");
  if (auto argument = dyn_cast<BlockArgument>(value))
    return remember(
        add(Expr(0, argument.getArgNumber(), 0, 0, ExprOp::scalar)));

  Operation *op = value.getDefiningOp();
  if (isa<memref::DimOp>(op))
    return remember(getNode(resolveProgramScalar(value), op->getLoc()));
  SmallVector<int32_t, 3> operands;
  for (Value operand : op->getOperands()) {
    FailureOr<int32_t> node = getNode(operand);
    if (failed(node))
      return failure();
    operands.push_back(*node);
  }
  if (isa<arith::IndexCastOp, arith::ExtSIOp>(op))
    return remember(operands[0]);
  if (auto cmp = dyn_cast<arith::CmpIOp>(op)) {
    auto [kind, isSwapped] = *getComparison(cmp.getPredicate());
    return remember(get(kind, operands[isSwapped], operands[!isSwapped]));
  }
  operands.resize(3, 0);
  return remember(get(*getExprOp(op), operands[0], operands[1], operands[2]));
}

int32_t SizeExpressions::getConstant(int64_t value) {
  return add(Expr(value, 0, 0, 0, ExprOp::constant));
}

int32_t SizeExpressions::get(ExprOp op, int32_t a, int32_t b, int32_t c) {
  auto constantOf = [&](int32_t node) -> std::optional<int64_t> {
    if (nodes[node].op() != ExprOp::constant)
      return std::nullopt;
    return nodes[node].imm();
  };
  std::optional<int64_t> left = constantOf(a), right = constantOf(b);
  if (op == ExprOp::mul) {
    if (left == 1)
      return b;
    if (right == 1)
      return a;
    int64_t product;
    if (left && right && !llvm::MulOverflow(*left, *right, product))
      return getConstant(product);
  }
  return add(Expr(0, a, b, c, op));
}

FailureOr<int32_t> SizeExpressions::getByteCount(Value buffer) {
  auto type = cast<MemRefType>(buffer.getType());
  int64_t bytes = getElementByteCount(type.getElementType());
  for (int64_t extent : type.getShape())
    if (!ShapedType::isDynamic(extent))
      bytes *= extent;
  int32_t node = getConstant(bytes);
  for (unsigned i = 0, e = type.getRank(); i != e; ++i) {
    if (!type.isDynamicDim(i))
      continue;
    FailureOr<int32_t> extent =
        getNode(resolveExtent(buffer, i), buffer.getLoc());
    if (failed(extent))
      return failure();
    node = get(ExprOp::mul, node, *extent);
  }
  return node;
}

int32_t SizeExpressions::add(Expr node) {
  auto [known, isNew] = nodeOfContents.try_emplace(
      {uint8_t(node.op()), node.imm(), node.a(), node.b(), node.c()},
      int32_t(nodes.size()));
  if (isNew)
    nodes.push_back(node);
  return known->second;
}

} // namespace vyre
