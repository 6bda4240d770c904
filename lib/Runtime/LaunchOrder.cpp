//===- LaunchOrder.cpp - Which launches wait for which -------- -*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A launch waits for the last one that wrote what it touches, and one that
// writes also for all that have read it since.
//
//===----------------------------------------------------------------------===//

#include "LaunchOrder.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

namespace vyre::runtime::internal {
namespace {

struct Uses {
  std::optional<uint32_t> writer;
  std::vector<uint32_t> readers;
};

Status noMemory() {
  return failure(VYRE_STATUS_OUT_OF_MEMORY,
                 "there is no memory left for the graph of a program's "
                 "launches. Fix: free memory.");
}

} // namespace

Expected<planning::LaunchGraph> makeLaunchGraph(const Program &program) {
  auto graph = planning::LaunchGraph::create(program.launches.size());
  if (graph.failed())
    return noMemory();
  for (uint32_t i = 0; i < program.launches.size(); ++i)
    for (uint32_t earlier : program.launches[i].dependsOn)
      if (!graph->addEdge(earlier, i))
        return noMemory();
  return std::move(*graph);
}

Status completeDependences(Program &program) {
  auto graph = makeLaunchGraph(program);
  if (graph.failed())
    return graph.takeStatus();
  std::map<std::pair<MemoryKind, uint32_t>, Uses> uses;
  for (uint32_t i = 0; i < program.launches.size(); ++i) {
    Launch &launch = program.launches[i];
    auto waitFor = [&](uint32_t earlier) {
      return earlier == i || graph->addEdge(earlier, i);
    };
    auto usesOf = [&](const MemoryRef &memory) -> Uses & {
      return uses[{memory.kind, memory.index}];
    };
    for (const MemoryRef &memory : launch.reads) {
      Uses &known = usesOf(memory);
      if (known.writer && !waitFor(*known.writer))
        return noMemory();
    }
    for (const MemoryRef &memory : launch.writes) {
      Uses &known = usesOf(memory);
      if (known.writer && !waitFor(*known.writer))
        return noMemory();
      for (uint32_t reader : known.readers)
        if (!waitFor(reader))
          return noMemory();
    }
    for (const MemoryRef &memory : launch.reads)
      usesOf(memory).readers.push_back(i);
    for (const MemoryRef &memory : launch.writes)
      usesOf(memory) = Uses{i, {}};
  }
  auto edges = graph->reduce();
  if (edges.failed())
    return noMemory();
  for (Launch &launch : program.launches)
    launch.dependsOn.clear();
  for (const planning::LaunchEdge &edge : *edges)
    program.launches[edge.later].dependsOn.push_back(edge.earlier);
  return Status();
}

void findHostBoundaries(Program &program) {
  std::set<std::pair<MemoryKind, uint32_t>> written;
  auto isWritten = [&](const MemoryRef &memory) {
    return written.count({memory.kind, memory.index}) != 0;
  };
  for (Launch &launch : program.launches) {
    launch.isHostBoundary &=
        std::any_of(launch.reads.begin(), launch.reads.end(), isWritten);
    for (const MemoryRef &memory : launch.writes)
      written.insert({memory.kind, memory.index});
  }
}

std::vector<std::vector<uint32_t>>
findIntermediateUses(const Program &program) {
  std::vector<std::vector<uint32_t>> uses(program.intermediates.size());
  for (uint32_t i = 0; i < program.launches.size(); ++i)
    for (const MemoryRef &memory : program.launches[i].pointers)
      if (memory.kind == MemoryKind::intermediate &&
          (uses[memory.index].empty() || uses[memory.index].back() != i))
        uses[memory.index].push_back(i);
  return uses;
}

} // namespace vyre::runtime::internal
