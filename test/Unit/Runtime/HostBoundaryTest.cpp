//===- HostBoundaryTest.cpp - Launches that wait for the host ---*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A program whose second launch waits until the host can see what the first one
// wrote: it is never one graph, and the caller's memory has the first launch's
// values when the second one starts.
//
//===----------------------------------------------------------------------===//

#include "FakeCudaTest.h"

namespace vyre::testing {
namespace {

using namespace runtime::internal;

class HostBoundaryTest : public FakeCudaTest {};

/// a += b, and once more when the host has seen it.
Artifact tablesWithBoundary() {
  Artifact tables = sampleTables();
  Program &program = tables.programs[kAccumulate];
  program.launches[0].name = "first";
  program.launches.push_back(program.launches[0]);
  program.launches[1].name = "second";
  program.launches[1].isHostBoundary = true;
  program.launches[1].dependsOn = {0};
  for (Argument &argument : program.arguments)
    argument.capacityBytes = uint64_t(1) << 30;
  return tables;
}

struct AccumulateCall {
  explicit AccumulateCall(int64_t n)
      : extents{2, n}, a(2 * n, 5), b(2 * n, 2) {}
  std::vector<VyreBinding> bindings() {
    return {bindBuffer(a, extents), bindBuffer(b, extents)};
  }
  void expectResult() const { EXPECT_EQ(a, std::vector<int32_t>(a.size(), 9)); }

