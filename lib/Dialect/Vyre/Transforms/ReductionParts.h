//===- ReductionParts.h - When a long reduction is split --------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A launch computes a point within one block. A long reduction of few points
// would keep few blocks busy, so that vyre-lower-linalg makes two of it: of
// parts, and of what the parts give.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_LIB_DIALECT_VYRE_TRANSFORMS_REDUCTIONPARTS_H
#define VYRE_LIB_DIALECT_VYRE_TRANSFORMS_REDUCTIONPARTS_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace vyre {

/// The product of extents, if it is known.
std::optional<int64_t> getStaticProduct(llvm::ArrayRef<mlir::Value> extents);

/// The value that changes no other that it is combined with; none where an op
/// has no such value.
std::optional<mlir::TypedAttr> getCombinerNeutral(mlir::Operation *combiner);

/// Some of an op's iterators, and their extents.
struct IteratorExtents {
  llvm::ArrayRef<unsigned> iterators;
  llvm::ArrayRef<mlir::Value> extents;
};

/// A part of the op's reductions.
struct ReductionPart {
  /// The indices of the first reduction iterator that it takes.
  int64_t length;
  /// Whether the last part may be shorter. Else what is left over, of an extent
  /// that is not known, is in no part.
  bool mayBeShorter;
};

/// The parts that the op's reductions are to be split into, if they are.
std::optional<ReductionPart> chooseReductionPart(mlir::linalg::LinalgOp op,
                                                 IteratorExtents parallel,
                                                 IteratorExtents reduction);

/// The op with one reduction iterator in place of several that are behind each
/// other in all operands, if parts could be made of that and not of them. The
/// old op is gone then.
std::optional<mlir::linalg::LinalgOp>
collapseReduction(mlir::linalg::LinalgOp op, IteratorExtents parallel,
                  IteratorExtents reduction);

} // namespace vyre

#endif // VYRE_LIB_DIALECT_VYRE_TRANSFORMS_REDUCTIONPARTS_H
