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
#include <memory>

namespace vyre::testing {
namespace {

constexpr uint64_t kSecond = 1000000000;

class CaptureTest : public FakeCudaTest {};

/// A graph takes 1,000 seconds to build and saves 300 a dispatch, 100 if
/// kernels took long: it pays after 4 dispatches, at the worst after 11.
/// However busy the machine is, a dispatch of the tests takes next to nothing
/// beside that.
VyreGraphCosts largeCosts() {
  VyreGraphCosts costs = {};
  costs.struct_size = sizeof(costs);
  costs.plain_call_ns = 100 * kSecond;
  costs.graph_build_ns = 1000 * kSecond;
  return costs;
}

/// Two launches on a GPU with these costs, `expected` dispatches of which are
/// to come; 0 for nobody knows.
struct Gpu : Loaded {
  explicit Gpu(const VyreGraphCosts *costs, uint64_t expected = 0)
      : Loaded(sampleTables(), kSine, expecting(expected), "cuda", costs) {}

  static runtime::Config expecting(uint64_t dispatches) {
    runtime::Config config;
    if (dispatches)
      config.expectedDispatches = dispatches;
    return config;
  }
  /// What one more dispatch did.
  VyreDispatchReport run(int64_t n = 100) {
    SineCall call(n);
    return Loaded::run(call);
  }
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
  VyreGraphCosts costs = largeCosts();
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
  VyreGraphCosts costs = largeCosts();
  Gpu gpu(&costs, 11);
  expectReplay(gpu.run(), /*builds=*/1);
  expectReplay(gpu.run());
}

/// Where it depends on the kernels, the first dispatch is timed.
TEST_F(CaptureTest, TimesTheKernelsWhereThatDecides) {
  VyreGraphCosts costs = largeCosts();
  Gpu gpu(&costs, 10);
  expectPlain(gpu.run(), "how long the kernels take is not known yet", 4);
  expectReplay(gpu.run(), /*builds=*/1);
}

/// With a hint that does not pay nothing is built, until more come than were
/// expected.
TEST_F(CaptureTest, DoesNotBuildWhereFewAreExpected) {
  VyreGraphCosts costs = largeCosts();
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
  VyreGraphCosts costs = largeCosts();
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

/// The hint counts from the first dispatch of the sizes on: of five, two are
/// over.
TEST_F(CaptureTest, WhatIsOverIsNotToCome) {
  VyreGraphCosts costs = largeCosts();
  Gpu gpu(&costs);
  gpu.run();
  gpu.run();
  runtime::Config config = Gpu::expecting(5);
  SineCall call(100);
  auto bindings = call.bindings();
  VyreDispatchReport report = emptyReport();
  ASSERT_OK(
      gpu.pipeline.dispatch(bindings.data(), bindings.size(), config, &report));
  expectPlain(report, "too few dispatches are expected to pay for a graph", 4);
}

/// Where `name` is among calls; -1 if it is not.
int64_t findCall(const std::vector<std::string> &calls, const char *name) {
  auto found = std::find(calls.begin(), calls.end(), name);
  return found == calls.end() ? -1 : found - calls.begin();
}

/// A pipeline whose next dispatch builds a graph: before it runs, or behind it.
std::unique_ptr<Gpu> makeBuilder(bool isBehind) {
  VyreGraphCosts costs = largeCosts();
  auto gpu = std::make_unique<Gpu>(&costs, isBehind ? 0 : 11);
  for (int i = 0; isBehind && i < 3; ++i)
    gpu->run();
  fakecuda::forgetCalls();
  return gpu;
}

/// Where the driver fails to build a graph, in whichever call, dispatches go on
/// by separate calls, with the reason; it is not tried again for these sizes,
/// and other sizes are not concerned.
TEST_F(CaptureTest, GoesOnWhereNoGraphCanBeBuilt) {
  for (bool isBehind : {false, true}) {
    makeBuilder(isBehind)->run();
    const std::vector<std::string> calls = fakecuda::calls();
    int64_t begin = findCall(calls, "cuGraphCreate");
    int64_t last = findCall(calls, "cuGraphInstantiateWithFlags");
    ASSERT_GE(begin, 0);
    ASSERT_GE(last, begin + 4);
    for (int64_t i = begin; i <= last; ++i) {
      for (int result : {2, 999}) {
        std::string name = calls[static_cast<size_t>(i)];
        SCOPED_TRACE(::testing::Message()
                     << name << " at " << i << ", " << result << isBehind);
        std::unique_ptr<Gpu> gpu = makeBuilder(isBehind);
        fakecuda::failCall(static_cast<uint64_t>(i), result);
        VyreDispatchReport report = gpu->run();
        ASSERT_TRUE(fakecuda::hasFailed());
        EXPECT_EQ(report.replays + report.graph_builds, 0u);
        ASSERT_NE(report.no_replay_reason, nullptr);
        std::string reason = report.no_replay_reason;
        EXPECT_EQ(reason.find("the driver could not build the graph: " + name),
                  0u)
            << reason;
        fakecuda::forgetCalls();
        for (int k = 0; k < 3; ++k)
          EXPECT_EQ(gpu->run().no_replay_reason, reason);
        EXPECT_EQ(countOf("cuGraphCreate"), 0u);
        if (!isBehind)
          expectReplay(gpu->run(50), /*builds=*/1);
      }
    }
  }
}

/// A new value that a node cannot be given is the same: the graph goes, and the
/// dispatch is right.
TEST_F(CaptureTest, GoesOnWhereNoNodeCanBeChanged) {
  VyreGraphCosts costs = largeCosts();
  Gpu gpu(&costs, 11);
  SineCall call(100);
  auto bindings = call.bindings();
  void *results[2] = {};
  for (void *&result : results)
    result = *gpu.device.allocate(400);
  bindings[1].location = VYRE_MEMORY_DEVICE;
  VyreDispatchReport report = emptyReport();
  auto run = [&](int which) {
    bindings[1].data = results[which];
    std::fill(call.y.begin(), call.y.end(), 0.0f);
    ASSERT_OK(gpu.pipeline.dispatch(bindings.data(), bindings.size(), nullptr,
                                    &report));
    ASSERT_OK(gpu.device.download(call.y.data(), results[which], 400));
    call.expectResult();
  };
  run(0);
  expectReplay(report, /*builds=*/1);
  // A new address is asked about, a known one is not.
  for (int which : {1, 0, 1}) {
    fakecuda::forgetCalls();
    run(which);
    expectReplay(report);
    EXPECT_EQ(report.node_updates, 1u);
  }
  int64_t at = findCall(fakecuda::calls(), "cuGraphExecKernelNodeSetParams");
  ASSERT_GE(at, 0);
  run(0);
  fakecuda::failCall(static_cast<uint64_t>(at), 999);
  run(1);
  ASSERT_TRUE(fakecuda::hasFailed());
  EXPECT_EQ(report.replays, 0u);
  EXPECT_NE(std::string(report.no_replay_reason)
                .find("cuGraphExecKernelNodeSetParams"),
            std::string::npos);
  for (void *result : results)
    ASSERT_OK(gpu.device.free(result));
}

/// Who requires a graph hears of the failure, and may try again; so does who
/// prewarms a pipeline that requires one. With `auto`, prewarming goes well.
TEST_F(CaptureTest, RequiringAGraphFailsWithoutOne) {
  for (bool isPrewarmed : {false, true}) {
    for (auto policy : {VYRE_CAPTURE_REQUIRE, VYRE_CAPTURE_AUTO}) {
      VyreGraphCosts costs = largeCosts();
      Gpu gpu(&costs, 11);
      runtime::Config config;
      config.capture = policy;
      VyrePipelineConfig fields = config.fields();
      VyreDispatchConfig dispatch = {};
      dispatch.struct_size = sizeof(dispatch);
      dispatch.overrides = &fields;
      SineCall call(100);
      auto bindings = call.bindings();
      auto run = [&] {
        return isPrewarmed ? gpu.pipeline.prewarm(bindings.data(),
                                                  bindings.size(), &dispatch)
                           : gpu.pipeline.dispatch(bindings.data(),
                                                   bindings.size(), &dispatch);
      };
      // What a first dispatch allocates is there.
      gpu.run(99);
      fakecuda::forgetCalls();
      ASSERT_OK(run());
      int64_t at = findCall(fakecuda::calls(), "cuGraphInstantiateWithFlags");
      ASSERT_GE(at, 0);
      Gpu other(&costs, 11);
      std::swap(gpu.pipeline, other.pipeline);
      gpu.run(99);
      fakecuda::forgetCalls();
      fakecuda::failCall(static_cast<uint64_t>(at), 2);
      runtime::Status status = run();
      ASSERT_TRUE(fakecuda::hasFailed());
      if (policy == VYRE_CAPTURE_REQUIRE)
        expectError(std::move(status), VYRE_STATUS_OUT_OF_MEMORY,
                    {"cuGraphInstantiateWithFlags"});
      else
        EXPECT_OK(status);
      // Asked again, it is built.
      ASSERT_OK(run());
      EXPECT_EQ(gpu.run(100).replays,
                policy == VYRE_CAPTURE_REQUIRE || isPrewarmed);
    }
  }
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
