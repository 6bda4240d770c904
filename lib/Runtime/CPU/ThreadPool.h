//===- ThreadPool.h - The threads of a CPU device ---------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Runs ranges of work items on several threads, and whole dispatches beside the
// caller. Work is described by objects that the caller owns, so that nothing is
// allocated once the threads run.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_LIB_RUNTIME_CPU_THREADPOOL_H
#define VYRE_LIB_RUNTIME_CPU_THREADPOOL_H

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

namespace vyre::runtime::internal {

class ThreadPool {
public:
  /// Something to be run once on some thread of the pool. Must live until run()
  /// has been entered.
  class Task {
  public:
    virtual void run() = 0;

  protected:
    ~Task() = default;

  private:
    friend class ThreadPool;
    Task *next = nullptr;
  };

  using RangeFunction = void (*)(void *context, int64_t begin, int64_t end);

  /// A pool that works with `threads` >= 1 threads at a time, the caller of
  /// parallelFor among them. Throws std::system_error if the system gives none.
  explicit ThreadPool(unsigned threads);
  ThreadPool(const ThreadPool &) = delete;
  ThreadPool &operator=(const ThreadPool &) = delete;
  /// Nothing may be under way.
  ~ThreadPool();

  /// Calls the function on disjoint ranges that together are [0, items), each
  /// but the last of at least `grain` items, in any order and at the same time;
  /// returns when all are done.
  void parallelFor(int64_t items, int64_t grain, RangeFunction function,
                   void *context);

  /// Runs a task on one of the pool's own threads.
  void submit(Task &task);

private:
  /// A range that threads take chunks of. Lives on its caller's stack.
  struct Range {
    int64_t items;
    int64_t chunk;
    RangeFunction function;
    void *context;
    std::atomic<int64_t> next{0};
    /// Threads of the pool inside; guarded by the pool's mutex.
    unsigned helpers = 0;
    Range *nextRange = nullptr;

    /// Runs chunks until there are none left.
    void work();
    bool hasWork() const {
      return next.load(std::memory_order_relaxed) < items;
    }
  };

  void runThread();
  Range *findRange() const;

  std::mutex mutex;
  std::condition_variable wake;
  std::condition_variable helperLeft;
  Range *ranges = nullptr;
  Task *firstTask = nullptr;
  Task *lastTask = nullptr;
  bool stops = false;
  std::vector<std::thread> threads;
};

} // namespace vyre::runtime::internal

#endif // VYRE_LIB_RUNTIME_CPU_THREADPOOL_H
