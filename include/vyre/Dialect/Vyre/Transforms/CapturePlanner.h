//===- CapturePlanner.h - How a program is replayed -------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Asks the analyses and the planners, and makes the #vyre.capture_plan of a
// program in physical form. vyre-plan-capture attaches it; who uses a plan asks
// whether it is still the one that would be made.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_DIALECT_VYRE_TRANSFORMS_CAPTUREPLANNER_H
#define VYRE_DIALECT_VYRE_TRANSFORMS_CAPTUREPLANNER_H

#include "vyre/Analysis/IntermediateLiveness.h"
#include "vyre/Analysis/ReplaySafety.h"

namespace vyre {

struct CaptureOptions {
  CapturePolicy policy = CapturePolicy::Auto;
  /// The most bytes that the arena may have; none: as the arena's planner
  /// weighs it.
  std::optional<uint64_t> maxArenaBytes = std::nullopt;
};

class CapturePlanner {
public:
  /// The program stays as it is while this object lives.
  CapturePlanner(ProgramOp program, const CaptureOptions &options);

  /// Fails with a diagnostic where the program is not in physical form, where
  /// it cannot be captured although that is required, and where the arena
  /// cannot be as small as asked for.
  llvm::FailureOr<CapturePlanAttr> plan();

  const LaunchDependences &getDependences() const { return dependences; }
  const IntermediateLiveness &getLiveness() const { return liveness; }
  const ReplaySafetyAnalysis &getSafety() const { return safety; }
  /// Why the program is never captured; empty where it may be.
  llvm::StringRef getObstacle() const { return obstacle; }

private:
  llvm::LogicalResult checkForm();
  llvm::LogicalResult checkObstacles();
  llvm::FailureOr<CaptureTablesAttr> planTables();
  mlir::ArrayAttr getNodes();
  /// Null where a size depends on the dispatch.
  llvm::FailureOr<ArenaPlanAttr> planArena();

  ProgramOp program;
  CaptureOptions options;
  LaunchDependences dependences;
  IntermediateLiveness liveness;
  ReplaySafetyAnalysis safety;
  std::string obstacle;
};

/// The plan that a program carries, null for none. Fails with a diagnostic
/// where it is not the plan of this program any more.
llvm::FailureOr<CapturePlanAttr> getCapturePlan(ProgramOp program);

} // namespace vyre

#endif // VYRE_DIALECT_VYRE_TRANSFORMS_CAPTUREPLANNER_H
