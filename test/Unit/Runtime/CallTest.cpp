//===- CallTest.cpp - Functions of the host in programs ---------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Programs whose launches call functions of the host: on the CPU, and over the
// stand-in driver by separate calls, as child graphs and in the caller's
// capture. The program is "sine" with a function instead of its second launch:
//
//   t = x + table, "finish"(t, y, n)
//
//===----------------------------------------------------------------------===//

#include "FakeCudaTest.h"

#include "CUDA/DriverAPI.h"

#include <atomic>
#include <cmath>
#include <cstring>
#include <functional>
#include <stdexcept>
#include <thread>

namespace vyre::testing {
namespace {

using namespace runtime::internal;
using cuda::CUDA_SUCCESS;
using cuda::CUdeviceptr;
using cuda::CUresult;
using cuda::CUstream;

extern "C" CUresult cuMemcpyDtoDAsync_v2(CUdeviceptr, CUdeviceptr, size_t,
                                         CUstream);
extern "C" CUresult cuStreamSynchronize(CUstream);

/// Arguments of the program, with the expected result.
struct FinishCall : SineCall {
  using SineCall::SineCall;
  void expectResult() const {
    for (size_t i = 0; i < x.size(); ++i)
      ASSERT_EQ(y[i], x[i] + kSineTable[i % kSineTable.size()]) << "at " << i;
  }
};

runtime::Status enqueueCopy(const VyreCallArguments &arguments) {
  const VyreCallBuffer &from = arguments.buffers[0], &to = arguments.buffers[1];
  CUresult result = cuMemcpyDtoDAsync_v2(
      reinterpret_cast<CUdeviceptr>(to.data),
      reinterpret_cast<CUdeviceptr>(from.data), from.byte_size,
      static_cast<CUstream>(arguments.stream));
  if (result == CUDA_SUCCESS)
    return {};
  return runtime::Status::error(result == 719 ? VYRE_STATUS_DEVICE_LOST
                                : result == 2 ? VYRE_STATUS_OUT_OF_MEMORY
                                              : VYRE_STATUS_DEVICE_ERROR,
                                "cuMemcpyDtoDAsync failed. Fix: try again.");
}

/// Registers a function for as long as it lives.
struct Registered {
  template <typename Function>
  explicit Registered(Function function, const char *backend = "",
                      const char *name = "finish")
      : name(name), backend(backend) {
    EXPECT_OK(runtime::registerCall(name, backend, std::move(function)));
  }
  ~Registered() { EXPECT_OK(runtime::unregisterCall(name, backend)); }
  std::string name, backend;
};

/// What a function was given, besides enqueuing a copy.
struct Recorder {
  std::shared_ptr<std::vector<VyreCallArguments>> seen =
      std::make_shared<std::vector<VyreCallArguments>>();
  runtime::Status operator()(const VyreCallArguments &arguments) const {
    seen->push_back(arguments);
    return enqueueCopy(arguments);
  }
};

class CallTest : public FakeCudaTest {};

//===----------------------------------------------------------------------===//
// Registering
//===----------------------------------------------------------------------===//

/// A program is refused where its function is missing, and says which there
/// are; a backend's own comes before one for all.
TEST_F(CallTest, FunctionsAreFoundByNameAndBackend) {
  Artifact tables = callTables();
  auto artifact = Loaded::load(tables);
  ASSERT_OK(artifact);
  for (const char *id : {"cpu", "cuda"}) {
    auto device = runtime::Device::open(id);
    ASSERT_OK(device);
    auto create = [&] {
      return runtime::Pipeline::create(*device, *artifact, kSine);
    };
    expectError(create().takeStatus(), VYRE_STATUS_NOT_FOUND,
                {"'finish'", "sample_sine", "'sine'", id, "Found: none",
                 "vyreCallRegister"});
    Registered other(
        [](const VyreCallArguments &) { return runtime::Status(); }, "",
        "other");
    expectError(create().takeStatus(), VYRE_STATUS_NOT_FOUND,
                {"'finish'", "Found: 'other'"});
    const char *elsewhere = id == std::string("cpu") ? "cuda" : "cpu";
    Registered wrong(
        [](const VyreCallArguments &) { return runtime::Status(); }, elsewhere);
    expectError(create().takeStatus(), VYRE_STATUS_NOT_FOUND, {"'finish'"});
    Registered any([](const VyreCallArguments &) {
      return runtime::Status::error(VYRE_STATUS_INTERNAL,
                                    "any was called. Fix: none.");
    });
    Registered own(
        [](const VyreCallArguments &) {
          return runtime::Status::error(VYRE_STATUS_INTERNAL,
                                        "own was called. Fix: none.");
        },
        id);
    auto pipeline = create();
    ASSERT_OK(pipeline);
    FinishCall call(10);
    auto bindings = call.bindings();
    expectError(pipeline->dispatch(bindings.data(), bindings.size()),
                VYRE_STATUS_INTERNAL, {"own was called. Fix: none."});
  }
}

/// Wrong tables are refused with what is wrong, and stay the caller's.
TEST_F(CallTest, WrongTablesAreRefused) {
  auto expectRefused = [](VyreCall table, VyreStatusCode code,
                          std::initializer_list<const char *> parts) {
    table.release = [](void *) { ADD_FAILURE() << "was released"; };
    expectError(runtime::Status(vyreCallRegister(&table)), code, parts);
  };
  VyreCall sound = {};
  sound.struct_size = sizeof(sound);
  sound.name = "finish";
  sound.function = [](void *, const VyreCallArguments *) -> VyreStatus * {
    return nullptr;
  };
  expectError(runtime::Status(vyreCallRegister(nullptr)),
              VYRE_STATUS_INVALID_ARGUMENT, {"'call' is NULL"});
  VyreCall table = sound;
  table.name = nullptr;
  expectRefused(table, VYRE_STATUS_INVALID_ARGUMENT, {"name is NULL"});
  table.name = "";
  expectRefused(table, VYRE_STATUS_INVALID_ARGUMENT, {"name is empty"});
  table = sound;
  table.backend = "";
  expectRefused(table, VYRE_STATUS_INVALID_ARGUMENT, {"backend", "'finish'"});
  table = sound;
  table.function = nullptr;
  expectRefused(table, VYRE_STATUS_INVALID_ARGUMENT, {"function", "NULL"});
  table = sound;
  table.struct_size = 1;
  expectRefused(table, VYRE_STATUS_INVALID_ARGUMENT, {"struct_size"});
  ASSERT_OK(runtime::Status(vyreCallRegister(&sound)));
  expectRefused(sound, VYRE_STATUS_FAILED_PRECONDITION,
                {"'finish'", "any backend", "already"});
  ASSERT_OK(runtime::Status(vyreCallUnregister("finish", nullptr)));
  expectError(runtime::Status(vyreCallUnregister("finish", nullptr)),
              VYRE_STATUS_NOT_FOUND, {"'finish'", "any backend"});
  expectError(runtime::Status(vyreCallUnregister(nullptr, nullptr)),
              VYRE_STATUS_INVALID_ARGUMENT, {"'name' is NULL"});
}

/// A function lives as long as somebody may call it.
TEST_F(CallTest, FunctionsAreReleasedByTheLastPipeline) {
  auto alive = std::make_shared<int>();
  std::weak_ptr<int> watched = alive;
  std::optional<Registered> registered;
  registered.emplace([alive](const VyreCallArguments &arguments) {
    return enqueueCopy(arguments);
  });
  alive.reset();
  {
    Loaded setup(callTables(), kSine, runtime::Config());
    registered.reset();
    EXPECT_FALSE(watched.expired());
    FinishCall call(100);
    setup.run(call);
  }
  EXPECT_TRUE(watched.expired());
}

/// The artifact tells what has to be registered.
TEST_F(CallTest, ArtifactsListTheirFunctions) {
  Artifact tables = callTables();
  auto artifact = Loaded::load(tables);
  ASSERT_OK(artifact);
  EXPECT_EQ(artifact->programInfo(kScale)->call_count, 0u);
  EXPECT_EQ(artifact->programInfo(kSine)->call_count, 1u);
  auto info = artifact->callInfo(kSine, 0);
  ASSERT_OK(info);
  EXPECT_STREQ(info->function, "finish");
  EXPECT_TRUE(info->is_capturable);
  expectError(artifact->callInfo(kSine, 1).takeStatus(), VYRE_STATUS_NOT_FOUND,
              {"no call 1", "'sine' calls 1"});
}

//===----------------------------------------------------------------------===//
// The CPU
//===----------------------------------------------------------------------===//

runtime::Status copyOnHost(const VyreCallArguments &arguments) {
  // Without bytes there need be no address.
  if (arguments.buffers[0].byte_size != 0)
    std::memcpy(arguments.buffers[1].data, arguments.buffers[0].data,
                arguments.buffers[0].byte_size);
  return {};
}

TEST_F(CallTest, TheCpuCallsWithHostMemory) {
  std::vector<int64_t> seen;
  Registered finish(
      [&](const VyreCallArguments &arguments) {
        EXPECT_EQ(arguments.struct_size, sizeof(VyreCallArguments));
        EXPECT_STREQ(arguments.function, "finish");
        EXPECT_EQ(arguments.stream, nullptr);
        EXPECT_FALSE(arguments.is_capturing);
        EXPECT_EQ(arguments.scratch, nullptr);
        EXPECT_EQ(arguments.scratch_bytes, 0u);
        EXPECT_EQ(arguments.buffer_count, 2u);
        EXPECT_EQ(arguments.scalar_count, 1u);
        for (size_t i = 0; i < 2; ++i) {
          EXPECT_EQ(arguments.buffers[i].rank, 1u);
          EXPECT_EQ(arguments.buffers[i].element_type,
                    uint32_t(VYRE_ELEMENT_F32));
          EXPECT_EQ(arguments.buffers[i].byte_size,
                    4u * uint64_t(arguments.buffers[i].extents[0]));
        }
        EXPECT_EQ(arguments.scalars[0].element_type,
                  uint32_t(VYRE_ELEMENT_INDEX));
        EXPECT_EQ(arguments.scalars[0].value.integer,
                  arguments.buffers[0].extents[0]);
        seen.push_back(arguments.buffers[1].extents[0]);
        return copyOnHost(arguments);
      },
      "cpu");
  Loaded setup(callTables(), kSine, runtime::Config(), "cpu");
  for (int64_t n : {100, 0, 7, 7}) {
    FinishCall call(n);
    setup.run(call);
  }
  EXPECT_EQ(seen, (std::vector<int64_t>{100, 0, 7, 7}));
}

/// A failure is the dispatch's, with the function's message, and the next one
/// works; exceptions are failures.
TEST_F(CallTest, FailuresOfFunctionsFailTheDispatch) {
  for (const char *id : {"cpu", "cuda"}) {
    int mode = 0;
    Registered finish(
        [&](const VyreCallArguments &arguments) -> runtime::Status {
          switch (mode) {
          case 1:
            return runtime::Status::error(VYRE_STATUS_OUT_OF_MEMORY,
                                          "no workspace. Fix: free some.");
          case 2:
            throw std::runtime_error("thrown. Fix: catch it.");
          case 3:
            throw 3;
          // Codes that tell of a dispatch which has begun.
          case 4:
            return runtime::Status::error(VYRE_STATUS_DEADLINE_EXCEEDED,
                                          "late. Fix: hurry.");
          default:
            return arguments.stream ? enqueueCopy(arguments)
                                    : copyOnHost(arguments);
          }
        });
    Loaded setup(callTables(), kSine, runtime::Config(), id);
    FinishCall call(100);
    auto bindings = call.bindings();
    auto dispatch = [&] {
      return setup.pipeline.dispatch(bindings.data(), bindings.size());
    };
    mode = 1;
    expectError(dispatch(), VYRE_STATUS_OUT_OF_MEMORY,
                {"'finish'", "'sample_sine'", "'sine'", "no workspace"});
    mode = 2;
    expectError(dispatch(), VYRE_STATUS_INTERNAL, {"'finish'", "thrown"});
    mode = 3;
    runtime::Status unknown = dispatch();
    EXPECT_EQ(unknown.code(), VYRE_STATUS_INTERNAL) << unknown.message();
    mode = 4;
    expectError(dispatch(), VYRE_STATUS_DEVICE_ERROR, {"'finish'", "late"});
    mode = 0;
    ASSERT_OK(dispatch());
    call.expectResult();
  }
}

/// Functions are tasks like other launches: those of two branches may run at
/// the same time, and a failure of one is told.
TEST_F(CallTest, TheCpuRunsCallsAsTasks) {
  Artifact tables = callTables();
  addSecondBranch(tables.programs[kSine]);
  std::atomic<int> calls{0};
  bool fails = false;
  Registered finish([&](const VyreCallArguments &arguments) {
    if (++calls % 2 == 1 && fails)
      return runtime::Status::error(VYRE_STATUS_INTERNAL, "one failed.");
    return copyOnHost(arguments);
  });
  Loaded setup(tables, kSine, runtime::Config(), "cpu");
  for (int i = 0; i < 20; ++i) {
    FinishCall first(1000), second(1000);
    auto bindings = first.bindings();
    auto others = second.bindings();
    bindings.push_back(others[1]);
    bindings.push_back(others[0]);
    fails = i % 2 == 1;
    runtime::Status status =
        setup.pipeline.dispatch(bindings.data(), bindings.size());
    EXPECT_EQ(status.failed(), fails);
    if (fails)
      continue;
    ASSERT_OK(status);
    first.expectResult();
    second.expectResult();
  }
}

//===----------------------------------------------------------------------===//
// Separate calls
//===----------------------------------------------------------------------===//

runtime::Config withCapture(VyreCapturePolicy policy) {
  runtime::Config config;
  config.capture = policy;
  return config;
}

/// In their order, on the dispatch's stream.
TEST_F(CallTest, SeparateCallsAreInOrder) {
  Recorder recorder;
  Registered finish(recorder, "cuda");
  Loaded setup(callTables(), kSine, withCapture(VYRE_CAPTURE_NEVER));
  FinishCall first(1000);
  setup.run(first);
  fakecuda::forgetCalls();
  FinishCall call(1000);
  VyreDispatchReport report = setup.run(call);
  EXPECT_EQ(report.launches, 2u);
  EXPECT_EQ(fakecuda::calls(),
            (std::vector<std::string>{
                "cuCtxPushCurrent", "cuMemcpyHtoDAsync", "cuLaunchKernel",
                "cuMemcpyDtoDAsync", "cuLaunchKernel", "cuCtxPopCurrent",
                "cuCtxPushCurrent", "cuStreamSynchronize", "cuCtxPopCurrent"}));
  ASSERT_EQ(recorder.seen->size(), 2u);
  EXPECT_NE(recorder.seen->back().stream, nullptr);
  EXPECT_FALSE(recorder.seen->back().is_capturing);
}

/// On the caller's stream, and in the caller's capture.
TEST_F(CallTest, TheCallersStreamIsTheFunctions) {
  Recorder recorder;
  Registered finish(recorder);
  Loaded setup(callTables(), kSine, withCapture(VYRE_CAPTURE_NEVER));
  void *stream = fakecuda::createStream();
  auto memory = setup.device.allocate(4000);
  ASSERT_OK(memory);
  FinishCall call(100);
  auto bindings = call.bindings();
  for (int i : {0, 1}) {
    bindings[i].data = static_cast<char *>(*memory) + 2000 * i;
    bindings[i].location = VYRE_MEMORY_DEVICE;
  }
  ASSERT_OK(setup.device.upload(*memory, call.x.data(), 400));
  VyreDispatchConfig config = {};
  config.struct_size = sizeof(config);
  config.cuda_stream = stream;
  for (bool isCapturing : {false, true}) {
    if (isCapturing)
      fakecuda::beginCapture(stream);
    ASSERT_OK(
        setup.pipeline.dispatch(bindings.data(), bindings.size(), &config));
    EXPECT_EQ(recorder.seen->back().stream, stream);
    EXPECT_EQ(recorder.seen->back().is_capturing, isCapturing);
    if (isCapturing) {
      EXPECT_EQ(fakecuda::endCapture(stream), 2u);
    }
    ASSERT_OK(setup.device.download(call.y.data(),
                                    static_cast<char *>(*memory) + 2000, 400));
    call.expectResult();
  }
  fakecuda::destroyStream(stream);
  ASSERT_OK(setup.device.free(*memory));
}

/// What must not be captured is not, by nobody.
TEST_F(CallTest, WhatMustNotBeCapturedIsNot) {
  Recorder recorder;
  Registered finish(recorder);
  Artifact tables = callTables();
  tables.programs[kSine].launches[1].call->isCapturable = false;
  Loaded setup(tables, kSine, runtime::Config());
  EXPECT_FALSE(setup.artifact.callInfo(kSine, 0)->is_capturable);
  FinishCall call(1000);
  for (int i = 0; i < 3; ++i) {
    VyreDispatchReport report = setup.run(call);
    EXPECT_STREQ(report.no_replay_reason,
                 "the host's function 'finish' cannot be captured");
    EXPECT_FALSE(recorder.seen->back().is_capturing);
  }
  auto bindings = call.bindings();
  ASSERT_OK(setup.pipeline.prewarm(bindings.data(), bindings.size()));
  EXPECT_EQ(recorder.seen->size(), 3u);
  VyrePipelineConfig fields = withCapture(VYRE_CAPTURE_REQUIRE).fields();
  VyreDispatchConfig config = {};
  config.struct_size = sizeof(config);
  config.overrides = &fields;
  expectError(
      setup.pipeline.dispatch(bindings.data(), bindings.size(), &config),
      VYRE_STATUS_UNSUPPORTED, {"'finish'", "VYRE_CAPTURE_REQUIRE"});
  config.overrides = nullptr;
  void *stream = fakecuda::createStream();
  config.cuda_stream = stream;
  fakecuda::beginCapture(stream);
  expectError(
      setup.pipeline.dispatch(bindings.data(), bindings.size(), &config),
      VYRE_STATUS_UNSUPPORTED, {"'finish'", "must not be captured"});
  EXPECT_EQ(fakecuda::endCapture(stream), 0u);
  fakecuda::destroyStream(stream);
}

/// A function may be behind a host boundary: everything before it is done.
TEST_F(CallTest, BoundariesAreWaitedFor) {
  Recorder recorder;
  Registered finish(recorder);
  Artifact tables = callTables();
  tables.programs[kSine].launches[1].isHostBoundary = true;
  Loaded setup(tables, kSine, runtime::Config());
  FinishCall call(1000);
  for (int i = 0; i < 3; ++i) {
    fakecuda::forgetCalls();
    VyreDispatchReport report = setup.run(call);
    EXPECT_EQ(report.replays, 0u);
    EXPECT_EQ(countOf("cuStreamSynchronize"), 2u);
    EXPECT_FALSE(recorder.seen->back().is_capturing);
  }
}

//===----------------------------------------------------------------------===//
// Child graphs
//===----------------------------------------------------------------------===//

/// The function is called once, for the graph; each replay is one launch and
/// one wait.
TEST_F(CallTest, ReplaysDoNotCall) {
  Recorder recorder;
  Registered finish(recorder);
  Loaded setup(callTables(), kSine, withCapture(VYRE_CAPTURE_REQUIRE));
  FinishCall call(1000);
  EXPECT_EQ(setup.run(call).graph_builds, 1u);
  std::vector<std::string> calls = fakecuda::calls();
  auto begin = std::find(calls.begin(), calls.end(), "cuStreamBeginCapture");
  ASSERT_GE(calls.end() - begin, 5);
  EXPECT_EQ(
      std::vector<std::string>(begin, begin + 5),
      (std::vector<std::string>{"cuStreamBeginCapture", "cuMemcpyDtoDAsync",
                                "cuStreamEndCapture",
                                "cuGraphAddChildGraphNode", "cuGraphDestroy"}));
  ASSERT_EQ(recorder.seen->size(), 1u);
  EXPECT_TRUE(recorder.seen->back().is_capturing);
  fakecuda::forgetCalls();
  for (int i = 0; i < 3; ++i) {
    FinishCall again(1000);
    EXPECT_EQ(setup.run(again).replays, 1u);
  }
  EXPECT_EQ(recorder.seen->size(), 1u);
  EXPECT_EQ(countOf("cuGraphLaunch"), 3u);
  EXPECT_EQ(fakecuda::calls().size(), 3u * 6u);
  // Another shape has a graph of its own, and the first is not forgotten.
  for (int64_t n : {500, 1000, 500}) {
    FinishCall other(n);
    setup.run(other);
  }
  EXPECT_EQ(recorder.seen->size(), 2u);
}

/// With `auto` the first dispatch calls by itself, also where many are
/// expected: a library makes itself ready then.
TEST_F(CallTest, TheFirstDispatchIsNotCaptured) {
  for (uint64_t expected : {0, 1000}) {
    Recorder recorder;
    Registered finish(recorder);
    auto artifact = Loaded::load(callTables());
    auto device = openWithCheapGraphs("cuda");
    ASSERT_OK(device);
    runtime::Config config;
    if (expected)
      config.expectedDispatches = expected;
    auto pipeline =
        runtime::Pipeline::create(*device, *artifact, kSine, config);
    ASSERT_OK(pipeline);
    for (int i = 0; i < 4; ++i) {
      FinishCall call(100);
      auto bindings = call.bindings();
      ASSERT_OK(pipeline->dispatch(bindings.data(), bindings.size()));
      call.expectResult();
    }
    EXPECT_FALSE(recorder.seen->front().is_capturing);
    EXPECT_TRUE(recorder.seen->back().is_capturing);
    EXPECT_EQ(pipeline->telemetry()->graph_builds, 1u);
    EXPECT_GE(pipeline->telemetry()->replays, 2u);
  }
}

/// Binds two halves of device memory instead of the host's.
struct OnDevice {
  OnDevice(Loaded &setup, FinishCall &call) : setup(setup), call(call) {
    memory = *setup.device.allocate(3 * kPart);
    EXPECT_OK(setup.device.upload(memory, call.x.data(), 4 * call.x.size()));
  }
  ~OnDevice() { EXPECT_OK(setup.device.free(memory)); }
  VyreDispatchReport run(int part) {
    auto bindings = call.bindings();
    for (int i : {0, 1}) {
      bindings[i].data = static_cast<char *>(memory) + kPart * (i ? part : 0);
      bindings[i].location = VYRE_MEMORY_DEVICE;
    }
    VyreDispatchReport report = emptyReport();
    status = setup.pipeline.dispatch(bindings.data(), bindings.size(), nullptr,
                                     &report);
    if (status.failed())
      return report;
    EXPECT_OK(setup.device.download(call.y.data(),
                                    static_cast<char *>(memory) + kPart * part,
                                    4 * call.y.size()));
    call.expectResult();
    return report;
  }
  static constexpr size_t kPart = 4096;
  Loaded &setup;
  FinishCall &call;
  void *memory;
  runtime::Status status;
};

/// Where a function's pointers change it is captured again, and that one node
/// is updated.
TEST_F(CallTest, OtherPointersUpdateTheChild) {
  Recorder recorder;
  Registered finish(recorder);
  Loaded setup(callTables(), kSine, withCapture(VYRE_CAPTURE_REQUIRE));
  FinishCall call(1000);
  OnDevice device(setup, call);
  device.run(1);
  fakecuda::forgetCalls();
  VyreDispatchReport report = device.run(2);
  EXPECT_EQ(report.node_updates, 1u);
  EXPECT_EQ(report.graph_builds, 0u);
  EXPECT_EQ(report.replays, 1u);
  EXPECT_EQ(recorder.seen->size(), 2u);
  EXPECT_EQ(countOf("cuGraphExecChildGraphNodeSetParams"), 1u);
  EXPECT_EQ(countOf("cuGraphExecKernelNodeSetParams"), 0u);
  EXPECT_EQ(device.run(2).node_updates, 0u);
}

/// Where it then enqueues something else the graph is built anew.
TEST_F(CallTest, AnotherTopologyBuildsTheGraphAnew) {
  int copies = 1;
  Registered finish([&](const VyreCallArguments &arguments) {
    runtime::Status status;
    for (int i = 0; i < copies && !status.failed(); ++i)
      status = enqueueCopy(arguments);
    return status;
  });
  Loaded setup(callTables(), kSine, withCapture(VYRE_CAPTURE_REQUIRE));
  FinishCall call(1000);
  OnDevice device(setup, call);
  device.run(1);
  copies = 3;
  VyreDispatchReport report = device.run(2);
  ASSERT_OK(device.status);
  EXPECT_EQ(report.graph_builds, 1u);
  EXPECT_EQ(report.replays, 1u);
  report = device.run(1);
  EXPECT_EQ(report.graph_builds, 0u);
  EXPECT_EQ(report.node_updates, 1u);
}

/// What cannot be captured: `auto` does without a graph from then on,
/// `require` says which function it is.
TEST_F(CallTest, WhatCannotBeCapturedIsCalledByItself) {
  enum Way { waits, declines, fails, isNoChild };
  for (Way way : {waits, declines, fails, isNoChild}) {
    SCOPED_TRACE(way);
    uint64_t captures = 0;
    Registered finish([&](const VyreCallArguments &arguments) {
      captures += arguments.is_capturing;
      if (arguments.is_capturing && way == waits)
        (void)cuStreamSynchronize(static_cast<CUstream>(arguments.stream));
      if (arguments.is_capturing && way == declines)
        return runtime::Status::error(VYRE_STATUS_UNSUPPORTED,
                                      "it waits for the device.");
      if (arguments.is_capturing && way == fails)
        return runtime::Status::error(VYRE_STATUS_INTERNAL, "no idea.");
      runtime::Status status = enqueueCopy(arguments);
      return arguments.is_capturing && way == waits ? runtime::Status()
                                                    : std::move(status);
    });
    fakecuda::setTakesChildren(way != isNoChild);
    auto artifact = Loaded::load(callTables());
    auto device = openWithCheapGraphs("cuda");
    ASSERT_OK(device);
    auto pipeline = runtime::Pipeline::create(*device, *artifact, kSine);
    ASSERT_OK(pipeline);
    FinishCall call(100);
    auto bindings = call.bindings();
    for (int i = 0; i < 5; ++i) {
      VyreDispatchReport report = emptyReport();
      ASSERT_OK(pipeline->dispatch(bindings.data(), bindings.size(), nullptr,
                                   &report));
      call.expectResult();
      EXPECT_EQ(report.replays, 0u);
      if (i > 0) {
        EXPECT_STREQ(report.no_replay_reason,
                     "the host's function 'finish' cannot be captured");
      }
    }
    EXPECT_EQ(captures, 1u);
    ASSERT_OK(pipeline->prewarm(bindings.data(), bindings.size()));
    VyrePipelineConfig fields = withCapture(VYRE_CAPTURE_REQUIRE).fields();
    VyreDispatchConfig config = {};
    config.struct_size = sizeof(config);
    config.overrides = &fields;
    expectError(pipeline->dispatch(bindings.data(), bindings.size(), &config),
                way == fails       ? VYRE_STATUS_INTERNAL
                : way == isNoChild ? VYRE_STATUS_DEVICE_ERROR
                                   : VYRE_STATUS_UNSUPPORTED,
                {"'finish'", "cannot be captured"});
    // And nothing of it stays behind.
    ASSERT_OK(pipeline->dispatch(bindings.data(), bindings.size()));
    call.expectResult();
  }
}

/// A library that is not ready before its first call: prewarming says nothing
/// about later dispatches.
TEST_F(CallTest, PrewarmedBeforeItsFunctionIsReady) {
  for (bool isEverReady : {true, false}) {
    SCOPED_TRACE(isEverReady);
    bool isReady = false;
    int captures = 0;
    Registered finish([&](const VyreCallArguments &arguments) {
      captures += arguments.is_capturing;
      if (arguments.is_capturing && !(isReady && isEverReady))
        return runtime::Status::error(VYRE_STATUS_UNSUPPORTED,
                                      "it has to allocate first.");
      isReady = true;
      return enqueueCopy(arguments);
    });
    auto artifact = Loaded::load(callTables());
    auto device = openWithCheapGraphs("cuda");
    ASSERT_OK(device);
    auto pipeline = runtime::Pipeline::create(*device, *artifact, kSine);
    ASSERT_OK(pipeline);
    FinishCall call(100);
    auto bindings = call.bindings();
    for (int i = 0; i < 2; ++i)
      ASSERT_OK(pipeline->prewarm(bindings.data(), bindings.size()));
    EXPECT_EQ(captures, 2);
    uint64_t replays = 0;
    for (int i = 0; i < 6; ++i) {
      VyreDispatchReport report = emptyReport();
      ASSERT_OK(pipeline->dispatch(bindings.data(), bindings.size(), nullptr,
                                   &report));
      call.expectResult();
      EXPECT_TRUE(i != 0 || report.replays == 0);
      replays += report.replays;
    }
    // What cannot be captured afterwards either is tried once more, no oftener.
    EXPECT_EQ(captures, 3);
    EXPECT_EQ(replays != 0, isEverReady);
  }
}

/// Behind a host boundary a function finds done what was launched before it,
/// and what a function enqueued is done when a boundary after it is passed.
TEST_F(CallTest, HostBoundariesAreKept) {
  // The stand-in runs nothing before somebody waits.
  for (VyreCapturePolicy policy : {VYRE_CAPTURE_AUTO, VYRE_CAPTURE_NEVER}) {
    SCOPED_TRACE(policy);
    std::vector<float> seen;
    Registered finish([&](const VyreCallArguments &arguments) {
      EXPECT_FALSE(arguments.is_capturing);
      auto *data = static_cast<const float *>(arguments.buffers[0].data);
      seen.assign(data, data + arguments.buffers[0].extents[0]);
      return enqueueCopy(arguments);
    });
    Artifact tables = callTables();
    Program &program = tables.programs[kSine];
    program.launches[1].isHostBoundary = true;
    Loaded behind(tables, kSine, withCapture(policy));
    for (int i = 0; i < 3; ++i) {
      FinishCall call(100 + i);
      VyreDispatchReport report = behind.run(call);
      EXPECT_EQ(seen, call.y);
      EXPECT_EQ(report.replays, 0u);
      EXPECT_EQ(report.waits, 2u);
    }

    // The call comes first, and the kernel of the sine is behind the boundary.
    Launch first = program.launches[1];
    Launch sine = sampleTables().programs[kSine].launches[1];
    first.isHostBoundary = false;
    first.reads = {{0, MemoryKind::argument}};
    first.writes = {{0, MemoryKind::intermediate}};
    first.pointers = {first.reads[0], first.writes[0]};
    first.dependsOn = {};
    sine.isHostBoundary = true;
    program.launches = {first, sine};
    Loaded before(tables, kSine, withCapture(policy));
    SineCall call(100);
    auto bindings = call.bindings();
    fakecuda::forgetCalls();
    ASSERT_OK(before.pipeline.dispatch(bindings.data(), bindings.size()));
    for (size_t i = 0; i < call.x.size(); ++i)
      ASSERT_FLOAT_EQ(call.y[i], std::sin(call.x[i]));
    std::vector<std::string> calls = fakecuda::calls();
    auto copy = std::find(calls.begin(), calls.end(), "cuMemcpyDtoDAsync");
    ASSERT_LT(copy + 2, calls.end());
    EXPECT_EQ(copy[1], "cuStreamSynchronize");
    EXPECT_EQ(copy[2], "cuLaunchKernel");
  }
}

/// A graph whose call cannot be captured again is given up.
TEST_F(CallTest, AGraphMayBeGivenUp) {
  bool declines = false;
  Registered finish([&](const VyreCallArguments &arguments) {
    if (arguments.is_capturing && declines)
      return runtime::Status::error(VYRE_STATUS_UNSUPPORTED, "not now.");
    return enqueueCopy(arguments);
  });
  runtime::Config config;
  Loaded setup(callTables(), kSine, config);
  FinishCall call(1000);
  OnDevice device(setup, call);
  auto bindings = call.bindings();
  for (int i : {0, 1}) {
    bindings[i].data = static_cast<char *>(device.memory) + 4096 * i;
    bindings[i].location = VYRE_MEMORY_DEVICE;
  }
  ASSERT_OK(setup.pipeline.prewarm(bindings.data(), bindings.size()));
  EXPECT_EQ(device.run(1).replays, 1u);
  declines = true;
  EXPECT_EQ(device.run(1).replays, 1u);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(device.run(2).replays, 0u);
    ASSERT_OK(device.status);
  }
}

/// A call is a node of the program's DAG: its branch does not wait for the
/// other one. The stand-in runs what may run side by side last to first.
TEST_F(CallTest, BranchesWithCallsStayIndependent) {
  Artifact tables = callTables();
  addSecondBranch(tables.programs[kSine]);
  Registered finish(Recorder{});
  Loaded setup(tables, kSine, withCapture(VYRE_CAPTURE_REQUIRE));
  for (int i = 0; i < 3; ++i) {
    FinishCall first(1000), second(1000);
    auto bindings = first.bindings();
    auto others = second.bindings();
    bindings.push_back(others[1]);
    bindings.push_back(others[0]);
    ASSERT_OK(setup.pipeline.dispatch(bindings.data(), bindings.size()));
    first.expectResult();
    second.expectResult();
  }
  EXPECT_EQ(countOf("cuGraphAddChildGraphNode"), 2u);
}

/// A kernel that could start while another one ends does not while a function's
/// work does: that is a graph, which tells nobody so early.
TEST_F(CallTest, KernelsWaitForAllOfACall) {
  Registered finish(enqueueCopy);
  Artifact tables = sampleTables();
  Launch &first = tables.programs[kSine].launches[0];
  first.kernel.clear();
  first.cpuEntry.clear();
  first.pointers.erase(first.pointers.begin() + 1);
  first.reads.pop_back();
  first.parameters.erase(first.parameters.begin());
  Call &function = first.call.emplace();
  function.function = "finish";
  function.buffers = {{ElementType::f32, {0}}, {ElementType::f32, {0}}};
  function.scalars = {ElementType::index};
  std::string text = waitingPtx(tables);
  tables.codes[1].data = {reinterpret_cast<const uint8_t *>(text.data()),
                          text.size()};
  tables.codes[1].waitsForDependencies = true;
  runtime::Config config;
  config.capture = VYRE_CAPTURE_REQUIRE;
  Loaded setup(tables, kSine, config);
  SineCall call(100);
  auto bindings = call.bindings();
  VyreDispatchReport report = emptyReport();
  ASSERT_OK(setup.pipeline.dispatch(bindings.data(), bindings.size(), nullptr,
                                    &report));
  EXPECT_EQ(report.replays, 1u);
  EXPECT_EQ(countOf("cuGraphAddDependencies"), 0u);
  for (size_t i = 0; i < call.x.size(); ++i)
    ASSERT_EQ(call.y[i], std::sin(call.x[i]));
}

/// The scratch is an intermediate, and not among the buffers.
TEST_F(CallTest, ScratchIsPassedBesideTheBuffers) {
  for (const char *id : {"cpu", "cuda"}) {
    Artifact tables = callTables();
    Program &program = tables.programs[kSine];
    program.exprs.push_back({1000, 0, 0, 0, ExprOp::constant});
    auto node = static_cast<int32_t>(program.exprs.size() - 1);
    program.intermediates.push_back({"scratch", node, 256, 1, 1});
    Launch &launch = program.launches[1];
    launch.pointers.push_back({1, MemoryKind::intermediate});
    launch.writes.push_back({1, MemoryKind::intermediate});
    launch.call->buffers.push_back({ElementType::i8, {node}});
    launch.call->hasScratch = true;
    uint64_t calls = 0;
    Registered finish([&](const VyreCallArguments &arguments) {
      ++calls;
      EXPECT_EQ(arguments.buffer_count, 2u);
      EXPECT_EQ(arguments.scratch_bytes, 1000u);
      EXPECT_EQ(reinterpret_cast<uintptr_t>(arguments.scratch) % 256, 0u);
      EXPECT_NE(arguments.scratch, nullptr);
      for (size_t i = 0; i < 2; ++i) {
        auto *begin = static_cast<char *>(arguments.buffers[i].data);
        auto *scratch = static_cast<char *>(arguments.scratch);
        EXPECT_TRUE(scratch + 1000 <= begin ||
                    begin + arguments.buffers[i].byte_size <= scratch);
      }
      return arguments.stream ? enqueueCopy(arguments) : copyOnHost(arguments);
    });
    Loaded setup(tables, kSine, runtime::Config(), id);
    FinishCall call(100);
    setup.run(call);
    EXPECT_EQ(calls, 1u);
  }
}

/// Extents that do not fit the memory are refused before anything runs.
TEST_F(CallTest, ExtentsMustFitTheMemory) {
  Artifact tables = callTables();
  Program &program = tables.programs[kSine];
  program.exprs.push_back({1000, 0, 0, 0, ExprOp::constant});
  program.launches[1].call->buffers[1].extents = {
      static_cast<int32_t>(program.exprs.size() - 1)};
  Registered finish(Recorder{});
  Loaded setup(tables, kSine, runtime::Config());
  FinishCall fits(1000), small(999);
  auto bindings = small.bindings();
  expectError(setup.pipeline.dispatch(bindings.data(), bindings.size()),
              VYRE_STATUS_INVALID_ARGUMENT,
              {"4000 bytes", "buffer 1", "'finish'", "there are 3996"});
  setup.run(fits);
}

/// A function may dispatch, but nothing that would wait for its own dispatch:
/// that is told, not waited for for ever.
TEST_F(CallTest, FunctionsMayDispatchOthers) {
  for (const char *id : {"cpu", "cuda"}) {
    SCOPED_TRACE(id);
    bool isCpu = std::string(id) == "cpu";
    runtime::Pipeline *own = nullptr, *beside = nullptr, *elsewhere = nullptr;
    int calls = 0;
    Registered finish([&](const VyreCallArguments &arguments) {
      ++calls;
      FinishCall inner(10);
      auto bound = inner.bindings();
      for (bool isPrewarmed : {false, true})
        expectError(isPrewarmed ? own->prewarm(bound.data(), bound.size())
                                : own->dispatch(bound.data(), bound.size()),
                    VYRE_STATUS_FAILED_PRECONDITION,
                    {isCpu ? "another device" : "another pipeline"});
      ScaleCall scale(10);
      bound = scale.bindings();
      runtime::Status status = beside->dispatch(bound.data(), bound.size());
      if (isCpu)
        expectError(status, VYRE_STATUS_FAILED_PRECONDITION,
                    {"another device"});
      else
        EXPECT_OK(status);
      EXPECT_OK(elsewhere->dispatch(bound.data(), bound.size()));
      scale.expectResult();
      if (!isCpu)
        return enqueueCopy(arguments);
      std::memcpy(arguments.buffers[1].data, arguments.buffers[0].data,
                  arguments.buffers[0].byte_size);
      return runtime::Status();
    });
    runtime::Config config;
    config.capture = VYRE_CAPTURE_NEVER;
    Loaded setup(callTables(), kSine, config, id);
    auto scale = setup.create(kScale, config);
    ASSERT_OK(scale);
    Loaded other(sampleTables(), kScale, config, id);
    own = &setup.pipeline;
    beside = &*scale;
    elsewhere = &other.pipeline;
    FinishCall call(1000);
    setup.run(call);
    EXPECT_EQ(calls, 1);
  }
}

/// Several threads over several sets.
TEST_F(CallTest, ManyThreadsCallAtOnce) {
  std::atomic<int> calls{0};
  Registered finish([&](const VyreCallArguments &arguments) {
    ++calls;
    return enqueueCopy(arguments);
  });
  runtime::Config config;
  config.maxInFlight = 3;
  config.capture = VYRE_CAPTURE_REQUIRE;
  Loaded setup(callTables(), kSine, config);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 20; ++i) {
        FinishCall call(50 + 10 * ((t + i) % 3));
        auto bindings = call.bindings();
        ASSERT_OK(setup.pipeline.dispatch(bindings.data(), bindings.size()));
        call.expectResult();
      }
    });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_GE(calls.load(), 3);
}

