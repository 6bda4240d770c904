//===- ConditionalBroadcasts.cpp - Choices moved into loops ---------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What tosa-to-linalg makes of an operand that has to be broadcast if a dynamic
// extent of it turns out to be one is a choice between two tensors:
//
//   %r = scf.if (%extent == 1) -> tensor<?x8xf32> {
//     %b = linalg.generic { indexing (i, j) -> (0, j) } ins(%x) outs(%empty)
//     scf.yield %b
//   } else {
//     scf.yield %x
//   }
//
// A program has no choices on the host. Where the result is as large as the
// extent that is compared, it is %x in any case. Else those who read %r[i, j]
// read %x[(%extent == 1) ? 0 : i, j].
//
//===----------------------------------------------------------------------===//

#include "PrepareTensors.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "llvm/ADT/SmallBitVector.h"

using namespace mlir;
using namespace vyre;

namespace {

/// A result of an scf.if as above.
struct ConditionalBroadcast {
  Value source;
  /// `extent` == 1.
  Value condition;
  Value extent;
  /// The dimensions that are broadcast.
  llvm::SmallBitVector dimensions;
  SmallVector<OpFoldResult> targetSizes;

  static std::optional<ConditionalBroadcast> match(Value value);
};

} // namespace

std::optional<ConditionalBroadcast> ConditionalBroadcast::match(Value value) {
  auto choice = value.getDefiningOp<scf::IfOp>();
  if (!choice || choice.getElseRegion().empty())
    return std::nullopt;
  unsigned number = cast<OpResult>(value).getResultNumber();
  auto compare = choice.getCondition().getDefiningOp<arith::CmpIOp>();
  Value source = choice.elseYield().getOperand(number);
  auto broadcast =
      choice.thenYield().getOperand(number).getDefiningOp<linalg::GenericOp>();
  if (!compare || compare.getPredicate() != arith::CmpIPredicate::eq ||
      !isConstantIntValue(compare.getRhs(), 1) || !broadcast ||
      broadcast.getNumDpsInputs() != 1 || broadcast.getNumDpsInits() != 1 ||
      broadcast.getDpsInputOperand(0)->get() != source)
    return std::nullopt;
  Block &body = *broadcast.getBody();
  bool isCopy = body.getOperations().size() == 1 &&
                body.getTerminator()->getOperand(0) == body.getArgument(0);
  AffineMap map = broadcast.getIndexingMapsArray()[0];
  if (!isCopy || broadcast.getNumReductionLoops() != 0 ||
      !broadcast.getIndexingMapsArray()[1].isIdentity() ||
      map.getNumResults() != map.getNumDims())
    return std::nullopt;

  auto target =
      broadcast.getDpsInitOperand(0)->get().getDefiningOp<tensor::EmptyOp>();
  if (!target)
    return std::nullopt;
  ConditionalBroadcast result = {
      source, choice.getCondition(), compare.getLhs(),
      llvm::SmallBitVector(map.getNumResults()), target.getMixedSizes()};
  for (auto [position, expr] : llvm::enumerate(map.getResults())) {
    if (expr == getAffineDimExpr(position, map.getContext()))
      continue;
    auto size = dyn_cast<Value>(result.targetSizes[position]);
    bool isInside =
        size && choice->isAncestor(size.getParentRegion()->getParentOp());
    if (!isa<AffineConstantExpr>(expr) || isInside)
      return std::nullopt;
    result.dimensions.set(position);
  }
  return result;
}

//===----------------------------------------------------------------------===//
// Broadcasts that change nothing
//===----------------------------------------------------------------------===//

namespace {

/// Tells sizes that are equal however they are computed, as far as tosa's
/// lowering needs it: through the ops that make a tensor, back to extents of
/// arguments and to other values, of which a size is the maximum.
class SizeOrigins {
public:
  /// The extents (a tensor and a dimension) and values (with -1) that a size is
  /// the maximum of, sorted.
  using Origin = SmallVector<std::pair<const void *, int64_t>>;

  Origin get(OpFoldResult size) {
    if (auto value = dyn_cast<Value>(size))
      return getOfValue(value);
    return {{cast<Attribute>(size).getAsOpaquePointer(), -1}};
  }

private:
  Origin getOfValue(Value size);
  Origin getOfExtent(Value tensor, int64_t dimension);

  DenseMap<std::pair<Value, int64_t>, Origin> known;
};

} // namespace

SizeOrigins::Origin SizeOrigins::getOfValue(Value size) {
  if (auto it = known.find({size, -1}); it != known.end())
    return it->second;
  Origin origin;
  Operation *op = size.getDefiningOp();
  auto dim = dyn_cast_if_present<tensor::DimOp>(op);
  if (dim && dim.getConstantIndex()) {
    origin = getOfExtent(dim.getSource(), *dim.getConstantIndex());
  } else if (isa_and_nonnull<arith::MaxUIOp, arith::MaxSIOp>(op)) {
    origin = getOfValue(op->getOperand(0));
    llvm::append_range(origin, getOfValue(op->getOperand(1)));
    llvm::sort(origin);
    origin.erase(llvm::unique(origin), origin.end());
  } else {
    origin = {{size.getAsOpaquePointer(), -1}};
  }
  known[{size, -1}] = origin;
  return origin;
}

