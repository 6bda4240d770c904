//===- OptimalLaunchFusion.cpp - The best of all ways to cut --------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Dynamic programming from the end of the list. For each stage, let suffix[i]
// be the best way to cut the stages from i to the end: some first group i .. j,
// then suffix[j + 1]. Launches and avoided bytes of the two add up, so the best
// first group is found by trying all; of equals the shortest, whose next group
// starts first, leaves the lexicographically smallest list of starts.
//
// Trying stops at the first stage that may not join, or where the group is over
// the budget even if what its last stage forwards were not needed. With Sum
// that is the first group that does not fit; with Live a group that does not
// fit may become one that does, when the next stage takes what the last
// forwards.
//
//===----------------------------------------------------------------------===//

#include "LaunchFusionPlanner.h"
#include "Reservation.h"

using namespace vyre::planning;

uint64_t
LaunchFusionPlanner::getReleasedBytes(const LaunchFusionStage &stage) const {
  bool isLive = options.accounting == LaunchFusionAccounting::Live;
  return isLive ? stage.forwardedBytes : 0;
}

uint64_t
LaunchFusionPlanner::getAvoidedBytes(const LaunchFusionStage &stage) const {
  bool isLive = options.accounting == LaunchFusionAccounting::Live;
  return isLive ? stage.forwardedBytes : stage.outputBytes;
}

LaunchFusionScratch::Suffix
LaunchFusionPlanner::findBestFirstGroup(size_t start) const {
  using Suffix = LaunchFusionScratch::Suffix;
  const Suffix *suffixes = scratch.suffixes.data();
  const LaunchFusionStage &first = stages[start];
  // A stage fits alone, which the caller has asked, so that nothing wraps here.
  uint64_t released = getReleasedBytes(first);
  uint64_t held =
      first.inputBytes + first.scratchBytes + first.outputBytes - released;
  uint64_t avoided = 0;
  Suffix best = suffixes[start + 1];
  best.launches += 1;
  best.stageCount = 1;
  for (size_t end = start + 1; end < stages.size(); ++end) {
    const LaunchFusionStage &stage = stages[end];
    if (stage.requiresHostMaterialization ||
        stage.layoutHash != first.layoutHash || stage.firstLegalStart > start)
      break;
    // Between held and required lies what the last stage forwards.
    released = getReleasedBytes(stage);
    if (!checkedAdd(held, stage.scratchBytes) ||
        !checkedAdd(held, stage.outputBytes - released) ||
        held > options.maxGroupBytes ||
        !checkedAdd(avoided, getAvoidedBytes(stages[end - 1])))
      break;
    if (released > options.maxGroupBytes - held)
      continue;
    const Suffix &rest = suffixes[end + 1];
    uint32_t launches = rest.launches + 1;
    Uint128 avoidedBytes = rest.avoidedBytes + avoided;
    if (launches < best.launches ||
        (launches == best.launches && avoidedBytes > best.avoidedBytes))
      best = {avoidedBytes, launches, uint32_t(end + 1 - start)};
  }
  return best;
}

/// A group that was found to fit.
LaunchFusionGroup LaunchFusionPlanner::makeGroup(size_t start,
                                                 uint32_t stageCount) const {
  const LaunchFusionStage &first = stages[start];
  LaunchFusionGroup group = {uint32_t(start), stageCount, first.layoutHash,
                             first.inputBytes, 0};
  for (size_t i = start; i < start + stageCount; ++i) {
    const LaunchFusionStage &stage = stages[i];
    group.requiredBytes += stage.scratchBytes + stage.outputBytes;
    if (i + 1 < start + stageCount) {
      group.requiredBytes -= getReleasedBytes(stage);
      group.avoidedIntermediateBytes += getAvoidedBytes(stage);
    }
  }
  return group;
}

std::optional<LaunchFusionError> LaunchFusionPlanner::formOptimalGroups() {
  for (const LaunchFusionStage &stage : stages) {
    uint64_t required;
    if (auto error = computeAlone(stage, required))
      return error;
  }
  size_t count = stages.size();
  if (auto failed = reserve(scratch.suffixes, count + 1, "fusion groups"))
    return *failed;
  scratch.suffixes.setSize(count + 1);
  scratch.suffixes[count] = {0, 0, 0};
  for (size_t start = count; start-- > 0;)
    scratch.suffixes[start] = findBestFirstGroup(start);
  for (size_t start = 0; start < count;
       start += scratch.suffixes[start].stageCount)
    scratch.plan.groups.append(
        makeGroup(start, scratch.suffixes[start].stageCount));
  return std::nullopt;
}
