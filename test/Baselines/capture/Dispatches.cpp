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

#include <cstring>
#include <memory>
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
  /// Whether the pipeline is prewarmed before its first dispatch is timed.
  uint32_t prewarms;
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

class Dispatches : public Callable {
public:
  Dispatches(const DispatchOptions &options, const HostArray *arrays,
             uint32_t count)
      : options(options), arrays(arrays, arrays + count) {
    try {
      check(vyreArtifactLoadFile(options.path, &artifact));
      check(vyreDeviceOpen(options.device, nullptr, &device));
      // Two sets of buffers that take turns; the program's only result is last.
      for (uint32_t i = 0; i < count; ++i) {
        bool isAnother = options.changed == Changed::All ||
                         (options.changed == Changed::One && i == 0);
        sets[0].push_back(makeBinding(arrays[i]));
        sets[1].push_back(isAnother && !options.host ? makeBinding(arrays[i])
                                                     : sets[0].back());
      }
    } catch (...) {
      release();
      throw;
    }
  }
  ~Dispatches() override { release(); }

  /// Once, and again for another pipeline that is then the one that is called.
  void makePipeline() {
    VyrePipelineConfig config = {};
    config.struct_size = sizeof(config);
    config.capture = options.capture;
    config.wait_mode = options.waitMode;
    config.persistent = options.persistent;
    check(vyrePipelineCreate(device, artifact, 0, &config, &pipeline));
    pipelines.push_back(pipeline);
  }

  void prewarm() {
    check(
        vyrePipelinePrewarm(pipeline, sets[0].data(), sets[0].size(), nullptr));
  }

  void call(uint32_t i) override {
    const std::vector<VyreBinding> &bindings = sets[i % 2];
    check(vyrePipelineDispatch(pipeline, bindings.data(), bindings.size(),
                               nullptr, nullptr));
  }

  void finish(uint32_t last) override {
    if (!options.host)
      check(vyreDeviceDownload(device, arrays.back().data,
                               sets[last % 2].back().data,
                               arrays.back().bytes));
  }

  uint64_t measureDeviceBytes() override {
    constexpr unsigned kMore = 32;
    uint64_t before = freeDeviceBytes();
    for (unsigned i = 0; before && i < kMore; ++i) {
      makePipeline();
      for (unsigned times = 0; times < 3; ++times)
        call(0);
    }
    return (before - freeDeviceBytes()) / kMore;
  }

private:
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

  void release() {
    for (VyrePipeline *one : pipelines)
      vyreStatusRelease(vyrePipelineRelease(one));
    for (void *one : memory)
      vyreStatusRelease(vyreDeviceFree(device, one));
    if (device)
      vyreStatusRelease(vyreDeviceRelease(device));
    vyreArtifactRelease(artifact);
  }

  const DispatchOptions options;
  std::vector<HostArray> arrays;
  VyreArtifact *artifact = nullptr;
  VyreDevice *device = nullptr;
  VyrePipeline *pipeline = nullptr;
  std::vector<VyrePipeline *> pipelines;
  std::vector<void *> memory;
  std::vector<VyreBinding> sets[2];
  int64_t extent = 0;
};

} // namespace

/// Dispatches of a program whose arguments are `arrays`, the result last.
/// `first` gets the time of making a pipeline and of its first dispatch, once
/// device and code file are open; of the dispatch alone where it prewarms.
extern "C" int openDispatches(const DispatchOptions *options, HostArray *arrays,
                              uint32_t count, Callable **opened, double *first,
                              char *message, size_t messageSize) {
  return guarded(message, messageSize, [&] {
    auto made = std::make_unique<Dispatches>(*options, arrays, count);
    auto begin = std::chrono::steady_clock::now();
    made->makePipeline();
    if (options->prewarms) {
      made->prewarm();
      begin = std::chrono::steady_clock::now();
    }
    made->call(made->next++);
    *first = microsecondsSince(begin);
    *opened = made.release();
  });
}
