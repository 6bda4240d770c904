//===- Graphs.cu - Hand-written CUDA graphs -------------------------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The same work as the artifacts' programs, as somebody would write it who knows
// CUDA graphs: built node by node, launched once a call, with new parameters for
// the nodes whose pointers changed and for no others.
//
//===----------------------------------------------------------------------===//

#include "Latency.h"

#include <cuda_runtime.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

/// How host memory takes part: not at all, by copy nodes, as mapped memory that
/// the kernel works on, or so with completion by a flag in it.
enum class Host : uint32_t { None, Copies, Mapped, Polled };

struct GraphOptions {
  const char *kind;
  uint32_t count;
  Changed changed;
  Host host;
  /// Whether a kernel that does nothing comes before all others.
  uint32_t hasFirst;
};

static void check(cudaError_t error) {
  if (error != cudaSuccess)
    throw std::runtime_error(cudaGetErrorString(error));
}

static constexpr float kMultiply = 0.75f, kAdd = 0.5f;
static constexpr unsigned kMaxSources = 64;

//===----------------------------------------------------------------------===//
// Kernels: 1,024 floats, 256 threads of four
//===----------------------------------------------------------------------===//

struct Sources {
  const float4 *data[kMaxSources];
};

__device__ float4 next(float4 v, float multiply) {
  v.x = v.x * multiply + kAdd;
  v.y = v.y * multiply + kAdd;
  v.z = v.z * multiply + kAdd;
  v.w = v.w * multiply + kAdd;
  return v;
}

__global__ void doNothing() {}

__global__ void step(const float4 *x, float4 *y, float multiply) {
  y[threadIdx.x] = next(x[threadIdx.x], multiply);
}

__global__ void total(Sources sources, unsigned count, float4 *y) {
  float4 sum = {kAdd, kAdd, kAdd, kAdd};
  for (unsigned i = 0; i < count; ++i) {
    float4 v = sources.data[i][threadIdx.x];
    if (i == 0) {
      sum = v;
      continue;
    }
    sum.x += v.x;
    sum.y += v.y;
    sum.z += v.z;
    sum.w += v.w;
  }
  y[threadIdx.x] = sum;
}

/// As `step`, then tells the host which call it was.
__global__ void stepAndSignal(const float4 *x, float4 *y,
                              const volatile unsigned *call,
                              volatile unsigned *done) {
  y[threadIdx.x] = next(x[threadIdx.x], kMultiply);
  __threadfence_system();
  __syncthreads();
  if (threadIdx.x == 0)
    *done = *call;
}

//===----------------------------------------------------------------------===//
// Graphs
//===----------------------------------------------------------------------===//

