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
// are expressions over the sizes that the host knows. A space without points
// touches nothing, so it requires nothing.
//
// A requirement refuses a dispatch. So there is none where the range is not
// exact: under a condition that is not linear, or at an index that comes from
// memory.
//
//===----------------------------------------------------------------------===//

#include "vyre/Analysis/AccessRanges.h"
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
  void addFor(const ElementAccess &access, const AccessRelation &relation,
              StageOp stage);
  void addForChoices(StageOp stage);
  void require(const Twine &subject, ArrayRef<AffineExpr> found,
               ArrayRef<AffineExpr> least, ArrayRef<AffineExpr> conditions,
               Location loc);
  Value hold(ArrayRef<AffineExpr> conditions, Location loc);
  /// The greatest, or the least, of several expressions.
  template <typename Op> Value join(ArrayRef<AffineExpr> exprs, Location loc) {
    Value joined = symbols.materialize(builder, loc, exprs.front());
    for (AffineExpr expr : exprs.drop_front())
      joined = Op::create(builder, loc, joined,
                          symbols.materialize(builder, loc, expr));
    return joined;
  }

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

/// Whether all of these are at least zero; null where that is always so.
Value BoundsRequirer::hold(ArrayRef<AffineExpr> conditions, Location loc) {
  Value all;
  Value zero = arith::ConstantIndexOp::create(builder, loc, 0);
  for (AffineExpr condition : conditions) {
    if (symbols.isNonNegative(condition))
      continue;
    // As a count of points, which is an extent as a rule.
    Value isPositive = arith::CmpIOp::create(
        builder, loc, arith::CmpIPredicate::sgt,
        symbols.materialize(builder, loc, condition + 1), zero);
    all =
        all ? arith::AndIOp::create(builder, loc, all, isPositive) : isPositive;
  }
  return all;
}

/// That the greatest of `found` is at least the least of `least`, if all of
/// `conditions` hold.
void BoundsRequirer::require(const Twine &subject, ArrayRef<AffineExpr> found,
                             ArrayRef<AffineExpr> least,
                             ArrayRef<AffineExpr> conditions, Location loc) {
  for (AffineExpr left : found)
    for (AffineExpr right : least)
      if (symbols.isNonNegative(left - right))
        return;
  std::vector<const void *> key;
  for (ArrayRef<AffineExpr> exprs : {found, least, conditions}) {
    key.push_back(nullptr);
    for (AffineExpr expr : exprs)
      key.push_back(expr.getAsOpaquePointer());
  }
  if (stated.contains(subject.str()) || !known.insert(key).second)
    return;
  Value right = join<arith::MinSIOp>(least, loc);
  Value left = join<arith::MaxSIOp>(found, loc);
  if (Value isNeeded = hold(conditions, loc))
    right = arith::SelectOp::create(builder, loc, isNeeded, right, left);
  RequireOp::create(builder, loc, subject.str(), left, right);
}

/// One more than each.
static SmallVector<AffineExpr> getEnds(ArrayRef<AffineExpr> bounds) {
  return llvm::map_to_vector(bounds,
                             [](AffineExpr bound) { return bound + 1; });
}

void BoundsRequirer::addFor(const ElementAccess &access, StageOp stage) {
  for (const AccessRelation &relation : splitChoices(access.relation))
    addFor(access, relation, stage);
}

void BoundsRequirer::addFor(const ElementAccess &access,
                            const AccessRelation &relation, StageOp stage) {
  std::string what = describe(access, stage);
  Location loc = access.op->getLoc();
  AffineExpr zero = getAffineConstantExpr(0, program.getContext());
  for (auto [position, index] : llvm::enumerate(relation.indices)) {
    if (auto largest = getLargestIndex(relation, index))
      require("extent " + Twine(position) + " of " + what,
              symbols.getExtent(access.buffer, position),
              getEnds(largest->bounds), largest->conditions, loc);
    if (auto smallest = getSmallestIndex(relation, index))
      require("the smallest index into dimension " + Twine(position) + " of " +
                  what,
              smallest->bounds, zero, smallest->conditions, loc);
  }
}

/// Loads at an index that is one of two, as the host decides: an operand that
/// is broadcast if its extent is one.
void BoundsRequirer::addForChoices(StageOp stage) {
  IndexResolver resolver(stage, symbols);
  AccessRelation points;
  points.rank = points.numDims = stage.getRank();
  for (auto [position, extent] : llvm::enumerate(stage.getExtents())) {
    AffineExpr dim = getAffineDimExpr(position, program.getContext());
    points.constraints.push_back(dim);
    points.constraints.push_back(symbols.getExpr(extent) - dim - 1);
  }
  auto getLargest = [&](Value index) -> std::optional<LargestIndex> {
    AffineExpr expr = resolver.getExpr(index);
    bool isOfPoint = expr.walk([&](AffineExpr part) {
      auto dim = dyn_cast<AffineDimExpr>(part);
      return dim && dim.getPosition() >= points.rank ? WalkResult::interrupt()
                                                     : WalkResult::advance();
    }) != WalkResult::interrupt();
    return isOfPoint ? getLargestIndex(points, expr) : std::nullopt;
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
      auto left = getLargest(choice.getTrueValue());
      auto right = getLargest(choice.getFalseValue());
      if (!left || !right)
        continue;
      AffineExpr leftEnd = left->bounds.front() + 1;
      AffineExpr rightEnd = right->bounds.front() + 1;
      AffineExpr found = symbols.getExtent(buffer, position);
      if (symbols.isNonNegative(found - leftEnd) &&
          symbols.isNonNegative(found - rightEnd))
        continue;
      Location loc = load.getLoc();
      std::string subject = ("extent " + Twine(position) + " of " +
                             describe({load, buffer, true, false, {}}, stage))
                                .str();
      std::vector<const void *> key = {
          choice.getCondition().getAsOpaquePointer(),
          found.getAsOpaquePointer(), leftEnd.getAsOpaquePointer(),
          rightEnd.getAsOpaquePointer()};
      if (stated.contains(subject) || !known.insert(key).second)
        continue;
      Value extent = symbols.materialize(builder, loc, found);
      Value least =
          arith::SelectOp::create(builder, loc, choice.getCondition(),
                                  symbols.materialize(builder, loc, leftEnd),
                                  symbols.materialize(builder, loc, rightEnd));
      if (Value isNeeded = hold(left->conditions, loc))
        least = arith::SelectOp::create(builder, loc, isNeeded, least, extent);
      RequireOp::create(builder, loc, subject, extent, least);
    }
  }
}

void BoundsRequirer::addFor(StageOp stage) {
  auto accesses = StageAccesses::withVectors(
      cast<StageLikeOpInterface>(stage.getOperation()), symbols);
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
