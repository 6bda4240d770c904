//===- DispatchTest.cpp - Dispatches on every backend -----------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each test runs on the cpu backend and, over the stand-in driver, on the cuda
// backend.
//
//===----------------------------------------------------------------------===//

#include "ArtifactBuilder.h"
#include "RuntimeTest.h"

#include <array>
#include <thread>

namespace vyre::testing {
namespace {

using namespace runtime::internal;

class DispatchTest : public ::testing::TestWithParam<const char *> {
protected:
  std::string device() const { return GetParam(); }
};

INSTANTIATE_TEST_SUITE_P(All, DispatchTest, ::testing::Values("cpu", "cuda"),
                         [](const auto &info) { return info.param; });

/// Loads changed sample tables and makes a pipeline of one program.
struct ChangedSession {
  ChangedSession(const std::string &deviceId, const Artifact &tables,
                 uint32_t program)
      : artifact(*load(tables)), device(*runtime::Device::open(deviceId)),
        pipeline(
            *runtime::Pipeline::create(device, artifact, program, nullptr)) {}
  static runtime::Expected<runtime::Artifact> load(const Artifact &tables) {
    std::vector<uint8_t> bytes = buildArtifact(tables);
    return runtime::Artifact::loadMemory(bytes.data(), bytes.size());
  }
  runtime::Artifact artifact;
  runtime::Device device;
  runtime::Pipeline pipeline;
};

runtime::Status dispatch(runtime::Pipeline &pipeline,
                         const std::vector<VyreBinding> &bindings) {
  return pipeline.dispatch(bindings.data(), bindings.size());
}

TEST_P(DispatchTest, ComputesAndReports) {
  Session session(device(), "scale");
  for (int64_t n : {1, 5, 256, 257, 20000, 100000}) {
    ScaleCall call(n);
    auto bindings = call.bindings();
    VyreDispatchReport report = emptyReport();
    ASSERT_OK(session.pipeline.dispatch(bindings.data(), bindings.size(),
                                        nullptr, &report));
    call.expectResult();
    EXPECT_EQ(report.launches, 1u);
    EXPECT_EQ(report.bytes_up, 4u * n);
    EXPECT_EQ(report.bytes_down, 4u * n);
    EXPECT_EQ(report.arena_bytes, 0u);
  }
}

TEST_P(DispatchTest, RequirementsAreChecked) {
  Artifact tables = sampleTables();
  Program &scale = tables.programs[0];
  auto node = [&](SizeExpr expr) {
    scale.exprs.push_back(expr);
    return static_cast<int32_t>(scale.exprs.size()) - 1;
  };
  scale.requirements = {{"extent 0 of argument 0",
                         node({0, 0, 0, 0, ExprOp::extent}),
                         node({4, 0, 0, 0, ExprOp::constant})}};
  ChangedSession session(device(), tables, 0);
  ScaleCall tooSmall(3), enough(4);
  expectError(dispatch(session.pipeline, tooSmall.bindings()),
              VYRE_STATUS_INVALID_ARGUMENT,
              {"extent 0 of argument 0, is 3, expected at least 4"});
  tooSmall.expectUntouched();
  ASSERT_OK(dispatch(session.pipeline, enough.bindings()));
  enough.expectResult();
  // The refusal is not forgotten where the sizes stay as they are.
  expectError(dispatch(session.pipeline, tooSmall.bindings()),
              VYRE_STATUS_INVALID_ARGUMENT, {"is 3"});
}

TEST_P(DispatchTest, PassesIntermediatesAndConstants) {
  Session session(device(), "sine");
  for (int64_t n : {1000, 3, 50000}) {
    SineCall call(n);
    auto bindings = call.bindings();
    VyreDispatchReport report = emptyReport();
    ASSERT_OK(session.pipeline.dispatch(bindings.data(), bindings.size(),
                                        nullptr, &report));
    call.expectResult();
    EXPECT_EQ(report.launches, 2u);
    EXPECT_GE(report.arena_bytes, 4u * n);
  }
}

TEST_P(DispatchTest, UpdatesInPlace) {
  Session session(device(), "accumulate");
  for (int64_t n : {4, 40000}) {
    std::vector<int64_t> extents = {2, n};
    std::vector<int32_t> a(2 * n), b(2 * n);
    for (size_t i = 0; i < a.size(); ++i) {
      a[i] = static_cast<int32_t>(i);
      b[i] = 7;
    }
    ASSERT_OK(dispatch(session.pipeline,
                       {bindBuffer(a, extents), bindBuffer(b, extents)}));
    for (size_t i = 0; i < a.size(); ++i)
      ASSERT_EQ(a[i], static_cast<int32_t>(i) + 7);
  }
}

TEST_P(DispatchTest, EmptyIndexSpacesLaunchNothing) {
  Session session(device(), "sine");
  SineCall call(0);
  auto bindings = call.bindings();
  VyreDispatchReport report = emptyReport();
  ASSERT_OK(session.pipeline.dispatch(bindings.data(), bindings.size(), nullptr,
                                      &report));
  EXPECT_EQ(report.launches, 0u);
  EXPECT_EQ(report.bytes_up, 0u);
  // NULL is as good where there is nothing.
  bindings[0].data = bindings[1].data = nullptr;
  EXPECT_OK(dispatch(session.pipeline, bindings));
}

TEST_P(DispatchTest, OutputExtentsFollowFromInputs) {
  Session session(device(), "scale");
  ScaleCall call(10);
  auto bindings = call.bindings();
  bindings[2].extents = nullptr;
  bindings[2].data = nullptr;
  bindings[0].data = nullptr;
  auto extents = session.artifact.inferExtents(0, bindings, 2);
  ASSERT_OK(extents);
  EXPECT_EQ(*extents, std::vector<int64_t>{10});
  // Nor are they needed for the dispatch.
  bindings = call.bindings();
  bindings[2].extents = nullptr;
  bindings[2].rank = 0;
  ASSERT_OK(dispatch(session.pipeline, bindings));
  call.expectResult();
}

TEST_P(DispatchTest, StateOutlivesDispatches) {
  Session session(device(), "count");
  std::vector<int64_t> extents = {4}, out(4);
  int64_t step = 5;
  auto run = [&] {
    std::vector<VyreBinding> bindings = {
        bindScalar(step), {}, bindBuffer(out, extents)};
    ASSERT_OK(dispatch(session.pipeline, bindings));
  };
  run();
  EXPECT_EQ(out, (std::vector<int64_t>{15, 25, 35, 45}));
  run();
  EXPECT_EQ(out, (std::vector<int64_t>{20, 30, 40, 50}));

  std::vector<int64_t> state(4);
  ASSERT_OK(session.pipeline.readState(1, state.data(), 32));
  EXPECT_EQ(state, out);
  state = {1, 2, 3, 4};
  ASSERT_OK(session.pipeline.writeState(1, state.data(), 32));
  run();
  EXPECT_EQ(out, (std::vector<int64_t>{6, 7, 8, 9}));
  ASSERT_OK(session.pipeline.resetState());
  ASSERT_OK(session.pipeline.readState(1, state.data(), 32));
  EXPECT_EQ(state, kCountStart);

  expectError(session.pipeline.readState(0, state.data(), 32),
              VYRE_STATUS_INVALID_ARGUMENT, {"argument 0", "no state"});
  expectError(session.pipeline.readState(9, state.data(), 32),
              VYRE_STATUS_INVALID_ARGUMENT, {"argument 9"});
  expectError(session.pipeline.writeState(1, state.data(), 31),
              VYRE_STATUS_INVALID_ARGUMENT, {"32 bytes", "found 31"});
  expectError(session.pipeline.readState(1, nullptr, 32),
              VYRE_STATUS_INVALID_ARGUMENT, {"NULL"});
}

TEST_P(DispatchTest, StateStartsAsZeroWithoutAConstant) {
  Artifact tables = sampleTables();
  tables.programs[2].arguments[1].initial = -1;
  ChangedSession session(device(), tables, 2);
  std::vector<int64_t> state(4, 9);
  ASSERT_OK(session.pipeline.readState(1, state.data(), 32));
  EXPECT_EQ(state, std::vector<int64_t>(4, 0));
}

/// Each pipeline has a state of its own.
TEST_P(DispatchTest, PipelinesDoNotShareState) {
  Session session(device(), "count");
  auto other = runtime::Pipeline::create(session.device, session.artifact, 2);
  ASSERT_OK(other);
  std::vector<int64_t> state(4, 1);
  ASSERT_OK(session.pipeline.writeState(1, state.data(), 32));
  ASSERT_OK(other->readState(1, state.data(), 32));
  EXPECT_EQ(state, kCountStart);
}

//===----------------------------------------------------------------------===//
// Refusals
//===----------------------------------------------------------------------===//

/// A change to the bindings of `scale` that must be refused.
struct BadCall {
  const char *name;
  void (*change)(std::vector<VyreBinding> &bindings);
  std::initializer_list<const char *> message;
};

int64_t otherExtents[] = {9, 9};
int64_t negativeExtents[] = {-1};
int64_t hugeExtents[] = {INT64_MAX};
int64_t largeExtents[] = {1 << 20};

const BadCall kBadCalls[] = {
    {"TooFew", [](auto &b) { b.pop_back(); }, {"3 arguments", "2 bindings"}},
    {"TooMany",
     [](auto &b) { b.push_back({}); },
     {"3 arguments", "4 bindings"}},
    {"ElementType",
     [](auto &b) { b[0].element_type = VYRE_ELEMENT_F64; },
     {"argument 0 'x' of program 'scale'", "type f32", "found f64"}},
    {"UnknownElementType",
     [](auto &b) { b[0].element_type = 77; },
     {"found unknown"}},
    {"Rank",
     [](auto &b) {
       b[0].rank = 2;
       b[0].extents = otherExtents;
     },
     {"rank 1", "found 2"}},
    {"NegativeExtent",
     [](auto &b) { b[0].extents = negativeExtents; },
     {"[?]"}},
    {"NoExtents", [](auto &b) { b[0].extents = nullptr; }, {"without extents"}},
    {"OutputShape",
     [](auto &b) { b[2].extents = otherExtents; },
     {"argument 2 'y'", "shape [10]", "found [9]"}},
    {"SizeOverflow",
     [](auto &b) {
       b[0].extents = hugeExtents;
       b[0].byte_length = UINT64_MAX;
       b[2].extents = nullptr;
     },
     {"2^64"}},
    {"OverCapacity",
     [](auto &b) {
       b[0].extents = largeExtents;
       b[0].byte_length = UINT64_MAX;
       b[2].extents = nullptr;
     },
     {"4194304 bytes", "capacity is 1048576"}},
    {"ShortBuffer",
     [](auto &b) { b[0].byte_length = 39; },
     {"40 bytes", "found 39"}},
    {"ShortResult",
     [](auto &b) { b[2].byte_length = 0; },
     {"argument 2", "40 bytes", "found 0"}},
    {"NullBuffer", [](auto &b) { b[0].data = nullptr; }, {"null pointer"}},
    {"Misaligned",
     [](auto &b) { b[0].data = static_cast<char *>(b[0].data) + 2; },
     {"aligned to 4", "2 past"}},
    {"EndOfMemory",
     [](auto &b) { b[0].data = reinterpret_cast<void *>(~uintptr_t(15)); },
     {"address space"}},
    {"Overlap",
     [](auto &b) { b[2].data = static_cast<float *>(b[0].data) + 1; },
     {"argument 0", "overlaps argument 2 'y'"}},
    {"UnknownLocation", [](auto &b) { b[0].location = 3; }, {"location 3"}},
    {"ReservedFields", [](auto &b) { b[0].reserved1[1] = 1; }, {"reserved"}},
    {"ScalarRank",
     [](auto &b) {
       b[1].rank = 1;
       b[1].extents = otherExtents;
     },
     {"argument 1 's'", "rank 1"}},
    {"ScalarMissing", [](auto &b) { b[1].data = nullptr; }, {"4 bytes"}},
    {"ScalarShort", [](auto &b) { b[1].byte_length = 3; }, {"found 3"}},
    {"ScalarOnDevice",
     [](auto &b) { b[1].location = VYRE_MEMORY_DEVICE; },
     {"memory of the device"}},
};

TEST_P(DispatchTest, RefusesBadBindingsAndChangesNothing) {
  Session session(device(), "scale");
  for (const BadCall &bad : kBadCalls) {
    SCOPED_TRACE(bad.name);
    ScaleCall call(10);
    auto bindings = call.bindings();
    bad.change(bindings);
    expectError(dispatch(session.pipeline, bindings),
                VYRE_STATUS_INVALID_ARGUMENT, bad.message);
    call.expectUntouched();
    // A sound call works afterwards, of these sizes and of others.
    ScaleCall good(11);
    ASSERT_OK(dispatch(session.pipeline, good.bindings()));
    good.expectResult();
    ScaleCall same(10);
    ASSERT_OK(dispatch(session.pipeline, same.bindings()));
    same.expectResult();
  }
}

TEST_P(DispatchTest, RefusesOtherStaticExtents) {
  Session session(device(), "accumulate");
  std::vector<int64_t> extents = {3, 4};
  std::vector<int32_t> a(12), b(12);
  expectError(dispatch(session.pipeline,
                       {bindBuffer(a, extents), bindBuffer(b, extents)}),
              VYRE_STATUS_INVALID_ARGUMENT, {"shape [2, ?]", "found [3, 4]"});
}

TEST_P(DispatchTest, NamesTheOptionBehindADefaultCapacity) {
  Session session(device(), "accumulate");
  std::vector<int64_t> small = {2, 1}, large = {2, 1 << 20};
  std::vector<int32_t> a(2), b(2 << 20);
  expectError(
      dispatch(session.pipeline, {bindBuffer(a, small), bindBuffer(b, large)}),
      VYRE_STATUS_INVALID_ARGUMENT, {"argument 1 'b'", "default-capacity"});
}

TEST_P(DispatchTest, RefusesMemoryForStates) {
  Session session(device(), "count");
  std::vector<int64_t> extents = {4}, out(4);
  int64_t step = 5;
  expectError(
      dispatch(session.pipeline, {bindScalar(step), bindBuffer(out, extents),
                                  bindBuffer(out, extents)}),
      VYRE_STATUS_INVALID_ARGUMENT, {"argument 1 'total'", "owns"});
}

TEST_P(DispatchTest, RefusesSizesThatOverflow) {
  Artifact tables = sampleTables();
  // An intermediate of n * 2^62 bytes.
  tables.programs[1].exprs[4].imm = int64_t(1) << 62;
  ChangedSession session(device(), tables, 1);
  SineCall call(10);
  expectError(dispatch(session.pipeline, call.bindings()),
              VYRE_STATUS_INVALID_ARGUMENT,
              {"an intermediate's size", "overflows"});
  SineCall fits(0);
  EXPECT_OK(dispatch(session.pipeline, fits.bindings()));
}

TEST_P(DispatchTest, RefusesWhenMemoryRunsOut) {
  Artifact tables = sampleTables();
  // An intermediate of n * 2^50 bytes.
  tables.programs[1].exprs[4].imm = int64_t(1) << 50;
  ChangedSession session(device(), tables, 1);
  SineCall call(10);
  expectError(dispatch(session.pipeline, call.bindings()),
              VYRE_STATUS_OUT_OF_MEMORY, {});
  SineCall fits(0);
  EXPECT_OK(dispatch(session.pipeline, fits.bindings()));
}

TEST_P(DispatchTest, RefusesArtifactsWithoutCodeForIt) {
  Artifact tables = sampleTables();
  tables.codes.clear();
  auto artifact = ChangedSession::load(tables);
  ASSERT_OK(artifact);
  auto opened = runtime::Device::open(device());
  ASSERT_OK(opened);
  expectError(opened->supports(*artifact), VYRE_STATUS_UNSUPPORTED,
              {"none", "--targets="});
  expectError(runtime::Pipeline::create(*opened, *artifact, 0).takeStatus(),
              VYRE_STATUS_UNSUPPORTED, {"--targets="});
  tables = sampleTables();
  for (Code &code : tables.codes) {
    code.architecture = code.kind == CodeKind::ptx ? "sm_100" : "x86_64";
    code.features = "a-cpu-of-the-future";
  }
  artifact = ChangedSession::load(tables);
  ASSERT_OK(artifact);
  expectError(opened->supports(*artifact), VYRE_STATUS_UNSUPPORTED,
              {"Found: "});
}

TEST_P(DispatchTest, RefusesLaunchesWithoutCodeForIt) {
  Artifact tables = sampleTables();
  Launch &launch = tables.programs[0].launches[0];
  (device() == "cpu" ? launch.cpuEntry : launch.kernel) = "";
  auto artifact = ChangedSession::load(tables);
  ASSERT_OK(artifact);
  auto opened = runtime::Device::open(device());
  ASSERT_OK(opened);
  expectError(runtime::Pipeline::create(*opened, *artifact, 0).takeStatus(),
              VYRE_STATUS_UNSUPPORTED, {"launch 'sample_scale'", "has no"});
}

TEST_P(DispatchTest, RefusesCodeWithoutTheFunction) {
  Artifact tables = sampleTables();
  tables.programs[0].launches[0].kernel = "absent";
  tables.programs[0].launches[0].cpuEntry = "absent";
  auto artifact = ChangedSession::load(tables);
  ASSERT_OK(artifact);
  auto opened = runtime::Device::open(device());
  ASSERT_OK(opened);
  expectError(runtime::Pipeline::create(*opened, *artifact, 0).takeStatus(),
              VYRE_STATUS_BAD_ARTIFACT, {"'absent'"});
}

TEST_P(DispatchTest, RefusesBadConfigurations) {
  Session session(device(), "scale");
  VyrePipelineConfig config = {};
  expectError(
      runtime::Pipeline::create(session.device, session.artifact, 0, &config)
          .takeStatus(),
      VYRE_STATUS_INVALID_ARGUMENT, {"struct_size"});
  config.struct_size = sizeof(config);
  config.max_in_flight = 65;
  expectError(
      runtime::Pipeline::create(session.device, session.artifact, 0, &config)
          .takeStatus(),
      VYRE_STATUS_INVALID_ARGUMENT, {"max_in_flight is 65"});
  // A newer caller's fields are fine as long as they are not used.
  struct {
    VyrePipelineConfig known = {};
    uint64_t newer = 0;
  } larger;
  larger.known.struct_size = sizeof(larger);
  EXPECT_OK(runtime::Pipeline::create(session.device, session.artifact, 0,
                                      &larger.known));
  larger.newer = 1;
  expectError(runtime::Pipeline::create(session.device, session.artifact, 0,
                                        &larger.known)
                  .takeStatus(),
              VYRE_STATUS_UNSUPPORTED, {"newer"});
  expectError(runtime::Pipeline::create(session.device, session.artifact, 6)
                  .takeStatus(),
              VYRE_STATUS_NOT_FOUND, {"program 6"});
}

//===----------------------------------------------------------------------===//
// Several at once
//===----------------------------------------------------------------------===//

TEST_P(DispatchTest, LoadsCodeOncePerDevice) {
  Session session(device(), "scale");
  auto second = runtime::Pipeline::create(session.device, session.artifact, 1);
  ASSERT_OK(second);
  auto counters = session.device.cacheCounters();
  ASSERT_OK(counters);
  EXPECT_EQ(counters->misses, 1u);
  EXPECT_EQ(counters->hits, 1u);
}

TEST_P(DispatchTest, HandlesMayGoInAnyOrder) {
  auto artifact = Session::load();
  ASSERT_OK(artifact);
  auto opened = runtime::Device::open(device());
  ASSERT_OK(opened);
  auto pipeline = runtime::Pipeline::create(*opened, *artifact, 1);
  ASSERT_OK(pipeline);
  artifact = runtime::Status();
  ASSERT_OK(opened->close());
  SineCall call(100);
  auto bindings = call.bindings();
  auto completion = pipeline->submit(bindings.data(), bindings.size());
  ASSERT_OK(completion);
  ASSERT_OK(pipeline->close());
  call.expectResult();
  ASSERT_OK(completion->wait());
}

TEST_P(DispatchTest, SubmitsAndWaits) {
  Session session(device(), "sine", 2);
  SineCall first(5000), second(70000), third(10);
  std::vector<runtime::Completion> completions;
  for (SineCall *call : {&first, &second, &third}) {
    auto bindings = call->bindings();
    auto completion = session.pipeline.submit(bindings.data(), bindings.size());
    ASSERT_OK(completion);
    completions.push_back(std::move(*completion));
  }
  // The third one needed a set, so that the first one is done.
  first.expectResult();
  for (size_t i = completions.size(); i-- > 0;) {
    VyreDispatchReport report = emptyReport();
    ASSERT_OK(completions[i].wait(VYRE_WAIT_FOREVER, &report));
    EXPECT_EQ(report.launches, 2u);
    // The same answer again.
    ASSERT_OK(completions[i].wait(0));
  }
  second.expectResult();
  third.expectResult();
}

TEST_P(DispatchTest, ManyThreadsShareAPipeline) {
  for (uint32_t sets : {1u, 3u}) {
    Session session(device(), "sine", sets);
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&, t] {
        for (int round = 0; round < 25; ++round) {
          SineCall call(100 * (t + 1) + round % 2);
          auto bindings = call.bindings();
          if (round % 5 == 0) {
            auto completion =
                session.pipeline.submit(bindings.data(), bindings.size());
            ASSERT_OK(completion);
            ASSERT_OK(completion->wait());
          } else {
            ASSERT_OK(dispatch(session.pipeline, bindings));
          }
          call.expectResult();
        }
      });
    for (std::thread &thread : threads)
      thread.join();
  }
}

