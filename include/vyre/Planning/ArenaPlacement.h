//===- ArenaPlacement.h - Intermediates in one block of memory --*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The planner of a program's arena. Two values may share bytes where every
// launch that uses the one precedes every launch that uses the other. If the
// arena is to be smaller than that allows, launches that could have run side by
// side have to wait for each other: the planner adds edges, and says what the
// arena takes either way.
//
//   launches       a ----> b       values   x: a, b     y: c, d
//                  c ----> d
//
//   side by side   x | y           x.bytes + y.bytes
//   in their order x, then y       max(x.bytes, y.bytes), and c waits for b
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_PLANNING_ARENAPLACEMENT_H
#define VYRE_PLANNING_ARENAPLACEMENT_H

#include "vyre/Planning/LaunchGraph.h"

#include <optional>

namespace vyre::planning {

/// Memory that some launches use.
struct ArenaValue {
  uint64_t byteSize = 0;
  /// The launches, in ascending order, each once. A value without any has no
  /// place of its own.
  Span<const uint32_t> uses;
};

struct ArenaOptions {
  /// Offsets are multiples of it and sizes rounded up to it, in bytes: a power
  /// of two.
  uint64_t granule = 256;
  /// The most bytes that the arena may have; none: no limit.
  std::optional<uint64_t> maxBytes = std::nullopt;
  /// Up to this size the arena may grow so that launches run side by side; with
  /// `maxBytes`, that decides alone. Kernels that fill larger buffers tend to
  /// fill the device.
  uint64_t concurrentBytes = uint64_t(256) << 20;
};

/// Even with the launches in their order the arena is too large.
struct ArenaOverBudget {
  uint64_t requiredBytes;
  uint64_t budgetBytes;

  static constexpr const char *kind = "ArenaOverBudget";
  template <typename Visitor> void visitFields(Visitor &&visit) const {
    visit("required_bytes", requiredBytes);
    visit("budget_bytes", budgetBytes);
  }
  std::string message() const;
};

struct ArenaPlan {
  /// One per value, in bytes; 0 for one without bytes or uses.
  FlatArray<uint64_t> offsets;
  /// What the arena takes.
  uint64_t byteSize = 0;
  /// What it would take with all launches side by side that may be, and with
  /// all launches in their order.
  uint64_t concurrentByteSize = 0;
  uint64_t inOrderByteSize = 0;
  /// What the launches have to wait for besides, so that values may share
  /// bytes: with these edges no two that share any are ever in use at once.
  FlatArray<LaunchEdge> addedEdges;
};

/// Its overflow: "arena bytes", beyond 2^63 - 1. Its storage: "arena values",
/// "arena offsets", "arena live sets", and that of a launch graph.
using ArenaError =
    std::variant<ByteCountOverflow, StorageReserveFailed, ArenaOverBudget>;

/// More values, or a graph that is in order, are placed for launches that run
/// in their order.
inline constexpr size_t kMaxConcurrentValues = 2048;

PlanResult<ArenaPlan, ArenaError> planArena(const LaunchGraph &graph,
                                            Span<const ArenaValue> values,
                                            const ArenaOptions &options);

/// Two values that share bytes although the graph lets them be in use at once,
/// for a placement that somebody else made.
struct ArenaConflict {
  uint32_t first;
  uint32_t second;
};

/// The first conflict of a placement, none where it is sound. Offsets and sizes
/// are such that their sums do not overflow.
PlanResult<std::optional<ArenaConflict>, ArenaError>
findArenaConflict(const LaunchGraph &graph, Span<const ArenaValue> values,
                  Span<const uint64_t> offsets);

} // namespace vyre::planning

#endif // VYRE_PLANNING_ARENAPLACEMENT_H
