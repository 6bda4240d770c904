//===- OptimalLaunchFusion.cpp - The best of all ways to cut --------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Dynamic programming from the end of the list. Let suffix[i] be the best way
// to cut the stages from i on: a first group of the stages i .. e - 1, which
// ends before stage e, and then suffix[e]. Launches and avoided bytes of the
// two add up, so the best e is found by comparing all. Of equals the least e
// leaves the lexicographically smallest list of group starts.
//
// Comparing all is quick because what makes an end good does not depend on the
// start. With prefix sums over the stages before an index,
//
//   held[i]    = sum of scratch + output - released bytes,
//   avoided[i] = sum of avoided bytes,
//
// where released and avoided bytes of a stage are those that its group neither
// needs nor writes once a later stage has joined, a group i .. e - 1
//
//   fits       if held[e] + released(e - 1) <= budget - input(i) + held[i],
//   avoids     avoided[e - 1] - avoided[i],
//   is legal   if legalStart[e - 1] <= i.
//
// So an end has a weight, the left side of the first line, and a merit, what it
// adds to suffix[e]; a start asks for the end of most merit among those of at
// most some weight. Ends are leaves of a tree in the order of their weights. An
// inner node knows the best below it, and a question takes O(log n). An end
// enters the tree when the start just before it is reached, and leaves it for
// good when no group that ends there is legal any more, since starts only go
// down.
//
//===----------------------------------------------------------------------===//

#include "LaunchFusionPlanner.h"
#include "Reservation.h"

#include <algorithm>
#include <limits>

using namespace vyre::planning;

namespace vyre::planning {

/// Finds the best cut of stages of which each fits alone.
class OptimalSearch {
public:
  OptimalSearch(Span<const LaunchFusionStage> stages,
                const LaunchFusionOptions &options,
                LaunchFusionScratch &scratch)
      : stages(stages), options(options), scratch(scratch) {}

  std::optional<StorageReserveFailed> reserve();
  void run();
  /// The group of the best cut that starts at a stage where one does.
  LaunchFusionGroup getGroup(size_t start) const;

private:
  void sumPrefixes();
  void rankEnds();
  uint32_t chooseEnd(size_t start) const;

  uint64_t getReleasedBytes(size_t stage) const;
  uint64_t getAvoidedBytes(size_t stage) const;
  bool mayJoin(size_t stage) const;

  // The tree. Nodes hold an end, 0 for none.
  bool isBetter(uint32_t end, uint32_t other) const;
  uint32_t pickBetter(uint32_t end, uint32_t other) const {
    return isBetter(end, other) ? end : other;
  }
  void setLeaf(size_t rank, uint32_t end);
  uint32_t findBest(size_t ranks) const;

  Span<const LaunchFusionStage> stages;
  const LaunchFusionOptions &options;
  LaunchFusionScratch &scratch;
  size_t leaves = 1;
};

} // namespace vyre::planning