//===----------------------------------------------------------------------===//
// Failures
//===----------------------------------------------------------------------===//

/// A whole life with calls: plain, captured, updated, and of another topology.
/// `told` is what reports say of dispatches that were no replays.
runtime::Status wholeLife(std::string *told) {
  runtime::Status first;
  auto note = [&](runtime::Status status) {
    if (!first.failed())
      first = std::move(status);
  };
  int copies = 1;
  Registered finish([&](const VyreCallArguments &arguments) {
    runtime::Status status;
    for (int i = 0; i < copies && !status.failed(); ++i)
      status = enqueueCopy(arguments);
    return status;
  });
  auto artifact = Loaded::load(callTables());
  auto device = openWithCheapGraphs("cuda");
  if (device.failed())
    return device.takeStatus();
  auto memory = device->allocate(4096 * 3);
  if (memory.failed()) {
    note(memory.takeStatus());
    note(device->close());
    return first;
  }
  auto pipeline = runtime::Pipeline::create(*device, *artifact, kSine);
  if (pipeline.failed()) {
    note(pipeline.takeStatus());
  } else {
    FinishCall call(1000);
    auto bindings = call.bindings();
    auto run = [&](int part) {
      bindings[1].data = static_cast<char *>(*memory) + 4096 * part;
      bindings[1].location = VYRE_MEMORY_DEVICE;
      VyreDispatchReport report = emptyReport();
      note(pipeline->dispatch(bindings.data(), bindings.size(), nullptr,
                              &report));
      if (told && report.no_replay_reason)
        *told += report.no_replay_reason;
    };
    for (int part : {0, 0, 0, 1})
      run(part);
    copies = 2;
    run(2);
    run(2);
    note(pipeline->close());
  }
  note(device->free(*memory));
  note(device->close());
  return first;
}

