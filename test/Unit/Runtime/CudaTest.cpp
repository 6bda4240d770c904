//===- CudaTest.cpp - The cuda backend over a stand-in driver ---*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FakeCudaTest.h"

#include "CUDA/CUDAModule.h"

#include <algorithm>
#include <map>
#include <set>
#include <thread>

namespace vyre::testing {
namespace {

using namespace runtime::internal;

class CudaTest : public FakeCudaTest {};

runtime::Status dispatch(runtime::Pipeline &pipeline,
                         const std::vector<VyreBinding> &bindings) {
  return pipeline.dispatch(bindings.data(), bindings.size());
}

TEST_F(CudaTest, TellsWhichGpuItIs) {
  auto device = runtime::Device::open("cuda");
  ASSERT_OK(device);
  auto info = device->info();
  ASSERT_OK(info);
  EXPECT_STREQ(info->id, "cuda:0");
  EXPECT_STREQ(info->backend, "cuda");
  EXPECT_STREQ(info->name, "Fake GPU");
  EXPECT_STREQ(info->architecture, "sm_90");
}

/// Dispatches with a policy of their own.
runtime::Status dispatch(runtime::Pipeline &pipeline,
                         const std::vector<VyreBinding> &bindings,
                         uint32_t capture,
                         VyreDispatchReport *report = nullptr) {
  VyrePipelineConfig overrides = {};
  overrides.struct_size = sizeof(overrides);
  overrides.capture = capture;
  VyreDispatchConfig config = {};
  config.struct_size = sizeof(config);
  config.overrides = &overrides;
  return pipeline.dispatch(bindings.data(), bindings.size(), &config, report);
}

/// A steady state: one graph launch, one wait.
TEST_F(CudaTest, ReplaysAreOneLaunchAndOneWait) {
  Session session("cuda", "sine");
  for (int i = 0; i < 2; ++i) {
    SineCall call(1000);
    ASSERT_OK(dispatch(session.pipeline, call.bindings()));
    call.expectResult();
  }
  fakecuda::forgetCalls();
  SineCall again(1000);
  ASSERT_OK(dispatch(session.pipeline, again.bindings()));
  again.expectResult();
  EXPECT_EQ(fakecuda::calls(),
            (std::vector<std::string>{
                "cuCtxPushCurrent", "cuGraphLaunch", "cuCtxPopCurrent",
                "cuCtxPushCurrent", "cuStreamSynchronize", "cuCtxPopCurrent"}));
}

/// Also over memory of the device, whose pointers are checked once, and with
/// every way to wait; another scalar or pointer is one update more.
TEST_F(CudaTest, ReplaysOverDeviceMemoryAreOneLaunchAndOneWait) {
  Session session("cuda", "scale");
  ScaleCall call(1000);
  auto bindings = call.bindings();
  std::vector<void *> memory;
  for (size_t i : {0u, 2u, 2u}) {
    auto block = session.device.allocate(4000);
    ASSERT_OK(block);
    memory.push_back(*block);
    ASSERT_OK(session.device.upload(*block, bindings[i].data, 4000));
  }
  for (size_t i : {0u, 2u}) {
    bindings[i].data = memory[i / 2];
    bindings[i].location = VYRE_MEMORY_DEVICE;
  }
  for (int i = 0; i < 3; ++i)
    ASSERT_OK(dispatch(session.pipeline, bindings));
  const std::vector<std::string> begin = {"cuCtxPushCurrent"},
                                 end = {"cuGraphLaunch", "cuCtxPopCurrent",
                                        "cuCtxPushCurrent",
                                        "cuStreamSynchronize",
                                        "cuCtxPopCurrent"};
  auto expectCalls = [&](size_t updates) {
    fakecuda::forgetCalls();
    ASSERT_OK(dispatch(session.pipeline, bindings));
    std::vector<std::string> expected = begin;
    expected.insert(expected.end(), updates, "cuGraphExecKernelNodeSetParams");
    expected.insert(expected.end(), end.begin(), end.end());
    EXPECT_EQ(fakecuda::calls(), expected);
  };
  expectCalls(0);
  call.s = -1;
  expectCalls(1);
  expectCalls(0);
  // The first dispatch with another block asks the driver whose it is.
  bindings[2].data = memory[2];
  ASSERT_OK(dispatch(session.pipeline, bindings));
  for (void *block : {memory[1], memory[2], memory[1]}) {
    bindings[2].data = block;
    expectCalls(1);
    std::vector<float> y(1000);
    ASSERT_OK(session.device.download(y.data(), block, 4000));
    EXPECT_EQ(y[999], -call.x[999]);
  }
  for (void *block : memory)
    ASSERT_OK(session.device.free(block));
}

/// Only nodes with other pointers or values are updated; nothing is built
/// again.
TEST_F(CudaTest, UpdatesOnlyWhatChanged) {
  Session session("cuda", "sine");
  std::vector<void *> memory;
  for (int i = 0; i < 4; ++i) {
    auto block = session.device.allocate(400);
    ASSERT_OK(block);
    memory.push_back(*block);
  }
  SineCall call(100);
  auto bindings = call.bindings();
  auto source = bindings[0].data;
  auto target = bindings[1].data;
  bindings[0].location = bindings[1].location = VYRE_MEMORY_DEVICE;
  struct Case {
    int x, y;
    uint64_t builds, updates;
  };
  for (Case c : {Case{0, 2, 1, 0}, Case{0, 2, 0, 0}, Case{1, 2, 0, 1},
                 Case{1, 3, 0, 1}, Case{0, 2, 0, 2}}) {
    bindings[0].data = memory[c.x];
    bindings[1].data = memory[c.y];
    ASSERT_OK(session.device.upload(memory[c.x], source, 400));
    VyreDispatchReport report = emptyReport();
    ASSERT_OK(
        dispatch(session.pipeline, bindings, VYRE_CAPTURE_REQUIRE, &report));
    EXPECT_EQ(report.replays, 1u);
    EXPECT_EQ(report.graph_builds, c.builds);
    EXPECT_EQ(report.node_updates, c.updates);
    EXPECT_EQ(report.no_replay_reason, nullptr);
    ASSERT_OK(session.device.download(target, memory[c.y], 400));
    call.expectResult();
  }
  for (void *block : memory)
    ASSERT_OK(session.device.free(block));
}

/// Shapes keep their graphs, up to a bound.
TEST_F(CudaTest, KeepsTheGraphsOfRecentShapes) {
  Session session("cuda", "sine");
  // The largest first: a block that grows makes other graphs of all.
  auto run = [&](int64_t n) {
    SineCall call(n);
    VyreDispatchReport report = emptyReport();
    EXPECT_OK(dispatch(session.pipeline, call.bindings(), VYRE_CAPTURE_REQUIRE,
                       &report));
    call.expectResult();
    return report.graph_builds;
  };
  for (int64_t n = 900; n > 100; n -= 100)
    EXPECT_EQ(run(n), 1u);
  for (int64_t n = 900; n > 100; n -= 100)
    EXPECT_EQ(run(n), 0u);
  // The one that was used least recently goes, not the one that is oldest.
  EXPECT_EQ(run(900), 0u);
  EXPECT_EQ(run(100), 1u);
  EXPECT_EQ(run(900), 0u);
  EXPECT_EQ(run(700), 0u);
  EXPECT_EQ(run(800), 1u);
  EXPECT_EQ(run(600), 1u);
}

/// Two independent branches. Their intermediates have memory of their own, or,
/// with a limit, the same: then the one branch waits for the other.
TEST_F(CudaTest, BranchesThatShareTheArenaTakeTurns) {
  Artifact tables = sampleTables();
  Program &program = tables.programs[1];
  addSecondBranch(program);
  auto device = runtime::Device::open("cuda");
  ASSERT_OK(device);
  std::vector<int64_t> extents = {100};
  std::vector<float> x(100), w(100);
  for (int i = 0; i < 100; ++i) {
    x[i] = 0.01f * static_cast<float>(i);
    w[i] = 1.0f - x[i];
  }
  std::vector<float> expected;
  for (uint64_t limit : {1024, 512}) {
    program.capture.maxArenaBytes = limit;
    std::vector<uint8_t> bytes = buildArtifact(tables);
    auto artifact = runtime::Artifact::loadMemory(bytes.data(), bytes.size());
    ASSERT_OK(artifact);
    auto pipeline = runtime::Pipeline::create(*device, *artifact, 1);
    ASSERT_OK(pipeline);
    for (VyreCapturePolicy capture :
         {VYRE_CAPTURE_NEVER, VYRE_CAPTURE_REQUIRE}) {
      std::vector<float> y(100), z(100);
      VyreDispatchReport report = emptyReport();
      EXPECT_OK(dispatch(*pipeline,
                         {bindBuffer(x, extents), bindBuffer(y, extents),
                          bindBuffer(z, extents), bindBuffer(w, extents)},
                         capture, &report));
      EXPECT_EQ(report.arena_bytes, limit);
      y.insert(y.end(), z.begin(), z.end());
      if (expected.empty())
        expected = y;
      EXPECT_EQ(y, expected);
    }
  }
}

/// The policy that the program was compiled with holds where none is given.
TEST_F(CudaTest, TheProgramsPolicyIsTheDefault) {
  Artifact tables = sampleTables();
  // Where a graph pays from the second dispatch on.
  auto device = openWithCheapGraphs("cuda");
  ASSERT_OK(device);
  for (auto policy :
       {artifact::CapturePolicy::require, artifact::CapturePolicy::never}) {
    tables.programs[1].capture.policy = policy;
    std::vector<uint8_t> bytes = buildArtifact(tables);
    auto artifact = runtime::Artifact::loadMemory(bytes.data(), bytes.size());
    ASSERT_OK(artifact);
    auto pipeline = runtime::Pipeline::create(*device, *artifact, 1);
    ASSERT_OK(pipeline);
    SineCall call(100);
    VyreDispatchReport report = emptyReport();
    for (int i = 0; i < 4; ++i) {
      EXPECT_OK(
          dispatch(*pipeline, call.bindings(), VYRE_CAPTURE_DEFAULT, &report));
      EXPECT_EQ(report.replays, policy == artifact::CapturePolicy::require);
    }
    // A call's own policy comes first.
    EXPECT_OK(
        dispatch(*pipeline, call.bindings(), VYRE_CAPTURE_REQUIRE, &report));
    EXPECT_EQ(report.replays, 1u);
    EXPECT_OK(
        dispatch(*pipeline, call.bindings(), VYRE_CAPTURE_NEVER, &report));
    EXPECT_EQ(report.replays, 0u);
  }
}

/// The policy, and what is said where there is no replay.
TEST_F(CudaTest, SaysWhyItDoesNotReplay) {
  Session session("cuda", "sine");
  auto reason = [&](VyreCapturePolicy capture) {
    SineCall call(100);
    VyreDispatchReport report = emptyReport();
    EXPECT_OK(dispatch(session.pipeline, call.bindings(), capture, &report));
    call.expectResult();
    return std::string(report.no_replay_reason ? report.no_replay_reason
                                               : "replayed");
  };
  EXPECT_EQ(reason(VYRE_CAPTURE_NEVER), "the capture policy is never");
  EXPECT_EQ(reason(VYRE_CAPTURE_DEFAULT), "these sizes are new");
  EXPECT_EQ(reason(VYRE_CAPTURE_AUTO),
            "the graph is built while the device works");
  EXPECT_EQ(reason(VYRE_CAPTURE_AUTO), "replayed");
  EXPECT_EQ(reason(VYRE_CAPTURE_NEVER), "the capture policy is never");
  SineCall call(100);
  expectError(dispatch(session.pipeline, call.bindings(), 4),
              VYRE_STATUS_INVALID_ARGUMENT, {"capture is 4", "at most 3"});
}

/// Without graphs: one copy up, the launches, the last of which writes where
/// the host reads, one wait.
TEST_F(CudaTest, RepeatedDispatchesMakeNoOtherCalls) {
  Session session("cuda", "sine");
  SineCall call(1000);
  ASSERT_OK(dispatch(session.pipeline, call.bindings()));
  fakecuda::forgetCalls();
  SineCall again(1000);
  ASSERT_OK(dispatch(session.pipeline, again.bindings(), VYRE_CAPTURE_NEVER));
  again.expectResult();
  EXPECT_EQ(fakecuda::calls(),
            (std::vector<std::string>{
                "cuCtxPushCurrent", "cuMemcpyHtoDAsync", "cuLaunchKernel",
                "cuLaunchKernel", "cuCtxPopCurrent", "cuCtxPushCurrent",
                "cuStreamSynchronize", "cuCtxPopCurrent"}));
}

/// Clusters of blocks are for GPUs that have them; on others the same launch is
/// one without, of a kernel that knows.
TEST_F(CudaTest, ClustersAreForGpusThatHaveThem) {
  runtime::internal::Artifact tables = sampleTables();
  for (uint32_t i : {0, 1, 2})
    tables.programs[kSine].launches[0].cluster[i] = i == 0 ? 2 : 1;
  for (auto [capability, clusters] : {std::pair(80, 0u), std::pair(90, 1u)}) {
    SCOPED_TRACE(capability);
    fakecuda::setComputeCapability(capability);
    for (auto capture : {VYRE_CAPTURE_NEVER, VYRE_CAPTURE_REQUIRE}) {
      runtime::Config config;
      config.capture = capture;
      Loaded setup(tables, kSine, config);
      fakecuda::forgetCalls();
      SineCall call(1000);
      setup.run(call);
      bool isGraph = capture == VYRE_CAPTURE_REQUIRE;
      EXPECT_EQ(countOf("cuLaunchKernelEx"), isGraph ? 0 : clusters);
      EXPECT_EQ(countOf("cuLaunchKernel"), isGraph ? 0 : 2 - clusters);
      EXPECT_EQ(countOf("cuGraphKernelNodeSetAttribute"),
                isGraph ? clusters : 0);
    }
  }
  fakecuda::setComputeCapability(90);
}

/// Small buffers share one copy each way, whatever their number and role: up by
/// the copy engine, down by a kernel behind the program's.
TEST_F(CudaTest, SmallBuffersTravelTogether) {
  Session session("cuda", "accumulate");
  std::vector<int64_t> extents = {2, 30};
  std::vector<int32_t> a(60, 1), b(60, 2);
  ASSERT_OK(dispatch(session.pipeline,
                     {bindBuffer(a, extents), bindBuffer(b, extents)}));
  EXPECT_EQ(a, std::vector<int32_t>(60, 3));
  std::vector<std::string> calls = fakecuda::calls();
  EXPECT_EQ(std::count(calls.begin(), calls.end(), "cuLaunchKernel"), 2);
  fakecuda::forgetCalls();
  ASSERT_OK(dispatch(session.pipeline,
                     {bindBuffer(a, extents), bindBuffer(b, extents)},
                     VYRE_CAPTURE_NEVER));
  calls = fakecuda::calls();
  EXPECT_EQ(std::count(calls.begin(), calls.end(), "cuMemcpyHtoDAsync"), 1);
  EXPECT_EQ(std::count(calls.begin(), calls.end(), "cuLaunchKernel"), 2);
  EXPECT_EQ(std::count(calls.begin(), calls.end(), "cuMemcpyDtoHAsync"), 0);
}

TEST_F(CudaTest, GrowsAndKeepsItsMemory) {
  Session session("cuda", "sine");
  for (int64_t n : {10, 100000, 10, 100000, 50000}) {
    SineCall call(n);
    ASSERT_OK(dispatch(session.pipeline, call.bindings()));
    call.expectResult();
  }
  std::vector<std::string> calls = fakecuda::calls();
  // The constants, and this program's block twice.
  EXPECT_EQ(std::count(calls.begin(), calls.end(), "cuMemAlloc"), 3);
}

TEST_F(CudaTest, TimeLimitsEndTheWaitOnly) {
  Session session("cuda", "scale");
  ScaleCall call(100);
  auto bindings = call.bindings();
  fakecuda::setPendingQueries(1000000);
  auto completion = session.pipeline.submit(bindings.data(), bindings.size());
  ASSERT_OK(completion);
  for (uint64_t limit : {0, 1, 1000000})
    expectError(completion->wait(limit), VYRE_STATUS_DEADLINE_EXCEEDED,
                {"wait again"});
  call.expectUntouched();
  fakecuda::setPendingQueries(5);
  ASSERT_OK(completion->wait(1000000000));
  call.expectResult();
}

/// Someone who waits without limit does not keep another one's limit.
TEST_F(CudaTest, WaitersDoNotHoldEachOtherUp) {
  Session session("cuda", "scale");
  ScaleCall first(100), second(100);
  auto bindings = first.bindings();
  fakecuda::setPendingQueries(1000000);
  auto completion = session.pipeline.submit(bindings.data(), bindings.size());
  ASSERT_OK(completion);
  std::thread other([&] {
    // Needs the only set, and so completes the first dispatch.
    ASSERT_OK(dispatch(session.pipeline, second.bindings()));
  });
  ASSERT_OK(completion->wait());
  other.join();
  first.expectResult();
  second.expectResult();
}

TEST_F(CudaTest, UsesTheCallersStream) {
  Session session("cuda", "scale");
  void *stream = fakecuda::createStream();
  VyreDispatchConfig config = {};
  config.struct_size = sizeof(config);
  config.cuda_stream = stream;
  ScaleCall call(100);
  auto bindings = call.bindings();
  ASSERT_OK(
      session.pipeline.dispatch(bindings.data(), bindings.size(), &config));
  call.expectResult();
  std::vector<std::string> calls = fakecuda::calls();
  // Only up to what was enqueued: the caller may have put more behind it.
  EXPECT_EQ(std::count(calls.begin(), calls.end(), "cuEventSynchronize"), 1);
  fakecuda::destroyStream(stream);
}

TEST_F(CudaTest, BecomesPartOfTheCallersCapture) {
  Session session("cuda", "sine");
  void *stream = fakecuda::createStream();
  VyreDispatchConfig config = {};
  config.struct_size = sizeof(config);
  config.cuda_stream = stream;
  SineCall call(100);
  auto bindings = call.bindings();

  fakecuda::beginCapture(stream);
  expectError(
      session.pipeline.dispatch(bindings.data(), bindings.size(), &config),
      VYRE_STATUS_INVALID_ARGUMENT, {"argument 0 'x'", "captured"});
  EXPECT_EQ(fakecuda::endCapture(stream), 0u);

  auto x = session.device.allocate(400), y = session.device.allocate(400);
  ASSERT_OK(x);
  ASSERT_OK(y);
  bindings[0].data = *x;
  bindings[1].data = *y;
  bindings[0].location = bindings[1].location = VYRE_MEMORY_DEVICE;
  fakecuda::beginCapture(stream);
  // There is no memory for the intermediate yet, and a capture cannot take it.
  expectError(
      session.pipeline.dispatch(bindings.data(), bindings.size(), &config),
      VYRE_STATUS_FAILED_PRECONDITION, {"dispatch it once"});
  EXPECT_EQ(fakecuda::endCapture(stream), 0u);
  ASSERT_OK(dispatch(session.pipeline, bindings));

  fakecuda::beginCapture(stream);
  fakecuda::forgetCalls();
  ASSERT_OK(
      session.pipeline.dispatch(bindings.data(), bindings.size(), &config));
  std::vector<std::string> calls = fakecuda::calls();
  EXPECT_EQ(std::count(calls.begin(), calls.end(), "cuEventRecord"), 0);
  EXPECT_EQ(fakecuda::endCapture(stream), 2u);
  // Growing keeps the memory that the caller's graph refers to.
  fakecuda::forgetCalls();
  SineCall larger(100000);
  ASSERT_OK(dispatch(session.pipeline, larger.bindings()));
  calls = fakecuda::calls();
  EXPECT_EQ(std::count(calls.begin(), calls.end(), "cuMemFree"), 0);
  ASSERT_OK(session.device.free(*x));
  ASSERT_OK(session.device.free(*y));
  fakecuda::destroyStream(stream);
}

TEST_F(CudaTest, RefusesPointersThatAreNotTheDevices) {
  Session session("cuda", "scale");
  ScaleCall call(100);
  auto bindings = call.bindings();
  bindings[0].location = VYRE_MEMORY_DEVICE;
  expectError(dispatch(session.pipeline, bindings),
              VYRE_STATUS_INVALID_ARGUMENT,
              {"argument 0 'x'", "does not know"});
  auto x = session.device.allocate(256);
  ASSERT_OK(x);
  bindings[0].data = *x;
  expectError(dispatch(session.pipeline, bindings),
              VYRE_STATUS_INVALID_ARGUMENT, {"256 bytes", "400 bytes"});
  call.expectUntouched();
  ASSERT_OK(session.device.free(*x));
}

TEST_F(CudaTest, TakesTheCallersContextAndMemory) {
  struct Counter {
    int live = 0;
    runtime::Device *device = nullptr;
    static void *allocate(void *user, uint64_t size, uint64_t) {
      auto &self = *static_cast<Counter *>(user);
      auto memory = self.device->allocate(size);
      if (memory.failed())
        return nullptr;
      ++self.live;
      return *memory;
    }
    static void release(void *user, void *memory, uint64_t) {
      auto &self = *static_cast<Counter *>(user);
      --self.live;
      EXPECT_OK(self.device->free(memory));
    }
  } counter;
  auto owner = runtime::Device::open("cuda");
  ASSERT_OK(owner);
  counter.device = &*owner;
  VyreDeviceConfig config = {};
  config.struct_size = sizeof(config);
  config.allocator.user = &counter;
  config.allocator.allocate = &Counter::allocate;
  expectError(runtime::Device::open("cuda", &config).takeStatus(),
              VYRE_STATUS_INVALID_ARGUMENT, {"one function of two"});
  config.allocator.release = &Counter::release;
  {
    auto device = runtime::Device::open("cuda", &config);
    ASSERT_OK(device);
    auto artifact = Session::load();
    auto pipeline = runtime::Pipeline::create(*device, *artifact, 1);
    ASSERT_OK(pipeline);
    SineCall call(1000);
    ASSERT_OK(dispatch(*pipeline, call.bindings()));
    call.expectResult();
    EXPECT_GT(counter.live, 0);
  }
  EXPECT_EQ(counter.live, 0);
}

TEST_F(CudaTest, RefusesMemoryThatIsNotAligned) {
  struct Allocator {
    static void *allocate(void *, uint64_t size, uint64_t alignment) {
      return static_cast<char *>(std::aligned_alloc(
                 alignment, (size / alignment + 2) * alignment)) +
             16;
    }
    static void release(void *user, void *memory, uint64_t) {
      ++*static_cast<int *>(user);
      std::free(static_cast<char *>(memory) - 16);
    }
  };
  int released = 0;
  VyreDeviceConfig config = {};
  config.struct_size = sizeof(config);
  config.allocator = {&released, &Allocator::allocate, &Allocator::release};
  auto device = runtime::Device::open("cuda", &config);
  ASSERT_OK(device);
  expectError(device->allocate(100).takeStatus(), VYRE_STATUS_INVALID_ARGUMENT,
              {"cuda:0", "aligned to 256"});
  EXPECT_EQ(released, 1);
}

//===----------------------------------------------------------------------===//
// Code
//===----------------------------------------------------------------------===//

std::string chosen(const std::vector<std::pair<CodeKind, const char *>> &codes,
                   int capability) {
  Artifact artifact;
  for (auto [kind, architecture] : codes)
    artifact.codes.push_back({kind, architecture, "", {}});
  std::string names;
  for (const Code *code : cuda::selectGpuCode(artifact, capability))
    names += (code->kind == CodeKind::ptx ? " ptx:" : " cubin:") +
             code->architecture;
  return names;
}

TEST(CudaCodeTest, PrefersWhatIsMostSpecific) {
  const std::vector<std::pair<CodeKind, const char *>> codes = {
      {CodeKind::ptx, "sm_80"},      {CodeKind::ptx, "sm_90"},
      {CodeKind::ptx, "sm_90a"},     {CodeKind::ptx, "sm_100"},
      {CodeKind::cubin, "sm_80"},    {CodeKind::cubin, "sm_86"},
      {CodeKind::cubin, "sm_90"},    {CodeKind::cubin, "sm_90a"},
      {CodeKind::cubin, "sm_100f"},  {CodeKind::elf, "x86_64"},
      {CodeKind::ptx, "compute_80"}, {CodeKind::ptx, "sm_"},
      {CodeKind::ptx, "sm_9x"}};
  EXPECT_EQ(chosen(codes, 90), " cubin:sm_90a cubin:sm_90 ptx:sm_90a "
                               "ptx:sm_90 ptx:sm_80");
  EXPECT_EQ(chosen(codes, 89), " cubin:sm_86 cubin:sm_80 ptx:sm_80");
  EXPECT_EQ(chosen(codes, 80), " cubin:sm_80 ptx:sm_80");
  EXPECT_EQ(chosen(codes, 103),
            " cubin:sm_100f ptx:sm_100 ptx:sm_90 ptx:sm_80");
  EXPECT_EQ(chosen(codes, 75), "");
}

TEST_F(CudaTest, ShowsTheCompilersLog) {
  auto artifact = Session::load();
  auto device = runtime::Device::open("cuda");
  ASSERT_OK(device);
  fakecuda::rejectModules(218, "ptxas: line 7: no such opcode\n");
  expectError(runtime::Pipeline::create(*device, *artifact, 0).takeStatus(),
              VYRE_STATUS_DEVICE_ERROR,
              {"cuModuleLoadDataEx", "CUDA_ERROR_INVALID_PTX (218)",
               "line 7: no such opcode"});
}

/// A driver that is too old for the newest PTX gets the one before.
TEST_F(CudaTest, TriesOlderPtx) {
  Artifact tables = sampleTables();
  tables.codes.push_back(tables.codes[1]);
  tables.codes.back().architecture = "sm_90";
  std::vector<uint8_t> bytes = buildArtifact(tables);
  auto artifact = runtime::Artifact::loadMemory(bytes.data(), bytes.size());
  ASSERT_OK(artifact);
  auto device = runtime::Device::open("cuda");
  ASSERT_OK(device);
  fakecuda::forgetCalls();
  fakecuda::failCall(1, 222);
  auto pipeline = runtime::Pipeline::create(*device, *artifact, 0);
  ASSERT_OK(pipeline);
  std::vector<std::string> calls = fakecuda::calls();
  EXPECT_EQ(std::count(calls.begin(), calls.end(), "cuModuleLoadDataEx"), 2);
}

TEST_F(CudaTest, RefusesCubinsThatAreNotWhole) {
  Artifact tables = sampleTables();
  tables.codes[1] = tables.codes[0];
  tables.codes[1].kind = CodeKind::cubin;
  tables.codes[1].architecture = "sm_90";
  tables.codes[1].data.size -= 100;
  std::vector<uint8_t> bytes = buildArtifact(tables);
  auto artifact = runtime::Artifact::loadMemory(bytes.data(), bytes.size());
  ASSERT_OK(artifact);
  auto device = runtime::Device::open("cuda");
  expectError(runtime::Pipeline::create(*device, *artifact, 0).takeStatus(),
              VYRE_STATUS_BAD_ARTIFACT, {"whole ELF"});
}

TEST_F(CudaTest, RefusesKernelsWithOtherParameters) {
  for (bool hasMore : {false, true}) {
    Artifact tables = sampleTables();
    auto &parameters = tables.programs[0].launches[0].parameters;
    if (hasMore)
      parameters.push_back(parameters[0]);
    else
      parameters.pop_back();
    std::vector<uint8_t> bytes = buildArtifact(tables);
    auto artifact = runtime::Artifact::loadMemory(bytes.data(), bytes.size());
    ASSERT_OK(artifact);
    auto device = runtime::Device::open("cuda");
    expectError(runtime::Pipeline::create(*device, *artifact, 0).takeStatus(),
                VYRE_STATUS_BAD_ARTIFACT, {"kernel 'sample_scale'"});
  }
}

//===----------------------------------------------------------------------===//
// Failures
//===----------------------------------------------------------------------===//

TEST_F(CudaTest, RunsOutOfMemoryAndGoesOn) {
  Session session("cuda", "sine");
  fakecuda::setMemoryLimit(100000);
  SineCall large(100000);
  expectError(dispatch(session.pipeline, large.bindings()),
              VYRE_STATUS_OUT_OF_MEMORY,
              {"cuMemAlloc", "cuda:0", "CUDA_ERROR_OUT_OF_MEMORY (2)"});
  SineCall small(100);
  ASSERT_OK(dispatch(session.pipeline, small.bindings()));
  small.expectResult();
}

/// Each error that a context does not survive loses the device, whichever call
/// answers it, once or from then on. The first cause stays, whatever is
/// called afterwards, and nothing but giving back reaches the driver any more.
TEST_F(CudaTest, StickyErrorsLoseTheDevice) {
  for (int code : {4, 214, 220, 226, 700, 702, 709, 710, 714, 715, 716, 717,
                   718, 719, 721, 810}) {
    for (const char *call : {"cuGraphLaunch", "cuStreamSynchronize"}) {
      SCOPED_TRACE(std::string(call) + " " + std::to_string(code));
      bool staysSo = code != 700 && code != 719;
      fakecuda::resetDevice();
      std::string number = "(" + std::to_string(code) + ")";
      Session session("cuda", "scale");
      ScaleCall scale(100);
      ASSERT_OK(dispatch(session.pipeline, scale.bindings()));
      ASSERT_OK(dispatch(session.pipeline, scale.bindings()));
      // Push, graph launch, pop, push, synchronize.
      fakecuda::failCall(call == std::string("cuGraphLaunch") ? 1 : 4, code,
                         staysSo);
      expectError(dispatch(session.pipeline, scale.bindings()),
                  VYRE_STATUS_DEVICE_LOST, {call, number.c_str()});
      fakecuda::forgetCalls();
      for (int i = 0; i < 2; ++i)
        expectError(dispatch(session.pipeline, scale.bindings()),
                    VYRE_STATUS_DEVICE_LOST,
                    {"cuda:0 is lost", call, number.c_str()});
      auto bindings = scale.bindings();
      expectError(session.pipeline.submit(bindings.data(), bindings.size())
                      .takeStatus(),
                  VYRE_STATUS_DEVICE_LOST, {"is lost", call});
      expectError(session.pipeline.prewarm(bindings.data(), bindings.size()),
                  VYRE_STATUS_DEVICE_LOST, {"is lost", call});
      expectError(session.device.allocate(16).takeStatus(),
                  VYRE_STATUS_DEVICE_LOST, {"is lost", call});
      expectError(runtime::Pipeline::create(session.device, session.artifact, 1)
                      .takeStatus(),
                  VYRE_STATUS_DEVICE_LOST, {"is lost", call});
      EXPECT_EQ(fakecuda::calls(), std::vector<std::string>());
    }
  }
  fakecuda::resetDevice();
}

/// What a whole life of a device does, with the first status that is not a
/// success. A dispatch that does without a graph, since that could not be
/// built, tells why in its report: the last such reason is put into `told`.
runtime::Status wholeLife(std::string *told) {
  runtime::Status first;
  auto run = [&](runtime::Pipeline &pipeline,
                 const std::vector<VyreBinding> &bindings) {
    VyreDispatchReport report = emptyReport();
    runtime::Status status =
        pipeline.dispatch(bindings.data(), bindings.size(), nullptr, &report);
    std::string reason = report.no_replay_reason ? report.no_replay_reason : "";
    if (told && reason.find("could not build") != std::string::npos)
      *told = reason;
    return status;
  };
  auto note = [&](runtime::Status status) {
    if (!first.failed())
      first = std::move(status);
  };
  auto artifact = Session::load();
  auto device = openWithCheapGraphs("cuda");
  if (device.failed())
    return device.takeStatus();
  for (const char *name : {"sine", "count", "accumulate", "hits"}) {
    // With a flag to poll, where a dispatch is one graph and no more.
    runtime::Config config;
    config.waitMode = VYRE_WAIT_SPIN;
    VyrePipelineConfig fields = config.fields();
    auto pipeline = runtime::Pipeline::create(
        *device, *artifact, *artifact->findProgram(name), &fields);
    if (pipeline.failed()) {
      note(pipeline.takeStatus());
      continue;
    }
    std::vector<int64_t> extents = {4}, out(4);
    int64_t step = 1;
    // More than 64 KiB.
    SineCall call(17000);
    HitsCall hits(5, 500);
    // Large enough for the copy kernel in both directions.
    std::vector<int64_t> matrix = {2, 2000};
    std::vector<int32_t> a(4000, 1), b(4000, 2);
    std::vector<VyreBinding> bindings =
        name == std::string("sine")   ? call.bindings()
        : name == std::string("hits") ? hits.bindings()
        : name == std::string("accumulate")
            ? std::vector<VyreBinding>{bindBuffer(a, matrix),
                                       bindBuffer(b, matrix)}
            : std::vector<VyreBinding>{
                  bindScalar(step), {}, bindBuffer(out, extents)};
    runtime::Status status = run(*pipeline, bindings);
    if (!status.failed() && name == std::string("sine"))
      call.expectResult();
    note(std::move(status));
    if (name == std::string("count")) {
      note(pipeline->readState(1, out.data(), 32));
      note(pipeline->resetState());
    }
    // The same again works, or says why not; the first time a graph is built
    // behind it, then it is replayed, and then its values change.
    note(run(*pipeline, bindings));
    note(run(*pipeline, bindings));
    step = 2;
    note(run(*pipeline, bindings));
    note(pipeline->close());
  }
  auto memory = device->allocate(1000);
  if (memory.failed()) {
    note(memory.takeStatus());
  } else {
    std::vector<char> bytes(1000);
    note(device->upload(*memory, bytes.data(), bytes.size()));
    note(device->download(bytes.data(), *memory, bytes.size()));
    note(device->free(*memory));
  }
  note(device->close());
  // One that has to find out what graphs cost.
  auto other = runtime::Device::open("cuda");
  if (other.failed()) {
    note(other.takeStatus());
    return first;
  }
  if (auto costs = other->graphCosts(); costs.failed())
    note(costs.takeStatus());
  note(other->close());
  return first;
}

TEST(CudaFailureTest, EveryCallMayFail) {
  std::vector<std::string> calls = callsOf(wholeLife);
  ASSERT_GT(calls.size(), 80u);
  // Making a context current is tried again where something has to end.
  expectFailuresAreTold(wholeLife, calls,
                        {"cuCtxPopCurrent", "cuCtxPushCurrent"});
}

/// What each call can answer besides, where it is made first: its own errors,
/// and those of an earlier launch that it is the first to hear of.
TEST(CudaFailureTest, EveryCallMayAnswerAnythingItCan) {
  const std::map<std::string, std::vector<int>> ownErrors = {
      {"cuModuleLoadDataEx", {200, 209, 218, 221, 222, 302}},
      {"cuModuleGetFunction", {500}},
      {"cuGraphInstantiateWithFlags", {801}},
      {"cuGraphExecKernelNodeSetParams", {910}},
      {"cuGraphLaunch", {400, 701}},
      {"cuLaunchKernel", {400, 701, 719}},
      {"cuStreamSynchronize", {700, 702, 710, 716}},
      {"cuStreamQuery", {700, 702, 710, 716}},
      {"cuDevicePrimaryCtxRetain", {46, 101}},
      {"cuMemAlloc", {700}},
      {"cuMemHostAlloc", {700, 801}},
      {"cuMemFree", {700}}};
  fakecuda::resetDevice();
  std::vector<std::string> calls = callsOf(wholeLife);
  std::set<std::string> seen;
  for (size_t i = 0; i < calls.size(); ++i) {
    if (!seen.insert(calls[i]).second)
      continue;
    // Wrong arguments, no context any more, nothing known.
    std::vector<int> codes = {1, 3, 201};
    if (auto own = ownErrors.find(calls[i]); own != ownErrors.end())
      codes.insert(codes.end(), own->second.begin(), own->second.end());
    for (int code : codes) {
      SCOPED_TRACE(calls[i] + " answers " + std::to_string(code));
      fakecuda::reset();
      fakecuda::failCall(i, code);
      runtime::Status status = wholeLife(nullptr);
      ASSERT_TRUE(fakecuda::hasFailed());
      // That there is no such kernel, or parameter, is told in other words.
      bool isMissing = (calls[i] == "cuModuleGetFunction" && code == 500) ||
                       (calls[i] == "cuFuncGetParamInfo" && code == 1);
      std::string number = "(" + std::to_string(code) + ")";
      if (isMissing)
        expectError(status, VYRE_STATUS_BAD_ARTIFACT, {"'sample_add_table'"});
      else if (status.failed())
        expectError(status, status.code(), {calls[i].c_str(), number.c_str()});
      if (status.code() == VYRE_STATUS_DEVICE_LOST) {
        fakecuda::resetDevice();
      } else {
        EXPECT_EQ(fakecuda::liveObjects(), 0u);
      }
      EXPECT_EQ(fakecuda::misuses(), 0u);
      EXPECT_OK(wholeLife(nullptr));
    }
  }
  fakecuda::reset();
}

TEST(CudaFailureTest, EveryCallMayLoseTheDevice) {
  // Where a context is left there is nobody to tell: the next call does.
  expectLossesAreTold(wholeLife, callsOf(wholeLife), {"cuCtxPopCurrent"});
}

} // namespace
} // namespace vyre::testing
