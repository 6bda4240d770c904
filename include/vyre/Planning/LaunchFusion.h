//===- LaunchFusion.h - Which neighbouring stages share a launch *- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The planner of launch fusion. Stages come in the order in which they run; a
// plan cuts that order into groups of neighbours, each to become one device
// launch. The planner knows byte counts and what the caller says of legality;
// it does not know what a stage computes.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_PLANNING_LAUNCHFUSION_H
#define VYRE_PLANNING_LAUNCHFUSION_H

#include "vyre/Planning/CheckedArithmetic.h"
#include "vyre/Planning/PlanResult.h"
#include "vyre/Planning/Storage.h"

#include <optional>

namespace vyre::planning {

/// What the planner needs to know of a stage.
struct LaunchFusionStage {
  /// Names the stage; no two stages of a list have the same.
  uint32_t id = 0;
  /// Stages share a launch only if their hashes are equal. It stands for the
  /// launch space and the memory space.
  uint64_t layoutHash = 0;
  /// Bytes of device memory that the stage reads, writes, and needs meanwhile.
  uint64_t inputBytes = 0;
  uint64_t outputBytes = 0;
  uint64_t scratchBytes = 0;
  /// The host must see the inputs before the stage runs, so it cannot join the
  /// stages before it. Stages behind it may join it.
  bool requiresHostMaterialization = false;
  /// Index in the list of the earliest stage with which this one may share a
  /// launch, at most the stage's own index: where dependences enter. 0, the
  /// default, forbids nothing.
  uint64_t firstLegalStart = 0;
  /// Of outputBytes, those that only the next stages of a group would read.
  /// Counts with LaunchFusionAccounting::Live alone.
  uint64_t forwardedBytes = 0;
};

enum class LaunchFusionStrategy : uint8_t {
  /// From left to right, each stage joins the group before it if it may. O(n).
  Greedy,
  /// Among all ways to cut the list the one with the fewest launches, then with
  /// the most avoided bytes, then with the lexicographically smallest list of
  /// group starts. O(n log n), however long the groups.
  Optimal,
};

enum class LaunchFusionAccounting : uint8_t {
  /// A group needs the inputs of its first stage and the outputs and scratch
  /// bytes of all; it avoids the outputs of all but the last.
  Sum,
  /// As Sum, but the forwarded bytes of all stages but the last are not needed,
  /// and only they are avoided.
  Live,
};

struct LaunchFusionOptions {
  /// A group needs at most so many bytes. 0 is an error; 2^64 - 1 is no limit.
  uint64_t maxGroupBytes = 0;
  LaunchFusionStrategy strategy = LaunchFusionStrategy::Greedy;
  LaunchFusionAccounting accounting = LaunchFusionAccounting::Sum;
};

/// Neighbouring stages that become one launch.
struct LaunchFusionGroup {
  /// Index of the first stage in the list that was planned, and how many there
  /// are. LaunchFusionPlan::getStageIds() has their ids.
  uint32_t firstStage;
  uint32_t stageCount;
  uint64_t layoutHash;
  /// Device memory that the launch needs.
  uint64_t requiredBytes;
  /// Bytes that need no longer pass from one launch to the next.
  uint64_t avoidedIntermediateBytes;
};

struct LaunchFusionPlan {
  /// In order; together they hold each stage once.
  FlatArray<LaunchFusionGroup> groups;
  /// The ids of all stages, in order.
  FlatArray<uint32_t> stageIds;
  uint32_t launchCount = 0;
  /// Stages less launches.
  uint32_t avoidedLaunches = 0;
  uint64_t avoidedIntermediateBytes = 0;

  /// The ids of a group's stages, in order; valid as long as the plan.
  Span<const uint32_t> getStageIds(const LaunchFusionGroup &group) const {
    return {stageIds.data() + group.firstStage, group.stageCount};
  }
};

/// ByteCountOverflow names one of "stage io bytes", "stage required bytes",
/// "fused scratch bytes", "fused output bytes", "avoided intermediate bytes",
/// "total avoided intermediate bytes", "launch count", "avoided launches";
/// StorageReserveFailed one of "duplicate stage ids", "fusion groups", "fusion
/// group stage ids".
using LaunchFusionError =
    std::variant<ZeroBudget, DuplicateStage, InvalidStage, StageOverBudget,
                 ByteCountOverflow, StorageReserveFailed>;

/// Where launch fusion works and where its plan lies. It may be used for any
/// number of plans, one after the other; storage grows to what the largest
/// needed and stays, so that planning again allocates nothing.
class LaunchFusionScratch {
public:
  LaunchFusionScratch() = default;
  /// Reserves for so many stages. Where that fails the capacities say so, and
  /// planning tries again.
  explicit LaunchFusionScratch(size_t stages) { (void)reserve(stages); }

  /// Makes room for so many stages, for the strategy Greedy.
  std::optional<StorageReserveFailed> reserve(size_t stages);

  /// Stages for which there is room.
  size_t getGroupCapacity() const { return plan.groups.capacity(); }
  size_t getStageIdCapacity() const { return plan.stageIds.capacity(); }
  size_t getDuplicateIdCapacity() const { return suspects.capacity(); }
  size_t getOptimalCapacity() const { return weighedEnds.capacity(); }

  /// Moves the last plan out, with its storage.
  LaunchFusionPlan takePlan() { return std::move(plan); }

private:
  friend class LaunchFusionPlanner;
  friend class OptimalSearch;

  // For the strategy Optimal, whose file explains them.
  struct Prefix {
    Uint128 heldBytes;
    Uint128 avoidedBytes;
    uint32_t legalStart;
  };
  struct Suffix {
    Uint128 avoidedBytes;
    uint32_t launches;
    uint32_t next;
  };
  struct WeighedEnd {
    Uint128 weight;
    uint32_t end;
  };

  LaunchFusionPlan plan;
  /// For the search for a repeated id; see RepeatedIds.h.
  FlatArray<uint64_t> filter;
  FlatArray<uint64_t> suspects;
  FlatArray<Prefix> prefixes;
  FlatArray<Suffix> suffixes;
  FlatArray<WeighedEnd> weighedEnds;
  FlatArray<uint32_t> ranks;
  FlatArray<uint32_t> tree;
};

/// Plans in the scratch's storage. The plan stays there, valid until the
/// scratch is used again or goes.
///
/// Errors, in the order in which they are looked for: ZeroBudget, also for an
/// empty list; DuplicateStage, the first id in order that was there before;
/// InvalidStage, the first in order; then what the strategy meets. Greedy opens
/// groups and lets stages join from left to right, and the first of these that
/// fails is the error. Optimal first asks whether every stage fits alone.
PlanResult<const LaunchFusionPlan *, LaunchFusionError>
planLaunchFusion(Span<const LaunchFusionStage> stages,
                 const LaunchFusionOptions &options,
                 LaunchFusionScratch &scratch);

/// The same in storage of its own.
PlanResult<LaunchFusionPlan, LaunchFusionError>
planLaunchFusion(Span<const LaunchFusionStage> stages,
                 const LaunchFusionOptions &options);

} // namespace vyre::planning

#endif // VYRE_PLANNING_LAUNCHFUSION_H
