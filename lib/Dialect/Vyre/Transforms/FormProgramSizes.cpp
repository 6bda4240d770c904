//===- FormProgramSizes.cpp - Sizes as plain arithmetic -------------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The host computes every size before a dispatch, from extents of arguments
// and from scalars. Here sizes are brought to that form: the extent of a view
// or an allocation becomes the arithmetic that it was made from, and affine ops
// and unsigned arithmetic at the top level become signed arithmetic.
//
//===----------------------------------------------------------------------===//

#include "FormProgram.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Affine/Utils.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/ViewLikeInterface.h"
#include "vyre/Analysis/SignedPredicate.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace vyre;

Operation *vyre::getViewOp(Value memref) {
  Operation *op = memref.getDefiningOp();
  return isa_and_nonnull<ViewLikeOpInterface, memref::ExtractStridedMetadataOp,
                         memref::TransposeOp>(op)
             ? op
             : nullptr;
}

//===----------------------------------------------------------------------===//
// Extents
//===----------------------------------------------------------------------===//

/// The size of a subview along a dimension of its result, which may have lost
/// some of the source's.
static OpFoldResult getSubViewSize(memref::SubViewOp op, int64_t dimension) {
  llvm::SmallBitVector dropped = op.getDroppedDims();
  SmallVector<OpFoldResult> sizes = op.getMixedSizes();
  for (unsigned i = 0, e = sizes.size(); i != e; ++i)
    if (!dropped.test(i) && dimension-- == 0)
      return sizes[i];
  return {};
}

Value vyre::buildExtent(OpBuilder &builder, Location loc, Value memref,
                        int64_t dimension) {
  auto type = dyn_cast<MemRefType>(memref.getType());
  if (!type || dimension < 0 || dimension >= type.getRank())
    return nullptr;
  auto asValue = [&](OpFoldResult size) -> Value {
    return size ? getValueOrCreateConstantIndexOp(builder, loc, size) : nullptr;
  };
  if (!type.isDynamicDim(dimension))
    return asValue(builder.getIndexAttr(type.getDimSize(dimension)));
  if (auto argument = dyn_cast<BlockArgument>(memref)) {
    if (!isa<FunctionOpInterface>(argument.getOwner()->getParentOp()))
      return nullptr;
    return memref::DimOp::create(builder, loc, memref, dimension);
  }
  return llvm::TypeSwitch<Operation *, Value>(memref.getDefiningOp())
      .Case<memref::AllocOp, memref::AllocaOp>([&](auto op) {
        return op.getDynamicSizes()[type.getDynamicDimIndex(dimension)];
      })
      .Case([&](memref::ViewOp op) {
        return op.getSizes()[type.getDynamicDimIndex(dimension)];
      })
      .Case([&](IntermediateOp op) {
        return op.getExtents()[type.getDynamicDimIndex(dimension)];
      })
      .Case([&](memref::SubViewOp op) {
        return asValue(getSubViewSize(op, dimension));
      })
      .Case([&](memref::ReinterpretCastOp op) {
        return asValue(op.getMixedSizes()[dimension]);
      })
      .Case([&](memref::ExpandShapeOp op) {
        return asValue(op.getMixedOutputShape()[dimension]);
      })
      .Case<memref::CastOp, memref::MemorySpaceCastOp>([&](auto op) {
        return buildExtent(builder, loc, op.getSource(), dimension);
      })
      .Case([&](memref::TransposeOp op) {
        return buildExtent(builder, loc, op.getIn(),
                           op.getPermutation().getDimPosition(dimension));
      })
      .Case([&](memref::CollapseShapeOp op) -> Value {
        Value product;
        ReassociationIndices group = op.getReassociationIndices()[dimension];
        for (int64_t source : group) {
          Value extent = buildExtent(builder, loc, op.getSrc(), source);
          if (!extent)
            return nullptr;
          product = product
                        ? arith::MulIOp::create(builder, loc, product, extent)
                        : extent;
        }
        return product;
      })
      .Default([](Operation *) { return Value(); });
}

FailureOr<SmallVector<Value>> vyre::buildExtents(OpBuilder &builder,
                                                 Location loc, Value memref) {
  SmallVector<Value> extents;
  for (int64_t i = 0, e = cast<MemRefType>(memref.getType()).getRank(); i != e;
       ++i) {
    Value extent = buildExtent(builder, loc, memref, i);
    if (!extent)
      return failure();
    extents.push_back(extent);
  }
  return extents;
}

/// memref.dim of a known or unknown dimension, where the extents are known.
static Value buildDim(OpBuilder &builder, memref::DimOp op) {
  Location loc = op.getLoc();
  if (std::optional<int64_t> position = op.getConstantIndex())
    return buildExtent(builder, loc, op.getSource(), *position);
  if (!isa<MemRefType>(op.getSource().getType()))
    return nullptr;
  FailureOr<SmallVector<Value>> extents =
      buildExtents(builder, loc, op.getSource());
  if (failed(extents) || extents->empty())
    return nullptr;
  Value chosen = extents->front();
  for (unsigned i = 1, e = extents->size(); i != e; ++i) {
    Value position = arith::ConstantIndexOp::create(builder, loc, i);
    Value isHere = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq,
                                         op.getIndex(), position);
    chosen =
        arith::SelectOp::create(builder, loc, isHere, (*extents)[i], chosen);
  }
  return chosen;
}

