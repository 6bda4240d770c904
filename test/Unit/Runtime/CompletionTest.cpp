//===- CompletionTest.cpp - Dispatches that nobody waits for yet ----------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FakeCudaTest.h"

#include <atomic>
#include <thread>

namespace vyre::testing {
namespace {

using runtime::Config;

class CompletionTest : public ::testing::TestWithParam<const char *> {
protected:
  void SetUp() override { fakecuda::reset(); }
  void TearDown() override {
    fakecuda::reset();
    EXPECT_EQ(fakecuda::liveObjects(), 0u);
  }
};

using CompletionCudaTest = FakeCudaTest;

/// Whoever drops a completion waits for its work first.
TEST_P(CompletionTest, DroppedOnesAreDone) {
  Session session(GetParam(), "sine", /*maxInFlight=*/2);
  for (int round = 0; round < 3; ++round) {
    SineCall first(3000), second(100);
    auto bindings = first.bindings(), others = second.bindings();
    {
      auto dropped = session.pipeline.submit(bindings.data(), bindings.size());
      ASSERT_OK(dropped);
      auto other = session.pipeline.submit(others.data(), others.size());
      ASSERT_OK(other);
    }
    first.expectResult();
    second.expectResult();
  }
  EXPECT_EQ(session.pipeline.telemetry()->output_slots, 6u);
}

/// Each wait gives the same answer, from whichever thread, as often as it is
/// asked for.
TEST_P(CompletionTest, ManyMayWaitForOne) {
  Session session(GetParam(), "scale");
  ScaleCall call(20000);
  auto bindings = call.bindings();
  auto completion = session.pipeline.submit(bindings.data(), bindings.size());
  ASSERT_OK(completion);
  std::vector<std::thread> threads;
  std::atomic<int> done{0};
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      for (int again = 0; again < 3; ++again) {
        VyreDispatchReport report = emptyReport();
        EXPECT_OK(completion->wait(VYRE_WAIT_FOREVER, &report));
        done += report.launches == 1;
      }
    });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(done, 12);
  call.expectResult();
  EXPECT_EQ(session.pipeline.telemetry()->output_slots, 1u);
}

/// They are done in any order, also while others begin.
TEST_P(CompletionTest, MayBeWaitedForInAnyOrder) {
  constexpr int kCalls = 12;
  Session session(GetParam(), "scale", /*maxInFlight=*/3);
  std::vector<ScaleCall> calls;
  for (int i = 0; i < kCalls; ++i)
    calls.emplace_back(50 + i, static_cast<float>(i));
  std::vector<runtime::Completion> completions;
  for (ScaleCall &call : calls) {
    // With all sets in use, it is the oldest that makes room.
    auto bindings = call.bindings();
    auto completion = session.pipeline.submit(bindings.data(), bindings.size());
    ASSERT_OK(completion);
    completions.push_back(std::move(*completion));
  }
  for (size_t i = completions.size(); i-- > 0;) {
    ASSERT_OK(completions[i].wait());
    calls[i].expectResult();
  }
}

/// What is refused has no completion.
TEST_P(CompletionTest, RefusalsComeAtOnce) {
  Session session(GetParam(), "scale");
  ScaleCall call(10);
  auto bindings = call.bindings();
  bindings[2].byte_length = 0;
  auto handle = reinterpret_cast<VyreCompletion *>(&call);
  expectError(runtime::Status(
                  vyrePipelineSubmit(session.pipeline.get(), bindings.data(),
                                     bindings.size(), nullptr, &handle)),
              VYRE_STATUS_INVALID_ARGUMENT, {"'y'"});
  EXPECT_EQ(handle, reinterpret_cast<VyreCompletion *>(&call));
  EXPECT_EQ(session.pipeline.telemetry()->dispatches, 0u);
  bindings = call.bindings();
  EXPECT_OK(session.pipeline.dispatch(bindings.data(), bindings.size()));
}

