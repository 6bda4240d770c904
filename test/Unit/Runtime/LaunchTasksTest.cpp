//===- LaunchTasksTest.cpp - Launches side by side on the CPU - -*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Random graphs on pools of several sizes: every launch runs once, after all
// that it waits for.
//
//===----------------------------------------------------------------------===//

#include "CPU/LaunchTasks.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <random>
#include <thread>

namespace vyre::runtime::internal {
namespace {

using planning::LaunchEdge;

/// Counts runs, and checks that what a launch waits for is over.
class Recorder final : public LaunchTasks::Work {
public:
  Recorder(uint32_t launches, std::vector<LaunchEdge> edges)
      : edges(std::move(edges)), runs(launches) {}

  void runLaunch(uint32_t launch) override {
    for (const LaunchEdge &edge : edges)
      if (edge.later == launch && runs[edge.earlier].load() != round)
        ++early;
    ++runs[launch];
  }
  void finish() override {
    std::lock_guard<std::mutex> lock(mutex);
    isDone = true;
    done.notify_all();
  }
  void begin() {
    std::lock_guard<std::mutex> lock(mutex);
    isDone = false;
    ++round;
  }
  void wait() {
    std::unique_lock<std::mutex> lock(mutex);
    done.wait(lock, [&] { return isDone; });
  }

  std::vector<LaunchEdge> edges;
  std::vector<std::atomic<uint32_t>> runs;
  std::atomic<uint32_t> early{0};
  uint32_t round = 0;

private:
  std::mutex mutex;
  std::condition_variable done;
  bool isDone = false;
};

TEST(LaunchTasksTest, EveryLaunchOnceAndInOrder) {
  std::mt19937 random(4);
  for (unsigned threads : {1u, 2u, 4u}) {
    ThreadPool pool(threads);
    for (int round = 0; round < 60; ++round) {
      uint32_t launches = 1 + random() % 30;
      unsigned rarity = 1 + random() % 12;
      std::vector<LaunchEdge> edges;
      for (uint32_t later = 1; later < launches; ++later)
        for (uint32_t earlier = 0; earlier < later; ++earlier)
          if (random() % rarity == 0)
            edges.push_back({earlier, later});
      Recorder recorder(launches, edges);
      LaunchTasks tasks(pool, recorder);
      tasks.setGraph(launches, edges);
      for (uint32_t repeat = 1; repeat <= 5; ++repeat) {
        recorder.begin();
        tasks.start();
        recorder.wait();
        for (uint32_t i = 0; i < launches; ++i)
          ASSERT_EQ(recorder.runs[i].load(), repeat);
      }
      EXPECT_EQ(recorder.early.load(), 0u);
    }
  }
}

/// Two launches that each wait until the other one has begun.
class Meeting final : public LaunchTasks::Work {
public:
  void runLaunch(uint32_t) override {
    std::unique_lock<std::mutex> lock(mutex);
    ++begun;
    changed.notify_all();
    changed.wait(lock, [&] { return begun == 2; });
  }
  void finish() override {
    std::lock_guard<std::mutex> lock(mutex);
    isDone = true;
    changed.notify_all();
  }
  void wait() {
    std::unique_lock<std::mutex> lock(mutex);
    changed.wait(lock, [&] { return isDone; });
  }

private:
  std::mutex mutex;
  std::condition_variable changed;
  int begun = 0;
  bool isDone = false;
};

// What does not wait for each other runs at the same time.
TEST(LaunchTasksTest, BranchesMeet) {
  ThreadPool pool(2);
  Meeting meeting;
  LaunchTasks tasks(pool, meeting);
  tasks.setGraph(2, {});
  tasks.start();
  meeting.wait();
}

} // namespace
} // namespace vyre::runtime::internal
