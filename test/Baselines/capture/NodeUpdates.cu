//===- NodeUpdates.cu - What it costs to change a graph's pointers --------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Graphs of N small kernels, in a chain, or side by side with one that waits for
// all of them or with none, each of which gets another pointer before every
// launch: by each
// of the ways that the driver has for it, and by tables of pointers in memory
// that kernels read theirs from. Besides, what the driver takes to tell what a
// pointer is. Prints tables. Times are the host's: of the updates alone,
// divided by N, of the call that launches, and of everything until the graph
// has run.
//
//   nvcc -std=c++17 -O3 -arch=sm_90 -rdc=true NodeUpdates.cu -lcuda -lcudadevrt
//
//===----------------------------------------------------------------------===//

#include <cuda.h>
#include <cuda_runtime.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

void check(CUresult result) {
  if (result == CUDA_SUCCESS)
    return;
  const char *name = nullptr;
  cuGetErrorName(result, &name);
  throw std::runtime_error(name ? name : "an unknown error");
}

void check(cudaError_t error) {
  if (error != cudaSuccess)
    throw std::runtime_error(cudaGetErrorString(error));
}

//===----------------------------------------------------------------------===//
// Kernels: each counts how often it ran, where its pointer says
//===----------------------------------------------------------------------===//

constexpr unsigned kThreads = 256;

/// What the host may have written since.
__device__ unsigned *readFresh(unsigned *const *from) {
  return *const_cast<unsigned *const volatile *>(from);
}

__global__ void count(unsigned *counter) {
  if (threadIdx.x == 0)
    ++*counter;
}

/// As many parameters as a step over a buffer has.
__global__ void countOfThree(const float *, unsigned *counter, float) {
  if (threadIdx.x == 0)
    ++*counter;
}

struct Seven {
  const void *data[7];
};

__global__ void countOfEight(Seven, unsigned *counter) {
  if (threadIdx.x == 0)
    ++*counter;
}

__global__ void countInTable(unsigned *const *table, unsigned index) {
  if (threadIdx.x == 0)
    ++*readFresh(table + index);
}

/// The first node of a graph whose table the host writes in mapped memory.
__global__ void fetchTable(unsigned *const *from, unsigned **to, unsigned n) {
  for (unsigned i = threadIdx.x; i < n; i += blockDim.x)
    to[i] = readFresh(from + i);
}

/// The first node of a graph whose other nodes it gives their pointers.
__global__ void updateNodes(const cudaGraphDeviceNode_t *nodes,
                            unsigned *const *pointers, unsigned n) {
  for (unsigned i = threadIdx.x; i < n; i += blockDim.x)
    cudaGraphKernelNodeSetParam(nodes[i], 0, readFresh(pointers + i));
}

//===----------------------------------------------------------------------===//
// Graphs
//===----------------------------------------------------------------------===//

enum class Kernel { One, Three, Eight, Table };

enum class Shape { Chain, Joined, Apart };

/// The first node of a graph that has one for no other reason.
__global__ void begin() {}

struct Memory {
  explicit Memory(size_t bytes, bool isHost = false) : isHost(isHost) {
    check(isHost ? cudaHostAlloc(&data, bytes, cudaHostAllocMapped)
                 : cudaMalloc(&data, bytes));
    check(cudaMemset(data, 0, bytes));
  }
  Memory(const Memory &) = delete;
  ~Memory() { isHost ? cudaFreeHost(data) : cudaFree(data); }
  template <typename T> T *as() const { return static_cast<T *>(data); }

  void *data = nullptr;
  bool isHost;
};

