//===- HandGraphs.cu - Child graphs by hand -------------------------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What measure.py's programs do, as somebody would write it who knows CUDA
// graphs: kernels are nodes, each function of Library.cu is captured once and
// becomes a child graph, and the arrays' memory is page-locked and mapped, with
// a copy between it and the caller's before and after the launch.
//
//   HandGraphs PROGRAM CALLS REPEAT X Y
//
// reads X, writes the result to Y, and prints the times of REPEAT calls after
// those of a tenth, in microseconds: the least, the median, the 99th percentile.
//
//===----------------------------------------------------------------------===//

#include "vyre-c/Call.h"
#include "vyre-c/Status.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <cuda_runtime.h>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

using Function = VyreStatus *(*)(void *, const VyreCallArguments *);

extern "C" {
VyreStatus *gpu_increment(void *, const VyreCallArguments *);
VyreStatus *gpu_spin(void *, const VyreCallArguments *);
VyreStatus *gpu_fork(void *, const VyreCallArguments *);

/// What the functions tell of failures by; the runtime is not linked.
VyreStatus *vyreStatusCreate(VyreStatusCode, const char *message) {
  std::fprintf(stderr, "%s\n", message);
  std::exit(1);
}
}

static void check(cudaError_t error) {
  if (error != cudaSuccess)
    throw std::runtime_error(cudaGetErrorString(error));
}

/// y = x + with
__global__ void add(const float *x, const float *with, float *y, long n) {
  long i = blockIdx.x * long(blockDim.x) + threadIdx.x;
  if (i < n)
    y[i] = x[i] + with[i];
}

namespace {

using Nodes = std::vector<cudaGraphNode_t>;

class Graph {
public:
  explicit Graph(std::vector<float> x) : input(std::move(x)) {
    check(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
    check(cudaGraphCreate(&graph, 0));
    from = allocate(/*isMapped=*/true);
    to = allocate(/*isMapped=*/true);
  }

  /// x -> 2 x -> 2 x + 1 -> ..., or with another function in the place of the
  /// increments.
  void makeChain(unsigned calls, Function function) {
    Nodes last;
    const float *source = from;
    for (unsigned i = 0; i < calls; ++i) {
      float *sum = allocate(false);
      last = {addStage(source, source, sum, last)};
      float *result = i + 1 == calls ? to : allocate(false);
      VyreCallScalar one = {};
      one.value.f32 = 1;
      last = {addCall(function, sum, result, one, last)};
      source = result;
    }
  }

  /// Calls that do not depend on each other, and the sum of what they make.
  void makeBranches(unsigned calls, int64_t cycles) {
    VyreCallScalar scalar = {};
    scalar.value.integer = cycles;
    std::vector<float *> made;
    Nodes ends;
    for (unsigned i = 0; i < calls; ++i) {
      made.push_back(allocate(false));
      ends.push_back(addCall(gpu_spin, from, made[i], scalar, {}));
    }
    float *sum = made[0];
    Nodes last = {ends[0]};
    for (unsigned i = 1; i < calls; ++i) {
      float *next = i + 1 == calls ? to : allocate(false);
      last.push_back(ends[i]);
      last = {addStage(sum, made[i], next, last)};
      sum = next;
    }
  }

  void instantiate() {
    check(cudaGraphInstantiate(&exec, graph, 0));
    check(cudaGraphUpload(exec, stream));
    check(cudaStreamSynchronize(stream));
  }

  void call(std::vector<float> &result) {
    std::memcpy(from, input.data(), bytes());
    check(cudaGraphLaunch(exec, stream));
    check(cudaStreamSynchronize(stream));
    std::memcpy(result.data(), to, bytes());
  }

private:
  size_t bytes() const { return input.size() * sizeof(float); }

  float *allocate(bool isMapped) {
    void *memory = nullptr;
    check(isMapped ? cudaHostAlloc(&memory, bytes(), cudaHostAllocMapped)
                   : cudaMalloc(&memory, bytes()));
    return static_cast<float *>(memory);
  }

  cudaGraphNode_t addStage(const float *x, const float *with, float *y,
                           const Nodes &after) {
    long n = long(input.size());
    void *arguments[] = {&x, &with, &y, &n};
    cudaKernelNodeParams parameters = {};
    parameters.func = (void *)add;
    parameters.gridDim = dim3(unsigned((n + 255) / 256));
    parameters.blockDim = dim3(256);
    parameters.kernelParams = arguments;
    cudaGraphNode_t node = nullptr;
    check(cudaGraphAddKernelNode(&node, graph, after.data(), after.size(),
                                 &parameters));
    return node;
  }

  cudaGraphNode_t addCall(Function function, float *x, float *y,
                          VyreCallScalar scalar, const Nodes &after) {
    int64_t extent = int64_t(input.size());
    VyreCallBuffer buffers[2] = {{x, bytes(), &extent, 1, 0},
                                 {y, bytes(), &extent, 1, 0}};
    VyreCallArguments arguments = {};
    arguments.struct_size = sizeof(arguments);
    arguments.stream = stream;
    arguments.buffers = buffers;
    arguments.buffer_count = 2;
    arguments.scalars = &scalar;
    arguments.scalar_count = 1;
    // Once before it is captured: it may have to make itself ready.
    function(nullptr, &arguments);
    check(cudaStreamSynchronize(stream));
    arguments.is_capturing = true;
    check(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal));
    function(nullptr, &arguments);
    cudaGraph_t child = nullptr;
    check(cudaStreamEndCapture(stream, &child));
    cudaGraphNode_t node = nullptr;
    check(cudaGraphAddChildGraphNode(&node, graph, after.data(), after.size(),
                                     child));
    check(cudaGraphDestroy(child));
    return node;
  }

  // All of it lives as long as the process.
  std::vector<float> input;
  float *from = nullptr, *to = nullptr;
  cudaStream_t stream = nullptr;
  cudaGraph_t graph = nullptr;
  cudaGraphExec_t exec = nullptr;
};

std::vector<float> readAll(const char *path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file)
    throw std::runtime_error("cannot read the input");
  std::vector<float> values(size_t(file.tellg()) / sizeof(float));
  file.seekg(0);
  file.read(reinterpret_cast<char *>(values.data()),
            std::streamsize(values.size() * sizeof(float)));
  return values;
}

void run(char **arguments) {
  std::string program = arguments[1];
  auto calls = unsigned(std::atoi(arguments[2]));
  int repeat = std::atoi(arguments[3]);
  std::vector<float> x = readAll(arguments[4]), y(x.size());
  Graph graph(std::move(x));
  if (program == "branches")
    graph.makeBranches(calls, /*cycles=*/40000);
  else
    graph.makeChain(calls, program == "fork" ? gpu_fork : gpu_increment);
  graph.instantiate();
  std::vector<double> times;
  for (int i = -repeat / 10; i < repeat; ++i) {
    auto begin = std::chrono::steady_clock::now();
    graph.call(y);
    std::chrono::duration<double, std::micro> time =
        std::chrono::steady_clock::now() - begin;
    if (i >= 0)
      times.push_back(time.count());
  }
  std::ofstream(arguments[5], std::ios::binary)
      .write(reinterpret_cast<const char *>(y.data()),
             std::streamsize(y.size() * sizeof(float)));
  std::sort(times.begin(), times.end());
  std::printf("%g %g %g\n", times[0], times[times.size() / 2],
              times[times.size() * 99 / 100]);
}

} // namespace

int main(int argc, char **argv) {
  if (argc != 6)
    return 2;
  try {
    run(argv);
    return 0;
  } catch (const std::exception &error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
