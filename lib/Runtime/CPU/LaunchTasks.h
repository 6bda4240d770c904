//===- LaunchTasks.h - Launches side by side on the CPU ------- -*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The launches of a program as tasks of a thread pool, each of which runs when
// all that it waits for are over. Made once for a graph; running it again
// allocates nothing.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_LIB_RUNTIME_CPU_LAUNCHTASKS_H
#define VYRE_LIB_RUNTIME_CPU_LAUNCHTASKS_H

#include "CPU/ThreadPool.h"

#include "vyre/Planning/LaunchGraph.h"

#include <memory>

namespace vyre::runtime::internal {

class LaunchTasks {
public:
  /// What to run: each launch once, on any thread, and at the end `finish`, on
  /// the thread that ran the last of them.
  class Work {
  public:
    virtual void runLaunch(uint32_t launch) = 0;
    virtual void finish() = 0;

  protected:
    ~Work() = default;
  };

  LaunchTasks(ThreadPool &pool, Work &work) : pool(pool), work(work) {}
  LaunchTasks(const LaunchTasks &) = delete;
  LaunchTasks &operator=(const LaunchTasks &) = delete;

  /// The graph of the next runs. Edges go from smaller to larger numbers; an
  /// edge may be there twice. Nothing is running.
  void setGraph(uint32_t launches,
                const std::vector<planning::LaunchEdge> &edges);

  /// Runs all launches, some of them on this thread; others may still run when
  /// it returns, and `finish` may be over. There is at least one launch.
  void start();

private:
  struct Task : ThreadPool::Task {
    void run() override { owner->runFrom(launch); }

    LaunchTasks *owner = nullptr;
    uint32_t launch = 0;
    /// Launches to wait for: in all, and those that are not over yet.
    uint32_t predecessors = 0;
    std::atomic<uint32_t> waiting{0};
    std::vector<uint32_t> successors;
  };

  /// Runs a launch and then, one after the other, one that each made ready.
  void runFrom(uint32_t launch);

  ThreadPool &pool;
  Work &work;
  std::unique_ptr<Task[]> tasks;
  uint32_t count = 0;
  std::vector<uint32_t> roots;
  std::atomic<uint32_t> remaining{0};
};

} // namespace vyre::runtime::internal

#endif // VYRE_LIB_RUNTIME_CPU_LAUNCHTASKS_H
