//===- AccessRanges.cpp - How far an access reaches -----------------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A linear index over points that linear constraints describe is maximised one
// dimension at a time, the innermost first:
//
//   for %i = 0 to %n { for %j = 0 to %i { a[%j] } }
//     %j is at most %i - 1, and there is a %j if %i >= 1
//     %i is at most %n - 1, and there is an %i if %n >= 2
//     -> the largest index is %n - 2, if %n - 2 >= 0
//
// A dimension is replaced by its bound in the index, and by Fourier-Motzkin
// elimination in the constraints. Both are exact over the integers where one of
// two coefficients is 1; where none is, nothing is said.
//
// A minimum, a maximum or a selected index is each of its operands in turn,
// where the others are larger, smaller, or the condition holds.
//
//===----------------------------------------------------------------------===//

#include "vyre/Analysis/AccessRanges.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace vyre;

/// More constraints than any nest of loops has that is not made to be slow.
static constexpr size_t kMaxRows = 64;

namespace {

/// A sum of dimensions with constant coefficients, and a rest over symbols.
struct LinearForm {
  SmallVector<int64_t> coefficients;
  AffineExpr rest;

  bool isConstant() const {
    return llvm::all_of(coefficients, [](int64_t c) { return c == 0; });
  }
};

} // namespace

/// Adds `factor * expr` to a form; false where it is not linear.
static bool addTo(LinearForm &form, AffineExpr expr, int64_t factor) {
  if (auto dim = dyn_cast<AffineDimExpr>(expr)) {
    int64_t &coefficient = form.coefficients[dim.getPosition()];
    return !llvm::AddOverflow(coefficient, factor, coefficient);
  }
  bool hasDimension = expr.walk([](AffineExpr part) {
                            return isa<AffineDimExpr>(part)
                                       ? WalkResult::interrupt()
                                       : WalkResult::advance();
                          })
                          .wasInterrupted();
  if (!hasDimension) {
    form.rest = form.rest + expr * factor;
    return true;
  }
  auto binary = cast<AffineBinaryOpExpr>(expr);
  if (expr.getKind() == AffineExprKind::Add)
    return addTo(form, binary.getLHS(), factor) &&
           addTo(form, binary.getRHS(), factor);
  auto constant = dyn_cast<AffineConstantExpr>(binary.getRHS());
  return expr.getKind() == AffineExprKind::Mul && constant &&
         !llvm::MulOverflow(factor, constant.getValue(), factor) &&
         addTo(form, binary.getLHS(), factor);
}

static std::optional<LinearForm> getLinearForm(AffineExpr expr,
                                               unsigned numDims) {
  LinearForm form{SmallVector<int64_t>(numDims, 0),
                  getAffineConstantExpr(0, expr.getContext())};
  if (!addTo(form, expr, 1))
    return std::nullopt;
  return form;
}

/// leftFactor * left + rightFactor * right; none beyond 64 bits.
static std::optional<LinearForm> combine(const LinearForm &left,
                                         int64_t leftFactor,
                                         const LinearForm &right,
                                         int64_t rightFactor) {
  LinearForm sum{{}, left.rest * leftFactor + right.rest * rightFactor};
  for (auto [a, b] : llvm::zip_equal(left.coefficients, right.coefficients)) {
    int64_t x, y, c;
    if (llvm::MulOverflow(a, leftFactor, x) ||
        llvm::MulOverflow(b, rightFactor, y) || llvm::AddOverflow(x, y, c))
      return std::nullopt;
    sum.coefficients.push_back(c);
  }
  return sum;
}

namespace {

/// The search for the largest value of one index.
class Maximizer {
public:
  explicit Maximizer(LinearForm index) : index(std::move(index)) {}

  /// Adds `row >= 0`; false where that can't be.
  bool addRow(LinearForm row);

  /// Takes a dimension out of the index and of all rows.
  bool eliminate(unsigned dim);

  LargestIndex getResult() &&;

private:
  bool replaceInIndex(unsigned dim);

  LinearForm index;
  SmallVector<LinearForm> rows;
  /// What the index is at most beside its form.
  SmallVector<AffineExpr, 2> caps;
  SmallVector<AffineExpr> conditions;
};

} // namespace

