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

/// Kernels in a row that are timed.
constexpr uint32_t kFew = 1, kMany = 9, kManyLong = 5;

/// How often; the best time counts, after one that does not. Of building the
/// mean does: what a program builds once takes longer than what the driver has
/// just built alike, and less than the first of all.
constexpr int kRepeats = 4, kBuilds = 2;

/// Blocks that leave at once, so many that they take longer than a call.
constexpr uint32_t kLongBlocks = 32768;

using Duration = Clock::duration;

uint64_t nanoseconds(Duration time) {
  return static_cast<uint64_t>(std::max<int64_t>(
      0, std::chrono::duration_cast<std::chrono::nanoseconds>(time).count()));
}

/// Everything that the measurement takes; gives it back in any case.
class Measurement {
public:
  explicit Measurement(CudaDevice &device) : device(device) {}

  Status run(planning::CaptureCosts &costs) {
    Status status = prepare();
    Times few, many, fewLong, manyLong;
    if (!status.failed())
      status = measure(kFew, 1, kBuilds, few);
    if (!status.failed())
      status = measure(kMany, 1, kBuilds, many);
    if (!status.failed())
      status = measure(kFew, kLongBlocks, 1, fewLong);
    if (!status.failed())
      status = measure(kManyLong, kLongBlocks, 1, manyLong);
    status.update(close());
    if (status.failed())
      return status;
    split(few.plain, many.plain, costs.plainDispatch, costs.plainCall);
    split(few.replay, many.replay, costs.replayDispatch, costs.node);
    split(few.build, many.build, costs.graphBuild, costs.nodeBuild);
    costs.plainGap = nanoseconds((manyLong.plain - fewLong.plain) -
                                 (manyLong.replay - fewLong.replay)) /
                     (kManyLong - kFew);
    // It lies behind the last kernel too.
    costs.plainDispatch -= std::min(costs.plainDispatch, costs.plainGap);
    return status;
  }

private:
  struct Graph {
    CUgraph graph = nullptr;
    CUgraphExec exec = nullptr;
  };
  struct Times {
    Duration plain = Duration::max(), replay = Duration::max(),
             build = Duration::zero();
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
    for (Graph &made : graphs) {
      if (made.exec)
        status.update(device.giveBack(
            [&] { return device.driver().graphExecDestroy(made.exec); },
            "cuGraphExecDestroy"));
      if (made.graph)
        status.update(device.giveBack(
            [&] { return device.driver().graphDestroy(made.graph); },
            "cuGraphDestroy"));
    }
    if (stream)
      status.update(
          device.giveBack([&] { return device.driver().streamDestroy(stream); },
                          "cuStreamDestroy"));
    return status;
  }

  Status wait() {
    return device.check(device.driver().streamSynchronize(stream),
                        "cuStreamSynchronize");
  }

  /// The kernel copies no words.
  Status runPlain(uint32_t calls, uint32_t blocks) {
    CopyLaunch nothing(Transfer(), /*isUp=*/true);
    for (uint32_t i = 0; i < calls; ++i)
      if (Status status =
              device.check(device.driver().launchKernel(
                               kernel, blocks, 1, 1, CopyLaunch::kThreads, 1, 1,
                               0, stream, nothing.addresses, nullptr),
                           "cuLaunchKernel");
          status.failed())
        return status;
    return wait();
  }

  Status build(uint32_t nodes, uint32_t blocks, Graph &made) {
    CopyLaunch nothing(Transfer(), /*isUp=*/true);
    CUDA_KERNEL_NODE_PARAMS parameters = {};
    parameters.func = kernel;
    parameters.gridDimX = blocks;
    parameters.gridDimY = parameters.gridDimZ = 1;
    parameters.blockDimX = CopyLaunch::kThreads;
    parameters.blockDimY = parameters.blockDimZ = 1;
    parameters.kernelParams = nothing.addresses;
    Status status = device.check(device.driver().graphCreate(&made.graph, 0),
                                 "cuGraphCreate");
    CUgraphNode last = nullptr;
    for (uint32_t i = 0; i < nodes && !status.failed(); ++i) {
      CUgraphNode before = last;
      status =
          device.check(device.driver().graphAddKernelNode(
                           &last, made.graph, &before, i != 0, &parameters),
                       "cuGraphAddKernelNode");
    }
    if (!status.failed())
      status = device.check(
          device.driver().graphInstantiate(&made.exec, made.graph, 0),
          "cuGraphInstantiateWithFlags");
    return status;
  }

  Status replay(const Graph &made) {
    if (Status status = device.check(
            device.driver().graphLaunch(made.exec, stream), "cuGraphLaunch");
        status.failed())
      return status;
    return wait();
  }

  template <typename Work> static Status time(Duration &taken, Work work) {
    Clock::time_point begin = Clock::now();
    Status status = work();
    taken = Clock::now() - begin;
    return status;
  }

  Status measure(uint32_t calls, uint32_t blocks, int builds, Times &times) {
    Duration taken;
    Status status = runPlain(calls, blocks);
    for (int i = 0; i < kRepeats && !status.failed(); ++i) {
      status = time(taken, [&] { return runPlain(calls, blocks); });
      times.plain = std::min(times.plain, taken);
    }
    for (int i = 0; i < builds && !status.failed(); ++i) {
      Graph &made = graphs[nextGraph++];
      // The first launch is part of it: what the driver puts off is done there.
      status = time(taken, [&] {
        Status built = build(calls, blocks, made);
        return built.failed() ? std::move(built) : replay(made);
      });
      times.build += taken / builds;
      for (int j = 0; j < kRepeats && !status.failed(); ++j) {
        status = time(taken, [&] { return replay(made); });
        times.replay = std::min(times.replay, taken);
      }
    }
    times.build -= std::min(times.build, times.replay);
    return status;
  }

  CudaDevice &device;
  CUfunction kernel = nullptr;
  CUstream stream = nullptr;
  /// All are kept to the end: what a driver gets back it gives out again,
  /// sooner than what it has to make.
  Graph graphs[2 * kBuilds + 2];
  size_t nextGraph = 0;
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
