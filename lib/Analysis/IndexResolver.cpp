//===- IndexResolver.cpp - Index values of a body as formulas -------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Matchers.h"
#include "vyre/Analysis/IndexSimplification.h"
#include "vyre/Analysis/SignedPredicate.h"
#include "vyre/Analysis/StageAccesses.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace vyre {

/// The longest step with which a loop from a small number on stays with small
/// ones for as long as a program runs.
static constexpr int64_t kLongestStep = int64_t(1) << 16;

IndexResolver::IndexResolver(StageOp stage, SymbolicValues &symbols)
    : stage(stage), symbols(symbols), context(stage.getContext()) {
  for (auto [index, extent] :
       llvm::zip_equal(stage.getIndices(), stage.getExtents()))
    exprs[index] = addUnknown(symbols.getExpr(extent));
  readBody();
}

IndexResolver::IndexResolver(StageOp stage, SymbolicValues &symbols,
                             ArrayRef<AffineExpr> extents,
                             ArrayRef<AffineExpr> ownIndices)
    : stage(stage), symbols(symbols), context(stage.getContext()) {
  for (AffineExpr extent : extents)
    addUnknown(extent);
  for (auto [index, expr] : llvm::zip_equal(stage.getIndices(), ownIndices))
    exprs[index] = expr;
  readBody();
}

/// In the body's order, so that what an op uses is known before it.
void IndexResolver::readBody() {
  stage.getBody().walk<WalkOrder::PreOrder>([&](Operation *op) {
    for (OpResult result : op->getResults())
      if (result.getType().isIndex())
        getExpr(result);
    if (op->getNumRegions() != 0)
      readLoop(op);
  });
}

AffineExpr IndexResolver::addDimension(Dimension dimension) {
  dimensions.push_back(std::move(dimension));
  return getAffineDimExpr(dimensions.size() - 1, context);
}

/// The last index below a bound, if that is a constant.
static std::optional<int64_t> getLast(AffineExpr bound) {
  auto constant = dyn_cast<AffineConstantExpr>(bound);
  int64_t last;
  if (!constant || llvm::SubOverflow<int64_t>(constant.getValue(), 1, last))
    return std::nullopt;
  return last;
}

AffineExpr IndexResolver::addUnknown(AffineExpr extent) {
  AffineExpr dim = addDimension({{}, /*isNonNegative=*/true});
  dimensions.back().isBounded = true;
  dimensions.back().constraints = {dim, extent - dim - 1};
  dimensions.back().maximum = getLast(extent);
  return dim;
}

AffineExpr IndexResolver::addUnknownNumber(bool isBounded) {
  AffineExpr dim =
      addDimension({{}, /*isNonNegative=*/false, /*isExact=*/false});
  dimensions.back().isBounded = isBounded;
  return dim;
}

bool IndexResolver::isNonNegative(AffineExpr expr) const {
  return isExprNonNegative(expr, [&](AffineExpr variable) {
    if (auto dim = dyn_cast<AffineDimExpr>(variable))
      return dimensions[dim.getPosition()].isNonNegative;
    return symbols.isNonNegative(variable);
  });
}

bool IndexResolver::isBounded(AffineExpr expr) const {
  if (auto dim = dyn_cast<AffineDimExpr>(expr))
    return dimensions[dim.getPosition()].isBounded;
  // Scalars may be any number; extents are those of memory that is there.
  if (isa<AffineSymbolExpr>(expr))
    return symbols.isNonNegative(expr);
  auto binary = dyn_cast<AffineBinaryOpExpr>(expr);
  return !binary || expr.getKind() == AffineExprKind::Mod ||
         (isBounded(binary.getLHS()) && isBounded(binary.getRHS()));
}

bool IndexResolver::mayWrap(AffineExpr expr, ArrayRef<AffineExpr> dims,
                            ArrayRef<AffineExpr> syms) const {
  auto binary = dyn_cast<AffineBinaryOpExpr>(expr);
  if (!binary)
    return false;
  if (mayWrap(binary.getLHS(), dims, syms) ||
      mayWrap(binary.getRHS(), dims, syms))
    return true;
  AffineExpr left = binary.getLHS().replaceDimsAndSymbols(dims, syms);
  AffineExpr right = binary.getRHS().replaceDimsAndSymbols(dims, syms);
  if (expr.getKind() == AffineExprKind::Add)
    return !isBounded(left) && !isBounded(right);
  auto factor = dyn_cast<AffineConstantExpr>(right);
  return expr.getKind() == AffineExprKind::Mul && !isBounded(left) &&
         (!factor || llvm::AbsoluteValue(factor.getValue()) > 1);
}