/// N nodes, and two sets of counters that they take turns to count in.
class Graph {
public:
  Graph(unsigned n, Kernel kind, Shape shape)
      : n(n), kind(kind), shape(shape), counters((2 * n + 1) * kStride),
        table(n * 8), deviceNodes(n * 8), hostTable(n * 8, true) {
    check(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
    const void *symbols[] = {(void *)count, (void *)countOfThree,
                             (void *)countOfEight, (void *)countInTable};
    symbol = symbols[int(kind)];
    check(cudaGetFuncBySymbol(&function, symbol));
    check(cudaGetKernel(&handle, symbol));
    check(cuGraphCreate(&graph, 0));
    check(cuCtxGetCurrent(&context));
  }
  Graph(const Graph &) = delete;
  ~Graph() {
    for (CUgraphExec exec : execs)
      cuGraphExecDestroy(exec);
    cuGraphDestroy(graph);
    cudaStreamDestroy(stream);
  }

  unsigned *counter(unsigned set, unsigned i) const {
    return reinterpret_cast<unsigned *>(counters.as<char>() +
                                        (set * n + i) * kStride);
  }

  /// The addresses of the parameters of node `i`.
  void **parameters(unsigned set, unsigned i) {
    pointer = counter(set, i);
    index = i;
    if (kind == Kernel::One)
      addresses[0] = &pointer;
    if (kind == Kernel::Three) {
      addresses[0] = &source;
      addresses[1] = &pointer;
      addresses[2] = &factor;
    }
    if (kind == Kernel::Eight) {
      addresses[0] = &seven;
      addresses[1] = &pointer;
    }
    if (kind == Kernel::Table) {
      addresses[0] = &readTable;
      addresses[1] = &index;
    }
    return addresses;
  }

  CUDA_KERNEL_NODE_PARAMS node(unsigned set, unsigned i) {
    CUDA_KERNEL_NODE_PARAMS params = {};
    params.func = function;
    params.gridDimX = params.gridDimY = params.gridDimZ = 1;
    params.blockDimX = kThreads;
    params.blockDimY = params.blockDimZ = 1;
    params.kernelParams = parameters(set, i);
    return params;
  }

  CUgraphNode addHead(void *symbol, void **values) {
    cudaKernelNodeParams head = {};
    head.func = symbol;
    head.gridDim = dim3(1);
    head.blockDim = dim3(kThreads);
    head.kernelParams = values;
    check(cudaGraphAddKernelNode(&first, graph, nullptr, 0, &head));
    return first;
  }

  void build() {
    CUgraphNode before = first;
    for (unsigned i = 0; i < n; ++i) {
      CUDA_KERNEL_NODE_PARAMS params = node(0, i);
      CUgraphNode added;
      check(cuGraphAddKernelNode(&added, graph, &before, before != nullptr,
                                 &params));
      nodes.push_back(added);
      if (shape == Shape::Chain)
        before = added;
    }
    if (shape != Shape::Joined)
      return;
    void *pointer = counter(2, 0), *values[] = {&pointer};
    cudaKernelNodeParams last = {};
    last.func = (void *)count;
    last.gridDim = dim3(1);
    last.blockDim = dim3(kThreads);
    last.kernelParams = values;
    check(cudaGraphAddKernelNode(&before, graph, nodes.data(), n, &last));
  }

  void instantiate() {
    CUgraphExec exec;
    check(cuGraphInstantiateWithFlags(&exec, graph, 0));
    check(cuGraphUpload(exec, stream));
    check(cuStreamSynchronize(stream));
    execs.push_back(exec);
  }

  void fillHostTable(unsigned set) {
    for (unsigned i = 0; i < n; ++i)
      hostTable.as<unsigned *>()[i] = counter(set, i);
  }

  static constexpr size_t kStride = 256;
  unsigned n;
  Kernel kind;
  Shape shape;
  Memory counters, table, deviceNodes, hostTable;
  CUcontext context = nullptr;
  cudaStream_t stream = nullptr;
  const void *symbol = nullptr;
  cudaFunction_t function = nullptr;
  cudaKernel_t handle = nullptr;
  CUgraph graph = nullptr;
  CUgraphNode first = nullptr;
  std::vector<CUgraphNode> nodes;
  std::vector<CUgraphExec> execs;
  /// The table that kernels read.
  unsigned **readTable = nullptr;

private:
  unsigned *pointer = nullptr, index = 0;
  const float *source = nullptr;
  float factor = 1;
  Seven seven = {};
  void *addresses[8] = {};
};

/// A way to give all nodes the pointers of a set.
struct Form {
  const char *name;
  Kernel kind;
  std::function<void(Graph &, unsigned set)> update;
  /// Before the nodes are added; before the graph is instantiated, and after.
  std::function<void(Graph &)> head = nothing, added = nothing, ready = nothing;
  /// All nodes keep the pointers of the first set.
  bool isFixed = false;

