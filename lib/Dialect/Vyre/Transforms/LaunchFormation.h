//===- LaunchFormation.h - Put stages into a launch ----------- -*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The rewrite of vyre-fuse-launches, once it is decided which stages go
// together.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_LIB_DIALECT_VYRE_TRANSFORMS_LAUNCHFORMATION_H
#define VYRE_LIB_DIALECT_VYRE_TRANSFORMS_LAUNCHFORMATION_H

#include "vyre/Analysis/LaunchWindow.h"
#include "llvm/ADT/StringSet.h"

namespace vyre {

/// Forms launches out of placed stages.
class LaunchFormation {
public:
  /// `placements` are those of `stages`, which stand in this order in the
  /// program.
  LaunchFormation(llvm::ArrayRef<StageLikeOpInterface> stages,
                  llvm::ArrayRef<Placement> placements,
                  llvm::StringSet<> &launchNames);

  /// Puts the stages [first, last] into a launch at the place of the last, each
  /// over the launch's indices first, in one order.
  LaunchOp form(unsigned first, unsigned last);

private:
  llvm::SmallVector<unsigned> getLaunchTags(unsigned first, unsigned last);
  void giveSpace(StageOp stage, const Placement &placement,
                 llvm::ArrayRef<unsigned> launchTags);
  std::string makeName(unsigned first, unsigned last);

  llvm::ArrayRef<StageLikeOpInterface> stages;
  llvm::ArrayRef<Placement> placements;
  llvm::StringSet<> &launchNames;
  /// A value with the extent of each tag.
  llvm::DenseMap<unsigned, mlir::Value> extentOfTag;
};

} // namespace vyre

#endif // VYRE_LIB_DIALECT_VYRE_TRANSFORMS_LAUNCHFORMATION_H