bool vyre::isNonNegative(Value value, unsigned depth) {
  APInt constant;
  if (matchPattern(value, m_ConstantInt(&constant)))
    return constant.isNonNegative();
  Operation *op = value.getDefiningOp();
  constexpr unsigned kMaxDepth = 8;
  if (!op || depth == kMaxDepth)
    return false;
  if (isa<memref::DimOp>(op))
    return true;
  auto holds = [&](Value operand) { return isNonNegative(operand, depth + 1); };
  if (isa<arith::AddIOp, arith::MulIOp, arith::MinSIOp, arith::CeilDivSIOp,
          arith::DivSIOp, arith::FloorDivSIOp>(op))
    return llvm::all_of(op->getOperands(), holds);
  if (auto select = dyn_cast<arith::SelectOp>(op))
    return holds(select.getTrueValue()) && holds(select.getFalseValue());
  // Of the dividend's sign.
  if (isa<arith::RemSIOp>(op))
    return holds(op->getOperand(0));
  return isa<arith::MaxSIOp>(op) && llvm::any_of(op->getOperands(), holds);
}

//===----------------------------------------------------------------------===//
// Unsigned arithmetic
//===----------------------------------------------------------------------===//

/// Unsigned arithmetic on sizes as signed arithmetic, which is what the host
/// computes with; null for other ops. An operand that may be negative is
/// required not to be: as an unsigned number it would be beyond any size.
static Value buildSigned(OpBuilder &builder, Operation *op) {
  auto cmp = dyn_cast<arith::CmpIOp>(op);
  bool isUnsigned = isa<arith::MaxUIOp, arith::MinUIOp, arith::DivUIOp,
                        arith::RemUIOp, arith::CeilDivUIOp>(op) ||
                    (cmp && getSignedPredicate(cmp.getPredicate()));
  if (!isUnsigned || !op->getOperand(0).getType().isIndex())
    return nullptr;
  if (!llvm::all_of(op->getOperands(), isKnownOnHost))
    return nullptr;
  Location loc = op->getLoc();
  for (Value operand : op->getOperands()) {
    if (isNonNegative(operand))
      continue;
    Value zero = arith::ConstantIndexOp::create(builder, loc, 0);
    RequireOp::create(
        builder, loc,
        ("an operand of '" + op->getName().getStringRef() + "' on sizes").str(),
        operand, zero);
  }
  Value left = op->getOperand(0), right = op->getOperand(1);
  return llvm::TypeSwitch<Operation *, Value>(op)
      .Case([&](arith::MaxUIOp) {
        return builder.createOrFold<arith::MaxSIOp>(loc, left, right);
      })
      .Case([&](arith::MinUIOp) {
        return builder.createOrFold<arith::MinSIOp>(loc, left, right);
      })
      .Case([&](arith::DivUIOp) {
        return builder.createOrFold<arith::DivSIOp>(loc, left, right);
      })
      .Case([&](arith::RemUIOp) {
        return builder.createOrFold<arith::RemSIOp>(loc, left, right);
      })
      .Case([&](arith::CeilDivUIOp) {
        return builder.createOrFold<arith::CeilDivSIOp>(loc, left, right);
      })
      .Case([&](arith::CmpIOp) {
        return builder.createOrFold<arith::CmpIOp>(
            loc, *getSignedPredicate(cmp.getPredicate()), left, right);
      })
      .Default([](Operation *) { return Value(); });
}

//===----------------------------------------------------------------------===//
// Affine ops
//===----------------------------------------------------------------------===//

/// The value of an affine.apply, affine.min or affine.max in arith ops; null
/// for any other op.
static Value buildAffine(OpBuilder &builder, Operation *op) {
  auto expand = [&](AffineMap map) {
    return affine::expandAffineMap(builder, op->getLoc(), map,
                                   op->getOperands());
  };
  if (auto apply = dyn_cast<affine::AffineApplyOp>(op)) {
    auto values = expand(apply.getAffineMap());
    return values ? values->front() : Value();
  }
  auto combine = [&](AffineMap map, bool isMin) {
    Value result;
    auto values = expand(map);
    if (!values)
      return result;
    for (Value value : *values) {
      if (!result)
        result = value;
      else if (isMin)
        result = arith::MinSIOp::create(builder, op->getLoc(), result, value);
      else
        result = arith::MaxSIOp::create(builder, op->getLoc(), result, value);
    }
    return result;
  };
  if (auto min = dyn_cast<affine::AffineMinOp>(op))
    return combine(min.getAffineMap(), /*isMin=*/true);
  if (auto max = dyn_cast<affine::AffineMaxOp>(op))
    return combine(max.getAffineMap(), /*isMin=*/false);
  return nullptr;
}

void vyre::expandSizes(ProgramOp program) {
  OpBuilder builder(program.getContext());
  for (Operation &op : llvm::make_early_inc_range(program.getBody().front())) {
    builder.setInsertionPoint(&op);
    Value value = buildAffine(builder, &op);
    if (!value)
      value = buildSigned(builder, &op);
    if (value) {
      op.getResult(0).replaceAllUsesWith(value);
      op.erase();
    }
  }
  program.walk([&](memref::RankOp op) {
    auto type = dyn_cast<MemRefType>(op.getMemref().getType());
    if (!type)
      return;
    builder.setInsertionPoint(op);
    op.replaceAllUsesWith(
        arith::ConstantIndexOp::create(builder, op.getLoc(), type.getRank())
            .getResult());
    op.erase();
  });
  program.walk([&](memref::DimOp op) {
    // What an argument's extent is, the dispatch says.
    if (isa<BlockArgument>(op.getSource()) && op.getConstantIndex())
      return;
    builder.setInsertionPoint(op);
    Value value = buildDim(builder, op);
    if (!value)
      return;
    op.replaceAllUsesWith(value);
    op.erase();
  });
}
