//===- ArenaPacking.h - Memory shared by liveness ------------- -*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Places a program's intermediates in one block of memory, so that those which
// are never in use at the same time may share bytes: where the artifact placed
// them, or where the planner does for the sizes of a dispatch.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_LIB_RUNTIME_ARENAPACKING_H
#define VYRE_LIB_RUNTIME_ARENAPACKING_H

#include "Program.h"
#include "Status.h"

#include "vyre/Planning/ArenaPlacement.h"

#include <cstdint>
#include <vector>

namespace vyre::runtime::internal {

/// What offsets within an arena, and therefore its base, are aligned to.
uint64_t arenaAlignment(const Program &program);

class ArenaPacking {
public:
  /// The program's dependences are complete, and its plan has been checked.
  explicit ArenaPacking(const Program &program);

  /// Gives each intermediate an offset and the arena its size. `sizes` are
  /// bytes, one per intermediate. Fails where the arena takes 2^63 bytes or
  /// more, or more than the program was compiled for.
  Status pack(const std::vector<uint64_t> &sizes);

  /// One per intermediate, in bytes.
  std::vector<uint64_t> offsets;
  uint64_t byteSize = 0;
  /// What launches wait for besides their dependences, so that they may share
  /// bytes.
  std::vector<planning::LaunchEdge> edges;

private:
  const Program &program;
  std::vector<std::vector<uint32_t>> uses;
  std::vector<planning::ArenaValue> values;
  planning::ArenaOptions options;
  /// Made when it is needed first.
  std::optional<planning::LaunchGraph> graph;
};

} // namespace vyre::runtime::internal

#endif // VYRE_LIB_RUNTIME_ARENAPACKING_H
