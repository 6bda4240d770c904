//===- LaunchGeometry.h - Grids of generated kernels ---------- -*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_CONVERSION_LAUNCHGEOMETRY_H
#define VYRE_CONVERSION_LAUNCHGEOMETRY_H

#include <cstdint>

namespace vyre {

/// Threads in a block of a generated kernel, where nothing asks for others.
inline constexpr int64_t kThreadsPerBlock = 256;

/// The most blocks of a generated kernel; its threads loop over what is left.
inline constexpr int64_t kMaxBlocks = int64_t(1) << 20;

/// Work items that are worth a task of their own on a CPU, for a body of a few
/// operations.
inline constexpr int64_t kCPUGrain = 4096;

} // namespace vyre

#endif // VYRE_CONVERSION_LAUNCHGEOMETRY_H