  static void nothing(Graph &) {}
};

/// The form that a driver before CUDA 12 had, by the name without a version.
using FirstKernelParams = CUDA_KERNEL_NODE_PARAMS_v1;
using SetFirstForm = CUresult (*)(CUgraphExec, CUgraphNode,
                                  const FirstKernelParams *);

SetFirstForm findFirstForm() {
  void *found = nullptr;
  CUdriverProcAddressQueryResult result;
  check(cuGetProcAddress("cuGraphExecKernelNodeSetParams", &found, 11000,
                         CU_GET_PROC_ADDRESS_DEFAULT, &result));
  return reinterpret_cast<SetFirstForm>(found);
}

void setParams(Graph &made, unsigned set, unsigned i) {
  CUDA_KERNEL_NODE_PARAMS params = made.node(set, i);
  check(cuGraphExecKernelNodeSetParams(made.execs[0], made.nodes[i], &params));
}

void setAll(Graph &made, unsigned set) {
  for (unsigned i = 0; i < made.n; ++i)
    setParams(made, set, i);
}

void readDeviceTable(Graph &made) {
  made.readTable = made.table.as<unsigned *>();
}

void makeUpdatable(Graph &made) {
  std::vector<CUgraphDeviceNode> handles;
  for (CUgraphNode node : made.nodes) {
    CUkernelNodeAttrValue value = {};
    value.deviceUpdatableKernelNode.deviceUpdatable = 1;
    check(cuGraphKernelNodeSetAttribute(
        node, CU_KERNEL_NODE_ATTRIBUTE_DEVICE_UPDATABLE_KERNEL_NODE, &value));
    check(cuGraphKernelNodeGetAttribute(
        node, CU_KERNEL_NODE_ATTRIBUTE_DEVICE_UPDATABLE_KERNEL_NODE, &value));
    handles.push_back(value.deviceUpdatableKernelNode.devNode);
  }
  check(cudaMemcpy(made.deviceNodes.data, handles.data(),
                   handles.size() * sizeof(handles[0]), cudaMemcpyDefault));
}

std::vector<Form> allForms() {
  SetFirstForm setFirstForm = findFirstForm();
  std::vector<Form> forms;
  auto add = [&](const char *name, Kernel kind,
                 std::function<void(Graph &, unsigned)> update) {
    forms.push_back({name, kind, update});
  };
  add("none", Kernel::One, [](Graph &, unsigned) {});
  forms.back().isFixed = true;
  auto behindEmpty = [](Graph &made) {
    check(cuGraphAddEmptyNode(&made.first, made.graph, nullptr, 0));
  };
  auto behindKernel = [](Graph &made) { made.addHead((void *)begin, nullptr); };
  add("none, behind an empty node", Kernel::One, [](Graph &, unsigned) {});
  forms.back().isFixed = true;
  forms.back().head = behindEmpty;
  add("none, behind a kernel", Kernel::One, [](Graph &, unsigned) {});
  forms.back().isFixed = true;
  forms.back().head = behindKernel;
  add("driver, 1 parameter", Kernel::One, setAll);
  add("driver, 3 parameters", Kernel::Three, setAll);
  add("driver, 8 pointers", Kernel::Eight, setAll);
  add("driver, behind an empty node", Kernel::One, setAll);
  forms.back().head = behindEmpty;
  add("driver, behind a kernel", Kernel::One, setAll);
  forms.back().head = behindKernel;
  add("driver, last node first", Kernel::One, [](Graph &made, unsigned set) {
    for (unsigned i = made.n; i-- > 0;)
      setParams(made, set, i);
  });
  add("driver, CUkernel", Kernel::One, [](Graph &made, unsigned set) {
    for (unsigned i = 0; i < made.n; ++i) {
      CUDA_KERNEL_NODE_PARAMS params = made.node(set, i);
      params.func = nullptr;
      params.kern = made.handle;
      params.ctx = made.context;
      check(cuGraphExecKernelNodeSetParams(made.execs[0], made.nodes[i],
                                           &params));
    }
  });
  add("driver, extra", Kernel::One, [](Graph &made, unsigned set) {
    for (unsigned i = 0; i < made.n; ++i) {
      CUDA_KERNEL_NODE_PARAMS params = made.node(set, i);
      unsigned *value = made.counter(set, i);
      size_t size = sizeof(value);
      void *extra[] = {CU_LAUNCH_PARAM_BUFFER_POINTER, &value,
                       CU_LAUNCH_PARAM_BUFFER_SIZE, &size, CU_LAUNCH_PARAM_END};
      params.kernelParams = nullptr;
      params.extra = extra;
      check(cuGraphExecKernelNodeSetParams(made.execs[0], made.nodes[i],
                                           &params));
    }
  });
  add("driver, version 1", Kernel::One,
      [setFirstForm](Graph &made, unsigned set) {
        for (unsigned i = 0; i < made.n; ++i) {
          CUDA_KERNEL_NODE_PARAMS params = made.node(set, i);
          FirstKernelParams first;
          std::memcpy(&first, &params, sizeof(first));
          check(setFirstForm(made.execs[0], made.nodes[i], &first));
        }
      });
  add("driver, of any node", Kernel::One, [](Graph &made, unsigned set) {
    for (unsigned i = 0; i < made.n; ++i) {
      CUDA_KERNEL_NODE_PARAMS params = made.node(set, i);
      CUgraphNodeParams any = {};
      any.type = CU_GRAPH_NODE_TYPE_KERNEL;
      std::memcpy(&any.kernel, &params, sizeof(params));
      check(cuGraphExecNodeSetParams(made.execs[0], made.nodes[i], &any));
    }
  });
  add("CUDA runtime", Kernel::One, [](Graph &made, unsigned set) {
    for (unsigned i = 0; i < made.n; ++i) {
      cudaKernelNodeParams params = {};
      params.func = const_cast<void *>(made.symbol);
      params.gridDim = dim3(1);
      params.blockDim = dim3(kThreads);
      params.kernelParams = made.parameters(set, i);
      check(cudaGraphExecKernelNodeSetParams(made.execs[0], made.nodes[i],
                                             &params));
    }
  });
  add("template, then all at once", Kernel::One, [](Graph &made, unsigned set) {
    for (unsigned i = 0; i < made.n; ++i) {
      CUDA_KERNEL_NODE_PARAMS params = made.node(set, i);
      check(cuGraphKernelNodeSetParams(made.nodes[i], &params));
    }
    CUgraphExecUpdateResultInfo info = {};
    check(cuGraphExecUpdate(made.execs[0], made.graph, &info));
  });
  add("driver, then upload", Kernel::One, [](Graph &made, unsigned set) {
    setAll(made, set);
    check(cuGraphUpload(made.execs[0], made.stream));
  });
  add("two graphs in turn", Kernel::One, [](Graph &made, unsigned) {
    std::swap(made.execs[0], made.execs[1]);
  });
  forms.back().ready = [](Graph &made) {
    made.instantiate();
    setAll(made, 1);
    std::swap(made.execs[0], made.execs[1]);
    setAll(made, 0);
  };
  add("table, copied before", Kernel::Table, [](Graph &made, unsigned set) {
    made.fillHostTable(set);
    check(cuMemcpyHtoDAsync(CUdeviceptr(made.table.data), made.hostTable.data,
                            made.n * 8, made.stream));
  });
  forms.back().head = readDeviceTable;
  auto fillHostTable = [](Graph &made, unsigned set) {
    made.fillHostTable(set);
  };
  add("table, fetched by a node", Kernel::Table, fillHostTable);
  forms.back().head = [](Graph &made) {
    readDeviceTable(made);
    void *values[] = {&made.hostTable.data, &made.table.data, &made.n};
    made.addHead((void *)fetchTable, values);
  };
  add("table, mapped", Kernel::Table, fillHostTable);
  forms.back().head = [](Graph &made) {
    made.readTable = made.hostTable.as<unsigned *>();
  };
  add("by a node, on the device", Kernel::One, fillHostTable);
  forms.back().head = [](Graph &made) {
    void *values[] = {&made.deviceNodes.data, &made.hostTable.data, &made.n};
    made.addHead((void *)updateNodes, values);
  };
  forms.back().added = makeUpdatable;
  return forms;
}

//===----------------------------------------------------------------------===//
// Times
//===----------------------------------------------------------------------===//

using Clock = std::chrono::steady_clock;

double microseconds(Clock::time_point begin, Clock::time_point end) {
  return std::chrono::duration<double, std::micro>(end - begin).count();
}

struct Times {
  std::vector<double> update, launch, total;
};

double percentile(std::vector<double> times, double which) {
  std::sort(times.begin(), times.end());
  return times[size_t(which * double(times.size() - 1))];
}

Times measure(const Form &form, unsigned n, Shape shape, unsigned repeats) {
  Graph made(n, form.kind, shape);
  form.head(made);
  made.build();
  form.added(made);
  made.instantiate();
  form.ready(made);
  Times times;
  constexpr unsigned kWarm = 20;
  for (unsigned i = 0; i < kWarm + repeats; ++i) {
    auto begin = Clock::now();
    form.update(made, (i + 1) % 2);
    auto updated = Clock::now();
    check(cuGraphLaunch(made.execs[0], made.stream));
    auto launched = Clock::now();
    check(cuStreamSynchronize(made.stream));
    auto end = Clock::now();
    if (i < kWarm)
      continue;
    times.update.push_back(microseconds(begin, updated));
    times.launch.push_back(microseconds(updated, launched));
    times.total.push_back(microseconds(begin, end));
  }
  // Every node has counted as often in each set, or always in the first.
  unsigned all = kWarm + repeats;
  for (unsigned i = 0; i < n; ++i)
    for (unsigned set = 0; set < 2; ++set) {
      unsigned found = 0;
      check(cudaMemcpy(&found, made.counter(set, i), sizeof(found),
                       cudaMemcpyDefault));
      if (found != (form.isFixed ? (set ? 0 : all) : all / 2))
        throw std::runtime_error("node " + std::to_string(i) + " counted " +
                                 std::to_string(found));
    }
  return times;
}

void measureUpdates(Shape shape) {
  constexpr unsigned kSizes[] = {1, 2, 4, 8, 32, 64, 256};
  std::printf("\n%s, us, median / 99th percentile: updates for each node; the "
              "call that launches; all\n\n| form |",
              shape == Shape::Chain    ? "a chain"
              : shape == Shape::Joined ? "side by side, and one after all"
                                       : "side by side");
  for (unsigned n : kSizes)
    std::printf(" %u: each | launch | all |", n);
  std::printf("\n|---|");
  for (size_t i = 0; i < 3 * std::size(kSizes); ++i)
    std::printf("---|");
  std::printf("\n");
  for (const Form &form : allForms()) {
    if (shape == Shape::Apart && !form.isFixed)
      continue;
    std::printf("| %s |", form.name);
    for (unsigned n : kSizes) {
      unsigned repeats = n >= 256 ? 300 : n >= 32 ? 600 : 2000;
      try {
        Times times = measure(form, n, shape, repeats);
        std::printf(" %.2f / %.2f | %.1f / %.1f | %.1f / %.1f |",
                    percentile(times.update, 0.5) / n,
                    percentile(times.update, 0.99) / n,
                    percentile(times.launch, 0.5),
                    percentile(times.launch, 0.99),
                    percentile(times.total, 0.5),
                    percentile(times.total, 0.99));
      } catch (const std::exception &error) {
        std::printf(" %s | - | - |", error.what());
        (void)cudaGetLastError();
      }
      std::fflush(stdout);
    }
    std::printf("\n");
  }
}

/// Nanoseconds that the driver takes to answer about one of `count` pointers.
void measureQueries() {
  struct Query {
    const char *name;
    std::vector<CUpointer_attribute> attributes;
  };
  const Query queries[] = {
      {"buffer id", {CU_POINTER_ATTRIBUTE_BUFFER_ID}},
      {"range size", {CU_POINTER_ATTRIBUTE_RANGE_SIZE}},
      {"type, managed, ordinal, range",
       {CU_POINTER_ATTRIBUTE_MEMORY_TYPE, CU_POINTER_ATTRIBUTE_IS_MANAGED,
        CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL,
        CU_POINTER_ATTRIBUTE_RANGE_START_ADDR,
        CU_POINTER_ATTRIBUTE_RANGE_SIZE}}};
  std::printf("\nns for each pointer, median over 200 rounds\n\n"
              "| attributes | 1 pointer | 8 | 57 |\n|---|---|---|---|\n");
  std::vector<std::unique_ptr<Memory>> all;
  for (int i = 0; i < 57; ++i)
    all.push_back(std::make_unique<Memory>(4096));
  for (const Query &query : queries) {
    std::printf("| %s |", query.name);
    for (size_t count : {1, 8, 57}) {
      std::vector<double> times;
      for (int round = 0; round < 200; ++round) {
        auto begin = Clock::now();
        for (size_t i = 0; i < count; ++i) {
          uint64_t answers[5] = {};
          void *places[5];
          for (int k = 0; k < 5; ++k)
            places[k] = &answers[k];
          auto attributes = query.attributes;
          auto at = CUdeviceptr(all[i]->data);
          check(attributes.size() == 1
                    ? cuPointerGetAttribute(answers, attributes[0], at)
                    : cuPointerGetAttributes(unsigned(attributes.size()),
                                             attributes.data(), places, at));
        }
        times.push_back(microseconds(begin, Clock::now()) * 1000 /
                        double(count));
      }
      std::printf(" %.0f |", percentile(times, 0.5));
    }
    std::printf("\n");
  }
}

} // namespace

/// A processor that had nothing to do runs at half its speed for a while.
void warmUp() {
  auto begin = Clock::now();
  while (microseconds(begin, Clock::now()) < 3e6)
    measure(allForms()[1], 64, Shape::Chain, 200);
}

int main() {
  try {
    check(cudaFree(nullptr));
    warmUp();
    for (Shape shape : {Shape::Chain, Shape::Joined, Shape::Apart})
      measureUpdates(shape);
    measureQueries();
    return 0;
  } catch (const std::exception &error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
