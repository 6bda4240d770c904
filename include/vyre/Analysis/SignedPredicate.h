//===- SignedPredicate.h - Unsigned comparisons as signed -------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_ANALYSIS_SIGNEDPREDICATE_H
#define VYRE_ANALYSIS_SIGNEDPREDICATE_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include <optional>

namespace vyre {

/// The signed comparison that agrees with an unsigned one where no operand is
/// negative; none for one that is no unsigned comparison.
inline std::optional<mlir::arith::CmpIPredicate>
getSignedPredicate(mlir::arith::CmpIPredicate predicate) {
  using mlir::arith::CmpIPredicate;
  switch (predicate) {
  case CmpIPredicate::ult:
    return CmpIPredicate::slt;
  case CmpIPredicate::ule:
    return CmpIPredicate::sle;
  case CmpIPredicate::ugt:
    return CmpIPredicate::sgt;
  case CmpIPredicate::uge:
    return CmpIPredicate::sge;
  default:
    return std::nullopt;
  }
}

} // namespace vyre

#endif // VYRE_ANALYSIS_SIGNEDPREDICATE_H
