//===- DriverFailureTest.cpp - Each call fails, feature by feature --------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Lives of a device that combine what CudaTest and CallTest have one by one.
// Every call of the driver in each of them fails once, in every position: it is
// told, nothing is lost, and the next life is right.
//
//===----------------------------------------------------------------------===//

#include "FakeCudaTest.h"

#include "CUDA/DriverAPI.h"

#include <optional>

namespace vyre::testing {
namespace {

using namespace runtime::internal;

extern "C" cuda::CUresult cuMemcpyDtoDAsync_v2(cuda::CUdeviceptr,
                                               cuda::CUdeviceptr, size_t,
                                               cuda::CUstream);

constexpr uint32_t kAccumulate = 3, kHits = 4, kHitsTable = 5;

/// A device, a pipeline, and the first status that is not a success. What could
/// not be made is not used.
class Life {
public:
  Life(const Artifact &tables, uint32_t program, std::string *told,
       const runtime::Config &config = {})
      : told(told) {
    std::vector<uint8_t> bytes = buildArtifact(tables);
    auto artifact = runtime::Artifact::loadMemory(bytes.data(), bytes.size());
    auto opened = openWithCheapGraphs("cuda");
    if (opened.failed()) {
      note(opened.takeStatus());
      return;
    }
    device.emplace(std::move(*opened));
    VyrePipelineConfig fields = config.fields();
    auto made = runtime::Pipeline::create(*device, *artifact, program, &fields);
    if (made.failed())
      note(made.takeStatus());
    else
      pipeline.emplace(std::move(*made));
  }

  void note(runtime::Status status) {
    if (!first.failed())
      first = std::move(status);
  }

  /// Dispatches, and expects what the call does where that went well.
  template <typename Call>
  void run(Call &call, const VyreDispatchConfig *config = nullptr) {
    if (!pipeline)
      return;
    auto bindings = call.bindings();
    VyreDispatchReport report = emptyReport();
    runtime::Status status =
        pipeline->dispatch(bindings.data(), bindings.size(), config, &report);
    if (!status.failed())
      call.expectResult();
    if (told && report.no_replay_reason)
      *told += report.no_replay_reason;
    note(std::move(status));
  }

  runtime::Status end() {
    if (pipeline)
      note(pipeline->close());
    if (device)
      note(device->close());
    return std::move(first);
  }