bool IndexResolver::mayWrap(Operation *op) {
  if (auto apply = dyn_cast<affine::AffineApplyOp>(op)) {
    AffineMap map = apply.getAffineMap();
    SmallVector<AffineExpr> operands =
        llvm::map_to_vector(apply.getMapOperands(),
                            [&](Value operand) { return getExpr(operand); });
    return mayWrap(map.getResult(0),
                   ArrayRef(operands).take_front(map.getNumDims()),
                   ArrayRef(operands).drop_front(map.getNumDims()));
  }
  if (!isa<arith::AddIOp, arith::SubIOp, arith::MulIOp>(op))
    return false;
  AffineExpr left = getExpr(op->getOperand(0));
  AffineExpr right = getExpr(op->getOperand(1));
  if (!isa<arith::MulIOp>(op))
    return !isBounded(left) && !isBounded(right);
  if (isa<AffineConstantExpr>(left))
    std::swap(left, right);
  auto factor = cast<AffineConstantExpr>(right);
  return !isBounded(left) && llvm::AbsoluteValue(factor.getValue()) > 1;
}

AffineExpr IndexResolver::simplify(AffineExpr expr) const {
  auto isVariableNonNegative = [&](AffineExpr variable) {
    return isNonNegative(variable);
  };
  auto getMaximum = [&](AffineExpr variable) -> std::optional<int64_t> {
    if (auto dim = dyn_cast<AffineDimExpr>(variable))
      return dimensions[dim.getPosition()].maximum;
    return std::nullopt;
  };
  return simplifyQuotients(expr, {isVariableNonNegative, getMaximum});
}

AffineExpr IndexResolver::getExpr(Value value) {
  AffineExpr expr = exprs.lookup(value);
  if (expr)
    return expr;
  expr = compute(value);
  exprs[value] = expr;
  return expr;
}

void IndexResolver::forget(Operation *op) {
  op->walk([&](Operation *inner) {
    for (Value result : inner->getResults())
      exprs.erase(result);
    for (Region &region : inner->getRegions())
      for (Block &block : region)
        for (Value argument : block.getArguments())
          exprs.erase(argument);
  });
}

AffineExpr IndexResolver::compute(Value value) {
  // Outside of the body stand the program's scalars.
  if (!stage.getBody().isAncestor(value.getParentRegion()))
    return symbols.getExpr(value);
  if (Operation *op = value.getDefiningOp()) {
    APInt constant;
    if (matchPattern(value, m_ConstantInt(&constant)))
      return getAffineConstantExpr(constant.getSExtValue(), context);
    if (auto dim = dyn_cast<memref::DimOp>(op))
      if (auto extent = computeDim(dim.getSource(), dim.getIndex()))
        return *extent;
    auto getOperandExpr = [&](Value operand) { return getExpr(operand); };
    auto isKnown = [&](AffineExpr expr) { return isNonNegative(expr); };
    AffineExpr expr = computeAffineExpr(op, getOperandExpr, isKnown);
    if (expr && !mayWrap(op))
      return simplify(expr);
    if (AffineExpr expr = computeBounded(op))
      return expr;
    if (auto cast = dyn_cast<arith::IndexCastOp>(op))
      return addUnknownNumber(cast.getIn().getType().getIntOrFloatBitWidth() <=
                              32);
  }
  return addUnknownNumber(/*isBounded=*/false);
}

std::optional<AffineExpr> IndexResolver::computeDim(Value memref,
                                                    Value position) {
  auto type = dyn_cast<MemRefType>(memref.getType());
  APInt constant;
  if (!type || !matchPattern(position, m_ConstantInt(&constant)) ||
      constant.uge(type.getRank()))
    return std::nullopt;
  unsigned dimension = constant.getZExtValue();
  if (!type.isDynamicDim(dimension))
    return getAffineConstantExpr(type.getDimSize(dimension), context);
  bool isOfProgram = !stage.getBody().isAncestor(memref.getParentRegion());
  if (isOfProgram)
    return symbols.getExtent(memref, dimension);
  return std::nullopt;
}

