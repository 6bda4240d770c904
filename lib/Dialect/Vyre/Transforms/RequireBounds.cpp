//===- RequireBounds.cpp - What keeps accesses in bounds ------------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   vyre.stage @add (%i) in (%n) reads(%x, %y) ... { x[i] + y[i] }
//
//     -> vyre.require "extent 0 of argument 1, which stage 'add' reads"
//            %m at_least %n
//
// where %n is the extent of %x and %m that of %y: nothing else says that they
// agree. For each access, the largest and the smallest index into a dimension
// are expressions over the sizes that the host knows, since an index that is
// linear in the points of a box is largest in one of its corners. An empty box
// touches nothing, so it requires nothing.
//
// A requirement refuses a dispatch. So there is none where the range is not
// exact: under a condition, with bounds that depend on other loops, or at an
// index that comes from memory.
//
//===----------------------------------------------------------------------===//

#include "vyre/Analysis/StageAccesses.h"
#include "vyre/Dialect/Vyre/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "llvm/ADT/StringSet.h"
#include <set>

#define DEBUG_TYPE "vyre-require-bounds"

namespace vyre {
#define GEN_PASS_DEF_REQUIREBOUNDS
#include "vyre/Dialect/Vyre/Transforms/Passes.h.inc"
} // namespace vyre

using namespace mlir;
using namespace vyre;

//===----------------------------------------------------------------------===//
// Ranges
//===----------------------------------------------------------------------===//

namespace {

/// A sum of dimensions with constant coefficients, and a rest over symbols.
struct LinearForm {
  SmallVector<int64_t> coefficients;
  AffineExpr rest;
};

/// The values of one dimension, both ends included, over symbols.
struct Interval {
  AffineExpr first, last;
};

} // namespace

static bool hasDimension(AffineExpr expr) {
  return expr
      .walk([](AffineExpr part) {
        return isa<AffineDimExpr>(part) ? WalkResult::interrupt()
                                        : WalkResult::advance();
      })
      .wasInterrupted();
}

