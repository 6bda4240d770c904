//===- LaunchFusionPlanner.h - One run of the fusion planner ----*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_LIB_PLANNING_LAUNCHFUSIONPLANNER_H
#define VYRE_LIB_PLANNING_LAUNCHFUSIONPLANNER_H

#include "vyre/Planning/LaunchFusion.h"

namespace vyre::planning {

/// Plans one list of stages into a scratch. The functions return the error that
/// ends the run, if there is one.
class LaunchFusionPlanner {
public:
  LaunchFusionPlanner(Span<const LaunchFusionStage> stages,
                      const LaunchFusionOptions &options,
                      LaunchFusionScratch &scratch)
      : stages(stages), options(options), scratch(scratch) {}

  std::optional<LaunchFusionError> run();
  const LaunchFusionPlan *getPlan() const { return &scratch.plan; }

private:
  std::optional<LaunchFusionError> checkStages();
  std::optional<LaunchFusionError> findInvalidStage() const;

  /// What a stage needs as the only one of a group.
  std::optional<LaunchFusionError> computeAlone(const LaunchFusionStage &stage,
                                                uint64_t &required) const;

  template <LaunchFusionAccounting accounting>
  std::optional<LaunchFusionError> formGroups();

  std::optional<LaunchFusionError> formOptimalGroups();

  std::optional<LaunchFusionError> addTotals();

  Span<const LaunchFusionStage> stages;
  const LaunchFusionOptions &options;
  LaunchFusionScratch &scratch;
};

} // namespace vyre::planning

#endif // VYRE_LIB_PLANNING_LAUNCHFUSIONPLANNER_H
