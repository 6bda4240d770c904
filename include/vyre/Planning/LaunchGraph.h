//===- LaunchGraph.h - Which launches wait for which ------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The order of a program's launches as a graph. They are numbered such that
// they may run one after the other as they are numbered; an edge goes from a
// launch to a later one that waits for it. Whether one waits for another, by
// whatever way, is answered at once.
//
// That takes a bit for every two launches. More than kMaxLaunches of them are
// taken to run in their order, which is always right.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_PLANNING_LAUNCHGRAPH_H
#define VYRE_PLANNING_LAUNCHGRAPH_H

#include "vyre/Planning/PlanResult.h"
#include "vyre/Planning/Storage.h"

namespace vyre::planning {

/// `later` waits for `earlier`.
struct LaunchEdge {
  uint32_t earlier;
  uint32_t later;

  friend bool operator==(const LaunchEdge &a, const LaunchEdge &b) {
    return a.earlier == b.earlier && a.later == b.later;
  }
  friend bool operator!=(const LaunchEdge &a, const LaunchEdge &b) {
    return !(a == b);
  }
};

/// Its storage: "launch graph", "launch edges".
using LaunchGraphError = std::variant<StorageReserveFailed>;

class LaunchGraph {
public:
  static constexpr size_t kMaxLaunches = 4096;

  /// A graph of so many launches and no edges.
  static PlanResult<LaunchGraph, LaunchGraphError> create(size_t launches);

  /// A graph that is the same.
  PlanResult<LaunchGraph, LaunchGraphError> clone() const;

  size_t size() const { return launches; }
  /// All launches run in their order, edges or none.
  bool isInOrder() const { return launches > kMaxLaunches; }

  /// Whether `later` starts after the end of `earlier`.
  bool precedes(uint32_t earlier, uint32_t later) const {
    if (isInOrder())
      return earlier < later;
    return row(later)[earlier / 64] >> (earlier % 64) & 1;
  }
  /// A bit for each launch, 64 to a word, set where it precedes this one. Not
  /// for a graph that is in order.
  Span<const uint64_t> predecessors(uint32_t launch) const {
    return {row(launch), words};
  }

  /// Makes `later`, which has the larger number, wait for `earlier`. Nothing
  /// happens where it does. False where there is no memory for the edge.
  [[nodiscard]] bool addEdge(uint32_t earlier, uint32_t later);

  /// The fewest edges that say the same, by `later`, then by `earlier`. In a
  /// graph that is in order each launch waits for the one before it.
  PlanResult<FlatArray<LaunchEdge>, LaunchGraphError> reduce() const;

private:
  const uint64_t *row(uint32_t launch) const {
    return ancestors.data() + launch * words;
  }
  uint64_t *row(uint32_t launch) { return ancestors.data() + launch * words; }

  size_t launches = 0;
  /// Words of a row.
  size_t words = 0;
  /// For each launch a row with a bit for each that precedes it.
  FlatArray<uint64_t> ancestors;
  /// As they were added; some may have become superfluous.
  FlatArray<LaunchEdge> edges;
};

} // namespace vyre::planning

#endif // VYRE_PLANNING_LAUNCHGRAPH_H
