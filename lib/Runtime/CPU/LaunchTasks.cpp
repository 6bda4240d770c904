//===- LaunchTasks.cpp - Launches side by side on the CPU ----- -*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each task counts down what it waits for; whoever brings the count to zero
// runs it or hands it to the pool. No thread ever waits for another launch, so
// that one thread of the pool is enough.
//
//===----------------------------------------------------------------------===//

#include "CPU/LaunchTasks.h"

#include <optional>

namespace vyre::runtime::internal {

void LaunchTasks::setGraph(uint32_t launches,
                           const std::vector<planning::LaunchEdge> &edges) {
  tasks = std::make_unique<Task[]>(launches);
  count = launches;
  for (const planning::LaunchEdge &edge : edges) {
    tasks[edge.earlier].successors.push_back(edge.later);
    ++tasks[edge.later].predecessors;
  }
  roots.clear();
  for (uint32_t i = 0; i < launches; ++i) {
    tasks[i].owner = this;
    tasks[i].launch = i;
    if (tasks[i].predecessors == 0)
      roots.push_back(i);
  }
}

void LaunchTasks::start() {
  for (uint32_t i = 0; i < count; ++i)
    tasks[i].waiting.store(tasks[i].predecessors, std::memory_order_relaxed);
  remaining.store(count, std::memory_order_relaxed);
  // The first root runs here, and as long as it has not, `finish` is to come:
  // until then the tasks stay as they are.
  for (size_t i = 1; i < roots.size(); ++i)
    pool.submit(tasks[roots[i]]);
  runFrom(roots.front());
}

void LaunchTasks::runFrom(uint32_t launch) {
  while (true) {
    work.runLaunch(launch);
    std::optional<uint32_t> next;
    for (uint32_t later : tasks[launch].successors) {
      if (tasks[later].waiting.fetch_sub(1, std::memory_order_acq_rel) != 1)
        continue;
      if (next)
        pool.submit(tasks[later]);
      else
        next = later;
    }
    // After the last one the tasks may be set up anew at any moment.
    if (remaining.fetch_sub(1, std::memory_order_acq_rel) == 1)
      return work.finish();
    if (!next)
      return;
    launch = *next;
  }
}

} // namespace vyre::runtime::internal
