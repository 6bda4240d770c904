//===- LaunchOrder.h - Which launches wait for which ---------- -*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The order of a program's launches, from what the artifact states and from
// what each launch reads and writes. An artifact may ask for more order than
// that, but never get less.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_LIB_RUNTIME_LAUNCHORDER_H
#define VYRE_LIB_RUNTIME_LAUNCHORDER_H

#include "Program.h"
#include "Status.h"

#include "vyre/Planning/ArenaPlacement.h"

namespace vyre::runtime::internal {

/// Adds to each launch's dependsOn what its accesses ask for and leaves out
/// what follows from others. The program's indices have been checked.
Status completeDependences(Program &program);

/// Leaves Launch::isHostBoundary where an earlier launch writes what the launch
/// reads.
void findHostBoundaries(Program &program);

/// The graph that the launches' dependsOn make.
Expected<planning::LaunchGraph> makeLaunchGraph(const Program &program);

/// For each intermediate the launches that have a pointer to it, ascending.
std::vector<std::vector<uint32_t>> findIntermediateUses(const Program &program);

} // namespace vyre::runtime::internal

#endif // VYRE_LIB_RUNTIME_LAUNCHORDER_H
