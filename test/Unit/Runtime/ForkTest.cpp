//===- ForkTest.cpp - Handles after fork() ----------------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A child of fork() has its parent's handles, but neither the threads nor the
// contexts behind them: whatever it does with them ends, and is told.
//
//===----------------------------------------------------------------------===//

#include "RuntimeTest.h"

#include "vyre-c/Embedded.h"

#include <sys/wait.h>
#include <unistd.h>

namespace vyre::testing {
namespace {

/// Runs a function in a child; a test of the child that fails, and a child that
/// does not end, fail this one.
template <typename Function> void runInChild(Function function) {
  pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    ::alarm(60);
    function();
    ::_exit(::testing::Test::HasFailure() ? 1 : 0);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

class ForkTest : public ::testing::TestWithParam<const char *> {};

INSTANTIATE_TEST_SUITE_P(Backends, ForkTest, ::testing::Values("cpu", "cuda"),
                         [](const auto &info) { return info.param; });

TEST_P(ForkTest, HandlesAreOfTheProcessThatMadeThem) {
  Session session(GetParam(), "count");
  std::vector<int64_t> extents = {4}, out(4);
  int64_t step = 1;
  std::vector<VyreBinding> bindings = {
      bindScalar(step), {}, bindBuffer(out, extents)};
  runtime::Pipeline &pipeline = session.pipeline;
  ASSERT_OK(pipeline.dispatch(bindings.data(), bindings.size()));
  auto memory = session.device.allocate(64);
  ASSERT_OK(memory);
  // Threads wait, and one may be under way.
  auto completion = pipeline.submit(bindings.data(), bindings.size());
  ASSERT_OK(completion);

  runInChild([&] {
    auto expectTold = [](const runtime::Status &status) {
      expectError(status, VYRE_STATUS_FAILED_PRECONDITION,
                  {"forked", "fork()"});
    };
    std::vector<runtime::ResultBuffer> results;
    std::vector<char> bytes(64);
    const VyreBinding *bound = bindings.data();
    size_t count = bindings.size();
    expectTold(pipeline.dispatch(bound, count));
    expectTold(pipeline.submit(bound, count).takeStatus());
    expectTold(pipeline.prewarm(bound, count));
    expectTold(pipeline.dispatchInto(bindings, results));
    expectTold(
        pipeline.dispatchBatch({{bound, count, nullptr, 0, nullptr, 0}}));
    expectTold(pipeline.readState(1, out.data(), 32));
    expectTold(pipeline.resetState());
    expectTold(pipeline.drain());
    expectTold(completion->wait());
    expectTold(session.device.upload(*memory, bytes.data(), 64));
    expectTold(session.device.download(bytes.data(), *memory, 64));
    expectTold(session.device.allocate(64).takeStatus());
    expectTold(session.device.free(*memory));
    expectTold(runtime::Pipeline::create(session.device, session.artifact, 0)
                   .takeStatus());
    // They go without a wait.
    {
      runtime::Completion gone = std::move(*completion);
    }
    EXPECT_OK(pipeline.close());
    EXPECT_OK(session.device.close());
  });

  ASSERT_OK(completion->wait());
  ASSERT_OK(pipeline.dispatch(bindings.data(), bindings.size()));
  for (size_t i = 0; i < out.size(); ++i)
    EXPECT_EQ(out[i], kCountStart[i] + 3);
  ASSERT_OK(session.device.free(*memory));
}

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define VYRE_NO_THREADS_AFTER_FORK
#endif
#endif

/// A device of its own does what it is to, and an embedded program has one made
/// for it.
TEST(ForkCpuTest, AChildOpensItsOwn) {
#ifdef VYRE_NO_THREADS_AFTER_FORK
  GTEST_SKIP() << "the thread sanitizer lets a child start no threads";
#endif
  Session before("cpu", "sine");
  SineCall call(20000);
  auto bindings = call.bindings();
  ASSERT_OK(before.pipeline.dispatch(bindings.data(), bindings.size()));
  // For good, as in a binary.
  static const std::vector<uint8_t> bytes = sampleArtifact();
  static VyreEmbeddedArtifact artifact = {bytes.data(), bytes.size(), "cpu",
                                          nullptr};
  static VyreEmbeddedProgram sine = {&artifact, "sine", nullptr};
  static VyreEmbeddedProgram scale = {&artifact, "scale", nullptr};
  auto runEmbedded = [](VyreEmbeddedProgram &program, auto call) {
    auto bound = call.bindings();
    ASSERT_OK(runtime::Status(
        vyreEmbeddedDispatch(&program, bound.data(), bound.size())));
    call.expectResult();
  };
  runEmbedded(sine, SineCall(100));
  runEmbedded(scale, ScaleCall(100));
  runInChild([&] {
    runEmbedded(sine, SineCall(100));
    runEmbedded(scale, ScaleCall(100));
    runEmbedded(sine, SineCall(100));
    Session session("cpu", "sine");
    SineCall own(20000);
    auto bound = own.bindings();
    auto completion = session.pipeline.submit(bound.data(), bound.size());
    ASSERT_OK(completion);
    ASSERT_OK(completion->wait());
    own.expectResult();
  });
}

} // namespace
} // namespace vyre::testing
