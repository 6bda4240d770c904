//===- GraphCosts.cpp - What calls and graphs cost on a GPU -----*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CUDA/GraphCosts.h"

#include "CUDA/CUDADevice.h"
#include "CUDA/CUDAGraph.h"

#include <algorithm>

namespace vyre::runtime::internal::cuda {
namespace {

/// Kernels in a row that are timed, and how often; the best time of each
/// counts, after one that does not.
constexpr uint32_t kFew = 1, kMany = 9;
constexpr int kRepeats = 4, kBuilds = 2;

using Duration = Clock::duration;

/// Everything that the measurement takes; gives it back in any case.
class Measurement {
public:
  explicit Measurement(CudaDevice &device) : device(device) {}

  Status run(planning::CaptureCosts &costs) {
    Status status = prepare();
    Times few, many;
    if (!status.failed())
      status = measure(kFew, few);
    if (!status.failed())
      status = measure(kMany, many);
    status.update(close());
    if (status.failed())
      return status;
    split(few.plain, many.plain, costs.plainDispatch, costs.plainCall);
    split(few.replay, many.replay, costs.replayDispatch, costs.node);
    split(few.build, many.build, costs.graphBuild, costs.nodeBuild);
    return status;
  }

private:
  struct Times {
    Duration plain = Duration::max(), replay = Duration::max(),
             build = Duration::max();
  };

  /// A line through both times; never less than nothing.
  static void split(Duration few, Duration many, uint64_t &fixed,
                    uint64_t &each) {
    auto nanoseconds = [](Duration time) {
      return static_cast<uint64_t>(std::max<int64_t>(
          0,
          std::chrono::duration_cast<std::chrono::nanoseconds>(time).count()));
    };
    each = nanoseconds((many - few) / (kMany - kFew));
    uint64_t first = nanoseconds(few);
    fixed = first > kFew * each ? first - kFew * each : 0;
  }

  Status prepare() {
    auto found = device.copyKernel();
    if (found.failed())
      return found.takeStatus();
    kernel = *found;
    return device.check(
        device.driver().streamCreate(&stream, CU_STREAM_NON_BLOCKING),
        "cuStreamCreate");
  }

  Status close() {
    Status status;
    if (stream)
      status.update(device.synchronize(stream));
    status.update(releaseGraph());
    if (stream)
      status.update(
          device.giveBack([&] { return device.driver().streamDestroy(stream); },
                          "cuStreamDestroy"));
    return status;
  }

  Status releaseGraph() {
    Status status;
    if (exec)
      status.update(device.giveBack(
          [&] { return device.driver().graphExecDestroy(exec); },
          "cuGraphExecDestroy"));
    if (graph)
      status.update(
          device.giveBack([&] { return device.driver().graphDestroy(graph); },
                          "cuGraphDestroy"));
    exec = nullptr;
    graph = nullptr;
    return status;
  }

  Status wait() {
    return device.check(device.driver().streamSynchronize(stream),
                        "cuStreamSynchronize");
  }

  /// The kernel copies no words.
  Status runPlain(uint32_t calls) {
    CopyLaunch nothing(Transfer(), /*isUp=*/true);
    for (uint32_t i = 0; i < calls; ++i)
      if (Status status =
              device.check(device.driver().launchKernel(
                               kernel, 1, 1, 1, CopyLaunch::kThreads, 1, 1, 0,
                               stream, nothing.addresses, nullptr),
                           "cuLaunchKernel");
          status.failed())
        return status;
    return wait();
  }

  Status build(uint32_t nodes) {
    CopyLaunch nothing(Transfer(), /*isUp=*/true);
    CUDA_KERNEL_NODE_PARAMS parameters = {};
    parameters.func = kernel;
    parameters.gridDimX = parameters.gridDimY = parameters.gridDimZ = 1;
    parameters.blockDimX = CopyLaunch::kThreads;
    parameters.blockDimY = parameters.blockDimZ = 1;
    parameters.kernelParams = nothing.addresses;
    Status status =
        device.check(device.driver().graphCreate(&graph, 0), "cuGraphCreate");
    CUgraphNode last = nullptr;
    for (uint32_t i = 0; i < nodes && !status.failed(); ++i) {
      CUgraphNode before = last;
      status = device.check(device.driver().graphAddKernelNode(
                                &last, graph, &before, i != 0, &parameters),
                            "cuGraphAddKernelNode");
    }
    if (!status.failed())
      status = device.check(device.driver().graphInstantiate(&exec, graph, 0),
                            "cuGraphInstantiateWithFlags");
    return status;
  }

  Status replay() {
    if (Status status = device.check(device.driver().graphLaunch(exec, stream),
                                     "cuGraphLaunch");
        status.failed())
      return status;
    return wait();
  }

  template <typename Work> Status time(Duration &best, Work work) {
    Clock::time_point begin = Clock::now();
    Status status = work();
    best = std::min<Duration>(best, Clock::now() - begin);
    return status;
  }

  Status measure(uint32_t calls, Times &times) {
    Status status = runPlain(calls);
    for (int i = 0; i < kRepeats && !status.failed(); ++i)
      status = time(times.plain, [&] { return runPlain(calls); });
    for (int i = 0; i < kBuilds && !status.failed(); ++i) {
      // The first launch is part of it: what the driver puts off is done there.
      status = time(times.build, [&] {
        Status built = build(calls);
        return built.failed() ? std::move(built) : replay();
      });
      for (int j = 0; j < kRepeats && !status.failed(); ++j)
        status = time(times.replay, [&] { return replay(); });
      status.update(releaseGraph());
    }
    times.build -= times.replay;
    return status;
  }

  CudaDevice &device;
  CUfunction kernel = nullptr;
  CUstream stream = nullptr;
  CUgraph graph = nullptr;
  CUgraphExec exec = nullptr;
};

} // namespace

Expected<planning::CaptureCosts> GraphCosts::get(CudaDevice &device) {
  std::lock_guard<std::mutex> lock(mutex);
  if (!costs) {
    planning::CaptureCosts measured;
    if (Status status = Measurement(device).run(measured); status.failed())
      return status;
    costs = measured;
  }
  return *costs;
}

} // namespace vyre::runtime::internal::cuda
