//===- SymbolicValues.cpp - Scalars of a program as formulas --------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "vyre/Analysis/SymbolicValues.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/Matchers.h"
#include "vyre/Analysis/StageAccesses.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/EquivalenceClasses.h"
#include "llvm/ADT/Hashing.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"
#include <unordered_set>

using namespace mlir;

namespace vyre {

/// Expressions with more operations than this become symbols, so that a long
/// chain of sums costs time in proportion to its length.
static constexpr unsigned kMaxExprSize = 32;

/// With smaller coefficients than this, an index has to be beyond 2^32 before
/// 64 bits wrap; and with smaller constants, beyond 2^62.
static constexpr uint64_t kMaxWeight = uint64_t(1) << 31;
static constexpr uint64_t kMaxConstant = uint64_t(1) << 62;

/// The number of operations in an expression, counted up to `limit`.
static unsigned getExprSize(AffineExpr expr, unsigned limit) {
  auto binary = dyn_cast<AffineBinaryOpExpr>(expr);
  if (!binary || limit == 0)
    return 0;
  unsigned left = getExprSize(binary.getLHS(), limit - 1);
  if (left + 1 >= limit)
    return limit;
  return 1 + left + getExprSize(binary.getRHS(), limit - 1 - left);
}

/// A bound on how many times a variable of an expression, or 1, counts in it;
/// none where a divisor is not positive.
static std::optional<uint64_t> getWeight(AffineExpr expr) {
  if (auto constant = dyn_cast<AffineConstantExpr>(expr))
    return llvm::AbsoluteValue(constant.getValue());
  auto binary = dyn_cast<AffineBinaryOpExpr>(expr);
  if (!binary)
    return 1;
  auto left = getWeight(binary.getLHS()), right = getWeight(binary.getRHS());
  if (!left || !right)
    return std::nullopt;
  if (expr.getKind() == AffineExprKind::Add)
    return llvm::SaturatingAdd(*left, *right);
  if (expr.getKind() == AffineExprKind::Mul)
    return llvm::SaturatingMultiply(*left, *right);
  auto divisor = dyn_cast<AffineConstantExpr>(binary.getRHS());
  if (!divisor || divisor.getValue() <= 0)
    return std::nullopt;
  return std::max(*left, *right);
}

bool isTractable(AffineExpr expr) {
  if (isa<AffineConstantExpr>(expr))
    return true;
  if (!expr.isPureAffine())
    return false;
  // What is only added has more room.
  auto sum = dyn_cast<AffineBinaryOpExpr>(expr);
  if (sum && sum.getKind() == AffineExprKind::Add)
    if (auto constant = dyn_cast<AffineConstantExpr>(sum.getRHS()))
      if (llvm::AbsoluteValue(constant.getValue()) <= kMaxConstant)
        expr = sum.getLHS();
  std::optional<uint64_t> weight = getWeight(expr);
  return weight && *weight <= kMaxWeight;
}

bool isExprNonNegative(
    AffineExpr expr,
    llvm::function_ref<bool(AffineExpr)> isVariableNonNegative) {
  auto recurse = [&](AffineExpr part) {
    return isExprNonNegative(part, isVariableNonNegative);
  };
  if (auto constant = dyn_cast<AffineConstantExpr>(expr))
    return constant.getValue() >= 0;
  auto binary = dyn_cast<AffineBinaryOpExpr>(expr);
  if (!binary)
    return isVariableNonNegative(expr);
  AffineExpr left = binary.getLHS(), right = binary.getRHS();
  switch (expr.getKind()) {
  case AffineExprKind::Mod:
    return true;
  case AffineExprKind::Add:
  case AffineExprKind::Mul:
    return recurse(left) && recurse(right);
  case AffineExprKind::FloorDiv:
  case AffineExprKind::CeilDiv: {
    auto divisor = dyn_cast<AffineConstantExpr>(right);
    return divisor && divisor.getValue() > 0 && recurse(left);
  }
  default:
    return false;
  }
}

namespace {
/// Of what nearly all relations differ in.
struct RelationHash {
  size_t operator()(const AccessRelation &relation) const {
    auto hash = [](ArrayRef<AffineExpr> exprs) {
      return llvm::hash_combine_range(exprs.begin(), exprs.end());
    };
    return llvm::hash_combine(relation.rank, hash(relation.indices),
                              hash(relation.constraints));
  }
};
} // namespace

class SymbolicValues::Relations
    : public std::unordered_set<AccessRelation, RelationHash> {};

SymbolicValues::~SymbolicValues() = default;

const AccessRelation &SymbolicValues::intern(AccessRelation relation) {
  return *relations->insert(std::move(relation)).first;
}

/// A dimension of an argument.
using ArgumentExtent = std::pair<unsigned, unsigned>;

/// The dimension of an argument that a value is the extent of, if that is for
/// the caller to choose.
static std::optional<ArgumentExtent> getArgumentExtent(Value value,
                                                       ProgramOp program) {
  auto dim = value.getDefiningOp<memref::DimOp>();
  if (!dim)
    return std::nullopt;
  auto argument = dyn_cast<BlockArgument>(dim.getSource());
  std::optional<int64_t> dimension = dim.getConstantIndex();
  auto type = dyn_cast<MemRefType>(dim.getSource().getType());
  if (!argument || argument.getOwner() != &program.getBody().front() || !type ||
      !dimension || *dimension < 0 || *dimension >= type.getRank() ||
      !type.isDynamicDim(*dimension) || program.getExtentsOf(argument))
    return std::nullopt;
  return ArgumentExtent(argument.getArgNumber(), *dimension);
}

/// Extents of which the program requires that neither is less than the other:
/// no dispatch gets as far as a launch where they are not the same.
static llvm::EquivalenceClasses<ArgumentExtent>
getRequiredEqualities(ProgramOp program) {
  llvm::EquivalenceClasses<ArgumentExtent> equal;
  llvm::DenseSet<std::pair<ArgumentExtent, ArgumentExtent>> atLeast;
  for (auto require : program.getBody().getOps<RequireOp>()) {
    std::optional<ArgumentExtent> found =
        getArgumentExtent(require.getFound(), program);
    std::optional<ArgumentExtent> least =
        getArgumentExtent(require.getLeast(), program);
    if (!found || !least)
      continue;
    atLeast.insert({*found, *least});
    if (atLeast.contains({*least, *found}))
      equal.unionSets(*found, *least);
  }
  return equal;
}

SymbolicValues::SymbolicValues(ProgramOp program)
    : context(program.getContext()), program(program),
      relations(std::make_unique<Relations>()) {
  // The first argument's extent stands for all that equal it.
  llvm::EquivalenceClasses<ArgumentExtent> equal =
      getRequiredEqualities(program);
  for (const auto *known : equal) {
    if (!known->isLeader())
      continue;
    auto members = equal.members(*known);
    ArgumentExtent first = *llvm::min_element(members);
    AffineExpr extent =
        getExtent(program.getArgument(first.first), first.second);
    for (ArgumentExtent member : members)
      extents[{program.getArgument(member.first), member.second}] = extent;
  }
  // In program order, so that operands are known before their users.
  for (Operation &op : program.getBody().front())
    for (OpResult result : op.getResults())
      if (result.getType().isIntOrIndexOrFloat() && !exprs.contains(result)) {
        AffineExpr expr = compute(result);
        exprs[result] = expr;
      }
}

AffineExpr SymbolicValues::addSymbol(Origin origin, bool isNonNegative,
                                     const Twine &name) {
  unsigned position = nonNegative.size();
  origins.push_back(origin);
  nonNegative.push_back(isNonNegative);
  names.push_back(name.str());
  return getAffineSymbolExpr(position, context);
}

AffineExpr SymbolicValues::getComputation(const Computation &key, Value value,
                                          bool isNonNegative) {
  AffineExpr &expr = computations[key];
  if (!expr)
    expr =
        addSymbol({value}, isNonNegative, "value" + Twine(nonNegative.size()));
  return expr;
}

Value SymbolicValues::materialize(OpBuilder &builder, Location loc,
                                  AffineExpr expr) const {
  if (auto constant = dyn_cast<AffineConstantExpr>(expr))
    return arith::ConstantIndexOp::create(builder, loc, constant.getValue());
  if (auto symbol = dyn_cast<AffineSymbolExpr>(expr)) {
    const Origin &origin = origins[symbol.getPosition()];
    if (!origin.dimension)
      return origin.value;
    return memref::DimOp::create(builder, loc, origin.value, *origin.dimension);
  }
  auto binary = dyn_cast<AffineBinaryOpExpr>(expr);
  if (!binary)
    return nullptr;
  Value left = materialize(builder, loc, binary.getLHS());
  Value right = materialize(builder, loc, binary.getRHS());
  if (!left || !right)
    return nullptr;
  switch (expr.getKind()) {
  case AffineExprKind::Add:
    return arith::AddIOp::create(builder, loc, left, right);
  case AffineExprKind::Mul:
    return arith::MulIOp::create(builder, loc, left, right);
  case AffineExprKind::FloorDiv:
    return arith::FloorDivSIOp::create(builder, loc, left, right);
  case AffineExprKind::CeilDiv:
    return arith::CeilDivSIOp::create(builder, loc, left, right);
  case AffineExprKind::Mod: {
    // Not negative, whatever the sign of the left side.
    Value quotient = arith::FloorDivSIOp::create(builder, loc, left, right);
    Value whole = arith::MulIOp::create(builder, loc, quotient, right);
    return arith::SubIOp::create(builder, loc, left, whole);
  }
  default:
    return nullptr;
  }
}

std::string SymbolicValues::describe(AffineExpr expr) const {
  std::string printed;
  llvm::raw_string_ostream(printed) << expr;
  // A symbol prints as 's' and its number, and nothing else has an 's'.
  std::string text;
  for (StringRef rest = printed; !rest.empty();) {
    unsigned position;
    if (rest.consume_front("s") && !rest.consumeInteger(10, position)) {
      text += names[position];
      continue;
    }
    text += rest.front();
    rest = rest.drop_front();
  }
  return text;
}

bool SymbolicValues::isNonNegative(AffineExpr expr) const {
  return isExprNonNegative(expr, [&](AffineExpr variable) {
    auto symbol = dyn_cast<AffineSymbolExpr>(variable);
    return symbol && nonNegative.test(symbol.getPosition());
  });
}

AffineExpr SymbolicValues::getExpr(Value value) {
  auto known = exprs.find(value);
  if (known != exprs.end())
    return known->second;
  auto argument = dyn_cast<BlockArgument>(value);
  AffineExpr expr =
      addSymbol({value}, /*isNonNegative=*/false,
                argument ? "argument" + Twine(argument.getArgNumber())
                         : "value" + Twine(nonNegative.size()));
  exprs[value] = expr;
  return expr;
}

AffineExpr SymbolicValues::getExtent(Value buffer, unsigned dimension) {
  auto type = cast<MemRefType>(buffer.getType());
  if (!type.isDynamicDim(dimension))
    return getAffineConstantExpr(type.getDimSize(dimension), context);
  AffineExpr known = extents.lookup({buffer, dimension});
  if (known)
    return known;
  AffineExpr expr = computeExtent(buffer, dimension);
  extents[{buffer, dimension}] = expr;
  return expr;
}

AffineExpr SymbolicValues::computeExtent(Value buffer, unsigned dimension) {
  auto type = cast<MemRefType>(buffer.getType());
  unsigned position = type.getDynamicDimIndex(dimension);
  if (auto intermediate = buffer.getDefiningOp<IntermediateOp>())
    return getExpr(intermediate.getExtents()[position]);
  if (auto argument = dyn_cast<BlockArgument>(buffer))
    if (ExtentsOp extents = program.getExtentsOf(argument))
      return getExpr(extents.getExtents()[position]);
  auto argument = dyn_cast<BlockArgument>(buffer);
  return addSymbol({buffer, dimension}, /*isNonNegative=*/true,
                   "dim(argument" +
                       Twine(argument ? argument.getArgNumber() : 0) + ", " +
                       Twine(dimension) + ")");
}

AffineExpr
computeAffineExpr(Operation *op,
                  llvm::function_ref<AffineExpr(Value)> getOperandExpr,
                  llvm::function_ref<bool(AffineExpr)> isNonNegative) {
  auto operand = [&](unsigned position) {
    return getOperandExpr(op->getOperand(position));
  };
  auto isPositiveConstant = [](AffineExpr expr) {
    auto constant = dyn_cast<AffineConstantExpr>(expr);
    return constant && constant.getValue() > 0;
  };
  AffineExpr expr =
      llvm::TypeSwitch<Operation *, AffineExpr>(op)
          .Case([&](arith::AddIOp) { return operand(0) + operand(1); })
          .Case([&](arith::SubIOp) { return operand(0) - operand(1); })
          .Case([&](arith::MulIOp) {
            bool isAffine = isa<AffineConstantExpr>(operand(0)) ||
                            isa<AffineConstantExpr>(operand(1));
            return isAffine ? operand(0) * operand(1) : AffineExpr();
          })
          .Case([&](arith::FloorDivSIOp) {
            return isPositiveConstant(operand(1))
                       ? operand(0).floorDiv(operand(1))
                       : AffineExpr();
          })
          .Case([&](arith::CeilDivSIOp) {
            return isPositiveConstant(operand(1))
                       ? operand(0).ceilDiv(operand(1))
                       : AffineExpr();
          })
          .Case<arith::DivUIOp, arith::DivSIOp>([&](auto) {
            return isPositiveConstant(operand(1)) && isNonNegative(operand(0))
                       ? operand(0).floorDiv(operand(1))
                       : AffineExpr();
          })
          .Case<arith::RemUIOp, arith::RemSIOp>([&](auto) {
            return isPositiveConstant(operand(1)) && isNonNegative(operand(0))
                       ? operand(0) % operand(1)
                       : AffineExpr();
          })
          .Case([&](affine::AffineApplyOp apply) {
            AffineMap map = apply.getAffineMap();
            SmallVector<AffineExpr> operands;
            for (Value value : apply.getMapOperands())
              operands.push_back(getOperandExpr(value));
            return map.getResult(0).replaceDimsAndSymbols(
                ArrayRef(operands).take_front(map.getNumDims()),
                ArrayRef(operands).drop_front(map.getNumDims()));
          })
          .Default([](Operation *) { return AffineExpr(); });
  if (!expr || !isTractable(expr) ||
      getExprSize(expr, kMaxExprSize) >= kMaxExprSize)
    return nullptr;
  return expr;
}

AffineExpr SymbolicValues::compute(OpResult result) {
  Operation *op = result.getOwner();
  if (result.getType().isIndex()) {
    APInt constant;
    if (matchPattern(result, m_ConstantInt(&constant)))
      return getAffineConstantExpr(constant.getSExtValue(), context);
    if (auto dim = dyn_cast<memref::DimOp>(op)) {
      std::optional<int64_t> position = dim.getConstantIndex();
      auto type = dyn_cast<MemRefType>(dim.getSource().getType());
      if (type && position && *position >= 0 && *position < type.getRank())
        return getExtent(dim.getSource(), *position);
    }
    auto getOperandExpr = [&](Value operand) { return getExpr(operand); };
    auto isKnownNonNegative = [&](AffineExpr expr) {
      return isNonNegative(expr);
    };
    if (AffineExpr expr =
            computeAffineExpr(op, getOperandExpr, isKnownNonNegative))
      return expr;
  }
  // Not affine: a symbol for each different computation.
  Computation key = {
      op->getName().getAsOpaquePointer(),
      op->getAttrDictionary().getAsOpaquePointer(),
      result.getType().getAsOpaquePointer(),
      reinterpret_cast<const void *>(uintptr_t(result.getResultNumber()))};
  SmallVector<const void *> operands;
  bool isProduct = isa<arith::MulIOp>(op) && result.getType().isIndex();
  bool isNonNegativeProduct = isProduct;
  for (Value operand : op->getOperands()) {
    if (isa<BaseMemRefType>(operand.getType())) {
      operands.push_back(operand.getAsOpaquePointer());
      continue;
    }
    AffineExpr expr = getExpr(operand);
    operands.push_back(expr.getAsOpaquePointer());
    isNonNegativeProduct &= isNonNegative(expr);
  }
  if (isProduct)
    llvm::sort(operands);
  llvm::append_range(key, operands);
  return getComputation(key, result, isNonNegativeProduct);
}

} // namespace vyre