/// State takes turns: no step is lost, however many threads make them.
TEST_P(DispatchTest, ManyThreadsShareAState) {
  Session session(device(), "count", 4);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      std::vector<int64_t> extents = {4}, out(4);
      int64_t step = 1;
      for (int round = 0; round < 25; ++round)
        ASSERT_OK(dispatch(session.pipeline,
                           {bindScalar(step), {}, bindBuffer(out, extents)}));
    });
  for (std::thread &thread : threads)
    thread.join();
  std::vector<int64_t> state(4);
  ASSERT_OK(session.pipeline.readState(1, state.data(), 32));
  EXPECT_EQ(state, (std::vector<int64_t>{110, 120, 130, 140}));
}

TEST_P(DispatchTest, TakesMemoryOfTheDevice) {
  Session session(device(), "scale");
  ScaleCall call(1000);
  auto bindings = call.bindings();
  auto x = session.device.allocate(4000), y = session.device.allocate(4000);
  ASSERT_OK(x);
  ASSERT_OK(y);
  ASSERT_OK(session.device.upload(*x, call.x.data(), 4000));
  bindings[0].data = *x;
  bindings[2].data = *y;
  bindings[0].location = bindings[2].location = VYRE_MEMORY_DEVICE;
  VyreDispatchReport report = emptyReport();
  ASSERT_OK(session.pipeline.dispatch(bindings.data(), bindings.size(), nullptr,
                                      &report));
  EXPECT_EQ(report.bytes_up, 0u);
  EXPECT_EQ(report.bytes_down, 0u);
  call.expectUntouched();
  ASSERT_OK(session.device.download(call.y.data(), *y, 4000));
  call.expectResult();
  // One of each: the same sizes, but another way to the device.
  std::fill(call.y.begin(), call.y.end(), -1.0f);
  bindings = call.bindings();
  bindings[0].data = *x;
  bindings[0].location = VYRE_MEMORY_DEVICE;
  ASSERT_OK(dispatch(session.pipeline, bindings));
  call.expectResult();
  ASSERT_OK(session.device.free(*x));
  ASSERT_OK(session.device.free(*y));
  expectError(session.device.free(*y), VYRE_STATUS_INVALID_ARGUMENT, {"freed"});
  ASSERT_OK(session.device.free(nullptr));
  expectError(session.device.allocate(0).takeStatus(),
              VYRE_STATUS_INVALID_ARGUMENT, {"0 bytes"});
}