/// A minimum is at most, a maximum at least, each of its operands, and one of
/// them.
AffineExpr IndexResolver::computeBounded(Operation *op) {
  if (auto select = dyn_cast<arith::SelectOp>(op))
    return computeSelected(select);
  SmallVector<AffineExpr> operands;
  bool isMinimum = isa<arith::MinSIOp, arith::MinUIOp, affine::AffineMinOp>(op);
  if (isa<arith::MinSIOp, arith::MaxSIOp, arith::MinUIOp, arith::MaxUIOp>(op)) {
    for (Value operand : op->getOperands())
      operands.push_back(getExpr(operand));
  } else if (auto minimum = dyn_cast<affine::AffineMinOp>(op)) {
    operands = applyMap(minimum.getAffineMap(), minimum.getOperands());
  } else if (auto maximum = dyn_cast<affine::AffineMaxOp>(op)) {
    operands = applyMap(maximum.getAffineMap(), maximum.getOperands());
  }
  auto isKnown = [&](AffineExpr expr) { return isNonNegative(expr); };
  bool isAllNonNegative = llvm::all_of(operands, isKnown);
  bool isAnyNonNegative = llvm::any_of(operands, isKnown);
  bool isUnsigned = isa<arith::MinUIOp, arith::MaxUIOp>(op);
  if (operands.empty() || (isUnsigned && !isAllNonNegative))
    return nullptr;
  AffineExpr dim = addDimension(
      {{}, isMinimum ? isAllNonNegative : isAnyNonNegative, /*isExact=*/false});
  auto distance = [&](AffineExpr larger, AffineExpr smaller) {
    return isMinimum ? larger - smaller : smaller - larger;
  };
  Dimension &dimension = dimensions.back();
  auto isSmall = [&](AffineExpr expr) { return isBounded(expr); };
  // The least of what is not negative is below each of them.
  dimension.isBounded =
      llvm::all_of(operands, isSmall) ||
      (isMinimum && isAllNonNegative && llvm::any_of(operands, isSmall));
  for (auto [position, operand] : llvm::enumerate(operands)) {
    dimension.constraints.push_back(distance(operand, dim));
    IndexCase &option = dimension.cases.emplace_back();
    option.value = operand;
    for (auto [other, expr] : llvm::enumerate(operands))
      if (other != position)
        option.conditions.push_back(distance(expr, operand));
  }
  return dim;
}

/// One of two indices, where the condition is one on indices as well.
AffineExpr IndexResolver::computeSelected(arith::SelectOp op) {
  Value condition = op.getCondition();
  if (!op.getType().isIndex() ||
      !stage.getBody().isAncestor(condition.getParentRegion()))
    return nullptr;
  AffineExpr whenTrue = getExpr(op.getTrueValue());
  AffineExpr whenFalse = getExpr(op.getFalseValue());
  SmallVector<IndexCase, 3> cases = {{whenTrue, {}}, {whenFalse, {}}};
  auto compare = condition.getDefiningOp<arith::CmpIOp>();
  bool isInequality =
      compare && compare.getPredicate() == arith::CmpIPredicate::ne;
  bool isEquality =
      compare && compare.getPredicate() == arith::CmpIPredicate::eq;
  if ((isEquality || isInequality) && compare.getLhs().getType().isIndex()) {
    // What differs is less or greater.
    AffineExpr difference =
        getExpr(compare.getLhs()) - getExpr(compare.getRhs());
    if (isInequality)
      std::swap(whenTrue, whenFalse);
    cases = {{whenTrue, {difference, -difference}},
             {whenFalse, {difference - 1}},
             {whenFalse, {-difference - 1}}};
  } else if (!appendGuards(condition, false, cases[0].conditions) ||
             !appendGuards(condition, true, cases[1].conditions)) {
    return nullptr;
  }
  auto isKnown = [&](const IndexCase &option) {
    return isNonNegative(option.value);
  };
  AffineExpr dim =
      addDimension({{}, llvm::all_of(cases, isKnown), /*isExact=*/false});
  dimensions.back().isBounded = isBounded(whenTrue) && isBounded(whenFalse);
  dimensions.back().cases.append(cases.begin(), cases.end());
  return dim;
}

bool IndexResolver::appendGuards(Value condition, bool isNegated,
                                 SmallVectorImpl<AffineExpr> &guards) {
  // All of several, or none of several.
  Operation *op = condition.getDefiningOp();
  if (isNegated ? isa_and_nonnull<arith::OrIOp>(op)
                : isa_and_nonnull<arith::AndIOp>(op))
    return llvm::all_of(op->getOperands(), [&](Value operand) {
      return appendGuards(operand, isNegated, guards);
    });
  auto compare = dyn_cast_or_null<arith::CmpIOp>(op);
  if (!compare || !compare.getLhs().getType().isIndex())
    return false;
  AffineExpr left = getExpr(compare.getLhs());
  AffineExpr right = getExpr(compare.getRhs());
  arith::CmpIPredicate predicate = compare.getPredicate();
  if (isNonNegative(left) && isNonNegative(right))
    predicate = getSignedPredicate(predicate).value_or(predicate);
  if (isNegated)
    predicate = arith::invertPredicate(predicate);
  switch (predicate) {
  case arith::CmpIPredicate::slt:
    guards.push_back(right - left - 1);
    return true;
  case arith::CmpIPredicate::sle:
    guards.push_back(right - left);
    return true;
  case arith::CmpIPredicate::sgt:
    guards.push_back(left - right - 1);
    return true;
  case arith::CmpIPredicate::sge:
    guards.push_back(left - right);
    return true;
  case arith::CmpIPredicate::eq:
    guards.push_back(left - right);
    guards.push_back(right - left);
    return true;
  default:
    return false;
  }
}

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