/// Every call of the driver may fail once, those of the function as well: the
/// capture is over in any case, and nothing is lost.
TEST(CallFailureTest, EveryCallMayFail) {
  fakecuda::reset();
  std::vector<std::string> calls = callsOf(wholeLife);
  for (const char *name :
       {"cuStreamBeginCapture", "cuStreamEndCapture",
        "cuGraphAddChildGraphNode", "cuGraphExecChildGraphNodeSetParams"})
    ASSERT_NE(std::count(calls.begin(), calls.end(), name), 0) << name;
  // A function that fails while it is captured is called by itself.
  expectFailuresAreTold(
      wholeLife, calls,
      {"cuCtxPopCurrent", "cuCtxPushCurrent", "cuMemcpyDtoDAsync"});
}

TEST(CallFailureTest, EveryCallMayLoseTheDevice) {
  fakecuda::reset();
  // The function tells of its own call, in its own words.
  expectLossesAreTold(wholeLife, callsOf(wholeLife),
                      {"cuCtxPopCurrent", "cuMemcpyDtoDAsync"});
}

//===----------------------------------------------------------------------===//
// Hostile artifacts
//===----------------------------------------------------------------------===//

TEST(CallArtifactTest, UnsoundCallsAreRefused) {
  struct Case {
    std::function<void(Launch &)> change;
    std::initializer_list<const char *> parts;
  };
  for (const Case &c : std::initializer_list<Case>{
           {[](Launch &l) { l.call->function.clear(); }, {"without a name"}},
           {[](Launch &l) { l.call->function = std::string("a\0b", 3); },
            {"function's name", "control characters"}},
           {[](Launch &l) { l.kernel = "sample_sine"; }, {"one of the two"}},
           {[](Launch &l) {
              l.cpuEntry = "sample_sine";
              l.cpuItems = 0;
            },
            {"one of the two"}},
           {[](Launch &l) { l.call.reset(); }, {"calls no function"}},
           {[](Launch &l) { l.call->buffers.pop_back(); },
            {"1 buffers", "passes 2"}},
           {[](Launch &l) { l.call->scalars.clear(); }, {"0 scalars"}},
           {[](Launch &l) { l.call->buffers[0].extents = {99}; },
            {"extent", "99"}},
           {[](Launch &l) { l.call->buffers[0].extents = {-1}; }, {"-1"}},
           {[](Launch &l) { l.call->buffers[0].extents.assign(40, 0); },
            {"rank 40"}},
           {[](Launch &l) {
              l.call->buffers[1].elementType = ElementType::f64;
            },
            {"argument 1 as f64", "f32"}},
           {[](Launch &l) {
              l.call->buffers[0].elementType = static_cast<ElementType>(77);
            },
            {"unknown element type 77"}},
           {[](Launch &l) {
              l.call->scalars[0] = static_cast<ElementType>(77);
            },
            {"unknown element type 77"}},
           {[](Launch &l) { l.call->hasScratch = true; }, {"scratch"}},
           {[](Launch &l) { l.pointers[0].index = 9; }, {"intermediate 9"}},
           {[](Launch &l) { l.hasPointerTable = true; }, {"way of a kernel"}},
           {[](Launch &l) {
              // The table has five elements.
              l.pointers[0] = {0, MemoryKind::constant};
              l.reads[0] = l.pointers[0];
              l.call->buffers[0].extents = {1};
            },
            {"constant 0", "other extents"}}}) {
    Artifact tables = callTables();
    c.change(tables.programs[kSine].launches[1]);
    std::vector<uint8_t> bytes = buildArtifact(tables);
    auto artifact = runtime::Artifact::loadMemory(bytes.data(), bytes.size());
    ASSERT_TRUE(artifact.failed());
    expectError(artifact.takeStatus(), VYRE_STATUS_BAD_ARTIFACT, c.parts);
  }
}