/// Adds `factor * expr` to a form; false where it is not linear.
static bool addTo(LinearForm &form, AffineExpr expr, int64_t factor) {
  if (auto dim = dyn_cast<AffineDimExpr>(expr)) {
    int64_t &coefficient = form.coefficients[dim.getPosition()];
    return !llvm::AddOverflow(coefficient, factor, coefficient);
  }
  if (!hasDimension(expr)) {
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

/// The box of a relation: a range for each dimension. None where a constraint
/// is of another kind, or a side has several.
static std::optional<SmallVector<Interval>>
getBox(const AccessRelation &relation) {
  SmallVector<Interval> box(relation.numDims);
  for (AffineExpr constraint : relation.constraints) {
    std::optional<LinearForm> form =
        getLinearForm(constraint, relation.numDims);
    if (!form)
      return std::nullopt;
    auto isUsed = [](int64_t coefficient) { return coefficient != 0; };
    if (llvm::count_if(form->coefficients, isUsed) != 1)
      return std::nullopt;
    unsigned dim =
        llvm::find_if(form->coefficients, isUsed) - form->coefficients.begin();
    // factor * dim + rest >= 0
    int64_t factor = form->coefficients[dim];
    AffineExpr &side = factor > 0 ? box[dim].first : box[dim].last;
    AffineExpr bound = factor > 0
                           ? -(form->rest.floorDiv(factor))
                           : form->rest.floorDiv(llvm::AbsoluteValue(factor));
    if (side && side != bound)
      return std::nullopt;
    side = bound;
  }
  for (Interval &range : box)
    if (!range.first || !range.last)
      return std::nullopt;
  return box;
}

/// The smallest and the largest value of a linear form over a box that is not
/// empty.
static Interval getRange(const LinearForm &form, ArrayRef<Interval> box) {
  Interval range{form.rest, form.rest};
  for (auto [coefficient, dim] : llvm::zip_equal(form.coefficients, box)) {
    if (coefficient == 0)
      continue;
    bool rises = coefficient > 0;
    range.first = range.first + (rises ? dim.first : dim.last) * coefficient;
    range.last = range.last + (rises ? dim.last : dim.first) * coefficient;
  }
  return range;
}

//===----------------------------------------------------------------------===//
// Requirements
//===----------------------------------------------------------------------===//

namespace {

/// Adds the requirements of one program at its end.
class BoundsRequirer {
public:
  explicit BoundsRequirer(ProgramOp program)
      : program(program), symbols(program), builder(program.getReturnOp()) {
    for (RequireOp op : program.getBody().getOps<RequireOp>())
      stated.insert(op.getSubject());
  }

  void addFor(StageOp stage);

private:
  void addFor(const ElementAccess &access, StageOp stage);
  void addForChoices(StageOp stage);
  void require(const Twine &subject, AffineExpr found, AffineExpr least,
               ArrayRef<AffineExpr> counts, Location loc);
  Value isNotEmpty(ArrayRef<AffineExpr> counts, Location loc);

  ProgramOp program;
  SymbolicValues symbols;
  OpBuilder builder;
  /// Those that a former run left.
  llvm::StringSet<> stated;
  /// What is required already: found, least, and when.
  std::set<std::vector<const void *>> known;
};

} // namespace

/// "argument 1, which stage 'add' reads".
static std::string describe(const ElementAccess &access, StageOp stage) {
  auto argument = dyn_cast<BlockArgument>(access.buffer);
  std::string what = argument
                         ? "argument " + std::to_string(argument.getArgNumber())
                         : "memory of the program";
  return what + ", which stage '" + stage.getStageName().str() +
         (access.writes ? "' writes" : "' reads");
}

/// Whether none of the dimensions with these numbers of values is empty; null
/// where that is so at any size.
Value BoundsRequirer::isNotEmpty(ArrayRef<AffineExpr> counts, Location loc) {
  Value all;
  Value zero = arith::ConstantIndexOp::create(builder, loc, 0);
  for (AffineExpr count : counts) {
    Value isPositive =
        arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::sgt,
                              symbols.materialize(builder, loc, count), zero);
    all =
        all ? arith::AndIOp::create(builder, loc, all, isPositive) : isPositive;
  }
  return all;
}

void BoundsRequirer::require(const Twine &subject, AffineExpr found,
                             AffineExpr least, ArrayRef<AffineExpr> counts,
                             Location loc) {
  if (symbols.isNonNegative(found - least))
    return;
  std::vector<const void *> key = {found.getAsOpaquePointer(),
                                   least.getAsOpaquePointer()};
  for (AffineExpr count : counts)
    key.push_back(count.getAsOpaquePointer());
  if (stated.contains(subject.str()) || !known.insert(key).second)
    return;
  Value right = symbols.materialize(builder, loc, least);
  Value left = symbols.materialize(builder, loc, found);
  if (Value isNeeded = isNotEmpty(counts, loc))
    right = arith::SelectOp::create(builder, loc, isNeeded, right, left);
  RequireOp::create(builder, loc, subject.str(), left, right);
}

void BoundsRequirer::addFor(const ElementAccess &access, StageOp stage) {
  const AccessRelation &relation = access.relation;
  if (!relation.isExact)
    return;
  std::optional<SmallVector<Interval>> box = getBox(relation);
  if (!box)
    return;
  SmallVector<AffineExpr> counts;
  for (const Interval &dim : *box) {
    AffineExpr count = dim.last - dim.first + 1;
    auto constant = dyn_cast<AffineConstantExpr>(count);
    if (!constant)
      counts.push_back(count);
    else if (constant.getValue() <= 0)
      return;
  }
  std::string what = describe(access, stage);
  Location loc = access.op->getLoc();
  AffineExpr zero = getAffineConstantExpr(0, program.getContext());
  for (auto [position, index] : llvm::enumerate(relation.indices)) {
    std::optional<LinearForm> form = getLinearForm(index, relation.numDims);
    if (!form)
      continue;
    Interval range = getRange(*form, *box);
    require("extent " + Twine(position) + " of " + what,
            symbols.getExtent(access.buffer, position), range.last + 1, counts,
            loc);
    require("the smallest index into dimension " + Twine(position) + " of " +
                what,
            range.first, zero, counts, loc);
  }
}

/// Loads at an index that is one of two, as the host decides: an operand that
/// is broadcast if its extent is one.
void BoundsRequirer::addForChoices(StageOp stage) {
  IndexResolver resolver(stage, symbols);
  AffineExpr one = getAffineConstantExpr(1, program.getContext());
  SmallVector<Interval> box;
  SmallVector<AffineExpr> counts;
  for (Value extent : stage.getExtents()) {
    counts.push_back(symbols.getExpr(extent));
    box.push_back({one - 1, counts.back() - 1});
  }
  // One more than the largest value; null where it is not known.
  auto getEnd = [&](Value index) -> AffineExpr {
    AffineExpr expr = resolver.getExpr(index);
    std::optional<LinearForm> form =
        getLinearForm(expr, resolver.getNumDimensions());
    if (!form ||
        llvm::any_of(ArrayRef(form->coefficients).drop_front(stage.getRank()),
                     [](int64_t used) { return used != 0; }))
      return nullptr;
    form->coefficients.truncate(stage.getRank());
    return getRange(*form, box).last + 1;
  };
  for (auto load : stage.getBody().front().getOps<memref::LoadOp>()) {
    Value buffer = load.getMemRef();
    if (getUnderlyingBuffer(buffer) != buffer ||
        stage.getBody().isAncestor(buffer.getParentRegion()))
      continue;
    for (auto [position, index] : llvm::enumerate(load.getIndices())) {
      auto choice = index.getDefiningOp<arith::SelectOp>();
      if (!choice ||
          stage.getBody().isAncestor(choice.getCondition().getParentRegion()))
        continue;
      AffineExpr left = getEnd(choice.getTrueValue());
      AffineExpr right = getEnd(choice.getFalseValue());
      AffineExpr found = symbols.getExtent(buffer, position);
      if (!left || !right ||
          (symbols.isNonNegative(found - left) &&
           symbols.isNonNegative(found - right)))
        continue;
      Location loc = load.getLoc();
      std::string subject = ("extent " + Twine(position) + " of " +
                             describe({load, buffer, true, false, {}}, stage))
                                .str();
      std::vector<const void *> key = {
          choice.getCondition().getAsOpaquePointer(),
          found.getAsOpaquePointer(), left.getAsOpaquePointer(),
          right.getAsOpaquePointer()};
      if (stated.contains(subject) || !known.insert(key).second)
        continue;
      Value extent = symbols.materialize(builder, loc, found);
      Value least =
          arith::SelectOp::create(builder, loc, choice.getCondition(),
                                  symbols.materialize(builder, loc, left),
                                  symbols.materialize(builder, loc, right));
      if (Value isNeeded = isNotEmpty(counts, loc))
        least = arith::SelectOp::create(builder, loc, isNeeded, least, extent);
      RequireOp::create(builder, loc, subject, extent, least);
    }
  }
}

void BoundsRequirer::addFor(StageOp stage) {
  StageAccesses accesses(cast<StageLikeOpInterface>(stage.getOperation()),
                         symbols);
  if (!accesses.isKnown())
    return;
  for (const ElementAccess &access : accesses.getAccesses())
    addFor(access, stage);
  addForChoices(stage);
}

namespace {

struct RequireBounds : vyre::impl::RequireBoundsBase<RequireBounds> {
  using RequireBoundsBase::RequireBoundsBase;

  void runOnOperation() override {
    BoundsRequirer requirer(getOperation());
    getOperation().walk([&](StageOp stage) { requirer.addFor(stage); });
  }
};

} // namespace
