//===- MeasureArtifact.cpp - Times an artifact's program ------------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Runs the first program of an artifact many times over buffers in device
// memory, through the runtime's C API, and gives back the last results, for
// compare.py. On a GPU all dispatches are on one stream of the caller.
//
//===----------------------------------------------------------------------===//

#include "Measure.h"
#include "vyre-c/Runtime.h"
#include "vyre-c/Telemetry.h"

#include <cstring>
#include <deque>
#include <exception>
#include <stdexcept>
#include <string>

/// A whole array in host memory, as compare.py passes it.
struct HostArray {
  void *data;
  uint64_t bytes;
  const int64_t *extents;
  uint32_t rank;
};

static void check(VyreStatus *status) {
  if (!status)
    return;
  std::string message = vyreStatusMessage(status);
  vyreStatusRelease(status);
  throw std::runtime_error(message);
}

namespace {

/// What one measurement holds, given back in the right order.
struct Session {
  VyreArtifact *artifact = nullptr;
  VyreDevice *device = nullptr;
  VyrePipeline *pipeline = nullptr;
  std::vector<void *> memory;
  std::deque<VyreCompletion *> inFlight;

  ~Session() {
    for (VyreCompletion *completion : inFlight)
      vyreCompletionRelease(completion);
    vyreStatusRelease(vyrePipelineRelease(pipeline));
    for (void *one : memory)
      vyreStatusRelease(vyreDeviceFree(device, one));
    if (device)
      vyreStatusRelease(vyreDeviceRelease(device));
    vyreArtifactRelease(artifact);
  }

  void retireOldest() {
    VyreCompletion *oldest = inFlight.front();
    inFlight.pop_front();
    VyreStatus *status = vyreCompletionWait(oldest, VYRE_WAIT_FOREVER, nullptr);
    vyreCompletionRelease(oldest);
    check(status);
  }
};

} // namespace

static constexpr unsigned maxInFlight = 16;

static double measure(const char *device, const char *path, HostArray *inputs,
                      uint32_t inputCount, HostArray *results,
                      uint32_t resultCount, uint32_t sets, uint32_t rounds,
                      uint32_t *launches, double *replayed) {
  Session session;
  check(vyreArtifactLoadFile(path, &session.artifact));
  check(vyreDeviceOpen(device, nullptr, &session.device));
  VyrePipelineConfig pipelineConfig = {};
  pipelineConfig.struct_size = sizeof(pipelineConfig);
  pipelineConfig.max_in_flight = maxInFlight;
  check(vyrePipelineCreate(session.device, session.artifact, 0, &pipelineConfig,
                           &session.pipeline));

  VyreProgramInfo program = {};
  program.struct_size = sizeof(program);
  check(vyreArtifactProgramInfo(session.artifact, 0, &program));
  *launches = program.launch_count;
  if (program.result_count != resultCount ||
      program.argument_count != inputCount + resultCount)
    throw std::runtime_error("the program has other arguments than the case");

  // Which host array belongs to which argument.
  std::vector<HostArray *> arrays(program.argument_count);
  for (uint32_t result = 0; result < resultCount; ++result) {
    uint32_t argument = 0;
    check(vyreArtifactResultArgument(session.artifact, 0, result, &argument));
    arrays[argument] = &results[result];
  }
  for (HostArray *&array : arrays)
    if (!array)
      array = inputs++;

  std::vector<std::vector<VyreBinding>> bindings(sets);
  for (std::vector<VyreBinding> &set : bindings) {
    for (uint32_t argument = 0; argument < arrays.size(); ++argument) {
      VyreArgumentInfo info = {};
      info.struct_size = sizeof(info);
      check(vyreArtifactArgumentInfo(session.artifact, 0, argument, &info));
      const HostArray &array = *arrays[argument];
      void *memory = nullptr;
      check(vyreDeviceAllocate(session.device, array.bytes, &memory));
      session.memory.push_back(memory);
      // Results hold the caller's poison, so that what is not written shows.
      check(vyreDeviceUpload(session.device, memory, array.data, array.bytes));
      VyreBinding binding = {};
      binding.data = memory;
      binding.byte_length = array.bytes;
      binding.extents = array.extents;
      binding.rank = array.rank;
      binding.element_type = info.element_type;
      binding.location = VYRE_MEMORY_DEVICE;
      set.push_back(binding);
    }
  }

  VyreDispatchConfig config = {};
  config.struct_size = sizeof(config);
#ifdef __CUDACC__
  cudaStream_t stream;
  ::check(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
  config.cuda_stream = stream;
  Stopwatch stopwatch(stream);
#else
  Stopwatch stopwatch;
#endif
  auto finish = [&] {
    while (!session.inFlight.empty())
      session.retireOldest();
  };
  auto run = [&](unsigned i) {
    if (session.inFlight.size() == maxInFlight)
      session.retireOldest();
    const std::vector<VyreBinding> &set = bindings[i % sets];
#ifdef __CUDACC__
    VyreCompletion *completion = nullptr;
    check(vyrePipelineSubmit(session.pipeline, set.data(), set.size(), &config,
                             &completion));
    session.inFlight.push_back(completion);
#else
    // The host's clock must not stop before the work does.
    check(vyrePipelineDispatch(session.pipeline, set.data(), set.size(),
                               &config, nullptr));
#endif
  };
  double time = medianOfRuns(stopwatch, rounds, sets, run, finish);
  VyreTelemetry telemetry = {};
  telemetry.struct_size = sizeof(telemetry);
  check(vyrePipelineGetTelemetry(session.pipeline, &telemetry));
  *replayed = double(telemetry.replays) / double(telemetry.dispatches);
#ifdef __CUDACC__
  ::check(cudaStreamSynchronize(stream));
  ::check(cudaStreamDestroy(stream));
#endif
  for (uint32_t argument = 0; argument < arrays.size(); ++argument)
    if (arrays[argument] >= results && arrays[argument] < results + resultCount)
      check(vyreDeviceDownload(session.device, arrays[argument]->data,
                               bindings[sets - 1][argument].data,
                               arrays[argument]->bytes));
  return time;
}

/// Microseconds of one dispatch; negative on failure, with the reason in
/// `message`. Results get what the last set of buffers holds, `replayed` the
/// share of the dispatches that were replays of a graph.
extern "C" double measureArtifact(const char *device, const char *path,
                                  HostArray *inputs, uint32_t inputCount,
                                  HostArray *results, uint32_t resultCount,
                                  uint32_t sets, uint32_t rounds,
                                  uint32_t *launches, double *replayed,
                                  char *message, size_t messageSize) {
  try {
    return measure(device, path, inputs, inputCount, results, resultCount, sets,
                   rounds, launches, replayed);
  } catch (const std::exception &error) {
    std::snprintf(message, messageSize, "%s", error.what());
    return -1;
  }
}
