//===- FlagWays.cu - Ways to hear that a graph is done --------------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A graph of small kernels in a chain, and the host that waits for it: in the
// driver, or for a flag in mapped memory that somebody raises. Prints for each
// way the microseconds of a call until it is over, median / 99th percentile, of
// that the median of the launch, and of one launch of many that follow each
// other.
//
//   nvcc -std=c++17 -O3 -arch=sm_90 FlagWays.cu -lcuda
//
//===----------------------------------------------------------------------===//

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <cuda.h>
#include <cuda_runtime.h>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

constexpr unsigned kThreads = 256;
constexpr size_t kBytes = kThreads * sizeof(float4);
constexpr int kRounds = 120, kWarmUp = 20, kCalls = 50, kInARow = 1000;

void check(cudaError_t error) {
  if (error != cudaSuccess)
    throw std::runtime_error(cudaGetErrorString(error));
}

void check(CUresult result) {
  const char *text = nullptr;
  if (result != CUDA_SUCCESS)
    throw std::runtime_error(
        cuGetErrorString(result, &text) == CUDA_SUCCESS ? text : "unknown");
}

__device__ float4 next(float4 v) {
  return {v.x * 0.75f + 0.5f, v.y * 0.75f + 0.5f, v.z * 0.75f + 0.5f,
          v.w * 0.75f + 0.5f};
}

__global__ void step(const float4 *x, float4 *y) {
  y[threadIdx.x] = next(x[threadIdx.x]);
}

__device__ void release(unsigned *flag) {
  asm volatile("st.release.sys.u32 [%0], %1;" ::"l"(flag), "r"(1) : "memory");
}

__global__ void stepAndRaise(const float4 *x, float4 *y, unsigned *flag) {
  y[threadIdx.x] = next(x[threadIdx.x]);
  __threadfence_system();
  __syncthreads();
  if (threadIdx.x == 0)
    release(flag);
}

__global__ void raiseFlag(unsigned *flag) { release(flag); }

/// Started while the kernel before it ends.
__global__ void waitAndRaise(unsigned *flag) {
  asm volatile("griddepcontrol.wait;" ::: "memory");
  release(flag);
}

enum class Way {
  Synchronize,
  Query,
  WriteNode,
  WriteAfter,
  LastKernel,
  OneMore,
  OneMoreEarly,
};

const char *describe(Way way) {
  switch (way) {
  case Way::Synchronize:
    return "cuStreamSynchronize";
  case Way::Query:
    return "cuStreamQuery";
  case Way::WriteNode:
    return "a node that writes memory";
  case Way::WriteAfter:
    return "cuStreamWriteValue32 after it";
  case Way::LastKernel:
    return "the last kernel itself";
  case Way::OneMore:
    return "one more kernel";
  case Way::OneMoreEarly:
    return "one more, by a programmatic edge";
  }
  return "";
}