bool Maximizer::addRow(LinearForm row) {
  if (row.isConstant()) {
    if (auto constant = dyn_cast<AffineConstantExpr>(row.rest))
      return constant.getValue() >= 0;
    if (!llvm::is_contained(conditions, row.rest))
      conditions.push_back(row.rest);
    return true;
  }
  // Of two that differ by a constant, the stricter one counts.
  for (LinearForm &known : rows) {
    if (known.coefficients != row.coefficients)
      continue;
    auto distance = dyn_cast<AffineConstantExpr>(row.rest - known.rest);
    if (!distance)
      continue;
    if (distance.getValue() < 0)
      known.rest = row.rest;
    return true;
  }
  rows.push_back(std::move(row));
  return rows.size() <= kMaxRows;
}

/// The index with its bounds in place of a dimension. Bounds over symbols alone
/// cap it; of the others there may be one, since the largest of several minima
/// is not the minimum of the largest.
bool Maximizer::replaceInIndex(unsigned dim) {
  int64_t factor = index.coefficients[dim];
  if (factor == 0)
    return true;
  std::optional<LinearForm> next;
  SmallVector<AffineExpr, 2> ends;
  LinearForm others = index;
  others.coefficients[dim] = 0;
  for (const LinearForm &row : rows) {
    int64_t coefficient = row.coefficients[dim];
    // It rises to an upper bound, whose coefficient is negative, or falls.
    if (coefficient == 0 || (coefficient > 0) == (factor > 0))
      continue;
    LinearForm bound = row;
    bound.coefficients[dim] = 0;
    int64_t scale = llvm::AbsoluteValue(coefficient);
    if (scale != 1) {
      if (!bound.isConstant())
        return false;
      bound.rest = bound.rest.floorDiv(scale);
    }
    // coefficient < 0: dim <= bound; coefficient > 0: -dim <= bound.
    auto reached = combine(others, 1, bound, llvm::AbsoluteValue(factor));
    if (!reached)
      return false;
    if (reached->isConstant()) {
      ends.push_back(reached->rest);
      continue;
    }
    if (next)
      return false;
    next = std::move(*reached);
  }
  if (!next && ends.empty())
    return false;
  if (!next) {
    next = LinearForm{SmallVector<int64_t>(index.coefficients.size(), 0),
                      ends.pop_back_val()};
  }
  index = std::move(*next);
  llvm::append_range(caps, ends);
  return true;
}

bool Maximizer::eliminate(unsigned dim) {
  if (!replaceInIndex(dim))
    return false;
  SmallVector<LinearForm> lower, upper, all = std::move(rows);
  rows.clear();
  for (LinearForm &row : all) {
    int64_t coefficient = row.coefficients[dim];
    if (coefficient > 0)
      lower.push_back(std::move(row));
    else if (coefficient < 0)
      upper.push_back(std::move(row));
    else if (!addRow(std::move(row)))
      return false;
  }
  for (const LinearForm &low : lower)
    for (const LinearForm &high : upper) {
      int64_t a = low.coefficients[dim], b = -high.coefficients[dim];
      if (a != 1 && b != 1)
        return false;
      auto row = combine(low, b, high, a);
      if (!row || !addRow(std::move(*row)))
        return false;
    }
  return true;
}

LargestIndex Maximizer::getResult() && {
  LargestIndex result;
  result.bounds.push_back(index.rest);
  for (AffineExpr cap : caps)
    if (!llvm::is_contained(result.bounds, cap))
      result.bounds.push_back(cap);
  result.conditions.assign(conditions.rbegin(), conditions.rend());
  return result;
}

//===----------------------------------------------------------------------===//
// Choices
//===----------------------------------------------------------------------===//

/// More combinations than clamps of one access have that is not made to be
/// slow.
static constexpr size_t kMaxCombinations = 32;

/// `relation` where its last choice is `option`.
static AccessRelation choose(AccessRelation relation, const IndexCase &option) {
  AffineExpr dim =
      getAffineDimExpr(relation.choices.back().dim, option.value.getContext());
  relation.choices.pop_back();
  auto replaceIn = [&](AffineExpr &expr) {
    expr = expr.replace(dim, option.value);
  };
  llvm::for_each(relation.indices, replaceIn);
  llvm::for_each(relation.constraints, replaceIn);
  llvm::for_each(relation.guards, replaceIn);
  llvm::append_range(relation.guards, option.conditions);
  return relation;
}

