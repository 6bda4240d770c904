//===- LaunchVerification.h - Whether a launch is right ------- -*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What vyre-verify-launches checks, for the passes that rely on it.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_LIB_DIALECT_VYRE_TRANSFORMS_LAUNCHVERIFICATION_H
#define VYRE_LIB_DIALECT_VYRE_TRANSFORMS_LAUNCHVERIFICATION_H

#include "vyre/Analysis/StageDependences.h"

namespace vyre {

/// The number of leading indices that the stages of a launch share: the least
/// rank among them.
unsigned getLaunchRank(LaunchOp launch);

/// Checks that the points of a launch are independent of each other; a
/// diagnostic says what is wrong.
llvm::LogicalResult verifyLaunch(LaunchOp launch, SymbolicValues &symbols,
                                 MeetingSolver &solver);

/// The same for all launches of a program.
llvm::LogicalResult verifyLaunches(ProgramOp program);

} // namespace vyre

#endif // VYRE_LIB_DIALECT_VYRE_TRANSFORMS_LAUNCHVERIFICATION_H