  std::vector<int64_t> extents;
  std::vector<int32_t> a, b;
};

/// Small buffers share a copy; large ones have one each. Wherever they are,
/// what the first launch wrote is in the caller's memory before the second
/// begins.
TEST_F(HostBoundaryTest, TheHostSeesWhatIsWrittenInBetween) {
  Loaded setup(tablesWithBoundary(), kAccumulate, {});
  for (int64_t n : {10, 20000, 1 << 18}) {
    AccumulateCall call(n);
    auto bindings = call.bindings();
    fakecuda::forgetCalls();
    ASSERT_OK(setup.pipeline.dispatch(bindings.data(), bindings.size()));
    call.expectResult();
    // The second launch fails: the host has the first one's values.
    std::vector<std::string> calls = fakecuda::calls();
    auto last = std::find(calls.rbegin(), calls.rend(), "cuStreamSynchronize");
    auto first = std::find(calls.begin(), calls.end(), "cuStreamSynchronize");
    ASSERT_NE(first, last.base() - 1) << "one wait in between, one at the end";
    ASSERT_EQ(first[1], "cuLaunchKernel");
    AccumulateCall again(n);
    bindings = again.bindings();
    fakecuda::forgetCalls();
    ASSERT_OK(setup.pipeline.dispatch(bindings.data(), bindings.size()));
    calls = fakecuda::calls();
    auto launch = std::find(calls.begin(), calls.end(), "cuStreamSynchronize");
    AccumulateCall seen(n);
    bindings = seen.bindings();
    fakecuda::failCall(static_cast<uint64_t>(launch - calls.begin()) + 1, 999);
    expectError(setup.pipeline.dispatch(bindings.data(), bindings.size()),
                VYRE_STATUS_DEVICE_ERROR, {"cuLaunchKernel"});
    EXPECT_EQ(seen.a, std::vector<int32_t>(seen.a.size(), 7));
  }
}

/// However often its sizes come, and whoever asks.
TEST_F(HostBoundaryTest, IsNeverOneGraph) {
  Artifact tables = tablesWithBoundary();
  runtime::Config config;
  config.expectedDispatches = 1000000;
  Loaded setup(tables, kAccumulate, config);
  AccumulateCall warm(10);
  auto bindings = warm.bindings();
  ASSERT_OK(setup.pipeline.prewarm(bindings.data(), bindings.size()));
  for (int i = 0; i < 10; ++i) {
    AccumulateCall call(10);
    VyreDispatchReport report = setup.run(call);
    EXPECT_EQ(report.replays, 0u);
    EXPECT_EQ(report.waits, 2u);
    EXPECT_STREQ(report.no_replay_reason,
                 "a launch waits for the host to see what an earlier one "
                 "wrote");
  }
  EXPECT_EQ(countOf("cuGraphCreate"), 0u);
  auto info = setup.artifact.programInfo(kAccumulate);
  ASSERT_OK(info);
  EXPECT_STREQ(info->host_boundary, "second");

  runtime::Config require;
  require.capture = VYRE_CAPTURE_REQUIRE;
  AccumulateCall refused(10);
  bindings = refused.bindings();
  expectError(
      setup.pipeline.dispatch(bindings.data(), bindings.size(), require),
      VYRE_STATUS_UNSUPPORTED,
      {"'second'", "'accumulate'", "VYRE_CAPTURE_REQUIRE"});
  EXPECT_EQ(refused.a[0], 5);
  // An artifact that contradicts itself is none.
  tables.programs[kAccumulate].capture.policy =
      artifact::CapturePolicy::require;
  expectError(Loaded::load(tables).takeStatus(), VYRE_STATUS_BAD_ARTIFACT,
              {"'second'", "requires a graph"});
  tables.programs[kAccumulate].capture.policy = artifact::CapturePolicy::auto_;
  EXPECT_OK(Loaded::load(tables));
}

/// Nor part of the caller's.
TEST_F(HostBoundaryTest, IsNoPartOfTheCallersCapture) {
  Loaded setup(tablesWithBoundary(), kAccumulate, {});
  void *stream = fakecuda::createStream();
  VyreDispatchConfig config = {};
  config.struct_size = sizeof(config);
  config.cuda_stream = stream;
  AccumulateCall call(10);
  auto bindings = call.bindings();
  void *memory[2] = {*setup.device.allocate(80), *setup.device.allocate(80)};
  for (size_t i = 0; i < 2; ++i) {
    ASSERT_OK(setup.device.upload(memory[i], bindings[i].data, 80));
    bindings[i].data = memory[i];
    bindings[i].location = VYRE_MEMORY_DEVICE;
  }
  ASSERT_OK(setup.pipeline.dispatch(bindings.data(), bindings.size(), &config));
  fakecuda::beginCapture(stream);
  expectError(
      setup.pipeline.dispatch(bindings.data(), bindings.size(), &config),
      VYRE_STATUS_UNSUPPORTED, {"'second'", "captured"});
  EXPECT_EQ(fakecuda::endCapture(stream), 0u);
  ASSERT_OK(setup.device.download(call.a.data(), memory[0], 80));
  call.expectResult();
  for (void *each : memory)
    ASSERT_OK(setup.device.free(each));
  fakecuda::destroyStream(stream);
}

/// Where no earlier launch writes what it reads, there is nothing to wait for.
TEST_F(HostBoundaryTest, AFirstLaunchWaitsForNobody) {
  Artifact tables = tablesWithBoundary();
  std::vector<Launch> &launches = tables.programs[kAccumulate].launches;
  launches[0].isHostBoundary = true;
  launches[1].isHostBoundary = false;
  Loaded setup(tables, kAccumulate, spinning());
  AccumulateCall call(10);
  EXPECT_EQ(setup.run(call).replays, 1u);
  EXPECT_EQ(setup.artifact.programInfo(kAccumulate)->host_boundary, nullptr);
}

/// The CPU works on the caller's memory, and in order.
TEST_F(HostBoundaryTest, TheCpuShowsEverything) {
  for (VyreCapturePolicy policy :
       {VYRE_CAPTURE_AUTO, VYRE_CAPTURE_NEVER, VYRE_CAPTURE_REQUIRE}) {
    runtime::Config config;
    config.capture = policy;
    Loaded setup(tablesWithBoundary(), kAccumulate, config, "cpu");
    AccumulateCall call(20000);
    setup.run(call);
  }
}

/// Each call of such a dispatch may fail; the next one is right.
TEST_F(HostBoundaryTest, EveryCallMayFail) {
  Loaded setup(tablesWithBoundary(), kAccumulate, {});
  AccumulateCall first(10);
  setup.run(first);
  fakecuda::forgetCalls();
  AccumulateCall second(10);
  setup.run(second);
  for (size_t i = 0, count = fakecuda::calls().size(); i < count; ++i) {
    SCOPED_TRACE(i);
    AccumulateCall call(10), again(10);
    auto bindings = call.bindings();
    fakecuda::failCall(i, 2);
    runtime::Status status =
        setup.pipeline.dispatch(bindings.data(), bindings.size());
    if (!status.failed())
      call.expectResult();
    EXPECT_TRUE(fakecuda::hasFailed());
    setup.run(again);
  }
}

} // namespace
} // namespace vyre::testing
