//===- SizeExpressions.h - Sizes, evaluated as data -------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Evaluates a program's table of size expressions for one dispatch. A node
// that overflows or divides by zero has no value; that is an error only if
// something uses it, so that the branch a `select` does not take is harmless.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_LIB_RUNTIME_SIZEEXPRESSIONS_H
#define VYRE_LIB_RUNTIME_SIZEEXPRESSIONS_H

#include "Program.h"
#include "Status.h"

#include <cstdint>
#include <vector>

namespace vyre::runtime::internal {

/// How many of a node's a, b, c are positions of other nodes.
unsigned operandCount(ExprOp op);

/// The values of one program's expression table. Memory is taken once, when
/// it is constructed.
class SizeExpressions {
public:
  explicit SizeExpressions(const Program &program);

  /// Evaluates all nodes. `scalars` has one value per argument, sign-extended;
  /// `extents` one pointer per argument to the extents that the caller gave,
  /// which are not read where the type or the program gives them.
  void evaluate(const int64_t *scalars, const int64_t *const *extents);

  /// The value of a node, or why it has none; `what` names its use.
  Status value(int32_t node, std::string_view what, int64_t &result) const;
  /// The same for a size: negative values are errors too.
  Status size(int32_t node, std::string_view what, int64_t &result) const;

private:
  enum class Fault : uint8_t { none, overflow, divisionByZero };
  struct Slot {
    int64_t value;
    Fault fault;
  };

  Slot evaluateNode(const SizeExpr &expr, const int64_t *scalars,
                    const int64_t *const *extents) const;
  Slot extent(const SizeExpr &expr, const int64_t *const *extents) const;
  static Slot compute(ExprOp op, int64_t a, int64_t b);

  const Program &program;
  std::vector<Slot> slots;
};

} // namespace vyre::runtime::internal

#endif // VYRE_LIB_RUNTIME_SIZEEXPRESSIONS_H
