//===- LaunchGraph.cpp - Which launches wait for which --------------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The transitive closure is kept up to date with every edge; the reduction is
// read off it at the end: an edge goes where another one into the same launch
// starts at a launch that comes after its own start.
//
//===----------------------------------------------------------------------===//

#include "vyre/Planning/LaunchGraph.h"

#include <algorithm>

using namespace vyre::planning;

/// Room for one more, with doubling.
template <typename T> static bool reserveOneMore(FlatArray<T> &array) {
  return array.size() != array.capacity() ||
         array.tryReserve(std::max<size_t>(16, 2 * array.capacity()));
}

PlanResult<LaunchGraph, LaunchGraphError> LaunchGraph::create(size_t launches) {
  LaunchGraph graph;
  graph.launches = launches;
  if (graph.isInOrder())
    return graph;
  graph.words = (launches + 63) / 64;
  size_t count = launches * graph.words;
  if (!graph.ancestors.tryReserve(count))
    return StorageReserveFailed{"launch graph", count};
  graph.ancestors.setSize(count);
  std::fill(graph.ancestors.begin(), graph.ancestors.end(), 0);
  return graph;
}

PlanResult<LaunchGraph, LaunchGraphError> LaunchGraph::clone() const {
  LaunchGraph graph;
  graph.launches = launches;
  graph.words = words;
  if (!graph.ancestors.tryReserve(ancestors.size()))
    return StorageReserveFailed{"launch graph", ancestors.size()};
  graph.ancestors.setSize(ancestors.size());
  std::copy(ancestors.begin(), ancestors.end(), graph.ancestors.begin());
  if (!graph.edges.tryReserve(edges.size()))
    return StorageReserveFailed{"launch edges", edges.size()};
  graph.edges.setSize(edges.size());
  std::copy(edges.begin(), edges.end(), graph.edges.begin());
  return graph;
}

bool LaunchGraph::addEdge(uint32_t earlier, uint32_t later) {
  assert(earlier < later && later < launches && "an edge goes forwards");
  if (precedes(earlier, later))
    return true;
  if (!reserveOneMore(edges))
    return false;
  edges.append({earlier, later});
  const uint64_t *source = row(earlier);
  for (uint32_t launch = later; launch < launches; ++launch) {
    if (launch != later && !precedes(later, launch))
      continue;
    uint64_t *target = row(launch);
    for (size_t i = 0; i < words; ++i)
      target[i] |= source[i];
    target[earlier / 64] |= uint64_t(1) << (earlier % 64);
  }
  return true;
}

PlanResult<FlatArray<LaunchEdge>, LaunchGraphError>
LaunchGraph::reduce() const {
  FlatArray<LaunchEdge> sorted;
  size_t count = isInOrder() ? launches - 1 : edges.size();
  if (!sorted.tryReserve(count))
    return StorageReserveFailed{"launch edges", count};
  if (isInOrder()) {
    for (uint32_t launch = 1; launch < launches; ++launch)
      sorted.append({launch - 1, launch});
    return sorted;
  }
  sorted.setSize(count);
  std::copy(edges.begin(), edges.end(), sorted.begin());
  std::sort(sorted.begin(), sorted.end(),
            [](const LaunchEdge &a, const LaunchEdge &b) {
              return a.later != b.later ? a.later < b.later
                                        : a.earlier < b.earlier;
            });

  size_t kept = 0;
  const LaunchEdge *end = sorted.end();
  for (const LaunchEdge *first = sorted.begin(); first != end;) {
    const LaunchEdge *last = first;
    while (last != end && last->later == first->later)
      ++last;
    // Those before `edge` may have been moved already, but none of them starts
    // after it.
    for (const LaunchEdge *edge = first; edge != last; ++edge)
      if (std::none_of(edge + 1, last, [&](const LaunchEdge &other) {
            return precedes(edge->earlier, other.earlier);
          }))
        sorted[kept++] = *edge;
    first = last;
  }
  sorted.setSize(kept);
  return sorted;
}
