//===- ThreadPoolTest.cpp - The threads of a CPU device ---------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CPU/ThreadPool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

namespace vyre::runtime::internal {
namespace {

struct Marks {
  explicit Marks(int64_t items) : counts(static_cast<size_t>(items)) {}
  static void run(void *context, int64_t begin, int64_t end) {
    auto &marks = *static_cast<Marks *>(context);
    marks.calls.fetch_add(1);
    for (int64_t i = begin; i < end; ++i)
      marks.counts[static_cast<size_t>(i)].fetch_add(1);
  }
  std::vector<std::atomic<int>> counts;
  std::atomic<int> calls{0};
};

TEST(ThreadPoolTest, CoversEveryItemOnce) {
  for (unsigned threads : {1u, 2u, 5u}) {
    ThreadPool pool(threads);
    for (int64_t items : {0, 1, 7, 64, 1000, 100000})
      for (int64_t grain : {int64_t(1), int64_t(64), INT64_MAX}) {
        Marks marks(items);
        pool.parallelFor(items, grain, &Marks::run, &marks);
        for (const auto &count : marks.counts)
          ASSERT_EQ(count.load(), 1);
        if (grain >= items) {
          EXPECT_EQ(marks.calls.load(), items != 0);
        }
      }
  }
}

TEST(ThreadPoolTest, TakesTheLargestRange) {
  ThreadPool pool(3);
  struct Sum {
    std::atomic<int64_t> items{0};
    static void run(void *context, int64_t begin, int64_t end) {
      static_cast<Sum *>(context)->items.fetch_add(end - begin);
    }
  } sum;
  pool.parallelFor(INT64_MAX, 1, &Sum::run, &sum);
  EXPECT_EQ(sum.items.load(), INT64_MAX);
}

TEST(ThreadPoolTest, ServesManyCallersAtOnce) {
  ThreadPool pool(2);
  std::vector<std::thread> callers;
  for (int i = 0; i < 4; ++i)
    callers.emplace_back([&] {
      for (int round = 0; round < 50; ++round) {
        Marks marks(500);
        pool.parallelFor(500, 10, &Marks::run, &marks);
        for (const auto &count : marks.counts)
          ASSERT_EQ(count.load(), 1);
      }
    });
  for (std::thread &caller : callers)
    caller.join();
}

/// A task may itself use the pool, also one with a single thread.
TEST(ThreadPoolTest, RunsTasksThatRunRanges) {
  struct Nested : ThreadPool::Task {
    explicit Nested(ThreadPool &pool) : pool(pool), marks(300) {}
    void run() override {
      pool.parallelFor(300, 1, &Marks::run, &marks);
      std::lock_guard<std::mutex> lock(mutex);
      isDone = true;
      done.notify_all();
    }
    void wait() {
      std::unique_lock<std::mutex> lock(mutex);
      done.wait(lock, [&] { return isDone; });
    }
    ThreadPool &pool;
    Marks marks;
    std::mutex mutex;
    std::condition_variable done;
    bool isDone = false;
  };
  for (unsigned threads : {1u, 3u}) {
    ThreadPool pool(threads);
    Nested first(pool), second(pool), third(pool);
    for (Nested *task : {&first, &second, &third})
      pool.submit(*task);
    for (Nested *task : {&first, &second, &third}) {
      task->wait();
      for (const auto &count : task->marks.counts)
        EXPECT_EQ(count.load(), 1);
    }
  }
}

} // namespace
} // namespace vyre::runtime::internal
