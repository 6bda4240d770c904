//===- ReplayTest.cpp - Graphs, mapped memory, flags ------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// How replayed dispatches wait, what they move, and which graphs are kept.
//
//===----------------------------------------------------------------------===//

#include "FakeCudaTest.h"

#include <thread>

namespace vyre::testing {
namespace {

class ReplayTest : public FakeCudaTest {};

using namespace runtime::internal;

/// Who polls makes no call to wait: the graph's last node raises a flag.
TEST_F(ReplayTest, PollingIsOneLaunchAndNoOtherCall) {
  Loaded setup(sampleTables(), kSine, spinning());
  fakecuda::setEager(true);
  for (int64_t i = 0; i < 3; ++i) {
    SineCall call(1000);
    fakecuda::forgetCalls();
    VyreDispatchReport report = setup.run(call);
    EXPECT_EQ(report.replays, 1u);
    EXPECT_EQ(report.waits, 1u);
  }
  EXPECT_EQ(fakecuda::calls(),
            (std::vector<std::string>{"cuCtxPushCurrent", "cuGraphLaunch",
                                      "cuCtxPopCurrent"}));
}

/// A flag that does not come makes the runtime ask the driver, which knows of
/// failures.
TEST_F(ReplayTest, PollingEndsWhereTheDeviceFails) {
  Loaded setup(sampleTables(), kSine, spinning());
  SineCall call(1000);
  setup.run(call);
  // Push, graph launch, pop, push, query.
  fakecuda::failCall(4, 719);
  auto bindings = call.bindings();
  expectError(setup.pipeline.dispatch(bindings.data(), bindings.size()),
              VYRE_STATUS_DEVICE_LOST, {"cuda:0"});
}

/// A failure that the device survives leaves nothing under way.
TEST_F(ReplayTest, PollingGoesOnAfterAFailure) {
  Loaded setup(sampleTables(), kSine, spinning());
  SineCall call(1000);
  setup.run(call);
  fakecuda::failCall(4, 999);
  auto bindings = call.bindings();
  expectError(setup.pipeline.dispatch(bindings.data(), bindings.size()),
              VYRE_STATUS_DEVICE_ERROR, {"cuda:0"});
  SineCall again(1000);
  EXPECT_EQ(setup.run(again).replays, 1u);
}

/// A time limit ends the polling, and not the work.
TEST_F(ReplayTest, PollingKeepsTimeLimits) {
  Loaded setup(sampleTables(), kSine, spinning());
  SineCall call(1000);
  auto bindings = call.bindings();
  fakecuda::setPendingQueries(1000000);
  auto completion = setup.pipeline.submit(bindings.data(), bindings.size());
  ASSERT_OK(completion);
  for (uint64_t limit : {0, 1, 1000000})
    expectError(completion->wait(limit), VYRE_STATUS_DEADLINE_EXCEEDED,
                {"wait again"});
  fakecuda::setPendingQueries(3);
  ASSERT_OK(completion->wait());
  call.expectResult();
}

/// Results that are copied behind the graph, or counted, have no flag.
TEST_F(ReplayTest, WhatIsMoreThanAGraphIsNotPolled) {
  Artifact tables = sampleTables();
  for (Argument &argument : tables.programs[kSine].arguments)
    argument.capacityBytes = uint64_t(1) << 30;
  Loaded setup(tables, kSine, spinning());
  SineCall call(1 << 20);
  EXPECT_EQ(setup.run(call).replays, 1u);
  EXPECT_EQ(countOf("cuGraphAddKernelNode"), 2u);
  EXPECT_GE(countOf("cuStreamQuery"), 1u);
}

/// What raises the flag is started while the kernel before it ends, where that
/// is one kernel and the GPU can; whether the program's kernels wait for others
/// makes no difference.
TEST_F(ReplayTest, TheFlagIsRaisedEarly) {
  for (int capability : {90, 80}) {
    SCOPED_TRACE(capability);
    fakecuda::reset();
    fakecuda::setComputeCapability(capability);
    uint64_t early = capability >= 90;
    // After a program's kernel, which writes the result where the host reads
    // it.
    Loaded sine(sampleTables(), kSine, spinning());
    SineCall call(1000);
    sine.run(call);
    EXPECT_EQ(countOf("cuGraphAddDependencies"), early);
    // After the kernel that takes a result down.
    Loaded accumulate(sampleTables(), kAccumulate, spinning());
    std::vector<int64_t> extents = {2, 100};
    std::vector<int32_t> sums(200, 1), more(200, 2);
    fakecuda::forgetCalls();
    std::vector<VyreBinding> both = {bindBuffer(sums, extents),
                                     bindBuffer(more, extents)};
    ASSERT_OK(accumulate.pipeline.dispatch(both.data(), both.size()));
    EXPECT_EQ(sums, std::vector<int32_t>(200, 3));
    EXPECT_EQ(countOf("cuGraphAddKernelNode"), 3u);
    EXPECT_EQ(countOf("cuGraphAddDependencies"), early);
    // After several.
    Artifact tables = sampleTables();
    addSecondBranch(tables.programs[kSine]);
    Loaded branches(tables, kSine, spinning());
    SineCall first(1000), second(1000);
    std::vector<VyreBinding> bindings = first.bindings();
    bindings.push_back(second.bindings()[1]);
    bindings.push_back(second.bindings()[0]);
    fakecuda::forgetCalls();
    ASSERT_OK(branches.pipeline.dispatch(bindings.data(), bindings.size()));
    EXPECT_EQ(countOf("cuGraphAddDependencies"), 0u);
    first.expectResult();
  }
  fakecuda::setComputeCapability(90);
}

/// Also on the caller's stream: no event is recorded.
TEST_F(ReplayTest, PollsOnTheCallersStream) {
  Loaded setup(sampleTables(), kSine, spinning());
  void *stream = fakecuda::createStream();
  VyreDispatchConfig config = {};
  config.struct_size = sizeof(config);
  config.cuda_stream = stream;
  SineCall call(100);
  auto bindings = call.bindings();
  ASSERT_OK(setup.pipeline.dispatch(bindings.data(), bindings.size(), &config));
  call.expectResult();
  EXPECT_EQ(countOf("cuEventRecord"), 0u);
  fakecuda::destroyStream(stream);
}

/// Both ways to wait have graphs of their own; neither is built twice.
TEST_F(ReplayTest, WaysToWaitMayAlternate) {
  Loaded setup(sampleTables(), kSine, spinning());
  runtime::Config blocking;
  blocking.waitMode = VYRE_WAIT_BLOCK;
  VyrePipelineConfig fields = blocking.fields();
  VyreDispatchConfig config = {};
  config.struct_size = sizeof(config);
  uint64_t builds = 0;
  for (int i = 0; i < 6; ++i) {
    config.overrides = i % 2 ? &fields : nullptr;
    VyreDispatchReport report = {};
    report.struct_size = sizeof(report);
    // The largest first: memory that grows makes other graphs of all.
    SineCall call(100 - i % 3);
    auto bindings = call.bindings();
    ASSERT_OK(setup.pipeline.dispatch(bindings.data(), bindings.size(), &config,
                                      &report));
    call.expectResult();
    builds += report.graph_builds;
  }
  EXPECT_EQ(builds, 6u);
  config.overrides = nullptr;
  for (int i = 0; i < 6; ++i) {
    config.overrides = i % 2 ? &fields : nullptr;
    VyreDispatchReport report = {};
    report.struct_size = sizeof(report);
    SineCall call(100 - i % 3);
    auto bindings = call.bindings();
    ASSERT_OK(setup.pipeline.dispatch(bindings.data(), bindings.size(), &config,
                                      &report));
    EXPECT_EQ(report.graph_builds, 0u);
    call.expectResult();
  }
}

/// A result that one launch writes and none reads is written where the host
/// reads it; an input that a launch reads a few times is read there too.
TEST_F(ReplayTest, SmallBuffersAreUsedInPlace) {
  for (bool isStreamed : {false, true}) {
    fakecuda::forgetCalls();
    Artifact tables = sampleTables();
    Launch &launch = tables.programs[kScale].launches[0];
    if (isStreamed)
      launch.streams = launch.reads;
    Loaded setup(tables, kScale, spinning());
    ScaleCall call(1000);
    setup.run(call);
    EXPECT_EQ(countOf("cuGraphAddMemcpyNode"), isStreamed ? 0u : 1u);
    // The program's, and the flag's.
    EXPECT_EQ(countOf("cuGraphAddKernelNode"), 2u);
    ScaleCall other(1000, -0.5f);
    setup.run(other);
  }
}

/// Inputs that are not so small go up by a kernel.
TEST_F(ReplayTest, LargerInputsGoUpByAKernel) {
  Loaded setup(sampleTables(), kScale, spinning());
  for (int64_t n : {2048, 2049, 16384}) {
    fakecuda::forgetCalls();
    ScaleCall call(n);
    setup.run(call);
    EXPECT_EQ(countOf("cuGraphAddMemcpyNode"), n == 2048 ? 1u : 0u);
  }
}

/// Between 64 KiB and 1 MiB results come through page-locked memory; beyond it
/// straight into the caller's.
TEST_F(ReplayTest, LargeResultsComeByThemselves) {
  Artifact tables = sampleTables();
  for (Argument &argument : tables.programs[kScale].arguments)
    argument.capacityBytes = uint64_t(1) << 30;
  Loaded setup(tables, kScale, spinning());
  for (int64_t n : {16385, 1 << 18, (1 << 18) + 1}) {
    fakecuda::forgetCalls();
    ScaleCall call(n);
    setup.run(call);
    EXPECT_EQ(countOf("cuMemcpyDtoHAsync"), n > (1 << 18) ? 1u : 0u);
  }
}

/// A bound of one shape builds again whenever shapes alternate; the default
/// keeps both.
TEST_F(ReplayTest, KeepsAsManyShapesAsAskedFor) {
  for (uint32_t shapes : {0u, 1u, 2u}) {
    runtime::Config config = spinning();
    if (shapes)
      config.graphShapes = shapes;
    Loaded setup(sampleTables(), kSine, config);
    uint64_t builds = 0;
    for (int i = 0; i < 6; ++i) {
      SineCall call(i % 2 ? 100 : 200);
      builds += setup.run(call).graph_builds;
    }
    EXPECT_EQ(builds, shapes == 1 ? 6u : 2u);
  }
  runtime::Config config;
  config.graphShapes = 1025;
  VyrePipelineConfig fields = config.fields();
  Loaded setup(sampleTables(), kSine, spinning());
  expectError(
      runtime::Pipeline::create(setup.device, setup.artifact, kSine, &fields)
          .takeStatus(),
      VYRE_STATUS_INVALID_ARGUMENT, {"graph_shapes", "1024"});
}

/// After prewarming the first dispatch of a shape is a replay: it allocates
/// nothing and builds nothing.
TEST_F(ReplayTest, PrewarmedShapesAreReplayed) {
  runtime::Config config;
  Loaded setup(sampleTables(), kSine, config);
  for (int64_t n : {1000, 100}) {
    SineCall call(n);
    auto bindings = call.bindings();
    ASSERT_OK(setup.pipeline.prewarm(bindings.data(), bindings.size()));
  }
  fakecuda::forgetCalls();
  for (int64_t n : {100, 1000, 100}) {
    SineCall call(n);
    VyreDispatchReport report = setup.run(call);
    EXPECT_EQ(report.replays, 1u);
    EXPECT_EQ(report.graph_builds, 0u);
  }
  EXPECT_EQ(countOf("cuGraphLaunch"), 3u);
  EXPECT_EQ(fakecuda::calls().size(), 3u * 6u);
}

/// The host would start launches that come first one by one: where there are
/// several and nothing is before them, a kernel that does nothing is. A
/// transfer does as well, and a single launch needs nothing.
TEST_F(ReplayTest, SeveralFirstLaunchesComeAfterOneNode) {
  struct Case {
    bool hasBranches, isOnDevice;
    /// With that of the flag.
    uint64_t kernels;
  };
  for (Case c :
       {Case{true, true, 6}, Case{true, false, 5}, Case{false, true, 3}}) {
    SCOPED_TRACE(::testing::Message() << c.hasBranches << c.isOnDevice);
    Artifact tables = sampleTables();
    if (c.hasBranches)
      addSecondBranch(tables.programs[kSine]);
    Loaded setup(tables, kSine, spinning());
    SineCall first(1000), second(1000);
    second.x[5] = 0.5f;
    std::vector<VyreBinding> bindings = first.bindings();
    if (c.hasBranches) {
      bindings.push_back(second.bindings()[1]);
      bindings.push_back(second.bindings()[0]);
    }
    std::vector<void *> memory;
    for (VyreBinding &binding : bindings) {
      if (!c.isOnDevice)
        break;
      memory.push_back(*setup.device.allocate(binding.byte_length));
      ASSERT_OK(setup.device.upload(memory.back(), binding.data,
                                    binding.byte_length));
      binding.data = memory.back();
      binding.location = VYRE_MEMORY_DEVICE;
    }
    for (int i = 0; i < 3; ++i)
      ASSERT_OK(setup.pipeline.dispatch(bindings.data(), bindings.size()));
    EXPECT_EQ(countOf("cuGraphAddKernelNode"), c.kernels);
    EXPECT_EQ(countOf("cuGraphLaunch"), 3u);
    if (c.isOnDevice)
      ASSERT_OK(setup.device.download(first.y.data(), memory[1], 4000));
    if (c.isOnDevice && c.hasBranches)
      ASSERT_OK(setup.device.download(second.y.data(), memory[2], 4000));
    first.expectResult();
    if (c.hasBranches)
      second.expectResult();
    for (void *one : memory)
      ASSERT_OK(setup.device.free(one));
    fakecuda::forgetCalls();
  }
}

/// Many threads over few sets, waiting both ways.
TEST_F(ReplayTest, ManyThreadsReplayAtOnce) {
  runtime::Config config = spinning();
  config.maxInFlight = 3;
  Loaded setup(sampleTables(), kSine, config);
  std::vector<std::thread> threads;
  for (int t = 0; t < 6; ++t)
    threads.emplace_back([&, t] {
      runtime::Config own;
      own.waitMode = t % 2 ? VYRE_WAIT_BLOCK : VYRE_WAIT_SPIN;
      VyrePipelineConfig fields = own.fields();
      VyreDispatchConfig dispatch = {};
      dispatch.struct_size = sizeof(dispatch);
      dispatch.overrides = &fields;
      for (int i = 0; i < 20; ++i) {
        SineCall call(50 + 10 * ((t + i) % 4));
        auto bindings = call.bindings();
        ASSERT_OK(setup.pipeline.dispatch(bindings.data(), bindings.size(),
                                          &dispatch));
        call.expectResult();
      }
    });
  for (std::thread &thread : threads)
    thread.join();
}

} // namespace
} // namespace vyre::testing
