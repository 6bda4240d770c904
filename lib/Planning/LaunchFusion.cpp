//===- LaunchFusion.cpp - Which neighbouring stages share a launch --------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What both strategies share, and Greedy. Optimal is in
// OptimalLaunchFusion.cpp.
//
//===----------------------------------------------------------------------===//

#include "LaunchFusionPlanner.h"
#include "RepeatedIds.h"
#include "Reservation.h"

using namespace vyre::planning;

using Accounting = LaunchFusionAccounting;
using MaybeError = std::optional<LaunchFusionError>;

//===----------------------------------------------------------------------===//
// Storage
//===----------------------------------------------------------------------===//

std::optional<StorageReserveFailed>
LaunchFusionScratch::reserve(size_t stages) {
  const char *field = "duplicate stage ids";
  if (auto failed =
          planning::reserve(filter, getRepeatedIdFilterSize(stages), field))
    return failed;
  if (auto failed = planning::reserve(suspects, stages, field))
    return failed;
  if (auto failed = planning::reserve(plan.groups, stages, "fusion groups"))
    return failed;
  return planning::reserve(plan.stageIds, stages, "fusion group stage ids");
}

//===----------------------------------------------------------------------===//
// Checks
//===----------------------------------------------------------------------===//

/// Copies the ids and finds the first that was there before, and then the first
/// stage that says of itself what cannot be.
MaybeError LaunchFusionPlanner::checkStages() {
  uint32_t *ids = scratch.plan.stageIds.data();
  bool isAscending = true;
  bool isValid = true;
  for (size_t i = 0; i < stages.size(); ++i) {
    const LaunchFusionStage &stage = stages[i];
    ids[i] = stage.id;
    isAscending &= i == 0 || ids[i - 1] < stage.id;
    isValid &= stage.firstLegalStart <= i;
    isValid &= stage.forwardedBytes <= stage.outputBytes;
  }
  scratch.plan.stageIds.setSize(stages.size());
  if (!isAscending)
    if (std::optional<uint32_t> repeated = findRepeatedId(
            scratch.plan.stageIds, scratch.filter, scratch.suspects))
      return DuplicateStage{stages[*repeated].id};
  if (!isValid)
    return findInvalidStage();
  return std::nullopt;
}

MaybeError LaunchFusionPlanner::findInvalidStage() const {
  using Reason = InvalidStage::Reason;
  for (size_t i = 0; i < stages.size(); ++i) {
    const LaunchFusionStage &stage = stages[i];
    if (stage.firstLegalStart > i)
      return InvalidStage{stage.id, Reason::StartsBehindItself,
                          stage.firstLegalStart, i};
    if (stage.forwardedBytes > stage.outputBytes)
      return InvalidStage{stage.id, Reason::ForwardsMoreThanItWrites,
                          stage.forwardedBytes, stage.outputBytes};
  }
  return std::nullopt;
}

MaybeError LaunchFusionPlanner::computeAlone(const LaunchFusionStage &stage,
                                             uint64_t &required) const {
  required = stage.inputBytes;
  if (!checkedAdd(required, stage.outputBytes))
    return ByteCountOverflow{"stage io bytes"};
  if (!checkedAdd(required, stage.scratchBytes))
    return ByteCountOverflow{"stage required bytes"};
  if (required > options.maxGroupBytes)
    return StageOverBudget{stage.id, required, options.maxGroupBytes};
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// Greedy
//===----------------------------------------------------------------------===//

template <Accounting accounting> MaybeError LaunchFusionPlanner::formGroups() {
  LaunchFusionGroup *groups = scratch.plan.groups.data();
  size_t groupCount = 0;
  LaunchFusionGroup group = {};
  for (size_t i = 0; i < stages.size(); ++i) {
    const LaunchFusionStage &stage = stages[i];
    if (i != 0 && !stage.requiresHostMaterialization &&
        stage.layoutHash == group.layoutHash &&
        stage.firstLegalStart <= group.firstStage) {
      const LaunchFusionStage &previous = stages[i - 1];
      uint64_t required = group.requiredBytes;
      uint64_t avoided = previous.outputBytes;
      if (accounting == Accounting::Live) {
        avoided = previous.forwardedBytes;
        required -= avoided;
      }
      if (!checkedAdd(required, stage.scratchBytes))
        return ByteCountOverflow{"fused scratch bytes"};
      if (!checkedAdd(required, stage.outputBytes))
        return ByteCountOverflow{"fused output bytes"};
      if (required <= options.maxGroupBytes) {
        if (!checkedAdd(group.avoidedIntermediateBytes, avoided))
          return ByteCountOverflow{"avoided intermediate bytes"};
        group.requiredBytes = required;
        ++group.stageCount;
        continue;
      }
    }
    if (i != 0)
      groups[groupCount++] = group;
    uint64_t required;
    if (MaybeError error = computeAlone(stage, required))
      return error;
    group = {uint32_t(i), 1, stage.layoutHash, required, 0};
  }
  groups[groupCount++] = group;
  scratch.plan.groups.setSize(groupCount);
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// The planner
//===----------------------------------------------------------------------===//

MaybeError LaunchFusionPlanner::addTotals() {
  LaunchFusionPlan &plan = scratch.plan;
  if (!checkedNarrow(plan.groups.size(), plan.launchCount))
    return ByteCountOverflow{"launch count"};
  if (!checkedNarrow(stages.size() - plan.groups.size(), plan.avoidedLaunches))
    return ByteCountOverflow{"avoided launches"};
  for (const LaunchFusionGroup &group : plan.groups)
    if (!checkedAdd(plan.avoidedIntermediateBytes,
                    group.avoidedIntermediateBytes))
      return ByteCountOverflow{"total avoided intermediate bytes"};
  return std::nullopt;
}

MaybeError LaunchFusionPlanner::run() {
  LaunchFusionPlan &plan = scratch.plan;
  plan.groups.clear();
  plan.stageIds.clear();
  plan.launchCount = 0;
  plan.avoidedLaunches = 0;
  plan.avoidedIntermediateBytes = 0;
  if (options.maxGroupBytes == 0)
    return ZeroBudget{};
  if (stages.empty())
    return std::nullopt;
  // Groups name stages by 32-bit indices.
  if (stages.size() > UINT32_MAX)
    return ByteCountOverflow{"launch count"};
  if (auto failed = scratch.reserve(stages.size()))
    return *failed;
  if (MaybeError error = checkStages())
    return error;
  bool isLive = options.accounting == Accounting::Live;
  MaybeError error;
  if (options.strategy == LaunchFusionStrategy::Optimal)
    error = formOptimalGroups();
  else
    error =
        isLive ? formGroups<Accounting::Live>() : formGroups<Accounting::Sum>();
  return error ? error : addTotals();
}

PlanResult<const LaunchFusionPlan *, LaunchFusionError>
vyre::planning::planLaunchFusion(Span<const LaunchFusionStage> stages,
                                 const LaunchFusionOptions &options,
                                 LaunchFusionScratch &scratch) {
  LaunchFusionPlanner planner(stages, options, scratch);
  if (MaybeError error = planner.run())
    return *error;
  return planner.getPlan();
}

PlanResult<LaunchFusionPlan, LaunchFusionError>
vyre::planning::planLaunchFusion(Span<const LaunchFusionStage> stages,
                                 const LaunchFusionOptions &options) {
  LaunchFusionScratch scratch;
  auto plan = planLaunchFusion(stages, options, scratch);
  if (!plan)
    return plan.error();
  return scratch.takePlan();
}