/// On the CPU both kinds of memory are the host's, and may overlap.
TEST(DeviceTest, MemoryOfTheDeviceOverlapsTheHosts) {
  Session session("cpu", "scale");
  ScaleCall call(1000);
  auto bindings = call.bindings();
  auto memory = session.device.allocate(8000);
  ASSERT_OK(memory);
  bindings[0].data = *memory;
  bindings[0].location = VYRE_MEMORY_DEVICE;
  bindings[2].data = static_cast<char *>(*memory) + 400;
  expectError(dispatch(session.pipeline, bindings),
              VYRE_STATUS_INVALID_ARGUMENT, {"overlaps argument 2 'y'"});
  bindings[2].data = static_cast<char *>(*memory) + 4000;
  ASSERT_OK(dispatch(session.pipeline, bindings));
  ASSERT_OK(session.device.free(*memory));
}

TEST(DeviceTest, RefusesUnknownOnes) {
  for (const char *id : {"", "gpu", "cpu:1", "cuda:x", "cuda:", "cuda:-1",
                         "cuda:9999999", "CPU"}) {
    auto device = runtime::Device::open(id);
    ASSERT_TRUE(device.failed()) << id;
    expectError(device.takeStatus(), VYRE_STATUS_NOT_FOUND, {"no device"});
  }
  expectError(runtime::Device::open("cuda:5").takeStatus(),
              VYRE_STATUS_DEVICE_UNAVAILABLE, {"'cuda:5'", "sees 1"});
  uint32_t count = 7;
  EXPECT_OK(runtime::Status(vyreDeviceCount("cpu", &count)));
  EXPECT_EQ(count, 1u);
  expectError(runtime::Status(vyreDeviceCount("metal", &count)),
              VYRE_STATUS_NOT_FOUND, {"'metal'"});
}

TEST(DeviceTest, TakesAsManyThreadsAsAskedFor) {
  VyreDeviceConfig config = {};
  config.struct_size = sizeof(config);
  config.cpu_threads = 5000;
  expectError(runtime::Device::open("cpu", &config).takeStatus(),
              VYRE_STATUS_INVALID_ARGUMENT, {"5000 threads"});
  for (uint32_t threads : {1u, 3u}) {
    config.cpu_threads = threads;
    auto device = runtime::Device::open("cpu", &config);
    ASSERT_OK(device);
    auto artifact = Session::load();
    auto pipeline = runtime::Pipeline::create(*device, *artifact, 0);
    ASSERT_OK(pipeline);
    ScaleCall call(10000);
    ASSERT_OK(dispatch(*pipeline, call.bindings()));
    call.expectResult();
  }
}

} // namespace
} // namespace vyre::testing
