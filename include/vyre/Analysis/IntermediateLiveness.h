//===- IntermediateLiveness.h - When intermediates are in use - -*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Which launches use each intermediate of a program, and which two are never in
// use at once, whatever launches run side by side.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_ANALYSIS_INTERMEDIATELIVENESS_H
#define VYRE_ANALYSIS_INTERMEDIATELIVENESS_H

#include "vyre/Analysis/LaunchDependences.h"
#include "vyre/Planning/ArenaPlacement.h"

namespace vyre {

class IntermediateLiveness {
public:
  explicit IntermediateLiveness(const LaunchDependences &dependences);

  /// The intermediates that launches use, in the order of their first use.
  llvm::ArrayRef<mlir::Value> getIntermediates() const { return intermediates; }
  /// The positions of the launches that use one, ascending.
  llvm::ArrayRef<uint32_t> getUses(unsigned intermediate) const {
    return uses[intermediate];
  }
  /// Whether every use of one precedes every use of the other.
  bool areNeverAlive(unsigned first, unsigned second) const;

  /// What the arena's planner takes; none where a size depends on the dispatch.
  /// Refers to this object.
  std::optional<std::vector<planning::ArenaValue>> getArenaValues() const;

  void print(llvm::raw_ostream &os) const;

private:
  const LaunchDependences &dependences;
  std::vector<mlir::Value> intermediates;
  std::vector<std::vector<uint32_t>> uses;
};

} // namespace vyre

#endif // VYRE_ANALYSIS_INTERMEDIATELIVENESS_H