double microseconds() {
  return std::chrono::duration<double, std::micro>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

double quantile(std::vector<double> values, double share) {
  std::sort(values.begin(), values.end());
  return values[size_t(share * double(values.size() - 1))];
}

/// All of it lives as long as the process.
class Graph {
public:
  Graph(Way way, unsigned kernels, bool isMapped)
      : way(way), isMapped(isMapped), host(kBytes) {
    check(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
    x = allocate(kBytes, isMapped);
    y = allocate(kBytes, isMapped);
    flag = static_cast<unsigned *>(allocate(sizeof(unsigned), true));
    check(cudaMemset(x, 0, kBytes));
    cudaGraph_t graph = nullptr;
    check(cudaGraphCreate(&graph, 0));
    cudaGraphNode_t last = nullptr;
    for (unsigned i = 0; i < kernels; ++i) {
      bool raises = way == Way::LastKernel && i + 1 == kernels;
      void *arguments[] = {&x, &y, &flag};
      last = addKernel(graph, raises ? (void *)stepAndRaise : (void *)step,
                       kThreads, arguments, last);
    }
    addFlag(graph, last);
    check(cudaGraphInstantiate(&exec, graph, 0));
    check(cudaStreamSynchronize(stream));
  }

  /// Microseconds of a call, and of its launch.
  void call(double &all, double &launched) {
    double begin = microseconds();
    if (isMapped)
      std::memcpy(x, host.data(), kBytes);
    *flag = 0;
    double before = microseconds();
    launch();
    launched = microseconds() - before;
    wait();
    if (isMapped)
      std::memcpy(host.data(), y, kBytes);
    all = microseconds() - begin;
  }

  double measureInARow() {
    std::vector<double> times;
    for (int round = 0; round < 7; ++round) {
      double begin = microseconds();
      for (int i = 0; i < kInARow; ++i)
        launch();
      check(cudaStreamSynchronize(stream));
      times.push_back((microseconds() - begin) / kInARow);
    }
    return quantile(times, 0.5);
  }

  const Way way;

private:
  static void *allocate(size_t bytes, bool isHost) {
    void *memory = nullptr;
    check(isHost ? cudaHostAlloc(&memory, bytes, cudaHostAllocMapped)
                 : cudaMalloc(&memory, bytes));
    return memory;
  }

  static cudaGraphNode_t addKernel(cudaGraph_t graph, void *function,
                                   unsigned threads, void **arguments,
                                   cudaGraphNode_t after) {
    cudaKernelNodeParams parameters = {};
    parameters.func = function;
    parameters.gridDim = dim3(1);
    parameters.blockDim = dim3(threads);
    parameters.kernelParams = arguments;
    cudaGraphNode_t node = nullptr;
    check(cudaGraphAddKernelNode(&node, graph, &after, after ? 1 : 0,
                                 &parameters));
    return node;
  }

  void addFlag(cudaGraph_t graph, cudaGraphNode_t last) {
    void *arguments[] = {&flag};
    if (way == Way::OneMore)
      addKernel(graph, (void *)raiseFlag, 1, arguments, last);
    if (way == Way::OneMoreEarly) {
      CUgraphNode from = last, to = addKernel(graph, (void *)waitAndRaise, 1,
                                              arguments, nullptr);
      CUgraphEdgeData edge = {};
      edge.from_port = CU_GRAPH_KERNEL_NODE_PORT_PROGRAMMATIC;
      edge.type = CU_GRAPH_DEPENDENCY_TYPE_PROGRAMMATIC;
      check(cuGraphAddDependencies_v2(graph, &from, &to, &edge, 1));
    }
    if (way != Way::WriteNode)
      return;
    CUstreamBatchMemOpParams write = {};
    write.writeValue.operation = CU_STREAM_MEM_OP_WRITE_VALUE_32;
    write.writeValue.address = reinterpret_cast<CUdeviceptr>(flag);
    write.writeValue.value = 1;
    CUDA_BATCH_MEM_OP_NODE_PARAMS operations = {};
    check(cuCtxGetCurrent(&operations.ctx));
    operations.count = 1;
    operations.paramArray = &write;
    CUgraphNode node = nullptr, from = last;
    check(cuGraphAddBatchMemOpNode(&node, graph, &from, 1, &operations));
  }

  void launch() {
    check(cuGraphLaunch(exec, stream));
    if (way == Way::WriteAfter)
      check(cuStreamWriteValue32(stream, reinterpret_cast<CUdeviceptr>(flag), 1,
                                 CU_STREAM_WRITE_VALUE_DEFAULT));
  }

  void wait() {
    if (way == Way::Synchronize)
      return check(cuStreamSynchronize(stream));
    if (way == Way::Query) {
      while (cuStreamQuery(stream) == CUDA_ERROR_NOT_READY) {
      }
      return;
    }
    double limit = microseconds() + 1e6;
    while (*static_cast<volatile unsigned *>(flag) == 0)
      if (microseconds() > limit)
        throw std::runtime_error("the flag does not come");
  }

  bool isMapped;
  std::vector<char> host;
  cudaStream_t stream = nullptr;
  cudaGraphExec_t exec = nullptr;
  void *x = nullptr, *y = nullptr;
  unsigned *flag = nullptr;
};

/// The graphs take turns, in rounds.
void measure(unsigned kernels, bool isMapped) {
  std::vector<Graph> graphs;
  for (Way way : {Way::Synchronize, Way::Query, Way::WriteNode, Way::WriteAfter,
                  Way::LastKernel, Way::OneMore, Way::OneMoreEarly})
    graphs.emplace_back(way, kernels, isMapped);
  std::vector<std::vector<double>> times(graphs.size()), launches(times);
  for (int round = 0; round < kRounds; ++round)
    for (size_t k = 0; k < graphs.size(); ++k)
      for (int i = 0; i < kCalls; ++i) {
        double all = 0, launched = 0;
        graphs[k].call(all, launched);
        if (round < kWarmUp || i < 5)
          continue;
        times[k].push_back(all);
        launches[k].push_back(launched);
      }
  for (size_t k = 0; k < graphs.size(); ++k)
    std::printf("| %s | %u | %s | %.2f / %.2f | %.2f | %.2f |\n",
                isMapped ? "mapped" : "device", kernels,
                describe(graphs[k].way), quantile(times[k], 0.5),
                quantile(times[k], 0.99), quantile(launches[k], 0.5),
                graphs[k].measureInARow());
}

} // namespace

int main() {
  try {
    check(cudaFree(nullptr));
    std::printf("| buffers | kernels | way | a call | its launch | in a row |\n"
                "|---|--:|---|--:|--:|--:|\n");
    for (bool isMapped : {false, true})
      for (unsigned kernels : {1, 4})
        measure(kernels, isMapped);
    return 0;
  } catch (const std::exception &error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
