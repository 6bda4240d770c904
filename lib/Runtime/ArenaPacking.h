//===- ArenaPacking.h - Memory shared by liveness ---------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Places a program's intermediates in one block of memory, so that those which
// never live at the same time may share bytes.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_LIB_RUNTIME_ARENAPACKING_H
#define VYRE_LIB_RUNTIME_ARENAPACKING_H

#include "Program.h"

#include <cstdint>
#include <vector>

namespace vyre::runtime::internal {

/// What offsets within an arena, and therefore its base, are aligned to.
uint64_t arenaAlignment(const Program &program);

/// Gives each intermediate an offset and the arena its size. `sizes` are bytes,
/// one per intermediate. Launches are taken to run in their order. Returns
/// false where the size overflows 63 bits. O(n log n).
bool packArena(const Program &program, const std::vector<uint64_t> &sizes,
               std::vector<uint64_t> &offsets, uint64_t &arenaBytes);

} // namespace vyre::runtime::internal

#endif // VYRE_LIB_RUNTIME_ARENAPACKING_H