/// A backend of one's own is given programs with calls like any others.
TEST_F(CallTest, RegisteredBackendsGetProgramsWithCalls) {
  struct Forward : runtime::Backend {
    explicit Forward(runtime::Device cpu) : cpu(std::move(cpu)) {}
    runtime::Status dispatch(const VyreBackendDispatch &dispatch) override {
      VyrePipeline *pipeline = nullptr;
      runtime::Status status(vyrePipelineCreate(
          cpu.get(), dispatch.artifact, dispatch.program, nullptr, &pipeline));
      if (status.failed())
        return status;
      status = runtime::Status(vyrePipelineDispatch(pipeline, dispatch.bindings,
                                                    dispatch.binding_count,
                                                    nullptr, nullptr));
      vyreStatusRelease(vyrePipelineRelease(pipeline));
      return status;
    }
    runtime::Device cpu;
  };
  Registered finish(copyOnHost, "cpu");
  ASSERT_OK(runtime::registerBackend(
      "forward", std::make_unique<Forward>(*runtime::Device::open("cpu"))));
  {
    Loaded setup(callTables(), kSine, runtime::Config(), "forward");
    FinishCall call(100);
    setup.run(call);
  }
  ASSERT_OK(runtime::unregisterBackend("forward"));
}

/// Programs of nothing but calls need no code.
TEST(CallArtifactTest, CallsAloneNeedNoCode) {
  Artifact tables = callTables();
  Program program = tables.programs[kSine];
  program.launches.erase(program.launches.begin());
  program.launches[0].pointers[0] = {0, MemoryKind::argument};
  program.launches[0].reads = {{0, MemoryKind::argument}};
  program.launches[0].dependsOn.clear();
  program.intermediates.clear();
  tables.programs = {program};
  tables.codes.clear();
  Registered finish([](const VyreCallArguments &arguments) {
    return arguments.stream ? enqueueCopy(arguments) : copyOnHost(arguments);
  });
  fakecuda::reset();
  for (const char *id : {"cpu", "cuda"}) {
    Loaded setup(tables, 0, runtime::Config(), id);
    SineCall call(100);
    auto bindings = call.bindings();
    ASSERT_OK(setup.pipeline.dispatch(bindings.data(), bindings.size()));
    EXPECT_EQ(call.y, call.x);
  }
}

} // namespace
} // namespace vyre::testing