/// A wait that runs out of time leaves the dispatch as it is, whatever its
/// pipeline's own limit says: that one is for the beginning.
TEST_F(CompletionCudaTest, AWaitOutOfTimeIsNoEnd) {
  Config config;
  config.timeLimit = std::chrono::milliseconds(50);
  for (VyreWaitMode mode : {VYRE_WAIT_BLOCK, VYRE_WAIT_SPIN}) {
    config.waitMode = mode;
    Loaded setup(sampleTables(), kScale, config);
    ScaleCall call(10), next(20);
    auto bindings = call.bindings(), others = next.bindings();
    fakecuda::setPendingQueries(uint64_t(1) << 40);
    auto completion = setup.pipeline.submit(bindings.data(), bindings.size());
    ASSERT_OK(completion);
    for (uint64_t limit : {0, 1, 1000000})
      expectError(completion->wait(limit), VYRE_STATUS_DEADLINE_EXCEEDED,
                  {"wait again"});
    // The only set is in use for longer than the next one would wait.
    expectError(
        setup.pipeline.submit(others.data(), others.size()).takeStatus(),
        VYRE_STATUS_DEADLINE_EXCEEDED, {"has not begun", "50000000 ns"});
    next.expectUntouched();
    expectError(setup.pipeline.drain(1000), VYRE_STATUS_DEADLINE_EXCEEDED,
                {"'scale'"});
    fakecuda::setPendingQueries(3);
    ASSERT_OK(completion->wait());
    ASSERT_OK(completion->wait(0));
    call.expectResult();
    ASSERT_OK(setup.pipeline.dispatch(others.data(), others.size()));
    next.expectResult();
  }
}

/// The work's failure is what each wait says, also after the device went on.
TEST_F(CompletionCudaTest, AFailureIsToldEachTime) {
  Loaded setup(sampleTables(), kScale, {});
  ScaleCall call(10), next(10);
  auto bindings = call.bindings();
  auto completion = setup.pipeline.submit(bindings.data(), bindings.size());
  ASSERT_OK(completion);
  // Push, then the wait itself.
  fakecuda::failCall(1, 999);
  for (int i = 0; i < 2; ++i)
    expectError(completion->wait(), VYRE_STATUS_DEVICE_ERROR,
                {"cuStreamSynchronize", "(999)"});
  // Of what failed no results are counted.
  auto before = setup.pipeline.telemetry();
  ASSERT_OK(before);
  EXPECT_EQ(before->dispatches, 1u);
  EXPECT_EQ(before->output_slots, 0u);
  EXPECT_EQ(before->output_bytes, 0u);
  setup.run(next);
  expectError(completion->wait(), VYRE_STATUS_DEVICE_ERROR, {"(999)"});
  EXPECT_EQ(setup.pipeline.telemetry()->output_slots, 1u);
}

/// A dispatch that outlived its time limit and then failed: a drain says so,
/// once.
TEST_F(CompletionCudaTest, ADrainTellsOfWhatNobodyWaitedFor) {
  Loaded setup(sampleTables(), kScale, {});
  ScaleCall call(10), next(10);
  auto bindings = call.bindings();
  Config limited;
  limited.timeLimit = std::chrono::microseconds(1);
  fakecuda::setPendingQueries(uint64_t(1) << 40);
  expectError(
      setup.pipeline.dispatch(bindings.data(), bindings.size(), limited),
      VYRE_STATUS_DEADLINE_EXCEEDED, {"vyrePipelineDrain"});
  fakecuda::setPendingQueries(0);
  // Push, then the wait itself.
  fakecuda::failCall(1, 999);
  expectError(setup.pipeline.drain(), VYRE_STATUS_DEVICE_ERROR, {"(999)"});
  EXPECT_OK(setup.pipeline.drain());
  setup.run(next);
}

INSTANTIATE_TEST_SUITE_P(Backends, CompletionTest,
                         ::testing::Values("cpu", "cuda"),
                         [](const auto &info) {
                           return std::string(info.param);
                         });

} // namespace
} // namespace vyre::testing
