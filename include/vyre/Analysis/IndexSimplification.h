//===- IndexSimplification.h - Quotients and remainders --------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A linear index is taken apart to rows and columns, and put together again.
// What is left after both is the index that it began with, and is to be the
// same expression: accesses are compared as such.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_ANALYSIS_INDEXSIMPLIFICATION_H
#define VYRE_ANALYSIS_INDEXSIMPLIFICATION_H

#include "mlir/IR/AffineExpr.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include <optional>

namespace vyre {

/// What is known of the variables of an expression.
struct VariableBounds {
  /// Whether a dimension or symbol is never negative.
  llvm::function_ref<bool(mlir::AffineExpr)> isNonNegative;
  /// The largest value of a dimension or symbol, where it is a known number.
  llvm::function_ref<std::optional<int64_t>(mlir::AffineExpr)> getMaximum;
};

/// The same expression with fewer quotients and remainders, for i in [0, m) and
/// j in [0, 8):
///   (i * 8 + j) floordiv 8             ->  i
///   (i * 8 + j) mod 8                  ->  j
///   (i floordiv 8) * 8 + i mod 8       ->  i
mlir::AffineExpr simplifyQuotients(mlir::AffineExpr expr,
                                   const VariableBounds &bounds);

} // namespace vyre

#endif // VYRE_ANALYSIS_INDEXSIMPLIFICATION_H
