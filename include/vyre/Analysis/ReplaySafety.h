//===- ReplaySafety.h - What a replay would see of the last one -*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A program that is replayed finds in its memory what the last replay left. For
// each binding: whether that can change a result, and why.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_ANALYSIS_REPLAYSAFETY_H
#define VYRE_ANALYSIS_REPLAYSAFETY_H

#include "vyre/Analysis/LaunchDependences.h"

namespace vyre {

/// What is known of one argument of a program.
struct BindingSafety {
  ReplaySafety safety = ReplaySafety::Value;
  /// In words, for messages.
  std::string reason;
};

class ReplaySafetyAnalysis {
public:
  explicit ReplaySafetyAnalysis(const LaunchDependences &dependences);

  /// One per argument of the program.
  llvm::ArrayRef<BindingSafety> getBindings() const { return bindings; }

  /// The stage for which the host has to see what an earlier launch wrote, and
  /// that launch; null where there is none. No graph holds both.
  StageLikeOpInterface getHostBoundary() const { return boundary; }
  LaunchOp getLaunchBeforeBoundary() const { return beforeBoundary; }

  /// Whether a replay without uploads reads what was uploaded before: all that
  /// is uploaded is only read, and there is no state.
  bool isResidentReplaySafe() const;

  void print(llvm::raw_ostream &os) const;

private:
  void findBoundary(const LaunchDependences &dependences);
  BindingSafety classify(mlir::BlockArgument argument,
                         const LaunchDependences &dependences);

  std::vector<BindingSafety> bindings;
  StageLikeOpInterface boundary;
  LaunchOp beforeBoundary;
  mlir::Value boundaryBuffer;
};

} // namespace vyre

#endif // VYRE_ANALYSIS_REPLAYSAFETY_H