SizeOrigins::Origin SizeOrigins::getOfExtent(Value tensor, int64_t dimension) {
  if (auto it = known.find({tensor, dimension}); it != known.end())
    return it->second;
  Origin origin = {{tensor.getAsOpaquePointer(), dimension}};
  auto type = dyn_cast<RankedTensorType>(tensor.getType());
  Operation *op = tensor.getDefiningOp();
  if (type && dimension < type.getRank()) {
    if (auto empty = dyn_cast_if_present<tensor::EmptyOp>(op))
      origin = get(empty.getMixedSizes()[dimension]);
    else if (auto linalgOp = dyn_cast_if_present<linalg::LinalgOp>(op))
      origin = getOfExtent(
          linalgOp.getTiedOpOperand(cast<OpResult>(tensor))->get(), dimension);
  }
  known[{tensor, dimension}] = origin;
  return origin;
}

void vyre::dropIdentityBroadcasts(Operation *root) {
  // In order, so that each sees sizes from which those before it are gone.
  SizeOrigins origins;
  root->walk<WalkOrder::PreOrder>([&](scf::IfOp op) {
    for (Value result : op.getResults()) {
      auto broadcast = ConditionalBroadcast::match(result);
      if (!broadcast)
        continue;
      bool isIdentity = llvm::all_of(
          broadcast->dimensions.set_bits(), [&](unsigned dimension) {
            return origins.get(broadcast->targetSizes[dimension]) ==
                   origins.get(OpFoldResult(broadcast->extent));
          });
      if (isIdentity)
        result.replaceAllUsesWith(broadcast->source);
    }
  });
}

//===----------------------------------------------------------------------===//
// Broadcasts that may change something
//===----------------------------------------------------------------------===//

namespace {

/// tensor.dim of a conditional broadcast  ->  that of its source or its target.
struct DimOfBroadcast : OpRewritePattern<tensor::DimOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tensor::DimOp op,
                                PatternRewriter &rewriter) const override {
    std::optional<int64_t> dimension = op.getConstantIndex();
    auto broadcast = ConditionalBroadcast::match(op.getSource());
    if (!broadcast || !dimension ||
        *dimension >= int64_t(broadcast->dimensions.size()))
      return rewriter.notifyMatchFailure(op, "of no conditional broadcast");
    Value size = tensor::DimOp::create(rewriter, op.getLoc(), broadcast->source,
                                       *dimension);
    if (broadcast->dimensions.test(*dimension)) {
      Value target = getValueOrCreateConstantIndexOp(
          rewriter, op.getLoc(), broadcast->targetSizes[*dimension]);
      size = arith::SelectOp::create(rewriter, op.getLoc(),
                                     broadcast->condition, target, size);
    }
    rewriter.replaceOp(op, size);
    return success();
  }
};

/// A linalg.generic that reads what an scf.if broadcasts  ->  one that extracts
/// its elements from the source.
struct ReadThroughBroadcast : OpRewritePattern<linalg::GenericOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(linalg::GenericOp op,
                                PatternRewriter &rewriter) const override {
    for (OpOperand *input : op.getDpsInputOperands()) {
      if (!ConditionalBroadcast::match(input->get()))
        continue;
      SmallVector<AffineMap> maps = op.getIndexingMapsArray();
      AffineMap map = maps[input->getOperandNumber()];
      maps.erase(maps.begin() + input->getOperandNumber());
      if (!inversePermutation(concatAffineMaps(maps, op.getContext())))
        continue; // No other operand would tell the size of the loops.
      replace(op, input, maps, map, rewriter);
      return success();
    }
    return rewriter.notifyMatchFailure(op, "reads no conditional broadcast");
  }

private:
  static void replace(linalg::GenericOp op, OpOperand *input,
                      ArrayRef<AffineMap> otherMaps, AffineMap map,
                      PatternRewriter &rewriter) {
    SmallVector<Value> inputs;
    for (OpOperand *other : op.getDpsInputOperands())
      if (other != input)
        inputs.push_back(other->get());
    auto replacement = linalg::GenericOp::create(
        rewriter, op.getLoc(), op->getResultTypes(), inputs, op.getOutputs(),
        otherMaps, op.getIteratorTypesArray());
    BlockArgument element = op.getMatchingBlockArgument(input);
    rewriter.inlineRegionBefore(op.getRegion(), replacement.getRegion(),
                                replacement.getRegion().end());
    rewriter.setInsertionPointToStart(replacement.getBody());
    Value extracted = buildExtract(rewriter, op.getLoc(), input->get(), map);
    rewriter.replaceAllUsesWith(element, extracted);
    replacement.getBody()->eraseArgument(element.getArgNumber());
    rewriter.replaceOp(op, replacement);
  }

  /// The element of `value` at the place that `map` tells for the current point
  /// of a linalg body, read from behind all conditional broadcasts.
  static Value buildExtract(OpBuilder &builder, Location loc, Value value,
                            AffineMap map) {
    SmallVector<OpFoldResult> ivs;
    for (unsigned i = 0, e = map.getNumDims(); i != e; ++i)
      ivs.push_back(linalg::IndexOp::create(builder, loc, i).getResult());
    SmallVector<Value> indices;
    for (unsigned i = 0, e = map.getNumResults(); i != e; ++i)
      indices.push_back(getValueOrCreateConstantIndexOp(
          builder, loc,
          affine::makeComposedFoldedAffineApply(builder, loc,
                                                map.getSubMap({i}), ivs)));
    Value zero = arith::ConstantIndexOp::create(builder, loc, 0);
    while (auto broadcast = ConditionalBroadcast::match(value)) {
      for (unsigned dimension : broadcast->dimensions.set_bits())
        indices[dimension] = arith::SelectOp::create(
            builder, loc, broadcast->condition, zero, indices[dimension]);
      value = broadcast->source;
    }
    return tensor::ExtractOp::create(builder, loc, value, indices);
  }
};

} // namespace

void vyre::populateConditionalBroadcastPatterns(RewritePatternSet &patterns) {
  patterns.add<DimOfBroadcast, ReadThroughBroadcast>(patterns.getContext());
}
