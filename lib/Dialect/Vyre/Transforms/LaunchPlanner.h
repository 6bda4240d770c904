//===- LaunchPlanner.h - Which stages become a launch --------- -*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The decision of vyre-fuse-launches: legality from the analysis, bytes from
// the types, groups from the planner.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_LIB_DIALECT_VYRE_TRANSFORMS_LAUNCHPLANNER_H
#define VYRE_LIB_DIALECT_VYRE_TRANSFORMS_LAUNCHPLANNER_H

#include "vyre/Analysis/BufferBounds.h"
#include "vyre/Analysis/LaunchWindow.h"
#include "vyre/Planning/LaunchFusion.h"

namespace vyre {

/// Neighbouring stages that become a launch.
struct StageGroup {
  unsigned first;
  unsigned last;
  uint64_t requiredBytes;
  uint64_t avoidedBytes;
};

/// An order that the stages may have, and how they are grouped in it.
struct LaunchPlan {
  llvm::SmallVector<StageLikeOpInterface> stages;
  std::vector<Placement> placements;
  /// For each stage the first that may share a launch with it and all between.
  llvm::SmallVector<unsigned> firstLegalStarts;
  /// The window's position of the first stage.
  unsigned base = 0;
  std::vector<planning::LaunchFusionStage> profiles;
  llvm::SmallVector<StageGroup> groups;
  /// Whether all stages could be one launch, but for how many they are. No
  /// other order makes fewer launches then.
  bool isOneGroup = false;

  uint64_t getAvoidedBytes() const {
    uint64_t sum = 0;
    for (const StageGroup &group : groups)
      sum = llvm::SaturatingAdd(sum, group.avoidedBytes);
    return sum;
  }
  std::string getName(unsigned position) const {
    StageLikeOpInterface stage = stages[position];
    return ("@" + stage.getStageName()).str();
  }
};

/// The options of vyre-fuse-launches.
struct FusionSettings {
  /// Not set: no limit.
  std::optional<uint64_t> budget;
  planning::LaunchFusionStrategy strategy;
  planning::LaunchFusionAccounting accounting;
  bool reorder;
  uint64_t maxStagesPerLaunch;
};

/// Plans the launches of one program.
class LaunchPlanner {
public:
  LaunchPlanner(ProgramOp program, const FusionSettings &settings)
      : program(program), settings(settings), symbols(program), solver(symbols),
        window(symbols, solver), bounds(program, symbols) {}

  /// Plans stages that stand one after the other, with nothing between them
  /// that they could not move past; in another order, if that is allowed and
  /// better. Fails with a diagnostic where the planner refuses.
  llvm::FailureOr<LaunchPlan> plan(llvm::ArrayRef<StageLikeOpInterface> stages);

  /// The one reason why the stage behind a group is not in it.
  std::string explain(const LaunchPlan &plan, const StageGroup &group);

private:
  llvm::FailureOr<LaunchPlan>
  planInOrder(llvm::ArrayRef<StageLikeOpInterface> stages);
  LaunchPlan place(llvm::ArrayRef<StageLikeOpInterface> stages);
  void addProfiles(LaunchPlan &plan);
  std::vector<uint64_t> getForwardedBytes(const LaunchPlan &plan);
  llvm::LogicalResult group(LaunchPlan &plan);
  StageGroup measure(const LaunchPlan &plan, unsigned first, unsigned last);
  void splitLargeGroups(LaunchPlan &plan);
  uint64_t getPrivateBytes(const LaunchPlan &plan);
  bool isBetter(const LaunchPlan &plan, const LaunchPlan &other);
  std::string explainRefusal(const LaunchPlan &plan, unsigned position);

  ProgramOp program;
  const FusionSettings &settings;
  SymbolicValues symbols;
  MeetingSolver solver;
  LaunchWindow window;
  BufferBounds bounds;
};

} // namespace vyre

#endif // VYRE_LIB_DIALECT_VYRE_TRANSFORMS_LAUNCHPLANNER_H
