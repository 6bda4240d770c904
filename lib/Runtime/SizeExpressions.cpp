//===- SizeExpressions.cpp - Sizes, evaluated as data -----------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SizeExpressions.h"

#include <algorithm>

namespace vyre::runtime::internal {

unsigned operandCount(ExprOp op) {
  switch (op) {
  case ExprOp::constant:
  case ExprOp::extent:
  case ExprOp::scalar:
    return 0;
  case ExprOp::select:
    return 3;
  default:
    return 2;
  }
}

SizeExpressions::SizeExpressions(const Program &program)
    : program(program), slots(program.exprs.size(), Slot{0, Fault::none}) {}

SizeExpressions::Slot SizeExpressions::compute(ExprOp op, int64_t a,
                                               int64_t b) {
  int64_t result = 0;
  switch (op) {
  case ExprOp::add:
    if (__builtin_add_overflow(a, b, &result))
      return {0, Fault::overflow};
    return {result, Fault::none};
  case ExprOp::sub:
    if (__builtin_sub_overflow(a, b, &result))
      return {0, Fault::overflow};
    return {result, Fault::none};
  case ExprOp::mul:
    if (__builtin_mul_overflow(a, b, &result))
      return {0, Fault::overflow};
    return {result, Fault::none};
  case ExprOp::div_trunc:
  case ExprOp::rem_trunc:
  case ExprOp::div_floor:
  case ExprOp::mod_floor:
  case ExprOp::div_ceil: {
    if (b == 0)
      return {0, Fault::divisionByZero};
    // -2^63 / -1 overflows, and traps on x86.
    if (a == INT64_MIN && b == -1) {
      bool isRemainder = op == ExprOp::rem_trunc || op == ExprOp::mod_floor;
      return {0, isRemainder ? Fault::none : Fault::overflow};
    }
    int64_t quotient = a / b, remainder = a % b;
    bool signsDiffer = (remainder < 0) != (b < 0);
    if (op == ExprOp::div_trunc)
      return {quotient, Fault::none};
    if (op == ExprOp::rem_trunc)
      return {remainder, Fault::none};
    if (op == ExprOp::div_floor)
      return {quotient - (remainder != 0 && signsDiffer), Fault::none};
    if (op == ExprOp::mod_floor)
      return {remainder != 0 && signsDiffer ? remainder + b : remainder,
              Fault::none};
    return {quotient + (remainder != 0 && !signsDiffer), Fault::none};
  }
  case ExprOp::min:
    return {std::min(a, b), Fault::none};
  case ExprOp::max:
    return {std::max(a, b), Fault::none};
  case ExprOp::eq:
    return {a == b, Fault::none};
  case ExprOp::ne:
    return {a != b, Fault::none};
  case ExprOp::lt:
    return {a < b, Fault::none};
  case ExprOp::le:
    return {a <= b, Fault::none};
  case ExprOp::and_:
    return {a & b, Fault::none};
  case ExprOp::or_:
    return {a | b, Fault::none};
  case ExprOp::xor_:
    return {a ^ b, Fault::none};
  case ExprOp::constant:
  case ExprOp::extent:
  case ExprOp::scalar:
  case ExprOp::select:
    break;
  }
  assert(false && "not a binary operation");
  return {0, Fault::overflow};
}

SizeExpressions::Slot
SizeExpressions::evaluateNode(const SizeExpr &expr, const int64_t *scalars,
                              const int64_t *const *extents) const {
  switch (expr.op) {
  case ExprOp::constant:
    return {expr.imm, Fault::none};
  case ExprOp::extent:
    return extent(expr, extents);
  case ExprOp::scalar:
    return {scalars[expr.a], Fault::none};
  case ExprOp::select: {
    const Slot &condition = slots[static_cast<size_t>(expr.a)];
    if (condition.fault != Fault::none)
      return condition;
    return slots[static_cast<size_t>(condition.value ? expr.b : expr.c)];
  }
  default:
    break;
  }
  const Slot &a = slots[static_cast<size_t>(expr.a)];
  const Slot &b = slots[static_cast<size_t>(expr.b)];
  if (a.fault != Fault::none)
    return a;
  if (b.fault != Fault::none)
    return b;
  return compute(expr.op, a.value, b.value);
}

SizeExpressions::Slot
SizeExpressions::extent(const SizeExpr &expr,
                        const int64_t *const *extents) const {
  const Argument &argument = program.arguments[static_cast<size_t>(expr.a)];
  auto dimension = static_cast<size_t>(expr.b);
  if (argument.extents[dimension] >= 0)
    return {argument.extents[dimension], Fault::none};
  if (!argument.extentExprs.empty())
    return slots[static_cast<size_t>(argument.extentExprs[dimension])];
  return {extents[expr.a][dimension], Fault::none};
}

void SizeExpressions::evaluate(const int64_t *scalars,
                               const int64_t *const *extents) {
  for (size_t i = 0; i < slots.size(); ++i)
    slots[i] = evaluateNode(program.exprs[i], scalars, extents);
}

Status SizeExpressions::value(int32_t node, std::string_view what,
                              int64_t &result) const {
  const Slot &slot = slots[static_cast<size_t>(node)];
  result = slot.value;
  switch (slot.fault) {
  case Fault::none:
    return Status();
  case Fault::overflow:
    return invalid(what, " of program '", program.name,
                   "' overflows 64 bits with these extents and scalars. Fix: "
                   "pass smaller ones.");
  case Fault::divisionByZero:
    return invalid(what, " of program '", program.name,
                   "' divides by zero with these extents and scalars. Fix: "
                   "pass a non-zero divisor.");
  }
  return Status();
}

Status SizeExpressions::size(int32_t node, std::string_view what,
                             int64_t &result) const {
  if (Status status = value(node, what, result); status.failed())
    return status;
  if (result < 0)
    return invalid(what, " of program '", program.name, "' would be ", result,
                   " with these extents and scalars, expected at least 0. "
                   "Fix: pass extents and scalars that fit together.");
  return Status();
}

} // namespace vyre::runtime::internal
