//===- RandomGraphs.h - Launch graphs to test with --------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Random launch graphs, and who precedes whom in them by searching.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_TEST_UNIT_PLANNING_RANDOMGRAPHS_H
#define VYRE_TEST_UNIT_PLANNING_RANDOMGRAPHS_H

#include "vyre/Planning/LaunchGraph.h"

#include <algorithm>
#include <cstdlib>
#include <random>
#include <vector>

namespace vyre::planning::test {

/// reaches[a][b]: there is a way from a to b.
using Reachability = std::vector<std::vector<bool>>;

inline Reachability search(size_t launches,
                           const std::vector<LaunchEdge> &edges) {
  Reachability reaches(launches, std::vector<bool>(launches));
  for (const LaunchEdge &edge : edges)
    reaches[edge.earlier][edge.later] = true;
  for (size_t via = 0; via < launches; ++via)
    for (size_t a = 0; a < launches; ++a)
      for (size_t b = 0; b < launches; ++b)
        if (reaches[a][via] && reaches[via][b])
          reaches[a][b] = true;
  return reaches;
}

/// Edges in random order, about one in `rarity` of those that there may be.
inline std::vector<LaunchEdge> randomEdges(std::mt19937 &random,
                                           uint32_t launches, unsigned rarity) {
  std::vector<LaunchEdge> edges;
  for (uint32_t later = 1; later < launches; ++later)
    for (uint32_t earlier = 0; earlier < later; ++earlier)
      if (random() % rarity == 0)
        edges.push_back({earlier, later});
  std::shuffle(edges.begin(), edges.end(), random);
  return edges;
}

inline LaunchGraph makeGraph(size_t launches,
                             const std::vector<LaunchEdge> &edges) {
  auto graph = LaunchGraph::create(launches);
  for (const LaunchEdge &edge : edges)
    if (!graph->addEdge(edge.earlier, edge.later))
      std::abort();
  return std::move(*graph);
}

} // namespace vyre::planning::test

#endif // VYRE_TEST_UNIT_PLANNING_RANDOMGRAPHS_H
