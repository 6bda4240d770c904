//===- LaunchDependences.h - What has to wait for what -------- -*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The steps of one dispatch of a program in physical form, and which of them
// wait for which, from the buffers that each reads and writes: uploads of
// inputs, launches, the launch that packs small results into the slab, and
// downloads. Branches that do not meet stay independent.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_ANALYSIS_LAUNCHDEPENDENCES_H
#define VYRE_ANALYSIS_LAUNCHDEPENDENCES_H

#include "vyre/Dialect/Vyre/IR/VyreOps.h"
#include "vyre/Planning/LaunchGraph.h"

namespace vyre {

/// One step of a dispatch.
struct DispatchStep {
  CaptureNodeKind kind;
  /// The argument that is copied, or the position among the launches.
  unsigned index = 0;
  /// The steps that it waits for, transitively reduced, in ascending order.
  llvm::SmallVector<uint32_t, 4> after;
};

class LaunchDependences {
public:
  explicit LaunchDependences(ProgramOp program);

  ProgramOp getProgram() const { return program; }
  llvm::ArrayRef<LaunchOp> getLaunches() const { return launches; }
  /// Of the launches alone.
  const planning::LaunchGraph &getGraph() const { return graph; }
  /// For each launch the earlier ones that it waits for, transitively reduced.
  llvm::ArrayRef<std::vector<uint32_t>> getPredecessors() const {
    return predecessors;
  }
  /// All steps: uploads, launches, the packing launch, downloads.
  llvm::ArrayRef<DispatchStep> getSteps() const { return steps; }

  void print(llvm::raw_ostream &os) const;

private:
  void addSteps();

  ProgramOp program;
  llvm::SmallVector<LaunchOp> launches;
  planning::LaunchGraph graph;
  std::vector<std::vector<uint32_t>> predecessors;
  std::vector<DispatchStep> steps;
};

/// "upload of argument 0", "launch @scale" and so on.
std::string describeStep(const DispatchStep &step,
                         llvm::ArrayRef<LaunchOp> launches);

} // namespace vyre

#endif // VYRE_ANALYSIS_LAUNCHDEPENDENCES_H
