//===- Dispatches.cpp - Times single dispatches ---------------------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Runs the first program of an artifact one dispatch after the other, through
// the runtime's C API, for compare.py.
//
//===----------------------------------------------------------------------===//

#include "Latency.h"
#include "vyre-c/Runtime.h"

#ifdef __CUDACC__
#include <cuda_runtime.h>
#endif

#include <cstdio>
#include <cstring>
#include <exception>
#include <stdexcept>
#include <string>
#include <vector>

/// How the pipeline is made and what changes.
struct DispatchOptions {
  const char *device;
  const char *path;
  uint32_t capture;
  uint32_t waitMode;
  Changed changed;
  /// Whether the caller's buffers are in host memory.
  uint32_t host;
  /// A VyrePersistentMode.
  uint32_t persistent;
};

static void check(VyreStatus *status) {
  if (!status)
    return;
  std::string message = vyreStatusMessage(status);
  vyreStatusRelease(status);
  throw std::runtime_error(message);
}

static uint64_t freeDeviceBytes() {
#ifdef __CUDACC__
  size_t free = 0, total = 0;
  if (cudaMemGetInfo(&free, &total) == cudaSuccess)
    return free;
#endif
  return 0;
}

namespace {

class Session {
public:
  explicit Session(const DispatchOptions &options) : options(options) {
    check(vyreArtifactLoadFile(options.path, &artifact));
    check(vyreDeviceOpen(options.device, nullptr, &device));
  }

  ~Session() {
    for (VyrePipeline *pipeline : pipelines)
      vyreStatusRelease(vyrePipelineRelease(pipeline));
    for (void *one : memory)
      vyreStatusRelease(vyreDeviceFree(device, one));
    if (device)
      vyreStatusRelease(vyreDeviceRelease(device));
    vyreArtifactRelease(artifact);
  }

  VyrePipeline *makePipeline() {
    VyrePipelineConfig config = {};
    config.struct_size = sizeof(config);
    config.capture = options.capture;
    config.wait_mode = options.waitMode;
    config.persistent = options.persistent;
    VyrePipeline *pipeline = nullptr;
    check(vyrePipelineCreate(device, artifact, 0, &config, &pipeline));
    pipelines.push_back(pipeline);
    return pipeline;
  }

  /// A buffer with the array's contents.
  VyreBinding makeBinding(const HostArray &array) {
    VyreBinding binding = {};
    binding.data = array.data;
    if (!options.host) {
      check(vyreDeviceAllocate(device, array.bytes, &binding.data));
      memory.push_back(binding.data);
      check(vyreDeviceUpload(device, binding.data, array.data, array.bytes));
      binding.location = VYRE_MEMORY_DEVICE;
    }
    extent = int64_t(array.bytes / sizeof(float));
    binding.byte_length = array.bytes;
    binding.extents = &extent;
    binding.rank = 1;
    binding.element_type = VYRE_ELEMENT_F32;
    return binding;
  }

  void fetch(const HostArray &array, const VyreBinding &binding) {
    if (!options.host)
      check(vyreDeviceDownload(device, array.data, binding.data, array.bytes));
  }

private:
  const DispatchOptions &options;
  VyreArtifact *artifact = nullptr;
  VyreDevice *device = nullptr;
  std::vector<VyrePipeline *> pipelines;
  std::vector<void *> memory;
  int64_t extent = 0;
};

} // namespace

static void dispatch(VyrePipeline *pipeline,
                     const std::vector<VyreBinding> &bindings) {
  check(vyrePipelineDispatch(pipeline, bindings.data(), bindings.size(),
                             nullptr, nullptr));
}

static void measure(const DispatchOptions &options, HostArray *arrays,
                    uint32_t count, Timing &timing) {
  Session session(options);
  // Two sets of buffers that take turns; the program's only result is last.
  std::vector<VyreBinding> sets[2];
  for (uint32_t i = 0; i < count; ++i) {
    bool isAnother = options.changed == Changed::All ||
                     (options.changed == Changed::One && i == 0);
    sets[0].push_back(session.makeBinding(arrays[i]));
    sets[1].push_back(isAnother && !options.host
                          ? session.makeBinding(arrays[i])
                          : sets[0].back());
  }
  auto begin = std::chrono::steady_clock::now();
  VyrePipeline *pipeline = session.makePipeline();
  dispatch(pipeline, sets[0]);
  timing.first = microsecondsSince(begin);
  timeCalls(timing, [&](uint32_t i) { dispatch(pipeline, sets[i % 2]); });
  session.fetch(arrays[count - 1], sets[(timing.count - 1) % 2][count - 1]);

  constexpr unsigned kMore = 32;
  uint64_t before = freeDeviceBytes();
  for (unsigned i = 0; before && i < kMore; ++i) {
    VyrePipeline *another = session.makePipeline();
    for (unsigned times = 0; times < 3; ++times)
      dispatch(another, sets[0]);
  }
  timing.deviceBytes = (before - freeDeviceBytes()) / kMore;
}

/// Times the dispatches of a program whose arguments are `arrays`, the result
/// last. 0, or -1 with the reason in `message`.
extern "C" int measureDispatches(const DispatchOptions *options,
                                 HostArray *arrays, uint32_t count,
                                 Timing *timing, char *message,
                                 size_t messageSize) {
  try {
    measure(*options, arrays, count, *timing);
    return 0;
  } catch (const std::exception &error) {
    std::snprintf(message, messageSize, "%s", error.what());
    return -1;
  }
}
