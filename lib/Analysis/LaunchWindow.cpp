//===- LaunchWindow.cpp - Which stages may share a launch -----------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Indices that are taken to be the same carry the same tag. A stage's tags are
// chosen so that its dependences reach back as far as possible:
//
//   @exp (%i, %j) in (%m, %n)     tags 0, 1
//   @sum (%i) in (%m)             tag  0
//   @div (%i, %j) in (%m, %n)     tags 0, 1
//
// To stay near-linear in the number of stages, accesses that look alike are
// kept once, with the latest stage that has them: if a dependence on the latest
// is legal, so it is on all earlier ones.
//
//===----------------------------------------------------------------------===//

#include "vyre/Analysis/LaunchWindow.h"

using namespace mlir;

namespace vyre {

/// More ways to match a stage's indices than this are not tried.
static constexpr unsigned kMaxAttempts = 24;

/// Of one buffer, more accesses that differ than this are not kept.
static constexpr unsigned kMaxTouches = 64;

/// More spaces that differ than this are not kept.
static constexpr unsigned kMaxSpaces = 16;

/// More inner points than this, each with a loop, are worth a launch whose
/// threads share them.
static constexpr int64_t kMaxInnerLoops = 64;

const StageAccesses &LaunchWindow::getAccesses(StageLikeOpInterface stage) {
  std::unique_ptr<StageAccesses> &analysis = analyses[stage];
  if (!analysis)
    analysis = std::make_unique<StageAccesses>(stage, symbols);
  return *analysis;
}

unsigned LaunchWindow::getTagList(ArrayRef<unsigned> tags) {
  auto [known, isNew] = tagListNumbers.try_emplace(tags.vec(), tagLists.size());
  if (isNew)
    tagLists.emplace_back(tags);
  return known->second;
}

void LaunchWindow::restart() {
  start = next;
  spaces.clear();
  touches.clear();
  forgotten.clear();
}

//===----------------------------------------------------------------------===//
// Legality
//===----------------------------------------------------------------------===//

/// Whether the stages of a space would run more than a few points, each with a
/// loop, in one point of a launch over `common`.
bool LaunchWindow::hasManyInnerLoops(const Space &space,
                                     ArrayRef<unsigned> common) {
  if (!space.hasLoops)
    return false;
  int64_t points = 1;
  for (auto [tag, spaceExtent] : llvm::zip_equal(space.tags, space.extents)) {
    if (llvm::is_contained(common, tag))
      continue;
    auto extent = dyn_cast<AffineConstantExpr>(spaceExtent);
    if (!extent || extent.getValue() > kMaxInnerLoops)
      return true;
    points *= std::max<int64_t>(extent.getValue(), 1);
    if (points > kMaxInnerLoops)
      return true;
  }
  return false;
}

/// Of all windows that end in a space with these tags: the latest stage that is
/// not in a legal one. The spaces of a launch are equal, or the smallest of
/// them is a part of all others and has more than one point: whole arrays do
/// not belong into one point.
std::optional<Refusal> LaunchWindow::checkSpaces(const StageAccesses &accesses,
                                                 ArrayRef<unsigned> tags) {
  using Reason = Refusal::Reason;
  SmallVector<unsigned, 4> common(tags);
  size_t leastRank = tags.size(), mostRank = tags.size();
  // Of new tags, only the space itself knows the extents yet.
  Space own = {SmallVector<unsigned, 4>(tags), accesses.getExtents(), 0, next,
               accesses.hasLoops()};
  for (unsigned i = spaces.size(); i-- > 0;) {
    const Space &space = spaces[i];
    if (space.position < start)
      break;
    llvm::erase_if(common, [&](unsigned tag) {
      return !llvm::is_contained(space.tags, tag);
    });
    leastRank = std::min(leastRank, space.tags.size());
    mostRank = std::max(mostRank, space.tags.size());
    bool isOnePoint = llvm::all_of(common, [&](unsigned tag) {
      return extents[tag] == getAffineConstantExpr(1, symbols.getContext());
    });
    if (common.size() != leastRank || (isOnePoint && leastRank != mostRank))
      return Refusal{Reason::IndexSpace, space.position, {}, {}};
    if (leastRank == mostRank)
      continue;
    auto isTooMuch = [&](const Space &other) {
      return hasManyInnerLoops(other, common);
    };
    if (isTooMuch(own) ||
        llvm::any_of(ArrayRef(spaces).drop_front(i), isTooMuch))
      return Refusal{Reason::InnerLoops, space.position, {}, {}};
  }
  return std::nullopt;
}

/// The pairs of positions with equal tags, where these are among `wanted`.
static IndexMatch matchTags(ArrayRef<unsigned> source, ArrayRef<unsigned> sink,
                            ArrayRef<unsigned> wanted) {
  IndexMatch match;
  for (auto [position, tag] : llvm::enumerate(source)) {
    const unsigned *other = llvm::find(sink, tag);
    if (other != sink.end() && llvm::is_contained(wanted, tag))
      match.push_back({position, other - sink.begin()});
  }
  return match;
}

/// Those of `tags` that every launch has which begins at or before `position`
/// and ends with what comes next: a stage between the two over a smaller space
/// is part of each, and leaves the other indices inside a point, where all of
/// an earlier stage comes before a later one.
SmallVector<unsigned, 4>
LaunchWindow::getTagsFrom(unsigned position, ArrayRef<unsigned> tags) const {
  SmallVector<unsigned, 4> common(tags);
  for (const Space &space : llvm::reverse(spaces)) {
    if (space.position <= position)
      break;
    if (space.tags.size() < common.size())
      llvm::erase_if(common, [&](unsigned tag) {
        return !llvm::is_contained(space.tags, tag);
      });
  }
  return common;
}

/// The latest stage at or behind `from` that an illegal dependence reaches.
std::optional<Refusal>
LaunchWindow::checkDependences(const StageAccesses &accesses,
                               ArrayRef<unsigned> tags, unsigned from) {
  std::optional<Refusal> refusal;
  for (const ElementAccess &access : accesses.getAccesses()) {
    auto lost = forgotten.find(access.buffer);
    if (lost != forgotten.end() && lost->second > from) {
      from = lost->second;
      refusal = Refusal{
          Refusal::Reason::TooManyAccesses, from - 1, {}, access.buffer};
    }
    auto met = touches.find(access.buffer);
    if (met == touches.end())
      continue;
    unsigned relation = solver.getNumber(access.relation);
    for (const Touch &touch : met->second) {
      if (touch.position < from)
        continue;
      auto kind = getDependenceKind(*touch.access, access);
      if (!kind)
        continue;
      const Meeting &meeting =
          solver.solve(touch.relation, relation,
                       matchTags(tagLists[touch.tagList], tags,
                                 getTagsFrom(touch.position, tags)));
      if (meeting.distance == DependenceDistance::None ||
          meeting.distance == DependenceDistance::SameIndex)
        continue;
      from = touch.position + 1;
      refusal = Refusal{
          Refusal::Reason::Dependence,
          touch.position,
          Dependence{*kind, access.buffer, touch.access, &access, &meeting},
          {}};
    }
  }
  return refusal;
}

//===----------------------------------------------------------------------===//
// Placement
//===----------------------------------------------------------------------===//

void LaunchWindow::consider(const StageAccesses &accesses,
                            ArrayRef<unsigned> tags, Placement &best) {
  std::optional<Refusal> refusal = checkSpaces(accesses, tags);
  unsigned from = refusal ? refusal->position + 1 : start;
  bool isFirst = best.accesses == nullptr;
  if (!isFirst && from >= best.firstLegalStart)
    return;
  if (auto later = checkDependences(accesses, tags, from)) {
    refusal = later;
    from = later->position + 1;
  }
  if (!isFirst && from >= best.firstLegalStart)
    return;
  best.accesses = &accesses;
  best.tags.assign(tags.begin(), tags.end());
  best.firstLegalStart = from;
  best.refusal = refusal;
}

/// Tries every way to give the dimensions from `dimension` on a tag that is
/// there with their extent, or a new one.
void LaunchWindow::tryTags(const StageAccesses &accesses, unsigned dimension,
                           SmallVectorImpl<unsigned> &tags, unsigned &attempts,
                           Placement &best) {
  bool isBest = best.accesses && best.firstLegalStart == start;
  if (attempts == kMaxAttempts || isBest)
    return;
  if (dimension == accesses.getRank()) {
    ++attempts;
    consider(accesses, tags, best);
    return;
  }
  SmallVector<unsigned> options;
  for (const Space &space : llvm::reverse(spaces))
    for (unsigned tag : space.tags)
      if (extents[tag] == accesses.getExtents()[dimension] &&
          !llvm::is_contained(tags, tag) && !llvm::is_contained(options, tag))
        options.push_back(tag);
  // The order in which the indices first appeared, outermost first.
  llvm::sort(options);
  options.push_back(extents.size() + dimension);
  for (unsigned tag : options) {
    tags.push_back(tag);
    tryTags(accesses, dimension + 1, tags, attempts, best);
    tags.pop_back();
  }
}

void LaunchWindow::tryTags(const StageAccesses &accesses, Placement &best) {
  SmallVector<unsigned, 4> tags;
  unsigned attempts = 0;
  tryTags(accesses, 0, tags, attempts, best);
}

/// Tries the shape of the space before.
void LaunchWindow::tryReshape(StageLikeOpInterface stage, Placement &best) {
  const Space &space = spaces.back();
  SmallVector<AffineExpr> wanted;
  for (unsigned tag : space.tags)
    wanted.push_back(extents[tag]);
  // The same shape has been tried.
  if (ArrayRef(wanted) == best.accesses->getExtents())
    return;
  auto reshape = reshapeSpace(best.accesses->getExtents(), wanted);
  if (!reshape)
    return;
  auto accesses = std::make_unique<StageAccesses>(stage, symbols, &*reshape);
  Placement other = best;
  consider(*accesses, space.tags, other);
  if (other.accesses != accesses.get())
    return;
  best = other;
  best.reshape = std::make_shared<StageAccesses::Reshape>(std::move(*reshape));
  reshaped.push_back(std::move(accesses));
}

Placement LaunchWindow::place(StageLikeOpInterface stage) {
  const StageAccesses &accesses = getAccesses(stage);
  Placement placement;
  if (!accesses.isKnown()) {
    placement.accesses = &accesses;
    placement.firstLegalStart = next;
    if (next != start)
      placement.refusal = Refusal{Refusal::Reason::Opaque, next - 1, {}, {}};
    return placement;
  }
  tryTags(accesses, placement);
  bool isAlone = placement.firstLegalStart == next && next != start;
  if (isAlone && !spaces.empty())
    tryReshape(stage, placement);
  return placement;
}

void LaunchWindow::append(const Placement &placement) {
  start = std::max(start, placement.firstLegalStart);
  unsigned position = next++;
  if (!placement.accesses->isKnown()) {
    // Nothing joins it either.
    restart();
    return;
  }
  for (auto [tag, extent] :
       llvm::zip_equal(placement.tags, placement.accesses->getExtents())) {
    if (tag >= extents.size())
      extents.resize(tag + 1);
    if (!extents[tag])
      extents[tag] = extent;
  }
  unsigned tagList = getTagList(placement.tags);
  bool hasLoops = placement.accesses->hasLoops();
  llvm::erase_if(spaces, [&](const Space &space) {
    bool isAlike = space.tagList == tagList && space.hasLoops == hasLoops;
    return space.position < start || isAlike;
  });
  if (spaces.size() == kMaxSpaces) {
    start = std::max(start, spaces.front().position + 1);
    spaces.erase(spaces.begin());
  }
  spaces.push_back({placement.tags, placement.accesses->getExtents(), tagList,
                    position, hasLoops});

  for (const ElementAccess &access : placement.accesses->getAccesses()) {
    SmallVector<Touch, 2> &list = touches[access.buffer];
    unsigned relation = solver.getNumber(access.relation);
    llvm::erase_if(list, [&](const Touch &touch) {
      bool isAlike = touch.relation == relation && touch.tagList == tagList &&
                     touch.access->reads == access.reads &&
                     touch.access->writes == access.writes;
      return touch.position < start || isAlike;
    });
    if (list.size() == kMaxTouches) {
      forgotten[access.buffer] = list.front().position + 1;
      list.erase(list.begin());
    }
    list.push_back({&access, relation, tagList, position});
  }
}

} // namespace vyre