std::vector<AccessRelation> vyre::splitChoices(const AccessRelation &relation) {
  std::vector<AccessRelation> done, open = {relation};
  // From the last one on: its values may have the dimensions of others.
  while (!open.empty()) {
    AccessRelation next = std::move(open.back());
    open.pop_back();
    if (next.choices.empty() || !next.isExactWithGuards) {
      done.push_back(std::move(next));
    } else {
      auto cases = next.choices.back().cases;
      for (const IndexCase &option : llvm::reverse(cases))
        open.push_back(choose(next, option));
    }
    if (done.size() + open.size() > kMaxCombinations)
      return {};
  }
  return done;
}

//===----------------------------------------------------------------------===//
// Ranges
//===----------------------------------------------------------------------===//

/// The largest value of a linear index.
static std::optional<LargestIndex>
maximizeLinear(const AccessRelation &relation, AffineExpr index) {
  std::optional<LinearForm> form = getLinearForm(index, relation.numDims);
  if (!form)
    return std::nullopt;
  Maximizer maximizer(std::move(*form));
  for (ArrayRef<AffineExpr> rows : {ArrayRef<AffineExpr>(relation.constraints),
                                    ArrayRef<AffineExpr>(relation.guards)})
    for (AffineExpr constraint : rows) {
      auto row = getLinearForm(constraint, relation.numDims);
      if (!row || !maximizer.addRow(std::move(*row)))
        return std::nullopt;
    }
  for (unsigned dim = relation.numDims; dim-- > 0;)
    if (!maximizer.eliminate(dim))
      return std::nullopt;
  return std::move(maximizer).getResult();
}

/// The largest value of `-index`, negated.
static std::optional<SmallestIndex>
minimizeLinear(const AccessRelation &relation, AffineExpr index) {
  auto largest = maximizeLinear(relation, -index);
  if (!largest)
    return std::nullopt;
  SmallestIndex smallest;
  for (AffineExpr bound : largest->bounds)
    smallest.bounds.push_back(-bound);
  smallest.conditions = std::move(largest->conditions);
  return smallest;
}

/// Whether a dimension takes all values from zero on up to its largest.
static bool countsFromZero(const AccessRelation &relation, AffineExpr dim) {
  auto zero = getAffineConstantExpr(0, dim.getContext());
  auto smallest = minimizeLinear(relation, dim);
  return isa<AffineDimExpr>(dim) && smallest && smallest->bounds.size() == 1 &&
         smallest->bounds.front() == zero;
}

std::optional<LargestIndex>
vyre::getLargestIndex(const AccessRelation &relation, AffineExpr index) {
  if (!relation.isExactWithGuards)
    return std::nullopt;
  auto binary = dyn_cast<AffineBinaryOpExpr>(index);
  bool isQuotient = index.getKind() == AffineExprKind::FloorDiv;
  bool isRemainder = index.getKind() == AffineExprKind::Mod;
  if (!isQuotient && !isRemainder)
    return maximizeLinear(relation, index);
  auto divisor = dyn_cast<AffineConstantExpr>(binary.getRHS());
  if (!divisor || divisor.getValue() <= 0 ||
      (isRemainder && !countsFromZero(relation, binary.getLHS())))
    return std::nullopt;
  auto largest = maximizeLinear(relation, binary.getLHS());
  if (!largest)
    return std::nullopt;
  // A quotient rises with its dividend; the remainders of 0, 1, ... are all up
  // to the last one, or to the divisor.
  if (isRemainder)
    largest->bounds.push_back(divisor - 1);
  else
    for (AffineExpr &bound : largest->bounds)
      bound = bound.floorDiv(divisor.getValue());
  return largest;
}

std::optional<SmallestIndex>
vyre::getSmallestIndex(const AccessRelation &relation, AffineExpr index) {
  if (!relation.isExactWithGuards)
    return std::nullopt;
  if (index.getKind() != AffineExprKind::FloorDiv)
    return minimizeLinear(relation, index);
  auto binary = cast<AffineBinaryOpExpr>(index);
  auto divisor = dyn_cast<AffineConstantExpr>(binary.getRHS());
  if (!divisor || divisor.getValue() <= 0)
    return std::nullopt;
  auto smallest = minimizeLinear(relation, binary.getLHS());
  if (smallest)
    for (AffineExpr &bound : smallest->bounds)
      bound = bound.floorDiv(divisor.getValue());
  return smallest;
}
