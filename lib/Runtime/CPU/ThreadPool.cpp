//===- ThreadPool.cpp - The threads of a CPU device -------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CPU/ThreadPool.h"

#include <algorithm>
#include <csignal>

namespace vyre::runtime::internal {
namespace {

/// Chunks per thread, so that a slow thread does not hold up the others.
constexpr int64_t kChunksPerThread = 4;

/// Blocks the signals that others send while it lives: threads that are started
/// then inherit that, so that an application's handlers do not run on them.
/// What a thread does to itself stays as it was.
class BlockedSignals {
public:
  BlockedSignals() {
    sigset_t all;
    ::sigfillset(&all);
    for (int own : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS})
      ::sigdelset(&all, own);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
  }
  BlockedSignals(const BlockedSignals &) = delete;
  BlockedSignals &operator=(const BlockedSignals &) = delete;
  ~BlockedSignals() { ::pthread_sigmask(SIG_SETMASK, &before, nullptr); }

private:
  sigset_t before;
};

} // namespace

ThreadPool::ThreadPool(unsigned count) {
  BlockedSignals blocked;
  // One thread at least, for submitted tasks.
  unsigned own = std::max(1u, count - 1);
  threads.reserve(own);
  try {
    for (unsigned i = 0; i < own; ++i)
      threads.emplace_back([this] { runThread(); });
  } catch (...) {
    // Fewer threads than asked for are as good, none are not.
    if (threads.empty())
      throw;
  }
}

ThreadPool::~ThreadPool() {
  {
    std::lock_guard<std::mutex> lock(mutex);
    stops = true;
  }
  wake.notify_all();
  for (std::thread &thread : threads)
    thread.join();
}

void ThreadPool::Range::work() {
  while (true) {
    int64_t begin = next.load(std::memory_order_relaxed);
    int64_t end;
    do {
      if (begin >= items)
        return;
      end = items - begin <= chunk ? items : begin + chunk;
    } while (
        !next.compare_exchange_weak(begin, end, std::memory_order_relaxed));
    function(context, begin, end);
  }
}

ThreadPool::Range *ThreadPool::findRange() const {
  for (Range *range = ranges; range; range = range->nextRange)
    if (range->hasWork())
      return range;
  return nullptr;
}

void ThreadPool::runThread() {
  std::unique_lock<std::mutex> lock(mutex);
  while (true) {
    // Ranges first: they belong to dispatches that have begun.
    if (Range *range = findRange()) {
      ++range->helpers;
      lock.unlock();
      range->work();
      lock.lock();
      if (--range->helpers == 0)
        helperLeft.notify_all();
      continue;
    }
    if (Task *task = firstTask) {
      firstTask = task->next;
      if (!firstTask)
        lastTask = nullptr;
      lock.unlock();
      task->run();
      lock.lock();
      continue;
    }
    if (stops)
      return;
    wake.wait(lock);
  }
}

void ThreadPool::parallelFor(int64_t items, int64_t grain,
                             RangeFunction function, void *context) {
  if (items <= 0)
    return;
  auto workers = static_cast<int64_t>(threads.size()) + 1;
  int64_t chunks = workers * kChunksPerThread;
  int64_t chunk = std::max(grain, items / chunks + (items % chunks != 0));
  int64_t count = items / chunk + (items % chunk != 0);
  if (count == 1) {
    function(context, 0, items);
    return;
  }

  Range range{items, chunk, function, context};
  {
    std::lock_guard<std::mutex> lock(mutex);
    range.nextRange = ranges;
    ranges = &range;
  }
  for (int64_t i = std::min(count, workers) - 1; i > 0; --i)
    wake.notify_one();
  range.work();

  std::unique_lock<std::mutex> lock(mutex);
  Range **link = &ranges;
  while (*link != &range)
    link = &(*link)->nextRange;
  *link = range.nextRange;
  helperLeft.wait(lock, [&] { return range.helpers == 0; });
}

void ThreadPool::submit(Task &task) {
  {
    std::lock_guard<std::mutex> lock(mutex);
    task.next = nullptr;
    if (lastTask)
      lastTask->next = &task;
    else
      firstTask = &task;
    lastTask = &task;
  }
  wake.notify_one();
}

} // namespace vyre::runtime::internal