SmallVector<AffineExpr> IndexResolver::applyMap(AffineMap map,
                                                ValueRange operands) {
  SmallVector<AffineExpr> values;
  for (Value operand : operands)
    values.push_back(getExpr(operand));
  ArrayRef<AffineExpr> dims = ArrayRef(values).take_front(map.getNumDims());
  ArrayRef<AffineExpr> syms = ArrayRef(values).drop_front(map.getNumDims());
  SmallVector<AffineExpr> results;
  for (AffineExpr result : map.getResults()) {
    AffineExpr expr = result.replaceDimsAndSymbols(dims, syms);
    results.push_back(isTractable(expr) && !mayWrap(result, dims, syms)
                          ? simplify(expr)
                          : addUnknownNumber(/*isBounded=*/false));
  }
  return results;
}

/// An index from the largest of `lower` up to below the smallest of `upper`.
void IndexResolver::setLoopIndex(Value index, ArrayRef<AffineExpr> lower,
                                 ArrayRef<AffineExpr> upper, AffineExpr step) {
  auto constant = dyn_cast<AffineConstantExpr>(step);
  int64_t stride = constant ? constant.getValue() : 0;
  auto isKnown = [&](AffineExpr expr) { return isNonNegative(expr); };
  bool isCounted = stride > 1 && lower.size() == 1;
  bool isFromZeroOn = llvm::any_of(lower, isKnown);
  AffineExpr dim = addDimension({{}, isCounted || isFromZeroOn});
  Dimension &dimension = dimensions.back();
  auto isSmall = [&](AffineExpr expr) { return isBounded(expr); };
  // No loop lives to count to the end of 64 bits in small steps.
  bool isSlow = stride > 0 && stride <= kLongestStep;
  dimension.isBounded =
      llvm::any_of(lower, isSmall) && (isSlow || llvm::any_of(upper, isSmall));
  AffineExpr value = dim;
  if (isCounted) {
    // The dimension counts the iterations.
    value = lower.front() + dim * stride;
    dimension.constraints.push_back(dim);
  } else {
    dimension.isExact = stride == 1;
    for (AffineExpr bound : lower)
      dimension.constraints.push_back(dim - bound);
    if (upper.size() == 1)
      dimension.maximum = getLast(upper.front());
  }
  for (AffineExpr bound : upper)
    dimension.constraints.push_back(bound - value - 1);
  exprs[index] = value;
}

void IndexResolver::readLoop(Operation *op) {
  if (auto loop = dyn_cast<affine::AffineForOp>(op)) {
    setLoopIndex(
        loop.getInductionVar(),
        applyMap(loop.getLowerBoundMap(), loop.getLowerBoundOperands()),
        applyMap(loop.getUpperBoundMap(), loop.getUpperBoundOperands()),
        getAffineConstantExpr(loop.getStepAsInt(), context));
    return;
  }
  if (auto loop = dyn_cast<affine::AffineParallelOp>(op)) {
    for (auto [position, index] : llvm::enumerate(loop.getIVs()))
      setLoopIndex(index,
                   applyMap(loop.getLowerBoundMap(position),
                            loop.getLowerBoundsOperands()),
                   applyMap(loop.getUpperBoundMap(position),
                            loop.getUpperBoundsOperands()),
                   getAffineConstantExpr(loop.getSteps()[position], context));
    return;
  }
  if (auto loop = dyn_cast<scf::ForOp>(op)) {
    // Bounds that are compared as unsigned may be negative numbers here.
    if (loop.getInductionVar().getType().isIndex() && !loop.getUnsignedCmp())
      setLoopIndex(loop.getInductionVar(), {getExpr(loop.getLowerBound())},
                   {getExpr(loop.getUpperBound())}, getExpr(loop.getStep()));
    return;
  }
  if (auto loop = dyn_cast<scf::ParallelOp>(op))
    for (auto [index, lower, upper, step] :
         llvm::zip_equal(loop.getInductionVars(), loop.getLowerBound(),
                         loop.getUpperBound(), loop.getStep()))
      setLoopIndex(index, {getExpr(lower)}, {getExpr(upper)}, getExpr(step));
}

} // namespace vyre
