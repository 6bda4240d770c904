//===- TransferWays.cu - Which way between host and GPU is faster ---------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Which way between host and GPU is faster from which size on, for
// lib/Runtime/CUDA/TransferCosts.h: inputs and results of a small kernel by
// copy nodes, by a kernel that copies, and in mapped page-locked memory, with
// each way to learn that it is done; inputs that are read several times; large
// pageable buffers as they are and in page-locked chunks; and chains of kernels
// with full and with programmatic edges. Prints median and 99th percentile in
// microseconds. Results are compared before a time of the first kind counts.
//
//   nvcc -std=c++17 -O3 -arch=sm_90 TransferWays.cu -lcuda -o transfer-ways
//
//===----------------------------------------------------------------------===//

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <cuda.h>
#include <cuda_runtime.h>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

/// In microseconds.
struct Percentiles {
  double p50 = 0, p99 = 0;
};

/// The percentiles of `count` calls, after a tenth as many that do not count
/// and have loaded what is loaded late.
template <typename Call> Percentiles percentilesOf(unsigned count, Call call) {
  using Clock = std::chrono::steady_clock;
  for (unsigned i = 0; i < count / 10 + 3; ++i)
    call();
  std::vector<double> times(count);
  for (double &time : times) {
    Clock::time_point begin = Clock::now();
    call();
    time =
        std::chrono::duration<double, std::micro>(Clock::now() - begin).count();
  }
  std::sort(times.begin(), times.end());
  return {times[count / 2], times[count * 99 / 100]};
}

void check(cudaError_t error) {
  if (error != cudaSuccess)
    throw std::runtime_error(cudaGetErrorString(error));
}

//===----------------------------------------------------------------------===//
// Kernels
//===----------------------------------------------------------------------===//

__global__ void scale(const float *__restrict__ x, float *__restrict__ y,
                      int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n)
    y[i] = x[i] * 2.0f + 1.0f;
}

/// The same, for a graph whose nodes may begin before the node before ended.
__global__ void scaleProgrammatic(const float *__restrict__ x,
                                  float *__restrict__ y, int n) {
  cudaGridDependencySynchronize();
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n)
    y[i] = x[i] * 2.0f + 1.0f;
}

/// The same; the last block to end releases the results and raises a flag.
__global__ void scaleFlag(const float *__restrict__ x, float *__restrict__ y,
                          int n, unsigned *done, volatile unsigned *flag) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n)
    y[i] = x[i] * 2.0f + 1.0f;
  __threadfence_system();
  __syncthreads();
  if (threadIdx.x != 0)
    return;
  if (atomicAdd(done, 1) == gridDim.x - 1) {
    *done = 0;
    __threadfence_system();
    *flag = 1;
  }
}

/// Each element of x is read `times` times, by different threads.
__global__ void reread(const float *__restrict__ x, float *__restrict__ y,
                       int n, int times) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n)
    return;
  float sum = 0;
  for (int j = 0; j < times; ++j)
    sum += x[(i + j * 37) % n];
  y[i] = sum;
}

/// One copy of all inputs into device memory.
__global__ void upload(const uint4 *__restrict__ from, uint4 *__restrict__ to,
                       int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n)
    to[i] = from[i];
}

//===----------------------------------------------------------------------===//
// Memory and graphs
//===----------------------------------------------------------------------===//

constexpr int kThreads = 256;
int blocksFor(int n) { return (n + kThreads - 1) / kThreads; }

/// All of a case, given back at its end.
struct Resources {
  cudaStream_t stream = nullptr;
  std::vector<void *> device, pinned;
  std::vector<cudaGraph_t> graphs;
  std::vector<cudaGraphExec_t> execs;

