//===- CaptureTest.cpp - When dispatches become graphs ----------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The capture policy `auto` over the stand-in driver, whose kernels take next
// to no time beside the costs that the tests state. The program makes three
// calls: a transfer and two launches.
//
//===----------------------------------------------------------------------===//

#include "FakeCudaTest.h"

#include <algorithm>

namespace vyre::testing {
namespace {

constexpr uint64_t kMillisecond = 1000000;

class CaptureTest : public FakeCudaTest {};

/// A graph takes a second to build and saves 300 milliseconds a dispatch, 100
/// if kernels took long: it pays after 4 dispatches, at the worst after 11.
VyreGraphCosts costsOfASecond() {
  VyreGraphCosts costs = {};
  costs.struct_size = sizeof(costs);
  costs.plain_call_ns = 100 * kMillisecond;
  costs.graph_build_ns = 1000 * kMillisecond;
  return costs;
}

struct Gpu {
  explicit Gpu(const VyreGraphCosts *costs, uint64_t expected = 0)
      : artifact(*Session::load()), device(*open(costs)),
        pipeline(*create(expected)) {}

  static runtime::Expected<runtime::Device> open(const VyreGraphCosts *costs) {
    VyreDeviceConfig config = {};
    config.struct_size = sizeof(config);
    config.graph_costs = costs;
    return runtime::Device::open("cuda", &config);
  }
  runtime::Expected<runtime::Pipeline> create(uint64_t expected) {
    runtime::Config config;
    if (expected)
      config.expectedDispatches = expected;
    return runtime::Pipeline::create(device, artifact,
                                     *artifact.findProgram("sine"), config);
  }
  /// What one more dispatch did.
  VyreDispatchReport run(int64_t n = 100) {
    SineCall call(n);
    VyreDispatchReport report = emptyReport();
    auto bindings = call.bindings();
    EXPECT_OK(
        pipeline.dispatch(bindings.data(), bindings.size(), nullptr, &report));
    call.expectResult();
    return report;
  }