namespace {

/// A pointer that a kernel takes: that of the caller's argument with this
/// number, or one that never changes.
struct Pointer {
  int argument;
  void *value;
};

/// A kernel node: pointers read, the one written, and the nodes before it.
struct Kernel {
  void *function;
  std::vector<Pointer> pointers;
  std::vector<unsigned> after;
  float multiply = kMultiply;
  cudaGraphNode_t node = nullptr;
};

uint64_t freeDeviceBytes() {
  size_t free = 0, total = 0;
  check(cudaMemGetInfo(&free, &total));
  return free;
}

class Graph : public Callable {
public:
  Graph(const GraphOptions &options, HostArray *arrays, uint32_t count)
      : options(options), arrays(arrays, arrays + count) {
    check(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
    // Two sets of buffers that take turns; the result is last.
    for (uint32_t i = 0; i < count; ++i) {
      bool isAnother = options.changed == Changed::All ||
                       (options.changed == Changed::One && i == 0);
      sets[0].push_back(makeBuffer(arrays[i]));
      sets[1].push_back(isAnother ? makeBuffer(arrays[i]) : sets[0].back());
    }
    if (options.host == Host::Polled)
      flags = static_cast<unsigned *>(allocate(2 * sizeof(unsigned), true));
    describe();
    build();
    instantiate();
  }

  ~Graph() override {
    for (cudaGraphExec_t exec : execs)
      cudaGraphExecDestroy(exec);
    cudaGraphDestroy(graph);
    for (void *one : deviceMemory)
      cudaFree(one);
    for (void *one : hostMemory)
      cudaFreeHost(one);
    cudaStreamDestroy(stream);
  }

  void instantiate() {
    cudaGraphExec_t exec = nullptr;
    check(cudaGraphInstantiate(&exec, graph, 0));
    execs.push_back(exec);
    check(cudaGraphUpload(exec, stream));
    check(cudaStreamSynchronize(stream));
  }

  /// One call: new parameters where they changed, the launch, the wait.
  void call(uint32_t i) override {
    usePointers(sets[i % 2]);
    if (options.host == Host::Polled)
      flags[0] = ++number;
    check(cudaGraphLaunch(execs.front(), stream));
    if (options.host != Host::Polled)
      return check(cudaStreamSynchronize(stream));
    while (*static_cast<volatile unsigned *>(&flags[1]) != number)
      ;
  }

  void finish(uint32_t last) override {
    check(cudaStreamSynchronize(stream));
    check(cudaMemcpy(arrays.back().data, sets[last % 2].back(),
                     arrays.back().bytes, cudaMemcpyDefault));
  }

  uint64_t measureDeviceBytes() override {
    constexpr unsigned kMore = 32;
    uint64_t before = freeDeviceBytes();
    for (unsigned i = 0; i < kMore; ++i)
      instantiate();
    return (before - freeDeviceBytes()) / kMore;
  }

private:
  void *allocate(size_t size, bool isHost) {
    void *memory = nullptr;
    check(isHost ? cudaHostAlloc(&memory, size, cudaHostAllocMapped)
                 : cudaMalloc(&memory, size));
    (isHost ? hostMemory : deviceMemory).push_back(memory);
    return memory;
  }

  void *makeBuffer(const HostArray &array) {
    void *memory = allocate(array.bytes, options.host != Host::None);
    check(cudaMemcpy(memory, array.data, array.bytes, cudaMemcpyDefault));
    return memory;
  }

  Pointer argument(unsigned number) {
    return {int(number), sets[0][number]};
  }
  Pointer intermediate() {
    return {-1, allocate(arrays.back().bytes, false)};
  }
  Pointer result() { return argument(unsigned(arrays.size()) - 1); }

  /// What the kernels are, each after those that it depends on.
  void describe() {
    std::string kind = options.kind;
    if (kind == "arguments") {
      Kernel kernel = {(void *)total, {}, {}};
      for (unsigned i = 0; i < options.count; ++i)
        kernel.pointers.push_back(argument(i));
      kernel.pointers.push_back(result());
      kernels.push_back(kernel);
      return;
    }
    if (kind == "wide") {
      Kernel last = {(void *)total, {}, {}};
      for (unsigned i = 0; i < options.count; ++i) {
        last.pointers.push_back(intermediate());
        last.after.push_back(i);
        kernels.push_back(
            {(void *)step, {argument(0), last.pointers.back()}, {}, float(i)});
      }
      last.pointers.push_back(result());
      kernels.push_back(last);
      return;
    }
    if (options.host == Host::Polled) {
      kernels.push_back({(void *)stepAndSignal,
                         {argument(0), result(), {-1, flags}, {-1, flags + 1}},
                         {}});
      return;
    }
    // With copy nodes the kernels work on device memory.
    isCopied = options.host == Host::Copies;
    Pointer from = isCopied ? copyIn = intermediate() : argument(0);
    for (unsigned i = 0; i < options.count; ++i) {
      bool isLast = i + 1 == options.count;
      Pointer to = isLast && !isCopied ? result() : intermediate();
      kernels.push_back({(void *)step, {from, to}, {}});
      if (i > 0)
        kernels.back().after.push_back(i - 1);
      from = to;
    }
    copyOut = from;
  }

  void build() {
    check(cudaGraphCreate(&graph, 0));
    cudaGraphNode_t copy = nullptr, first = nullptr;
    size_t bytes = arrays.back().bytes;
    if (options.hasFirst) {
      cudaKernelNodeParams parameters = {};
      parameters.func = (void *)doNothing;
      parameters.gridDim = parameters.blockDim = dim3(1);
      check(cudaGraphAddKernelNode(&first, graph, nullptr, 0, &parameters));
    }
    if (isCopied)
      check(cudaGraphAddMemcpyNode1D(&copy, graph, nullptr, 0, copyIn.value,
                                     sets[0][0], bytes,
                                     cudaMemcpyHostToDevice));
    for (Kernel &kernel : kernels) {
      std::vector<cudaGraphNode_t> before;
      if (copy)
        before.push_back(copy);
      for (unsigned other : kernel.after)
        before.push_back(kernels[other].node);
      if (before.empty() && first)
        before.push_back(first);
      withParameters(kernel, [&](cudaKernelNodeParams &parameters) {
        check(cudaGraphAddKernelNode(&kernel.node, graph, before.data(),
                                     before.size(), &parameters));
      });
    }
    if (isCopied)
      check(cudaGraphAddMemcpyNode1D(&copy, graph, &kernels.back().node, 1,
                                     sets[0].back(), copyOut.value, bytes,
                                     cudaMemcpyDeviceToHost));
  }

  /// Gives `use` the launch parameters of a kernel.
  template <typename Use>
  void withParameters(Kernel &kernel, Use use) {
    Sources sources = {};
    auto count = unsigned(kernel.pointers.size() - 1);
    std::vector<void *> arguments;
    if (kernel.function == (void *)total) {
      for (unsigned i = 0; i < count; ++i)
        sources.data[i] = static_cast<const float4 *>(kernel.pointers[i].value);
      arguments = {&sources, &count, &kernel.pointers.back().value};
    } else {
      for (Pointer &pointer : kernel.pointers)
        arguments.push_back(&pointer.value);
      if (kernel.function == (void *)step)
        arguments.push_back(&kernel.multiply);
    }
    cudaKernelNodeParams parameters = {};
    parameters.func = kernel.function;
    parameters.gridDim = dim3(1);
    parameters.blockDim = dim3(256);
    parameters.kernelParams = arguments.data();
    use(parameters);
  }

  /// New parameters for the nodes that have a pointer of `set` which they did
  /// not have, and for no others.
  void usePointers(const std::vector<void *> &set) {
    if (options.changed == Changed::None)
      return;
    for (Kernel &kernel : kernels) {
      bool isChanged = false;
      for (Pointer &pointer : kernel.pointers) {
        if (pointer.argument < 0 || pointer.value == set[pointer.argument])
          continue;
        pointer.value = set[pointer.argument];
        isChanged = true;
      }
      if (isChanged)
        withParameters(kernel, [&](cudaKernelNodeParams &parameters) {
          check(cudaGraphExecKernelNodeSetParams(execs.front(), kernel.node,
                                                 &parameters));
        });
    }
  }

  const GraphOptions options;
  std::vector<HostArray> arrays;
  cudaStream_t stream = nullptr;
  cudaGraph_t graph = nullptr;
  std::vector<cudaGraphExec_t> execs;
  std::vector<Kernel> kernels;
  std::vector<void *> sets[2];
  std::vector<void *> deviceMemory, hostMemory;
  bool isCopied = false;
  Pointer copyIn = {}, copyOut = {};
  unsigned *flags = nullptr;
  unsigned number = 0;
};

} // namespace

/// A graph that somebody else made, and a stream of theirs.
struct ForeignGraph {
  cudaGraphExec_t exec;
  cudaStream_t stream;
};

namespace {

class ForeignLaunches : public Callable {
public:
  explicit ForeignLaunches(const ForeignGraph &graph) : graph(graph) {}
  void call(uint32_t) override {
    check(cudaGraphLaunch(graph.exec, graph.stream));
    check(cudaStreamSynchronize(graph.stream));
  }
  void finish(uint32_t) override {}

private:
  const ForeignGraph graph;
};

} // namespace

/// A hand-written graph on `arrays`, the result last.
extern "C" int openGraph(const GraphOptions *options, HostArray *arrays,
                         uint32_t count, Callable **opened, double *first,
                         char *message, size_t messageSize) {
  return guarded(message, messageSize, [&] { check(cudaFree(nullptr)); }) ||
         openCallable(opened, first, message, messageSize, [&] {
           return std::make_unique<Graph>(*options, arrays, count);
         });
}

extern "C" int openForeignGraph(const ForeignGraph *graph, HostArray *,
                                uint32_t, Callable **opened, double *first,
                                char *message, size_t messageSize) {
  return openCallable(opened, first, message, messageSize, [&] {
    return std::make_unique<ForeignLaunches>(*graph);
  });
}