  Resources() {
    check(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
  }
  ~Resources() {
    cudaStreamSynchronize(stream);
    for (cudaGraphExec_t exec : execs)
      cudaGraphExecDestroy(exec);
    for (cudaGraph_t graph : graphs)
      cudaGraphDestroy(graph);
    for (void *memory : device)
      cudaFree(memory);
    for (void *memory : pinned)
      cudaFreeHost(memory);
    cudaStreamDestroy(stream);
  }
  float *onDevice(size_t count) {
    void *memory = nullptr;
    check(cudaMalloc(&memory, count * sizeof(float)));
    check(cudaMemset(memory, 0, count * sizeof(float)));
    device.push_back(memory);
    return static_cast<float *>(memory);
  }
  float *onHost(size_t count) {
    void *memory = nullptr;
    check(cudaHostAlloc(&memory, count * sizeof(float), cudaHostAllocMapped));
    pinned.push_back(memory);
    std::memset(memory, 0, count * sizeof(float));
    return static_cast<float *>(memory);
  }
  cudaGraph_t newGraph() {
    cudaGraph_t graph = nullptr;
    check(cudaGraphCreate(&graph, 0));
    graphs.push_back(graph);
    return graph;
  }
  cudaGraphExec_t instantiate(cudaGraph_t graph) {
    cudaGraphExec_t exec = nullptr;
    check(cudaGraphInstantiate(&exec, graph, 0));
    execs.push_back(exec);
    return exec;
  }
};

/// The parameters of a kernel node; what they point at lives with it.
struct KernelNode {
  cudaKernelNodeParams parameters = {};
  std::vector<uint64_t> values;
  std::vector<void *> addresses;

