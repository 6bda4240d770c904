//===- IndexSimplification.cpp - Quotients and remainders -----------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An expression is read as a sum of terms, each a number times something that
// is no sum. A quotient by c goes where the terms are c * q + r, r in [0, c).
//
//===----------------------------------------------------------------------===//

#include "vyre/Analysis/IndexSimplification.h"

#include "vyre/Analysis/SymbolicValues.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace vyre {

/// A number times an expression that is no sum and has no factor; the number
/// alone where there is no expression.
struct Term {
  int64_t factor;
  AffineExpr expr;
};
using Terms = SmallVector<Term, 4>;

/// Appends the terms of `expr`, each times `factor`; false where a number
/// leaves the range.
static bool appendTerms(AffineExpr expr, int64_t factor, Terms &terms) {
  if (auto constant = dyn_cast<AffineConstantExpr>(expr)) {
    int64_t value;
    if (llvm::MulOverflow(constant.getValue(), factor, value))
      return false;
    terms.push_back({value, nullptr});
    return true;
  }
  auto binary = dyn_cast<AffineBinaryOpExpr>(expr);
  if (binary && expr.getKind() == AffineExprKind::Add)
    return appendTerms(binary.getLHS(), factor, terms) &&
           appendTerms(binary.getRHS(), factor, terms);
  if (binary && expr.getKind() == AffineExprKind::Mul)
    if (auto constant = dyn_cast<AffineConstantExpr>(binary.getRHS())) {
      int64_t product;
      return !llvm::MulOverflow(constant.getValue(), factor, product) &&
             appendTerms(binary.getLHS(), product, terms);
    }
  terms.push_back({factor, expr});
  return true;
}

static AffineExpr getSum(ArrayRef<Term> terms, MLIRContext *context) {
  AffineExpr sum = getAffineConstantExpr(0, context);
  for (const Term &term : terms)
    sum = term.expr ? sum + term.expr * term.factor : sum + term.factor;
  return sum;
}

/// A number that an expression is never above.
static std::optional<int64_t> getMaximum(AffineExpr expr,
                                         const VariableBounds &bounds) {
  if (auto constant = dyn_cast<AffineConstantExpr>(expr))
    return constant.getValue();
  auto binary = dyn_cast<AffineBinaryOpExpr>(expr);
  if (!binary)
    return bounds.getMaximum(expr);
  auto left = getMaximum(binary.getLHS(), bounds);
  if (expr.getKind() == AffineExprKind::Add) {
    auto right = getMaximum(binary.getRHS(), bounds);
    int64_t sum;
    if (!left || !right || llvm::AddOverflow(*left, *right, sum))
      return std::nullopt;
    return sum;
  }
  auto constant = dyn_cast<AffineConstantExpr>(binary.getRHS());
  if (!constant || constant.getValue() <= 0)
    return std::nullopt;
  if (expr.getKind() == AffineExprKind::Mod)
    return constant.getValue() - 1;
  if (!left)
    return std::nullopt;
  int64_t product;
  switch (expr.getKind()) {
  case AffineExprKind::Mul:
    if (llvm::MulOverflow(*left, constant.getValue(), product))
      return std::nullopt;
    return product;
  case AffineExprKind::FloorDiv:
    return llvm::divideFloorSigned(*left, constant.getValue());
  default:
    return std::nullopt;
  }
}

/// `expr` as divisor * first + second, where second is in [0, divisor); none
/// where that can't be shown.
static std::optional<std::pair<AffineExpr, AffineExpr>>
divide(AffineExpr expr, int64_t divisor, const VariableBounds &bounds) {
  Terms terms, quotients, remainders;
  if (divisor <= 0 || !appendTerms(expr, 1, terms))
    return std::nullopt;
  for (const Term &term : terms) {
    if (term.factor % divisor == 0) {
      quotients.push_back({term.factor / divisor, term.expr});
    } else if (term.expr) {
      remainders.push_back(term);
    } else {
      int64_t quotient = llvm::divideFloorSigned(term.factor, divisor);
      quotients.push_back({quotient, nullptr});
      remainders.push_back({term.factor - quotient * divisor, nullptr});
    }
  }
  AffineExpr remainder = getSum(remainders, expr.getContext());
  auto maximum = getMaximum(remainder, bounds);
  if (!maximum || *maximum >= divisor ||
      !isExprNonNegative(remainder, bounds.isNonNegative))
    return std::nullopt;
  return std::make_pair(getSum(quotients, expr.getContext()), remainder);
}

/// Takes one remainder and its quotient together; whether there were any.
static bool mergeOne(Terms &terms) {
  for (unsigned i = 0, e = terms.size(); i != e; ++i) {
    if (!terms[i].expr || terms[i].expr.getKind() != AffineExprKind::Mod)
      continue;
    auto remainder = cast<AffineBinaryOpExpr>(terms[i].expr);
    auto divisor = dyn_cast<AffineConstantExpr>(remainder.getRHS());
    int64_t factor = terms[i].factor, wanted;
    if (!divisor || divisor.getValue() <= 0 ||
        llvm::MulOverflow(factor, divisor.getValue(), wanted))
      continue;
    AffineExpr quotient = remainder.getLHS().floorDiv(divisor.getValue());
    auto isWanted = [&](const Term &term) {
      return term.expr == quotient && term.factor == wanted;
    };
    auto other = llvm::find_if(terms, isWanted);
    if (other == terms.end())
      continue;
    Terms whole;
    if (!appendTerms(remainder.getLHS(), factor, whole))
      continue;
    terms[i].factor = 0;
    other->factor = 0;
    llvm::erase_if(terms, [](const Term &term) { return term.factor == 0; });
    llvm::append_range(terms, whole);
    return true;
  }
  return false;
}

static AffineExpr simplifySum(AffineExpr sum) {
  Terms terms;
  if (!appendTerms(sum, 1, terms) || !mergeOne(terms))
    return sum;
  while (mergeOne(terms))
    ;
  return getSum(terms, sum.getContext());
}

static bool hasQuotients(AffineExpr expr) {
  auto binary = dyn_cast<AffineBinaryOpExpr>(expr);
  if (!binary)
    return false;
  return expr.getKind() == AffineExprKind::FloorDiv ||
         expr.getKind() == AffineExprKind::Mod ||
         hasQuotients(binary.getLHS()) || hasQuotients(binary.getRHS());
}

AffineExpr simplifyQuotients(AffineExpr expr, const VariableBounds &bounds) {
  if (!hasQuotients(expr))
    return expr;
  auto binary = cast<AffineBinaryOpExpr>(expr);
  AffineExpr left = simplifyQuotients(binary.getLHS(), bounds);
  AffineExpr right = simplifyQuotients(binary.getRHS(), bounds);
  auto constant = dyn_cast<AffineConstantExpr>(right);
  switch (expr.getKind()) {
  case AffineExprKind::Add:
    return simplifySum(left + right);
  case AffineExprKind::Mul:
    return left * right;
  case AffineExprKind::FloorDiv:
    if (constant)
      if (auto parts = divide(left, constant.getValue(), bounds))
        return parts->first;
    return left.floorDiv(right);
  case AffineExprKind::Mod:
    if (constant)
      if (auto parts = divide(left, constant.getValue(), bounds))
        return parts->second;
    return left % right;
  default:
    return getAffineBinaryOpExpr(expr.getKind(), left, right);
  }
}

} // namespace vyre