  runtime::Artifact artifact;
  runtime::Device device;
  runtime::Pipeline pipeline;
};

constexpr char kNew[] = "these sizes are new";
constexpr char kTooFewSoFar[] =
    "too few dispatches of these sizes so far to pay for a graph";
constexpr char kBuilt[] = "the graph is built while the device works";

void expectPlain(const VyreDispatchReport &report, const std::string &reason,
                 uint64_t paysAfter, uint64_t builds = 0) {
  EXPECT_EQ(report.replays, 0u);
  EXPECT_EQ(report.graph_builds, builds);
  EXPECT_EQ(report.graph_pays_after, paysAfter);
  ASSERT_NE(report.no_replay_reason, nullptr);
  EXPECT_EQ(report.no_replay_reason, reason);
}

void expectReplay(const VyreDispatchReport &report, uint64_t builds = 0) {
  EXPECT_EQ(report.replays, 1u);
  EXPECT_EQ(report.graph_builds, builds);
  EXPECT_EQ(report.no_replay_reason, nullptr);
}

/// Without a hint as many dispatches go by as would have paid; each shape has a
/// count of its own.
TEST_F(CaptureTest, BuildsWhenAGraphWouldHavePaid) {
  VyreGraphCosts costs = costsOfASecond();
  Gpu gpu(&costs);
  for (int64_t n : {100, 50}) {
    expectPlain(gpu.run(n), kNew, 0);
    expectPlain(gpu.run(n), kTooFewSoFar, 4);
    expectPlain(gpu.run(n), kTooFewSoFar, 4);
    expectPlain(gpu.run(n), kBuilt, 4, /*builds=*/1);
    expectReplay(gpu.run(n));
  }
}

/// With a hint that pays whatever the kernels take, the first one is a replay.
TEST_F(CaptureTest, BuildsAtOnceWhereManyAreExpected) {
  VyreGraphCosts costs = costsOfASecond();
  Gpu gpu(&costs, 11);
  expectReplay(gpu.run(), /*builds=*/1);
  expectReplay(gpu.run());
}

/// Where it depends on the kernels, the first dispatch is timed.
TEST_F(CaptureTest, TimesTheKernelsWhereThatDecides) {
  VyreGraphCosts costs = costsOfASecond();
  Gpu gpu(&costs, 10);
  expectPlain(gpu.run(), "how long the kernels take is not known yet", 4);
  expectReplay(gpu.run(), /*builds=*/1);
}

/// With a hint that does not pay nothing is built, until more come than were
/// expected.
TEST_F(CaptureTest, DoesNotBuildWhereFewAreExpected) {
  VyreGraphCosts costs = costsOfASecond();
  Gpu gpu(&costs, 3);
  for (int i = 0; i < 3; ++i)
    expectPlain(gpu.run(), "too few dispatches are expected to pay for a graph",
                4);
  expectPlain(gpu.run(), kBuilt, 4, /*builds=*/1);
  expectReplay(gpu.run());
}

/// A graph that saves nothing is not built, however many come.
TEST_F(CaptureTest, DeclinesWhatCannotPay) {
  VyreGraphCosts costs = {};
  costs.struct_size = sizeof(costs);
  for (uint64_t expected : {0, 1000}) {
    Gpu gpu(&costs, expected);
    gpu.run();
    for (int i = 0; i < 20; ++i)
      expectPlain(gpu.run(),
                  "a graph saves less than a hundredth of a dispatch", 0);
  }
}

/// A call's own hint comes before the pipeline's.
TEST_F(CaptureTest, ADispatchBringsItsOwnHint) {
  VyreGraphCosts costs = costsOfASecond();
  Gpu gpu(&costs, 3);
  runtime::Config config;
  config.expectedDispatches = 1000;
  VyrePipelineConfig fields = config.fields();
  VyreDispatchConfig dispatch = {};
  dispatch.struct_size = sizeof(dispatch);
  dispatch.overrides = &fields;
  SineCall call(100);
  auto bindings = call.bindings();
  VyreDispatchReport report = emptyReport();
  ASSERT_OK(gpu.pipeline.dispatch(bindings.data(), bindings.size(), &dispatch,
                                  &report));
  expectReplay(report, /*builds=*/1);
}

/// A graph that cannot be built behind a dispatch is that dispatch's failure,
/// and leaves nothing under way; the next one tries again.
TEST_F(CaptureTest, BuildingBehindMayFail) {
  Session session("cuda", "sine");
  SineCall call(100);
  auto bindings = call.bindings();
  ASSERT_OK(session.pipeline.dispatch(bindings.data(), bindings.size()));
  // Push, copy up, two launches, then the graph.
  fakecuda::failCall(4, 2);
  expectError(session.pipeline.dispatch(bindings.data(), bindings.size()),
              VYRE_STATUS_OUT_OF_MEMORY, {"cuGraphCreate"});
  for (int i = 0; i < 2; ++i)
    ASSERT_OK(session.pipeline.dispatch(bindings.data(), bindings.size()));
  call.expectResult();
  auto counted = session.pipeline.telemetry();
  ASSERT_OK(counted);
  EXPECT_EQ(counted->replays, 1u);
}

/// Where the costs are not given, the device is asked, once.
TEST_F(CaptureTest, MeasuresTheCostsOnce) {
  Gpu gpu(nullptr);
  gpu.run();
  fakecuda::forgetCalls();
  for (int i = 0; i < 10; ++i)
    gpu.run();
  auto measured = gpu.device.graphCosts();
  ASSERT_OK(measured);
  std::vector<std::string> calls = fakecuda::calls();
  // The measurement's own, and at most the set's.
  EXPECT_EQ(std::count(calls.begin(), calls.end(), "cuStreamCreate"), 1);
  EXPECT_LE(std::count(calls.begin(), calls.end(), "cuGraphCreate"), 7);
  EXPECT_GT(measured->plain_call_ns + measured->plain_dispatch_ns, 0u);
  fakecuda::forgetCalls();
  ASSERT_OK(gpu.device.graphCosts());
  EXPECT_EQ(fakecuda::calls(),
            (std::vector<std::string>{"cuCtxPushCurrent", "cuCtxPopCurrent"}));
}

//===----------------------------------------------------------------------===//
// Programmatic edges
//===----------------------------------------------------------------------===//

/// The sample's PTX with kernels that wait for those before them.
std::string waitingPtx(const runtime::internal::Artifact &tables) {
  const auto &data = tables.codes[1].data;
  std::string text;
  for (size_t i = 0; i + 1 < data.size; ++i) {
    if (data.data[i] == '\n')
      text += " waits";
    text += static_cast<char>(data.data[i]);
  }
  text.push_back('\0');
  return text;
}

/// Edges between kernels that wait are programmatic, where the GPU has them; a
/// copy node waits for all of a kernel, and a kernel for all of a copy node.
TEST_F(CaptureTest, KernelsThatWaitMayStartEarly) {
  struct Case {
    bool waits;
    int capability;
    int64_t elements;
    uint64_t edges;
  };
  for (Case c : {Case{true, 90, 100, 1}, Case{true, 90, 4096, 2},
                 Case{true, 80, 4096, 0}, Case{false, 90, 4096, 0}}) {
    SCOPED_TRACE(::testing::Message() << c.waits << c.capability << c.elements);
    fakecuda::reset();
    fakecuda::setComputeCapability(c.capability);
    runtime::internal::Artifact tables = sampleTables();
    std::string text = waitingPtx(tables);
    if (c.waits)
      tables.codes[1].data = {reinterpret_cast<const uint8_t *>(text.data()),
                              text.size()};
    tables.codes[1].waitsForDependencies = c.waits;
    runtime::Config config;
    config.capture = VYRE_CAPTURE_REQUIRE;
    Loaded setup(tables, kSine, config);
    for (int i = 0; i < 2; ++i) {
      SineCall call(c.elements);
      setup.run(call);
    }
    // The second launch after the first, and the first after a copy kernel.
    EXPECT_EQ(countOf("cuGraphAddDependencies"), c.edges);
    fakecuda::setComputeCapability(90);
  }
}

/// An edge that cannot be added is that dispatch's failure.
TEST_F(CaptureTest, ProgrammaticEdgesMayFail) {
  runtime::internal::Artifact tables = sampleTables();
  std::string text = waitingPtx(tables);
  tables.codes[1].data = {reinterpret_cast<const uint8_t *>(text.data()),
                          text.size()};
  tables.codes[1].waitsForDependencies = true;
  runtime::Config config;
  config.capture = VYRE_CAPTURE_REQUIRE;
  Loaded setup(tables, kSine, config);
  SineCall call(100);
  auto bindings = call.bindings();
  uint64_t position = 0;
  for (bool isFound = false; !isFound; ++position) {
    ASSERT_LT(position, 100u);
    fakecuda::forgetCalls();
    fakecuda::failCall(position, 2);
    runtime::Status status =
        setup.pipeline.dispatch(bindings.data(), bindings.size());
    std::vector<std::string> calls = fakecuda::calls();
    isFound =
        position < calls.size() && calls[position] == "cuGraphAddDependencies";
    if (isFound)
      expectError(status, VYRE_STATUS_OUT_OF_MEMORY,
                  {"cuGraphAddDependencies"});
  }
  ASSERT_OK(setup.pipeline.dispatch(bindings.data(), bindings.size()));
  call.expectResult();
}

TEST_F(CaptureTest, TheCpuHasNoGraphs) {
  auto device = runtime::Device::open("cpu");
  ASSERT_OK(device);
  expectError(device->graphCosts().takeStatus(), VYRE_STATUS_UNSUPPORTED,
              {"'cpu' has no graphs"});
}

} // namespace
} // namespace vyre::testing
