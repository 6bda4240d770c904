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

std::optional<int64_t> chooseReductionPart(linalg::LinalgOp op,
                                           IteratorExtents parallel,
                                           IteratorExtents reduction) {
  std::optional<int64_t> points = getStaticProduct(parallel.extents);
  std::optional<int64_t> first = getConstantIntValue(reduction.extents.front());
  std::optional<int64_t> others =
      getStaticProduct(reduction.extents.drop_front());
  if (!points || !others || *points == 0 || *others == 0)
    return std::nullopt;
  bool hasRows = false;
  for (OpOperand *input : op.getDpsInputOperands()) {
    AffineMap map = op.getMatchingIndexingMap(input);
    auto isIn = [&](unsigned iterator) {
      return map.isFunctionOfDim(iterator);
    };
    if (llvm::none_of(reduction.iterators, isIn))
      continue;
    // Elements that serve many points are better loaded for all of them.
    if (!llvm::all_of(parallel.iterators, isIn))
      return std::nullopt;
    AffineMap last = map.getSubMap({map.getNumResults() - 1});
    hasRows |= llvm::any_of(reduction.iterators, [&](unsigned iterator) {
      return last.isFunctionOfDim(iterator);
    });
  }
  int64_t least = kLeastColumnPart, most = kMostColumnPart;
  if (hasRows) {
    if (*points > kFewLongPoints)
      return std::nullopt;
    least = llvm::divideCeil(kLeastRowPart, *others);
    most = std::max<int64_t>(kMostRowPart / *others, 1);
    // Of a number that is not known, some may be left over.
    if (!first)
      return most;
    if (*first < int64_t(llvm::divideCeil(kLongReduction, *others)))
      return std::nullopt;
  } else if (!first || *points > kFewColumns || *first < kLongColumn ||
             *others != 1) {
    return std::nullopt;
  }
  // The longest that leave nothing over.
  for (int64_t length = std::min(most, *first / 2); length >= least; --length)
    if (*first % length == 0)
      return length;
  return std::nullopt;
}

} // namespace vyre