  std::optional<runtime::Device> device;
  std::optional<runtime::Pipeline> pipeline;

private:
  std::string *told;
  runtime::Status first;
};

/// What is tried again where something has to end.
const std::set<std::string> kContexts = {"cuCtxPopCurrent", "cuCtxPushCurrent"};

void expectFailuresOf(const WholeLife &life,
                      std::initializer_list<const char *> expected,
                      std::set<std::string> forgivable = {}) {
  std::vector<std::string> calls = callsOf(life);
  for (const char *name : expected)
    EXPECT_NE(std::count(calls.begin(), calls.end(), name), 0) << name;
  std::set<std::string> others = forgivable;
  others.insert("cuCtxPopCurrent");
  forgivable.insert(kContexts.begin(), kContexts.end());
  expectFailuresAreTold(life, calls, forgivable);
  expectLossesAreTold(life, callsOf(life), others);
}

//===----------------------------------------------------------------------===//
// Host boundaries
//===----------------------------------------------------------------------===//

/// A registered function that copies, for as long as it lives.
struct Finish {
  Finish() {
    EXPECT_OK(runtime::registerCall(
        "finish", "", [](const VyreCallArguments &arguments) {
          const VyreCallBuffer *buffers = arguments.buffers;
          cuda::CUresult result = cuMemcpyDtoDAsync_v2(
              reinterpret_cast<cuda::CUdeviceptr>(buffers[1].data),
              reinterpret_cast<cuda::CUdeviceptr>(buffers[0].data),
              buffers[0].byte_size,
              static_cast<cuda::CUstream>(arguments.stream));
          if (result == cuda::CUDA_SUCCESS)
            return runtime::Status();
          return runtime::Status::error(
              result == 719 ? VYRE_STATUS_DEVICE_LOST
              : result == 2 ? VYRE_STATUS_OUT_OF_MEMORY
                            : VYRE_STATUS_DEVICE_ERROR,
              "cuMemcpyDtoDAsync failed (719). Fix: try again.");
        }));
  }
  ~Finish() { EXPECT_OK(runtime::unregisterCall("finish", "")); }
};

/// Arguments of the program that calls it, with the expected result.
struct FinishCall : SineCall {
  using SineCall::SineCall;
  void expectResult() const {
    for (size_t i = 0; i < x.size(); ++i)
      ASSERT_EQ(y[i], x[i] + kSineTable[i % kSineTable.size()]) << "at " << i;
  }
};

/// A function behind a boundary: small buffers, and such as are copied by
/// themselves.
runtime::Status callBehindBoundary(std::string *told) {
  Finish finish;
  Artifact tables = callTables();
  tables.programs[kSine].launches[1].isHostBoundary = true;
  Life life(tables, kSine, told);
  FinishCall small(100), large(200000);
  for (FinishCall *call : {&small, &small, &large})
    life.run(*call);
  return life.end();
}

TEST(DriverFailureTest, CallsBehindHostBoundaries) {
  expectFailuresOf(callBehindBoundary, {"cuMemcpyDtoDAsync",
                                        "cuMemcpyHtoDAsync", "cuLaunchKernel"});
}

/// Several boundaries in a row, each of which brings results.
struct Accumulate {
  std::vector<VyreBinding> bindings() {
    return {bindBuffer(a, extents), bindBuffer(b, extents)};
  }
  void expectResult() const {
    EXPECT_EQ(a, std::vector<int32_t>(a.size(), 5 + 3 * 2));
  }
  std::vector<int64_t> extents{2, 2000};
  std::vector<int32_t> a = std::vector<int32_t>(4000, 5);
  std::vector<int32_t> b = std::vector<int32_t>(4000, 2);
};

runtime::Status severalBoundaries(std::string *told) {
  Artifact tables = sampleTables();
  Program &program = tables.programs[kAccumulate];
  for (uint32_t i = 1; i < 3; ++i) {
    program.launches.push_back(program.launches[0]);
    program.launches[i].isHostBoundary = true;
    program.launches[i].dependsOn = {i - 1};
  }
  Life life(tables, kAccumulate, told);
  for (int i = 0; i < 2; ++i) {
    Accumulate call;
    life.run(call);
  }
  return life.end();
}

TEST(DriverFailureTest, SeveralHostBoundaries) {
  expectFailuresOf(severalBoundaries, {"cuStreamSynchronize"});
}

//===----------------------------------------------------------------------===//
// Graphs
//===----------------------------------------------------------------------===//

/// Two branches that share the arena, and whose kernels wait for others: the
/// graph has programmatic edges where a kernel comes after one kernel.
struct Branches {
  std::vector<VyreBinding> bindings() {
    return {bindBuffer(x.x, x.extents), bindBuffer(x.y, x.extents),
            bindBuffer(w.y, w.extents), bindBuffer(w.x, w.extents)};
  }
  void expectResult() const {
    x.expectResult();
    w.expectResult();
  }
  SineCall x{100}, w{100};
};

runtime::Status sharedArena(std::string *told) {
  Artifact tables = sampleTables();
  Program &program = tables.programs[kSine];
  addSecondBranch(program);
  program.capture.maxArenaBytes = 512;
  std::string text = waitingPtx(tables);
  tables.codes[1].data = {reinterpret_cast<const uint8_t *>(text.data()),
                          text.size()};
  tables.codes[1].waitsForDependencies = true;
  runtime::Config config;
  config.waitMode = VYRE_WAIT_SPIN;
  Life life(tables, kSine, told, config);
  // The last time other memory is bound.
  Branches call, other;
  for (int i = 0; i < 3; ++i)
    life.run(call);
  life.run(other);
  return life.end();
}

TEST(DriverFailureTest, BranchesThatShareTheArena) {
  expectFailuresOf(sharedArena, {"cuGraphAddDependencies", "cuGraphLaunch"});
}

//===----------------------------------------------------------------------===//
// Memory and forms of dispatches
//===----------------------------------------------------------------------===//

/// Inputs on the device, on the caller's stream, counted results in memory of
/// the pipeline.
runtime::Status deviceMemory(std::string *told) {
  runtime::Config policy;
  policy.capture = VYRE_CAPTURE_REQUIRE;
  Life life(sampleTables(), kHitsTable, told, policy);
  if (!life.pipeline)
    return life.end();
  HitsCall call(5, 500);
  auto bindings = call.bindings();
  std::vector<void *> allocated;
  for (size_t i : {size_t(0), size_t(1)}) {
    auto memory = life.device->allocate(bindings[i].byte_length);
    if (memory.failed()) {
      life.note(memory.takeStatus());
      continue;
    }
    allocated.push_back(*memory);
    life.note(life.device->upload(*memory, bindings[i].data,
                                  bindings[i].byte_length));
    bindings[i].data = *memory;
    bindings[i].location = VYRE_MEMORY_DEVICE;
  }
  for (size_t i : {size_t(2), size_t(4)}) {
    bindings[i].data = nullptr;
    bindings[i].byte_length = 0;
    bindings[i].location = VYRE_MEMORY_READBACK;
  }
  void *stream = fakecuda::createStream();
  VyreDispatchConfig config = {};
  config.struct_size = sizeof(config);
  for (int i = 0; i < 3; ++i) {
    config.cuda_stream = i == 1 ? stream : nullptr;
    config.is_timed = i == 2;
    life.note(
        life.pipeline->dispatch(bindings.data(), bindings.size(), &config));
  }
  for (void *memory : allocated)
    life.note(life.device->free(memory));
  runtime::Status status = life.end();
  // What lost the device took the stream along.
  if (!fakecuda::isDeviceLost())
    fakecuda::destroyStream(stream);
  return status;
}

TEST(DriverFailureTest, MemoryAndStreamsOfTheCallers) {
  expectFailuresOf(deviceMemory,
                   {"cuPointerGetAttributes", "cuStreamIsCapturing",
                    "cuEventRecord", "cuEventElapsedTime"},
                   {"cuEventElapsedTime"});
}

/// Batches into slots, and dispatches that are waited for later, on two sets.
runtime::Status batches(std::string *told) {
  runtime::Config config;
  config.maxInFlight = 2;
  config.capture = VYRE_CAPTURE_REQUIRE;
  Life life(sampleTables(), kHits, told, config);
  if (!life.pipeline)
    return life.end();
  HitsCall calls[2] = {{5, 500}, {16, 2048}};
  auto one = calls[0].bindings(), two = calls[1].bindings();
  std::vector<runtime::ResultBuffer> results;
  for (int i = 0; i < 2; ++i)
    life.note(life.pipeline->dispatchInto(one, results));
  life.note(life.pipeline->dispatchBatch(
      {{one.data(), one.size(), nullptr, 0, nullptr, 0},
       {two.data(), two.size(), nullptr, 0, nullptr, 0}}));
  for (int i = 0; i < 2; ++i) {
    auto first = life.pipeline->submit(one.data(), one.size());
    auto second = life.pipeline->submit(two.data(), two.size());
    for (auto *completion : {&second, &first})
      life.note(completion->failed() ? completion->takeStatus()
                                     : (*completion)->wait());
  }
  return life.end();
}

TEST(DriverFailureTest, BatchesAndCompletions) {
  expectFailuresOf(batches, {"cuGraphLaunch", "cuStreamSynchronize"});
}

} // namespace
} // namespace vyre::testing