  template <typename Kernel>
  KernelNode(Kernel *kernel, int blocks, std::vector<uint64_t> passed)
      : values(std::move(passed)) {
    for (uint64_t &value : values)
      addresses.push_back(&value);
    parameters.func = reinterpret_cast<void *>(kernel);
    parameters.gridDim = dim3(blocks);
    parameters.blockDim = dim3(kThreads);
    parameters.kernelParams = addresses.data();
  }
  KernelNode(const KernelNode &) = delete;
  cudaGraphNode_t addTo(cudaGraph_t graph,
                        const std::vector<cudaGraphNode_t> &after) {
    cudaGraphNode_t node = nullptr;
    check(cudaGraphAddKernelNode(&node, graph, after.data(), after.size(),
                                 &parameters));
    return node;
  }
};

uint64_t bits(const void *pointer) {
  return reinterpret_cast<uint64_t>(pointer);
}

cudaGraphNode_t addCopy(cudaGraph_t graph,
                        const std::vector<cudaGraphNode_t> &after, void *to,
                        const void *from, size_t bytes, cudaMemcpyKind kind) {
  cudaGraphNode_t node = nullptr;
  check(cudaGraphAddMemcpyNode1D(&node, graph, after.data(), after.size(), to,
                                 from, bytes, kind));
  return node;
}

using Report =
    std::function<void(const std::string &, const std::string &, Percentiles)>;

//===----------------------------------------------------------------------===//
// Cases
//===----------------------------------------------------------------------===//

void expectScaled(const float *x, const float *y, int n, const char *mode) {
  for (int i = 0; i < n; ++i)
    if (y[i] != x[i] * 2.0f + 1.0f)
      throw std::runtime_error(std::string("wrong result of ") + mode);
}

/// One kernel over n floats that are on the host before and after it.
void measureSingle(int n, unsigned count, const Report &report) {
  Resources r;
  size_t bytes = n * sizeof(float);
  int blocks = blocksFor(n);
  float *x = r.onHost(n), *y = r.onHost(n), *dx = r.onDevice(n),
        *dy = r.onDevice(n);
  auto *done = reinterpret_cast<unsigned *>(r.onDevice(1));
  auto *flag = reinterpret_cast<volatile unsigned *>(r.onHost(1));
  std::string name = "single_" + std::to_string(bytes);
  auto run = [&](const char *mode, const std::function<void()> &call) {
    for (int i = 0; i < n; ++i) {
      x[i] = static_cast<float>(i % 1000);
      y[i] = -1;
    }
    call();
    expectScaled(x, y, n, mode);
    report(name, mode, percentilesOf(count, call));
  };
  auto finish = [&] { check(cudaStreamSynchronize(r.stream)); };

  run("copies, stream", [&] {
    check(cudaMemcpyAsync(dx, x, bytes, cudaMemcpyHostToDevice, r.stream));
    scale<<<blocks, kThreads, 0, r.stream>>>(dx, dy, n);
    check(cudaMemcpyAsync(y, dy, bytes, cudaMemcpyDeviceToHost, r.stream));
    finish();
  });
  run("mapped, stream", [&] {
    scale<<<blocks, kThreads, 0, r.stream>>>(x, y, n);
    finish();
  });
  KernelNode copied(scale, blocks, {bits(dx), bits(dy), uint64_t(n)});
  KernelNode mapped(scale, blocks, {bits(x), bits(y), uint64_t(n)});
  KernelNode down(scale, blocks, {bits(dx), bits(y), uint64_t(n)});
  KernelNode up(upload, blocksFor((n + 3) / 4),
                {bits(x), bits(dx), uint64_t((n + 3) / 4)});
  KernelNode flagged(scaleFlag, blocks,
                     {bits(x), bits(y), uint64_t(n), bits(done),
                      bits(const_cast<unsigned *>(flag))});

  cudaGraph_t graph = r.newGraph();
  cudaGraphNode_t node =
      addCopy(graph, {}, dx, x, bytes, cudaMemcpyHostToDevice);
  node = copied.addTo(graph, {node});
  addCopy(graph, {node}, y, dy, bytes, cudaMemcpyDeviceToHost);
  cudaGraphExec_t exec = r.instantiate(graph);
  auto replay = [&] {
    check(cudaGraphLaunch(exec, r.stream));
    finish();
  };
  run("copies, graph", replay);

  graph = r.newGraph();
  node = addCopy(graph, {}, dx, x, bytes, cudaMemcpyHostToDevice);
  down.addTo(graph, {node});
  exec = r.instantiate(graph);
  run("copy up, mapped down, graph", replay);

  graph = r.newGraph();
  node = up.addTo(graph, {});
  down.addTo(graph, {node});
  exec = r.instantiate(graph);
  run("kernel up, mapped down, graph", replay);

  graph = r.newGraph();
  mapped.addTo(graph, {});
  exec = r.instantiate(graph);
  run("mapped, graph", replay);
  run("mapped, graph, query", [&] {
    check(cudaGraphLaunch(exec, r.stream));
    cudaError_t state;
    while ((state = cudaStreamQuery(r.stream)) == cudaErrorNotReady)
      ;
    check(state);
  });

  auto poll = [&] {
    *flag = 0;
    check(cudaGraphLaunch(exec, r.stream));
    while (*flag == 0)
      ;
    __sync_synchronize();
  };
  graph = r.newGraph();
  flagged.addTo(graph, {});
  exec = r.instantiate(graph);
  run("mapped, graph, flag of the kernel", poll);
  finish();

  // A flag that a node of its own raises after everything before it.
  CUstreamBatchMemOpParams write = {};
  write.writeValue.operation = CU_STREAM_MEM_OP_WRITE_VALUE_32;
  write.writeValue.address = reinterpret_cast<CUdeviceptr>(flag);
  write.writeValue.value = 1;
  CUcontext context = nullptr;
  CUDA_BATCH_MEM_OP_NODE_PARAMS operations = {};
  if (cuCtxGetCurrent(&context) != CUDA_SUCCESS)
    throw std::runtime_error("no current context");
  operations.ctx = context;
  operations.count = 1;
  operations.paramArray = &write;
  graph = r.newGraph();
  node = mapped.addTo(graph, {});
  CUgraphNode last = nullptr;
  if (cuGraphAddBatchMemOpNode(&last, graph, &node, 1, &operations) ==
      CUDA_SUCCESS) {
    exec = r.instantiate(graph);
    run("mapped, graph, flag of a node", poll);
    finish();
  }
}

/// Inputs that are read several times: in place, or after a copy.
void measureReread(int n, int times, unsigned count, const Report &report) {
  Resources r;
  int blocks = blocksFor(n);
  float *x = r.onHost(n), *y = r.onHost(n), *dx = r.onDevice(n);
  KernelNode mapped(reread, blocks,
                    {bits(x), bits(y), uint64_t(n), uint64_t(times)});
  KernelNode down(reread, blocks,
                  {bits(dx), bits(y), uint64_t(n), uint64_t(times)});
  KernelNode up(upload, blocksFor((n + 3) / 4),
                {bits(x), bits(dx), uint64_t((n + 3) / 4)});
  std::string name = "reread_" + std::to_string(n * sizeof(float)) + "x" +
                     std::to_string(times);
  cudaGraph_t graph = r.newGraph();
  mapped.addTo(graph, {});
  cudaGraphExec_t exec = r.instantiate(graph);
  auto replay = [&] {
    check(cudaGraphLaunch(exec, r.stream));
    check(cudaStreamSynchronize(r.stream));
  };
  report(name, "mapped, graph", percentilesOf(count, replay));
  graph = r.newGraph();
  cudaGraphNode_t node = up.addTo(graph, {});
  down.addTo(graph, {node});
  exec = r.instantiate(graph);
  report(name, "kernel up, mapped down, graph", percentilesOf(count, replay));
  graph = r.newGraph();
  node = addCopy(graph, {}, dx, x, n * sizeof(float), cudaMemcpyHostToDevice);
  down.addTo(graph, {node});
  exec = r.instantiate(graph);
  report(name, "copy up, mapped down, graph", percentilesOf(count, replay));
}

/// Pageable memory to the device and back, as it is and through page-locked
/// chunks of which one is filled while the other travels.
void measureTransfer(size_t bytes, unsigned count, const Report &report) {
  Resources r;
  std::vector<char> host(bytes, 1);
  auto *memory = reinterpret_cast<char *>(r.onDevice(bytes / sizeof(float)));
  for (bool isUp : {true, false}) {
    std::string name =
        (isUp ? "up_" : "down_") + std::to_string(bytes >> 10) + "K";
    report(name, "pageable", percentilesOf(count, [&] {
             check(isUp ? cudaMemcpyAsync(memory, host.data(), bytes,
                                          cudaMemcpyHostToDevice, r.stream)
                        : cudaMemcpyAsync(host.data(), memory, bytes,
                                          cudaMemcpyDeviceToHost, r.stream));
             check(cudaStreamSynchronize(r.stream));
           }));
    for (size_t chunk : {size_t(256) << 10, size_t(1) << 20, size_t(4) << 20}) {
      if (chunk > bytes && chunk != size_t(256) << 10)
        continue;
      char *staging[2] = {
          reinterpret_cast<char *>(r.onHost(chunk / sizeof(float))),
          reinterpret_cast<char *>(r.onHost(chunk / sizeof(float)))};
      cudaEvent_t arrived[2];
      for (cudaEvent_t &event : arrived)
        check(cudaEventCreateWithFlags(&event, cudaEventDisableTiming));
      auto up = [&] {
        int at = 0;
        for (size_t done = 0; done < bytes; done += chunk, at ^= 1) {
          size_t part = std::min(chunk, bytes - done);
          check(cudaEventSynchronize(arrived[at]));
          std::memcpy(staging[at], host.data() + done, part);
          check(cudaMemcpyAsync(memory + done, staging[at], part,
                                cudaMemcpyHostToDevice, r.stream));
          check(cudaEventRecord(arrived[at], r.stream));
        }
        check(cudaStreamSynchronize(r.stream));
      };
      auto down = [&] {
        auto begin = [&](size_t done, int at) {
          if (done >= bytes)
            return;
          check(cudaMemcpyAsync(staging[at], memory + done,
                                std::min(chunk, bytes - done),
                                cudaMemcpyDeviceToHost, r.stream));
          check(cudaEventRecord(arrived[at], r.stream));
        };
        begin(0, 0);
        int at = 0;
        for (size_t done = 0; done < bytes; done += chunk, at ^= 1) {
          begin(done + chunk, at ^ 1);
          check(cudaEventSynchronize(arrived[at]));
          std::memcpy(host.data() + done, staging[at],
                      std::min(chunk, bytes - done));
        }
      };
      std::string mode = "staged " + std::to_string(chunk >> 10) + "K";
      if (isUp)
        report(name, mode, percentilesOf(count, up));
      else
        report(name, mode, percentilesOf(count, down));
      for (cudaEvent_t event : arrived)
        cudaEventDestroy(event);
    }
  }
}

/// `length` kernels, each after the one before, over 1,024 floats of device
/// memory.
void measureChain(int length, unsigned count, const Report &report) {
  constexpr int n = 1024;
  Resources r;
  float *x = r.onDevice(n), *y = r.onDevice(n), *other = r.onDevice(n);
  int blocks = blocksFor(n);
  std::string name = "chain_" + std::to_string(length);
  auto finish = [&] { check(cudaStreamSynchronize(r.stream)); };
  auto launchAll = [&] {
    for (int i = 0; i < length; ++i)
      scale<<<blocks, kThreads, 0, r.stream>>>(i % 2 ? y : x, i % 2 ? x : y, n);
  };
  report(name, "stream", percentilesOf(count, [&] {
           launchAll();
           finish();
         }));

  std::vector<std::unique_ptr<KernelNode>> kernels;
  std::vector<cudaGraphNode_t> nodes;
  cudaGraph_t graph = r.newGraph();
  for (int i = 0; i < length; ++i) {
    kernels.push_back(std::make_unique<KernelNode>(
        scale, blocks,
        std::vector<uint64_t>{bits(i % 2 ? y : x), bits(i % 2 ? x : y), n}));
    std::vector<cudaGraphNode_t> after;
    if (i)
      after = {nodes.back()};
    nodes.push_back(kernels.back()->addTo(graph, after));
  }
  cudaGraphExec_t exec = r.instantiate(graph);
  auto replay = [&] {
    check(cudaGraphLaunch(exec, r.stream));
    finish();
  };
  report(name, "graph", percentilesOf(count, replay));

  // Programmatic edges, by capture of such launches.
  check(cudaStreamBeginCapture(r.stream, cudaStreamCaptureModeThreadLocal));
  for (int i = 0; i < length; ++i) {
    cudaLaunchAttribute attribute = {};
    attribute.id = cudaLaunchAttributeProgrammaticStreamSerialization;
    attribute.val.programmaticStreamSerializationAllowed = 1;
    cudaLaunchConfig_t config = {};
    config.gridDim = dim3(blocks);
    config.blockDim = dim3(kThreads);
    config.stream = r.stream;
    config.attrs = &attribute;
    config.numAttrs = i ? 1 : 0;
    check(cudaLaunchKernelEx(&config, scaleProgrammatic,
                             static_cast<const float *>(i % 2 ? y : x),
                             i % 2 ? x : y, n));
  }
  check(cudaStreamEndCapture(r.stream, &graph));
  r.graphs.push_back(graph);
  exec = r.instantiate(graph);
  report(name, "graph, programmatic", percentilesOf(count, replay));
}

} // namespace

int main() {
  constexpr unsigned kCalls = 1000;
  auto report = [](const std::string &name, const std::string &way,
                   Percentiles times) {
    std::printf("%-18s %-34s %9.2f %9.2f\n", name.c_str(), way.c_str(),
                times.p50, times.p99);
  };
  try {
    for (int n = 16; n <= 1 << 18; n *= 4)
      measureSingle(n, kCalls, report);
    for (int n : {256, 1024, 4096, 16384})
      for (int times : {4, 16, 64})
        measureReread(n, times, kCalls, report);
    for (size_t bytes = 64 << 10; bytes <= 64 << 20; bytes *= 4)
      measureTransfer(bytes, bytes > (1 << 20) ? 50 : kCalls / 4, report);
    for (int length : {1, 2, 4, 8, 16, 32, 64})
      measureChain(length, kCalls, report);
  } catch (const std::exception &error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
