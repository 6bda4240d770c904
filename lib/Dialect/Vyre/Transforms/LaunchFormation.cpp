//===- LaunchFormation.cpp - Put stages into a launch ---------------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   vyre.stage @a (%i, %j) in (%m, %n)     vyre.launch @a_b {
//   vyre.stage @b (%j, %i) in (%n, %m) ->    vyre.stage @a (%i, %j) in (%m, %n)
//                                            vyre.stage @b (%i, %j) in (%m, %n)
//                                          }
//
// The launch's indices come first in every stage and have the same extents, so
// that the launch says by itself what its points are.
//
//===----------------------------------------------------------------------===//

#include "LaunchFormation.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace vyre;

/// A name that would be longer says the first and the last stage.
static constexpr size_t kMaxNameLength = 64;

LaunchFormation::LaunchFormation(ArrayRef<StageLikeOpInterface> stages,
                                 ArrayRef<Placement> placements,
                                 llvm::StringSet<> &launchNames)
    : stages(stages), placements(placements), launchNames(launchNames) {
  // The earliest, so that it is defined wherever the tag is used.
  for (auto [constStage, placement] : llvm::zip_equal(stages, placements)) {
    StageLikeOpInterface stage = constStage;
    if (placement.reshape || !placement.accesses->isKnown())
      continue;
    for (auto [tag, extent] :
         llvm::zip_equal(placement.tags, stage.getIndexSpace()))
      extentOfTag.try_emplace(tag, extent);
  }
}

/// The tags of the launch's indices: those of the smallest space, the first of
/// these.
SmallVector<unsigned> LaunchFormation::getLaunchTags(unsigned first,
                                                     unsigned last) {
  auto smallest = std::min_element(
      placements.begin() + first, placements.begin() + last + 1,
      [](const Placement &left, const Placement &right) {
        return left.tags.size() < right.tags.size();
      });
  return llvm::to_vector(smallest->tags);
}

std::string LaunchFormation::makeName(unsigned first, unsigned last) {
  std::string base;
  for (unsigned i = first; i <= last && base.size() <= kMaxNameLength; ++i) {
    StageLikeOpInterface stage = stages[i];
    base += (i == first ? "" : "_") + stage.getStageName().str();
  }
  if (base.size() > kMaxNameLength) {
    StageLikeOpInterface front = stages[first], back = stages[last];
    base = (front.getStageName() + "_to_" + back.getStageName()).str();
  }
  std::string name = base;
  for (unsigned i = 0; !launchNames.insert(name).second; ++i)
    name = base + "_" + std::to_string(i);
  return name;
}

/// An expression over index values that are not negative.
static Value buildIndex(OpBuilder &builder, Location loc, AffineExpr expr,
                        ValueRange dims) {
  if (auto dim = dyn_cast<AffineDimExpr>(expr))
    return dims[dim.getPosition()];
  if (auto constant = dyn_cast<AffineConstantExpr>(expr))
    return arith::ConstantIndexOp::create(builder, loc, constant.getValue());
  auto binary = cast<AffineBinaryOpExpr>(expr);
  Value left = buildIndex(builder, loc, binary.getLHS(), dims);
  Value right = buildIndex(builder, loc, binary.getRHS(), dims);
  switch (expr.getKind()) {
  case AffineExprKind::Add:
    return arith::AddIOp::create(builder, loc, left, right);
  case AffineExprKind::Mul:
    return arith::MulIOp::create(builder, loc, left, right);
  case AffineExprKind::FloorDiv:
    return arith::DivUIOp::create(builder, loc, left, right);
  case AffineExprKind::Mod:
    return arith::RemUIOp::create(builder, loc, left, right);
  default:
    llvm_unreachable("reshapeSpace makes no other expressions");
  }
}

/// Rewrites a stage to run over the launch's indices, then its others.
void LaunchFormation::giveSpace(StageOp stage, const Placement &placement,
                                ArrayRef<unsigned> launchTags) {
  SmallVector<unsigned> tags(launchTags);
  for (unsigned tag : placement.tags)
    if (!llvm::is_contained(launchTags, tag))
      tags.push_back(tag);
  SmallVector<Value> extents;
  for (unsigned tag : tags) {
    bool isOfLaunch = llvm::is_contained(launchTags, tag);
    const unsigned *own = llvm::find(placement.tags, tag);
    extents.push_back(
        isOfLaunch || placement.reshape
            ? extentOfTag.at(tag)
            : Value(stage.getExtents()[own - placement.tags.begin()]));
  }

  Block &body = stage.getBody().front();
  unsigned oldRank = stage.getRank();
  SmallVector<Value> newIndices;
  for (unsigned i = 0, e = tags.size(); i != e; ++i)
    newIndices.push_back(
        body.addArgument(IndexType::get(stage.getContext()), stage.getLoc()));
  SmallVector<Value> indices;
  for (unsigned tag : placement.tags)
    indices.push_back(newIndices[llvm::find(tags, tag) - tags.begin()]);
  OpBuilder builder = OpBuilder::atBlockBegin(&body);
  for (unsigned i = 0; i != oldRank; ++i) {
    Value own = placement.reshape
                    ? buildIndex(builder, stage.getLoc(),
                                 placement.reshape->ownIndices[i], indices)
                    : indices[i];
    body.getArgument(i).replaceAllUsesWith(own);
  }
  body.eraseArguments(0, oldRank);
  stage.getExtentsMutable().assign(extents);
}

LaunchOp LaunchFormation::form(unsigned first, unsigned last) {
  StageLikeOpInterface back = stages[last];
  OpBuilder builder(back);
  SmallVector<Location> locations;
  for (unsigned i = first; i <= last; ++i)
    locations.push_back(StageLikeOpInterface(stages[i])->getLoc());
  auto launch = LaunchOp::create(builder, builder.getFusedLoc(locations),
                                 makeName(first, last),
                                 /*kernel=*/SymbolRefAttr(),
                                 /*cpu_entry=*/SymbolRefAttr());
  Block &body = launch.getBody().emplaceBlock();
  SmallVector<unsigned> launchTags = getLaunchTags(first, last);
  for (unsigned i = first; i <= last; ++i) {
    auto stage = cast<StageOp>(StageLikeOpInterface(stages[i]).getOperation());
    stage->moveBefore(&body, body.end());
    giveSpace(stage, placements[i], launchTags);
  }
  return launch;
}
