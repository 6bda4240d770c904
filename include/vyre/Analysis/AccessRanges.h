//===- AccessRanges.h - How far an access reaches ------------- -*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The largest and the smallest index that an access reaches, as expressions
// over the symbols of a program: what its buffer has to have room for.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_ANALYSIS_ACCESSRANGES_H
#define VYRE_ANALYSIS_ACCESSRANGES_H

#include "vyre/Analysis/StageAccesses.h"

namespace vyre {

/// The largest value of an index over all points of an access: the least of
/// `bounds`, which some point does reach, if all of `conditions` are at least
/// zero. If one is not, there is no point.
struct LargestIndex {
  llvm::SmallVector<mlir::AffineExpr, 2> bounds;
  llvm::SmallVector<mlir::AffineExpr> conditions;
};

/// The same for the smallest value: the greatest of `bounds`.
struct SmallestIndex {
  llvm::SmallVector<mlir::AffineExpr, 2> bounds;
  llvm::SmallVector<mlir::AffineExpr> conditions;
};

/// The relation without choices: once for each combination of what its choices
/// may be, with their conditions as guards. None where these are too many.
std::vector<AccessRelation> splitChoices(const AccessRelation &relation);

/// The largest value of `index`, an expression over the dimensions of
/// `relation`, under its constraints and guards. None where it can't be told
/// exactly, or where there is never a point. The relation has no choices.
std::optional<LargestIndex> getLargestIndex(const AccessRelation &relation,
                                            mlir::AffineExpr index);

/// The same for the smallest value.
std::optional<SmallestIndex> getSmallestIndex(const AccessRelation &relation,
                                              mlir::AffineExpr index);

} // namespace vyre

#endif // VYRE_ANALYSIS_ACCESSRANGES_H
