//===- ReductionParts.cpp - When a long reduction is split ----------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ReductionParts.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace vyre {

/// Reductions of as many elements, and those over columns of as many rows, are
/// split if they are of no more points than this.
static constexpr int64_t kLongReduction = int64_t(1) << 18;
static constexpr int64_t kFewLongPoints = 64;
static constexpr int64_t kLongColumn = 1024;
static constexpr int64_t kFewColumns = 16384;

/// Elements of a part of a row, and of a column.
static constexpr int64_t kLeastRowPart = 1024;
static constexpr int64_t kMostRowPart = 16384;
static constexpr int64_t kLeastColumnPart = 16;
static constexpr int64_t kMostColumnPart = 63;
static constexpr int64_t kUnknownColumnPart = 32;

std::optional<int64_t> getStaticProduct(ArrayRef<Value> extents) {
  int64_t product = 1;
  for (Value extent : extents) {
    std::optional<int64_t> count = getConstantIntValue(extent);
    if (!count || llvm::MulOverflow(product, *count, product))
      return std::nullopt;
  }
  return product;
}

std::optional<TypedAttr> getCombinerNeutral(Operation *combiner) {
  // 0.0 would lose the sign of a sum of -0.0.
  if (isa<arith::AddFOp>(combiner))
    return FloatAttr::get(combiner->getResult(0).getType(), -0.0);
  return arith::getNeutralElement(combiner);
}

namespace {
/// Where the iterators of an op's reductions go in its inputs.
enum class Direction {
  /// A reduction iterator is the innermost index of some input.
  Rows,
  /// None is.
  Columns,
  /// An input serves many points.
  Shared
};
} // namespace

static Direction getDirection(linalg::LinalgOp op, IteratorExtents parallel,
                              IteratorExtents reduction) {
  Direction direction = Direction::Columns;
  for (OpOperand *input : op.getDpsInputOperands()) {
    AffineMap map = op.getMatchingIndexingMap(input);
    auto isIn = [&](unsigned iterator) {
      return map.isFunctionOfDim(iterator);
    };
    if (llvm::none_of(reduction.iterators, isIn))
      continue;
    // Elements that serve many points are better loaded for all of them.
    if (!llvm::all_of(parallel.iterators, isIn))
      return Direction::Shared;
    AffineMap last = map.getSubMap({map.getNumResults() - 1});
    if (llvm::any_of(reduction.iterators, [&](unsigned iterator) {
          return last.isFunctionOfDim(iterator);
        }))
      direction = Direction::Rows;
  }
  return direction;
}

/// The longest part between `least` and `most` that leaves nothing over.
static std::optional<ReductionPart>
chooseWholePart(int64_t extent, int64_t least, int64_t most) {
  for (int64_t length = std::min(most, extent / 2); length >= least; --length)
    if (extent % length == 0)
      return ReductionPart{length, /*mayBeShorter=*/false};
  return std::nullopt;
}

/// Parts of the first of several extents, which is none where it is not known.
static std::optional<ReductionPart> choosePart(Direction direction,
                                               std::optional<int64_t> points,
                                               std::optional<int64_t> first,
                                               int64_t others) {
  if (points == 0 || others == 0)
    return std::nullopt;
  if (direction == Direction::Rows) {
    if (!points || *points > kFewLongPoints)
      return std::nullopt;
    int64_t most = std::max<int64_t>(kMostRowPart / others, 1);
    if (!first)
      return ReductionPart{most, /*mayBeShorter=*/false};
    if (*first < int64_t(llvm::divideCeil(kLongReduction, others)))
      return std::nullopt;
    return chooseWholePart(*first, llvm::divideCeil(kLeastRowPart, others),
                           most);
  }
  if (direction == Direction::Shared || others != 1 ||
      (points && *points > kFewColumns))
    return std::nullopt;
  if (!first)
    return ReductionPart{kUnknownColumnPart, /*mayBeShorter=*/true};
  if (*first < kLongColumn)
    return std::nullopt;
  return chooseWholePart(*first, kLeastColumnPart, kMostColumnPart);
}

std::optional<ReductionPart> chooseReductionPart(linalg::LinalgOp op,
                                                 IteratorExtents parallel,
                                                 IteratorExtents reduction) {
  std::optional<int64_t> others =
      getStaticProduct(reduction.extents.drop_front());
  if (!others)
    return std::nullopt;
  return choosePart(getDirection(op, parallel, reduction),
                    getStaticProduct(parallel.extents),
                    getConstantIntValue(reduction.extents.front()), *others);
}

std::optional<linalg::LinalgOp> collapseReduction(linalg::LinalgOp op,
                                                  IteratorExtents parallel,
                                                  IteratorExtents reduction) {
  if (reduction.iterators.size() < 2 ||
      chooseReductionPart(op, parallel, reduction) ||
      !choosePart(getDirection(op, parallel, reduction),
                  getStaticProduct(parallel.extents),
                  getStaticProduct(reduction.extents), /*others=*/1))
    return std::nullopt;
  SmallVector<ReassociationIndices> together(1);
  for (unsigned iterator : reduction.iterators)
    together.front().push_back(iterator);
  auto isCollapsible = [](OpOperand &operand) {
    auto type = dyn_cast<MemRefType>(operand.get().getType());
    return !type || type.getLayout().isIdentity();
  };
  if (!linalg::areDimSequencesPreserved(op.getIndexingMapsArray(), together) ||
      !llvm::all_of(op->getOpOperands(), isCollapsible))
    return std::nullopt;
  IRRewriter rewriter(op->getContext());
  rewriter.setInsertionPoint(op);
  if (!isa<linalg::GenericOp>(op))
    op = cast<linalg::LinalgOp>(
        linalg::generalizeNamedOp(rewriter, op)->getOperation());
  rewriter.setInsertionPoint(op);
  auto collapsed = linalg::collapseOpIterationDims(op, together, rewriter);
  if (failed(collapsed))
    return op;
  rewriter.eraseOp(op);
  return collapsed->collapsedOp;
}

} // namespace vyre