std::optional<StorageReserveFailed> OptimalSearch::reserve() {
  size_t count = stages.size();
  while (leaves < count)
    leaves *= 2;
  const char *field = "fusion groups";
  if (auto failed = planning::reserve(scratch.prefixes, count + 1, field))
    return failed;
  if (auto failed = planning::reserve(scratch.suffixes, count + 1, field))
    return failed;
  if (auto failed = planning::reserve(scratch.weighedEnds, count, field))
    return failed;
  if (auto failed = planning::reserve(scratch.ranks, count + 1, field))
    return failed;
  if (auto failed = planning::reserve(scratch.tree, 2 * leaves, field))
    return failed;
  scratch.prefixes.setSize(count + 1);
  scratch.suffixes.setSize(count + 1);
  scratch.weighedEnds.setSize(count);
  scratch.ranks.setSize(count + 1);
  scratch.tree.setSize(2 * leaves);
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// What is known before the search
//===----------------------------------------------------------------------===//

uint64_t OptimalSearch::getReleasedBytes(size_t stage) const {
  bool isLive = options.accounting == LaunchFusionAccounting::Live;
  return isLive ? stages[stage].forwardedBytes : 0;
}

uint64_t OptimalSearch::getAvoidedBytes(size_t stage) const {
  bool isLive = options.accounting == LaunchFusionAccounting::Live;
  return isLive ? stages[stage].forwardedBytes : stages[stage].outputBytes;
}

/// Whether a stage may share a launch with the one before it, if that is the
/// only other one.
bool OptimalSearch::mayJoin(size_t stage) const {
  return stage != 0 && !stages[stage].requiresHostMaterialization &&
         stages[stage].layoutHash == stages[stage - 1].layoutHash;
}

void OptimalSearch::sumPrefixes() {
  LaunchFusionScratch::Prefix prefix = {0, 0, 0};
  for (size_t i = 0; i < stages.size(); ++i) {
    const LaunchFusionStage &stage = stages[i];
    // The least start of a legal group whose last stage this is.
    prefix.legalStart =
        mayJoin(i) ? uint32_t(std::max<uint64_t>(prefix.legalStart,
                                                 stage.firstLegalStart))
                   : uint32_t(i);
    scratch.prefixes[i] = prefix;
    prefix.heldBytes +=
        Uint128(stage.scratchBytes) + stage.outputBytes - getReleasedBytes(i);
    prefix.avoidedBytes += getAvoidedBytes(i);
  }
  scratch.prefixes[stages.size()] = prefix;
}

void OptimalSearch::rankEnds() {
  using WeighedEnd = LaunchFusionScratch::WeighedEnd;
  for (size_t i = 0; i < stages.size(); ++i)
    scratch.weighedEnds[i] = {scratch.prefixes[i + 1].heldBytes +
                                  getReleasedBytes(i),
                              uint32_t(i + 1)};
  auto isLighter = [](const WeighedEnd &a, const WeighedEnd &b) {
    return a.weight < b.weight;
  };
  // With Sum they are in order already.
  if (!std::is_sorted(scratch.weighedEnds.begin(), scratch.weighedEnds.end(),
                      isLighter))
    std::sort(scratch.weighedEnds.begin(), scratch.weighedEnds.end(),
              isLighter);
  for (size_t rank = 0; rank < stages.size(); ++rank)
    scratch.ranks[scratch.weighedEnds[rank].end] = uint32_t(rank);
}

//===----------------------------------------------------------------------===//
// The tree
//===----------------------------------------------------------------------===//

bool OptimalSearch::isBetter(uint32_t end, uint32_t other) const {
  if (end == 0 || other == 0)
    return other == 0;
  const LaunchFusionScratch::Suffix &rest = scratch.suffixes[end];
  const LaunchFusionScratch::Suffix &otherRest = scratch.suffixes[other];
  if (rest.launches != otherRest.launches)
    return rest.launches < otherRest.launches;
  Uint128 avoided = rest.avoidedBytes + scratch.prefixes[end - 1].avoidedBytes;
  Uint128 otherAvoided =
      otherRest.avoidedBytes + scratch.prefixes[other - 1].avoidedBytes;
  return avoided != otherAvoided ? avoided > otherAvoided : end < other;
}

/// Puts an end into the tree, or with 0 takes it out.
void OptimalSearch::setLeaf(size_t rank, uint32_t end) {
  uint32_t *nodes = scratch.tree.data();
  size_t node = leaves + rank;
  nodes[node] = end;
  while (node /= 2)
    nodes[node] = pickBetter(nodes[2 * node], nodes[2 * node + 1]);
}

/// The best of the ends with the lowest ranks.
uint32_t OptimalSearch::findBest(size_t ranks) const {
  const uint32_t *nodes = scratch.tree.data();
  uint32_t best = 0;
  size_t first = leaves, last = leaves + ranks;
  for (; first < last; first /= 2, last /= 2) {
    if (first % 2)
      best = pickBetter(nodes[first++], best);
    if (last % 2)
      best = pickBetter(nodes[--last], best);
  }
  return best;
}

//===----------------------------------------------------------------------===//
// The search
//===----------------------------------------------------------------------===//

/// The best end of a group that starts here; the tree has those that are legal.
uint32_t OptimalSearch::chooseEnd(size_t start) const {
  // The stage fits alone, so its input is within the budget.
  Uint128 room = scratch.prefixes[start].heldBytes +
                 (options.maxGroupBytes - stages[start].inputBytes);
  const FlatArray<LaunchFusionScratch::WeighedEnd> &ends = scratch.weighedEnds;
  const auto *tooHeavy = std::upper_bound(
      ends.begin(), ends.end(), room,
      [](Uint128 room, const auto &end) { return room < end.weight; });
  return findBest(tooHeavy - ends.begin());
}

void OptimalSearch::run() {
  constexpr uint64_t kMost = std::numeric_limits<uint64_t>::max();
  sumPrefixes();
  rankEnds();
  std::fill(scratch.tree.begin(), scratch.tree.end(), 0u);
  const auto *prefixes = scratch.prefixes.data();
  scratch.suffixes[stages.size()] = {0, 0, 0};
  size_t lastLegal = stages.size() - 1;
  for (size_t start = stages.size(); start-- > 0;) {
    setLeaf(scratch.ranks[start + 1], uint32_t(start + 1));
    // Also a group that avoids more than can be counted is none.
    while (lastLegal > start &&
           (prefixes[lastLegal].legalStart > start ||
            prefixes[lastLegal].avoidedBytes - prefixes[start].avoidedBytes >
                kMost))
      setLeaf(scratch.ranks[1 + lastLegal--], 0);
    uint32_t end = chooseEnd(start);
    const LaunchFusionScratch::Suffix &rest = scratch.suffixes[end];
    scratch.suffixes[start] = {rest.avoidedBytes +
                                   prefixes[end - 1].avoidedBytes -
                                   prefixes[start].avoidedBytes,
                               rest.launches + 1, end};
  }
}

LaunchFusionGroup OptimalSearch::getGroup(size_t start) const {
  uint32_t end = scratch.suffixes[start].next;
  const auto *prefixes = scratch.prefixes.data();
  Uint128 required = prefixes[end].heldBytes - prefixes[start].heldBytes +
                     stages[start].inputBytes + getReleasedBytes(end - 1);
  Uint128 avoided =
      prefixes[end - 1].avoidedBytes - prefixes[start].avoidedBytes;
  return {uint32_t(start), uint32_t(end - start), stages[start].layoutHash,
          uint64_t(required), uint64_t(avoided)};
}

std::optional<LaunchFusionError> LaunchFusionPlanner::formOptimalGroups() {
  for (const LaunchFusionStage &stage : stages) {
    uint64_t required;
    if (auto error = computeAlone(stage, required))
      return error;
  }
  OptimalSearch search(stages, options, scratch);
  if (auto failed = search.reserve())
    return *failed;
  search.run();
  for (size_t start = 0; start < stages.size();) {
    scratch.plan.groups.append(search.getGroup(start));
    start += scratch.plan.groups.end()[-1].stageCount;
  }
  return std::nullopt;
}
