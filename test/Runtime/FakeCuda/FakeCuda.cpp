//===- FakeCuda.cpp - A stand-in for the CUDA driver ------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FakeCuda.h"

#include "CUDA/DriverAPI.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <dlfcn.h>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <sstream>

using namespace vyre::runtime::internal::cuda;

namespace {

using CpuEntry = void (*)(void *const *, const int64_t *, int64_t, int64_t);

struct FakeFunction {
  std::string name;
  CpuEntry entry = nullptr;
  size_t pointers = 0, values = 0;
};

struct FakeModule {
  std::map<std::string, FakeFunction> functions;
};

struct FakeLink {
  std::string code;
  char *log = nullptr;
};

struct FakeStream {
  std::deque<std::function<void()>> work;
  CUstreamCaptureStatus capture = CU_STREAM_CAPTURE_STATUS_NONE;

  void drain() {
    while (!work.empty()) {
      auto next = std::move(work.front());
      work.pop_front();
      next();
    }
  }
};

struct FakeEvent {
  /// The stream to drain before it has happened.
  FakeStream *stream = nullptr;
};

struct FakeNode {
  std::vector<FakeNode *> after;
  std::function<void()> work;
  /// Of a kernel node.
  const FakeFunction *function = nullptr;
};

struct FakeGraph {
  std::vector<std::unique_ptr<FakeNode>> nodes;
};

struct FakeGraphExec {
  FakeGraph *graph = nullptr;
  /// What each node does now; a copy, as the driver's is.
  std::vector<std::function<void()>> work;
  /// The nodes before each one, by position.
  std::vector<std::vector<size_t>> after;

  /// In rounds of all nodes that may run side by side, the last one first, so
  /// that a missing edge shows.
  std::function<void()> all() const {
    return [work = work, after = after] {
      std::vector<bool> isDone(work.size());
      for (size_t done = 0; done < work.size();) {
        std::vector<size_t> round;
        for (size_t i = work.size(); i-- > 0;)
          if (!isDone[i] &&
              std::all_of(after[i].begin(), after[i].end(),
                          [&](size_t before) { return isDone[before]; }))
            round.push_back(i);
        for (size_t i : round) {
          work[i]();
          isDone[i] = true;
        }
        done += round.size();
      }
    };
  }
};

struct Settings {
  int deviceCount = 1;
  int capability = 90;
  uint64_t memoryLimit = uint64_t(1) << 32;
  uint64_t pendingQueries = 0;
  bool isEager = false;
  int moduleResult = CUDA_SUCCESS;
  std::string moduleLog;

  bool mustFail = false;
  bool hasFailed = false;
  bool isSticky = false;
  uint64_t failPosition = 0;
  int failResult = CUDA_SUCCESS;
};

/// All state of the driver. One lock: what matters is not its speed.
struct World {
  std::recursive_mutex mutex;
  Settings settings;
  std::vector<std::string> calls;
  uint64_t misuses = 0;

  uint64_t retainedContexts = 0;
  std::set<FakeModule *> modules;
  std::set<FakeLink *> links;
  std::set<FakeStream *> streams;
  std::set<FakeEvent *> events;
  std::set<FakeGraph *> graphs;
  std::set<FakeGraphExec *> graphExecs;
  /// Device and page-locked memory, by address.
  std::map<uint64_t, uint64_t> deviceMemory;
  std::set<void *> pinnedMemory;
  uint64_t usedMemory = 0;
};

World &world() {
  static auto *instance = new World();
  return *instance;
}

/// The contexts that this thread has pushed.
thread_local int contextDepth = 0;

/// The one context there is.
CUcontext theContext() { return reinterpret_cast<CUcontext>(&world()); }

/// Records a call; a result other than success is to be returned at once.
CUresult enter(const char *name, bool needsContext = true) {
  World &w = world();
  Settings &s = w.settings;
  w.calls.push_back(name);
  if (s.hasFailed && s.isSticky)
    return static_cast<CUresult>(s.failResult);
  if (s.mustFail && !s.hasFailed && s.failPosition-- == 0) {
    s.hasFailed = true;
    return static_cast<CUresult>(s.failResult);
  }
  if (needsContext && contextDepth == 0) {
    ++w.misuses;
    return static_cast<CUresult>(201);
  }
  return CUDA_SUCCESS;
}

CUresult misuse() {
  ++world().misuses;
  return CUDA_ERROR_INVALID_VALUE;
}

/// Whether a range lies in one live allocation.
bool isDeviceRange(uint64_t address, uint64_t size) {
  const auto &memory = world().deviceMemory;
  auto next = memory.upper_bound(address);
  if (next == memory.begin())
    return false;
  auto [begin, length] = *std::prev(next);
  return address - begin <= length && size <= length - (address - begin);
}

/// The tests' kernels, found beside their artifacts' CPU code.
CpuEntry findEntry(const std::string &name) {
  static void *library = dlopen(VYRE_TEST_KERNELS, RTLD_NOW | RTLD_LOCAL);
  return library ? reinterpret_cast<CpuEntry>(dlsym(library, name.c_str()))
                 : nullptr;
}

CUresult enqueue(CUstream handle, std::function<void()> work) {
  auto *stream = reinterpret_cast<FakeStream *>(handle);
  if (!world().streams.count(stream))
    return misuse();
  stream->work.push_back(std::move(work));
  return CUDA_SUCCESS;
}

void runKernel(const FakeFunction &function, const std::vector<uint64_t> &raw,
               int64_t items) {
  std::vector<void *> pointers;
  for (size_t i = 0; i < function.pointers; ++i)
    pointers.push_back(reinterpret_cast<void *>(raw[i]));
  std::vector<int64_t> values(raw.begin() + function.pointers, raw.end());
  function.entry(pointers.data(), values.data(), 0, items);
}

/// The work of a kernel node; empty if the parameters are wrong.
std::function<void()> kernelWork(const CUDA_KERNEL_NODE_PARAMS &node) {
  uint64_t blocks = uint64_t(node.gridDimX) * node.gridDimY * node.gridDimZ;
  uint64_t threads = uint64_t(node.blockDimX) * node.blockDimY * node.blockDimZ;
  if (blocks == 0 || threads == 0 || threads > 1024)
    return nullptr;
  const auto *function = reinterpret_cast<const FakeFunction *>(node.func);
  std::vector<uint64_t> raw;
  for (size_t i = 0; i < function->pointers + function->values; ++i)
    raw.push_back(*static_cast<const uint64_t *>(node.kernelParams[i]));
  return [=] {
    runKernel(*function, raw, static_cast<int64_t>(blocks * threads));
  };
}

CUresult addNode(CUgraphNode *node, CUgraph handle, const CUgraphNode *after,
                 size_t count, std::function<void()> work,
                 const FakeFunction *function) {
  auto *graph = reinterpret_cast<FakeGraph *>(handle);
  if (!world().graphs.count(graph) || !work)
    return misuse();
  auto fake = std::make_unique<FakeNode>();
  for (size_t i = 0; i < count; ++i) {
    auto *before = reinterpret_cast<FakeNode *>(after[i]);
    if (std::none_of(graph->nodes.begin(), graph->nodes.end(),
                     [&](const auto &n) { return n.get() == before; }) ||
        std::count(after, after + count, after[i]) != 1)
      return misuse();
    fake->after.push_back(before);
  }
  fake->work = std::move(work);
  fake->function = function;
  *node = reinterpret_cast<CUgraphNode>(fake.get());
  graph->nodes.push_back(std::move(fake));
  return CUDA_SUCCESS;
}

/// The position of a node in its graph, or the number of nodes.
size_t positionOf(const FakeGraph &graph, const FakeNode *node) {
  return static_cast<size_t>(
      std::find_if(graph.nodes.begin(), graph.nodes.end(),
                   [&](const auto &n) { return n.get() == node; }) -
      graph.nodes.begin());
}

} // namespace

#define FAKE_ENTER(...)                                                        \
  std::lock_guard<std::recursive_mutex> lock(world().mutex);                   \
  if (CUresult result = enter(__VA_ARGS__); result != CUDA_SUCCESS)            \
    return result;                                                             \
  World &w = world();                                                          \
  (void)w

extern "C" {

CUresult cuInit(unsigned) {
  FAKE_ENTER("cuInit", false);
  return w.settings.deviceCount ? CUDA_SUCCESS : CUDA_ERROR_NO_DEVICE;
}

CUresult cuGetErrorName(CUresult result, const char **name) {
  switch (result) {
  case CUDA_ERROR_OUT_OF_MEMORY:
    *name = "CUDA_ERROR_OUT_OF_MEMORY";
    return CUDA_SUCCESS;
  case CUDA_ERROR_ILLEGAL_ADDRESS:
    *name = "CUDA_ERROR_ILLEGAL_ADDRESS";
    return CUDA_SUCCESS;
  case CUDA_ERROR_INVALID_PTX:
    *name = "CUDA_ERROR_INVALID_PTX";
    return CUDA_SUCCESS;
  default:
    *name = nullptr;
    return CUDA_ERROR_INVALID_VALUE;
  }
}

CUresult cuGetErrorString(CUresult, const char **text) {
  *text = "a failure that the test asked for";
  return CUDA_SUCCESS;
}

CUresult cuDeviceGetCount(int *count) {
  FAKE_ENTER("cuDeviceGetCount", false);
  *count = w.settings.deviceCount;
  return CUDA_SUCCESS;
}

CUresult cuDeviceGet(CUdevice *device, int ordinal) {
  FAKE_ENTER("cuDeviceGet", false);
  *device = ordinal;
  return CUDA_SUCCESS;
}

CUresult cuDeviceGetName(char *name, int size, CUdevice) {
  FAKE_ENTER("cuDeviceGetName", false);
  std::snprintf(name, static_cast<size_t>(size), "Fake GPU");
  return CUDA_SUCCESS;
}

CUresult cuDeviceGetAttribute(int *value, CUdevice_attribute attribute,
                              CUdevice) {
  FAKE_ENTER("cuDeviceGetAttribute", false);
  if (attribute == CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR)
    *value = w.settings.capability / 10;
  else if (attribute == CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR)
    *value = w.settings.capability % 10;
  else
    *value = 227 * 1024;
  return CUDA_SUCCESS;
}

CUresult cuDevicePrimaryCtxRetain(CUcontext *context, CUdevice) {
  FAKE_ENTER("cuDevicePrimaryCtxRetain", false);
  ++w.retainedContexts;
  *context = theContext();
  return CUDA_SUCCESS;
}

CUresult cuDevicePrimaryCtxRelease_v2(CUdevice) {
  FAKE_ENTER("cuDevicePrimaryCtxRelease", false);
  if (w.retainedContexts == 0)
    return misuse();
  --w.retainedContexts;
  return CUDA_SUCCESS;
}

CUresult cuCtxPushCurrent_v2(CUcontext context) {
  FAKE_ENTER("cuCtxPushCurrent", false);
  if (context != theContext())
    return misuse();
  ++contextDepth;
  return CUDA_SUCCESS;
}

CUresult cuCtxPopCurrent_v2(CUcontext *context) {
  FAKE_ENTER("cuCtxPopCurrent");
  --contextDepth;
  *context = theContext();
  return CUDA_SUCCESS;
}

CUresult cuCtxGetDevice(CUdevice *device) {
  FAKE_ENTER("cuCtxGetDevice");
  *device = 0;
  return CUDA_SUCCESS;
}

CUresult cuModuleLoadDataEx(CUmodule *module, const void *image, unsigned count,
                            CUjit_option *options, void **values) {
  FAKE_ENTER("cuModuleLoadDataEx");
  if (w.settings.moduleResult != CUDA_SUCCESS) {
    for (unsigned i = 0; i < count; ++i)
      if (options[i] == CU_JIT_ERROR_LOG_BUFFER)
        std::strcpy(static_cast<char *>(values[i]),
                    w.settings.moduleLog.c_str());
    return static_cast<CUresult>(w.settings.moduleResult);
  }
  auto fake = std::make_unique<FakeModule>();
  std::istringstream text(static_cast<const char *>(image));
  for (std::string line; std::getline(text, line);) {
    FakeFunction function;
    std::istringstream words(line);
    std::string comment, kernel;
    words >> comment >> kernel >> function.name >> function.pointers >>
        function.values;
    if (!words || kernel != "kernel")
      continue;
    function.entry = findEntry(function.name);
    fake->functions[function.name] = function;
  }
  *module = reinterpret_cast<CUmodule>(fake.get());
  w.modules.insert(fake.release());
  return CUDA_SUCCESS;
}

CUresult cuDriverGetVersion(int *version) {
  FAKE_ENTER("cuDriverGetVersion");
  *version = 13000;
  return CUDA_SUCCESS;
}

CUresult cuLinkCreate_v2(unsigned count, CUjit_option *options, void **values,
                         CUlinkState *state) {
  FAKE_ENTER("cuLinkCreate");
  auto *link = new FakeLink;
  for (unsigned i = 0; i < count; ++i)
    if (options[i] == CU_JIT_ERROR_LOG_BUFFER)
      link->log = static_cast<char *>(values[i]);
  w.links.insert(link);
  *state = reinterpret_cast<CUlinkState>(link);
  return CUDA_SUCCESS;
}

CUresult cuLinkAddData_v2(CUlinkState state, int, void *data, size_t size,
                          const char *, unsigned, CUjit_option *, void **) {
  FAKE_ENTER("cuLinkAddData");
  auto *link = reinterpret_cast<FakeLink *>(state);
  if (!w.links.count(link))
    return misuse();
  if (w.settings.moduleResult != CUDA_SUCCESS) {
    if (link->log)
      std::strcpy(link->log, w.settings.moduleLog.c_str());
    return static_cast<CUresult>(w.settings.moduleResult);
  }
  // Kernels stay lines of text: see cuModuleLoadDataEx.
  link->code.append("compiled\n");
  link->code.append(static_cast<const char *>(data), size);
  return CUDA_SUCCESS;
}

CUresult cuLinkComplete(CUlinkState state, void **code, size_t *size) {
  FAKE_ENTER("cuLinkComplete");
  auto *link = reinterpret_cast<FakeLink *>(state);
  if (!w.links.count(link))
    return misuse();
  *code = &link->code[0];
  *size = link->code.size();
  return CUDA_SUCCESS;
}

CUresult cuLinkDestroy(CUlinkState state) {
  FAKE_ENTER("cuLinkDestroy");
  auto *link = reinterpret_cast<FakeLink *>(state);
  if (!w.links.erase(link))
    return misuse();
  delete link;
  return CUDA_SUCCESS;
}

CUresult cuModuleUnload(CUmodule handle) {
  FAKE_ENTER("cuModuleUnload");
  auto *module = reinterpret_cast<FakeModule *>(handle);
  if (!w.modules.erase(module))
    return misuse();
  delete module;
  return CUDA_SUCCESS;
}

CUresult cuModuleGetFunction(CUfunction *function, CUmodule handle,
                             const char *name) {
  FAKE_ENTER("cuModuleGetFunction");
  auto *module = reinterpret_cast<FakeModule *>(handle);
  if (!w.modules.count(module))
    return misuse();
  auto found = module->functions.find(name);
  if (found == module->functions.end() || !found->second.entry)
    return CUDA_ERROR_NOT_FOUND;
  *function = reinterpret_cast<CUfunction>(&found->second);
  return CUDA_SUCCESS;
}

CUresult cuFuncGetAttribute(int *value, CUfunction_attribute attribute,
                            CUfunction) {
  FAKE_ENTER("cuFuncGetAttribute");
  *value = attribute == CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK ? 1024 : 0;
  return CUDA_SUCCESS;
}

CUresult cuFuncSetAttribute(CUfunction, CUfunction_attribute, int) {
  FAKE_ENTER("cuFuncSetAttribute");
  return CUDA_SUCCESS;
}

CUresult cuFuncGetParamInfo(CUfunction handle, size_t index, size_t *offset,
                            size_t *size) {
  FAKE_ENTER("cuFuncGetParamInfo");
  auto *function = reinterpret_cast<FakeFunction *>(handle);
  if (index >= function->pointers + function->values)
    return CUDA_ERROR_INVALID_VALUE;
  *offset = index * 8;
  *size = 8;
  return CUDA_SUCCESS;
}

CUresult cuLaunchKernel(CUfunction handle, unsigned gridX, unsigned gridY,
                        unsigned gridZ, unsigned blockX, unsigned blockY,
                        unsigned blockZ, unsigned, CUstream stream,
                        void **parameters, void **) {
  FAKE_ENTER("cuLaunchKernel");
  uint64_t blocks = uint64_t(gridX) * gridY * gridZ;
  uint64_t threads = uint64_t(blockX) * blockY * blockZ;
  if (blocks == 0 || threads == 0 || threads > 1024)
    return misuse();
  const auto *function = reinterpret_cast<const FakeFunction *>(handle);
  // The driver copies the values during the call.
  std::vector<uint64_t> raw;
  for (size_t i = 0; i < function->pointers + function->values; ++i)
    raw.push_back(*static_cast<const uint64_t *>(parameters[i]));
  return enqueue(stream, [=] {
    runKernel(*function, raw, static_cast<int64_t>(blocks * threads));
  });
}

CUresult cuLaunchKernelEx(const CUlaunchConfig *config, CUfunction handle,
                          void **parameters, void **extra) {
  FAKE_ENTER("cuLaunchKernelEx");
  w.calls.pop_back();
  return cuLaunchKernel(handle, config->gridDimX, config->gridDimY,
                        config->gridDimZ, config->blockDimX, config->blockDimY,
                        config->blockDimZ, config->sharedMemBytes,
                        config->hStream, parameters, extra);
}

CUresult cuMemAlloc_v2(CUdeviceptr *memory, size_t size) {
  FAKE_ENTER("cuMemAlloc");
  if (size == 0)
    return misuse();
  if (size > w.settings.memoryLimit - w.usedMemory)
    return CUDA_ERROR_OUT_OF_MEMORY;
  void *block = std::aligned_alloc(256, (size + 255) / 256 * 256);
  if (!block)
    return CUDA_ERROR_OUT_OF_MEMORY;
  // Never zero by accident.
  std::memset(block, 0xcd, size);
  *memory = reinterpret_cast<CUdeviceptr>(block);
  w.deviceMemory[*memory] = size;
  w.usedMemory += size;
  return CUDA_SUCCESS;
}

CUresult cuMemFree_v2(CUdeviceptr memory) {
  FAKE_ENTER("cuMemFree");
  auto found = w.deviceMemory.find(memory);
  if (found == w.deviceMemory.end())
    return misuse();
  w.usedMemory -= found->second;
  w.deviceMemory.erase(found);
  std::free(reinterpret_cast<void *>(memory));
  return CUDA_SUCCESS;
}

CUresult cuMemHostAlloc(void **memory, size_t size, unsigned) {
  FAKE_ENTER("cuMemHostAlloc");
  if (size == 0)
    return misuse();
  *memory = std::malloc(size);
  w.pinnedMemory.insert(*memory);
  return CUDA_SUCCESS;
}

CUresult cuMemFreeHost(void *memory) {
  FAKE_ENTER("cuMemFreeHost");
  if (!w.pinnedMemory.erase(memory))
    return misuse();
  std::free(memory);
  return CUDA_SUCCESS;
}

CUresult cuMemcpyHtoDAsync_v2(CUdeviceptr target, const void *source,
                              size_t size, CUstream stream) {
  FAKE_ENTER("cuMemcpyHtoDAsync");
  if (!isDeviceRange(target, size))
    return misuse();
  return enqueue(stream, [=] {
    std::memcpy(reinterpret_cast<void *>(target), source, size);
  });
}

CUresult cuMemcpyDtoHAsync_v2(void *target, CUdeviceptr source, size_t size,
                              CUstream stream) {
  FAKE_ENTER("cuMemcpyDtoHAsync");
  if (!isDeviceRange(source, size))
    return misuse();
  return enqueue(stream, [=] {
    std::memcpy(target, reinterpret_cast<const void *>(source), size);
  });
}

CUresult cuMemcpyDtoDAsync_v2(CUdeviceptr target, CUdeviceptr source,
                              size_t size, CUstream stream) {
  FAKE_ENTER("cuMemcpyDtoDAsync");
  if (!isDeviceRange(target, size) || !isDeviceRange(source, size))
    return misuse();
  return enqueue(stream, [=] {
    std::memmove(reinterpret_cast<void *>(target),
                 reinterpret_cast<const void *>(source), size);
  });
}

CUresult cuMemsetD8Async(CUdeviceptr target, unsigned char value, size_t size,
                         CUstream stream) {
  FAKE_ENTER("cuMemsetD8Async");
  if (!isDeviceRange(target, size))
    return misuse();
  return enqueue(stream, [=] {
    std::memset(reinterpret_cast<void *>(target), value, size);
  });
}

CUresult cuPointerGetAttributes(unsigned count, CUpointer_attribute *wanted,
                                void **answers, CUdeviceptr address) {
  FAKE_ENTER("cuPointerGetAttributes");
  bool isDevice = isDeviceRange(address, 0);
  auto found = w.deviceMemory.upper_bound(address);
  for (unsigned i = 0; i < count; ++i) {
    auto set = [&](auto value) {
      std::memcpy(answers[i], &value, sizeof(value));
    };
    if (wanted[i] == CU_POINTER_ATTRIBUTE_MEMORY_TYPE)
      set(uint32_t(isDevice ? CU_MEMORYTYPE_DEVICE : 0));
    else if (wanted[i] == CU_POINTER_ATTRIBUTE_IS_MANAGED)
      set(uint32_t(0));
    else if (wanted[i] == CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL)
      set(int(isDevice ? 0 : -2));
    else if (wanted[i] == CU_POINTER_ATTRIBUTE_RANGE_START_ADDR)
      set(uint64_t(isDevice ? std::prev(found)->first : 0));
    else
      set(size_t(isDevice ? std::prev(found)->second : 0));
  }
  return CUDA_SUCCESS;
}

CUresult cuStreamCreate(CUstream *stream, unsigned) {
  FAKE_ENTER("cuStreamCreate");
  auto *fake = new FakeStream();
  w.streams.insert(fake);
  *stream = reinterpret_cast<CUstream>(fake);
  return CUDA_SUCCESS;
}

CUresult cuStreamDestroy_v2(CUstream handle) {
  FAKE_ENTER("cuStreamDestroy");
  auto *stream = reinterpret_cast<FakeStream *>(handle);
  // Memory that waiting work refers to may be gone by now.
  if (!w.streams.erase(stream) || !stream->work.empty())
    return misuse();
  delete stream;
  return CUDA_SUCCESS;
}

CUresult cuStreamQuery(CUstream handle) {
  FAKE_ENTER("cuStreamQuery");
  auto *stream = reinterpret_cast<FakeStream *>(handle);
  if (!w.streams.count(stream))
    return misuse();
  if (w.settings.pendingQueries) {
    --w.settings.pendingQueries;
    return CUDA_ERROR_NOT_READY;
  }
  stream->drain();
  return CUDA_SUCCESS;
}

CUresult cuStreamSynchronize(CUstream handle) {
  FAKE_ENTER("cuStreamSynchronize");
  auto *stream = reinterpret_cast<FakeStream *>(handle);
  if (!w.streams.count(stream) ||
      stream->capture != CU_STREAM_CAPTURE_STATUS_NONE)
    return misuse();
  stream->drain();
  return CUDA_SUCCESS;
}

CUresult cuStreamIsCapturing(CUstream handle, CUstreamCaptureStatus *status) {
  FAKE_ENTER("cuStreamIsCapturing");
  auto *stream = reinterpret_cast<FakeStream *>(handle);
  if (!w.streams.count(stream))
    return misuse();
  *status = stream->capture;
  return CUDA_SUCCESS;
}

CUresult cuEventCreate(CUevent *event, unsigned) {
  FAKE_ENTER("cuEventCreate");
  auto *fake = new FakeEvent();
  w.events.insert(fake);
  *event = reinterpret_cast<CUevent>(fake);
  return CUDA_SUCCESS;
}

CUresult cuEventDestroy_v2(CUevent handle) {
  FAKE_ENTER("cuEventDestroy");
  auto *event = reinterpret_cast<FakeEvent *>(handle);
  if (!w.events.erase(event))
    return misuse();
  delete event;
  return CUDA_SUCCESS;
}

CUresult cuEventRecord(CUevent handle, CUstream stream) {
  FAKE_ENTER("cuEventRecord");
  auto *event = reinterpret_cast<FakeEvent *>(handle);
  if (!w.events.count(event) ||
      !w.streams.count(reinterpret_cast<FakeStream *>(stream)))
    return misuse();
  event->stream = reinterpret_cast<FakeStream *>(stream);
  return CUDA_SUCCESS;
}

CUresult cuEventQuery(CUevent handle) {
  FAKE_ENTER("cuEventQuery");
  auto *event = reinterpret_cast<FakeEvent *>(handle);
  if (!w.events.count(event) || !event->stream)
    return misuse();
  if (w.settings.pendingQueries) {
    --w.settings.pendingQueries;
    return CUDA_ERROR_NOT_READY;
  }
  event->stream->drain();
  return CUDA_SUCCESS;
}

CUresult cuEventElapsedTime(float *milliseconds, CUevent first, CUevent last) {
  FAKE_ENTER("cuEventElapsedTime");
  for (CUevent handle : {first, last}) {
    auto *event = reinterpret_cast<FakeEvent *>(handle);
    if (!w.events.count(event) || !event->stream)
      return misuse();
  }
  // As little as can be told.
  *milliseconds = 0.0005f;
  return CUDA_SUCCESS;
}

CUresult cuEventSynchronize(CUevent handle) {
  FAKE_ENTER("cuEventSynchronize");
  auto *event = reinterpret_cast<FakeEvent *>(handle);
  if (!w.events.count(event) || !event->stream)
    return misuse();
  event->stream->drain();
  return CUDA_SUCCESS;
}

CUresult cuGraphCreate(CUgraph *graph, unsigned) {
  FAKE_ENTER("cuGraphCreate");
  auto *fake = new FakeGraph();
  w.graphs.insert(fake);
  *graph = reinterpret_cast<CUgraph>(fake);
  return CUDA_SUCCESS;
}

CUresult cuGraphDestroy(CUgraph handle) {
  FAKE_ENTER("cuGraphDestroy");
  auto *graph = reinterpret_cast<FakeGraph *>(handle);
  if (!w.graphs.erase(graph))
    return misuse();
  delete graph;
  return CUDA_SUCCESS;
}

CUresult cuGraphAddKernelNode_v2(CUgraphNode *node, CUgraph graph,
                                 const CUgraphNode *after, size_t count,
                                 const CUDA_KERNEL_NODE_PARAMS *parameters) {
  FAKE_ENTER("cuGraphAddKernelNode");
  return addNode(node, graph, after, count, kernelWork(*parameters),
                 reinterpret_cast<const FakeFunction *>(parameters->func));
}

CUresult cuGraphAddMemcpyNode(CUgraphNode *node, CUgraph graph,
                              const CUgraphNode *after, size_t count,
                              const CUDA_MEMCPY3D *copy, CUcontext context) {
  FAKE_ENTER("cuGraphAddMemcpyNode");
  bool isUp = copy->source.memoryType == CU_MEMORYTYPE_HOST;
  CUdeviceptr memory = isUp ? copy->target.device : copy->source.device;
  if (context != theContext() || copy->height != 1 || copy->depth != 1 ||
      !isDeviceRange(memory, copy->widthInBytes))
    return misuse();
  void *source = isUp ? copy->source.host : reinterpret_cast<void *>(memory);
  void *target = isUp ? reinterpret_cast<void *>(memory) : copy->target.host;
  size_t size = copy->widthInBytes;
  return addNode(
      node, graph, after, count, [=] { std::memcpy(target, source, size); },
      nullptr);
}

CUresult
cuGraphAddBatchMemOpNode(CUgraphNode *node, CUgraph graph,
                         const CUgraphNode *after, size_t count,
                         const CUDA_BATCH_MEM_OP_NODE_PARAMS *parameters) {
  FAKE_ENTER("cuGraphAddBatchMemOpNode");
  const auto &write = parameters->paramArray[0].writeValue;
  if (parameters->ctx != theContext() || parameters->count != 1 ||
      write.operation != CU_STREAM_MEM_OP_WRITE_VALUE_32)
    return misuse();
  auto *target = reinterpret_cast<std::atomic<uint32_t> *>(write.address);
  auto value = static_cast<uint32_t>(write.value);
  return addNode(
      node, graph, after, count,
      [=] { target->store(value, std::memory_order_release); }, nullptr);
}

CUresult cuGraphKernelNodeSetAttribute(CUgraphNode, int, const void *) {
  FAKE_ENTER("cuGraphKernelNodeSetAttribute");
  return CUDA_SUCCESS;
}

CUresult cuGraphInstantiateWithFlags(CUgraphExec *exec, CUgraph handle,
                                     unsigned long long) {
  FAKE_ENTER("cuGraphInstantiateWithFlags");
  auto *graph = reinterpret_cast<FakeGraph *>(handle);
  if (!w.graphs.count(graph))
    return misuse();
  auto fake = std::make_unique<FakeGraphExec>();
  fake->graph = graph;
  for (const auto &node : graph->nodes) {
    fake->work.push_back(node->work);
    fake->after.emplace_back();
    for (const FakeNode *before : node->after)
      fake->after.back().push_back(positionOf(*graph, before));
  }
  *exec = reinterpret_cast<CUgraphExec>(fake.get());
  w.graphExecs.insert(fake.release());
  return CUDA_SUCCESS;
}

CUresult cuGraphExecDestroy(CUgraphExec handle) {
  FAKE_ENTER("cuGraphExecDestroy");
  auto *exec = reinterpret_cast<FakeGraphExec *>(handle);
  if (!w.graphExecs.erase(exec))
    return misuse();
  delete exec;
  return CUDA_SUCCESS;
}

CUresult
cuGraphExecKernelNodeSetParams_v2(CUgraphExec handle, CUgraphNode node,
                                  const CUDA_KERNEL_NODE_PARAMS *parameters) {
  FAKE_ENTER("cuGraphExecKernelNodeSetParams");
  auto *exec = reinterpret_cast<FakeGraphExec *>(handle);
  if (!w.graphExecs.count(exec) || !w.graphs.count(exec->graph))
    return misuse();
  size_t position =
      positionOf(*exec->graph, reinterpret_cast<FakeNode *>(node));
  if (position == exec->graph->nodes.size() ||
      !exec->graph->nodes[position]->function)
    return misuse();
  auto work = kernelWork(*parameters);
  if (!work)
    return misuse();
  exec->work[position] = std::move(work);
  return CUDA_SUCCESS;
}

CUresult cuGraphLaunch(CUgraphExec handle, CUstream stream) {
  FAKE_ENTER("cuGraphLaunch");
  auto *exec = reinterpret_cast<FakeGraphExec *>(handle);
  if (!w.graphExecs.count(exec))
    return misuse();
  CUresult result = enqueue(stream, exec->all());
  if (result == CUDA_SUCCESS && w.settings.isEager)
    reinterpret_cast<FakeStream *>(stream)->drain();
  return result;
}

} // extern "C"

namespace vyre::fakecuda {

namespace {
std::lock_guard<std::recursive_mutex> hold() {
  return std::lock_guard<std::recursive_mutex>(world().mutex);
}
} // namespace

void reset() {
  auto lock = hold();
  world().settings = Settings();
  world().calls.clear();
  world().misuses = 0;
}

void resetDevice() {
  reset();
  auto lock = hold();
  World &w = world();
  for (FakeStream *stream : w.streams)
    delete stream;
  for (FakeEvent *event : w.events)
    delete event;
  for (FakeGraphExec *exec : w.graphExecs)
    delete exec;
  for (FakeGraph *graph : w.graphs)
    delete graph;
  for (FakeModule *module : w.modules)
    delete module;
  for (FakeLink *link : w.links)
    delete link;
  for (auto [address, size] : w.deviceMemory)
    std::free(reinterpret_cast<void *>(address));
  for (void *memory : w.pinnedMemory)
    std::free(memory);
  w.streams.clear();
  w.events.clear();
  w.graphExecs.clear();
  w.graphs.clear();
  w.modules.clear();
  w.links.clear();
  w.deviceMemory.clear();
  w.pinnedMemory.clear();
  w.retainedContexts = 0;
  w.usedMemory = 0;
  contextDepth = 0;
}

void failCall(uint64_t position, int result, bool isSticky) {
  auto lock = hold();
  Settings &s = world().settings;
  s.mustFail = true;
  s.hasFailed = false;
  s.isSticky = isSticky;
  s.failPosition = position;
  s.failResult = result;
}

bool hasFailed() {
  auto lock = hold();
  return world().settings.hasFailed;
}

std::vector<std::string> calls() {
  auto lock = hold();
  return world().calls;
}

void forgetCalls() {
  auto lock = hold();
  world().calls.clear();
}

uint64_t liveObjects() {
  auto lock = hold();
  World &w = world();
  return w.retainedContexts + w.modules.size() + w.links.size() +
         w.streams.size() + w.events.size() + w.graphs.size() +
         w.graphExecs.size() + w.deviceMemory.size() + w.pinnedMemory.size();
}

uint64_t misuses() {
  auto lock = hold();
  return world().misuses;
}

void setDeviceCount(int count) {
  auto lock = hold();
  world().settings.deviceCount = count;
}

void setComputeCapability(int capability) {
  auto lock = hold();
  world().settings.capability = capability;
}

void setMemoryLimit(uint64_t bytes) {
  auto lock = hold();
  world().settings.memoryLimit = bytes;
}

void setPendingQueries(uint64_t count) {
  auto lock = hold();
  world().settings.pendingQueries = count;
}

void setEager(bool isEager) {
  auto lock = hold();
  world().settings.isEager = isEager;
}

void rejectModules(int result, const char *log) {
  auto lock = hold();
  world().settings.moduleResult = result;
  world().settings.moduleLog = log;
}

void *createStream() {
  auto lock = hold();
  auto *stream = new FakeStream();
  world().streams.insert(stream);
  return stream;
}

void destroyStream(void *handle) {
  auto lock = hold();
  auto *stream = static_cast<FakeStream *>(handle);
  stream->drain();
  world().streams.erase(stream);
  delete stream;
}

void beginCapture(void *handle) {
  auto lock = hold();
  static_cast<FakeStream *>(handle)->capture = CU_STREAM_CAPTURE_STATUS_ACTIVE;
}

uint64_t endCapture(void *handle) {
  auto lock = hold();
  auto *stream = static_cast<FakeStream *>(handle);
  stream->capture = CU_STREAM_CAPTURE_STATUS_NONE;
  uint64_t count = stream->work.size();
  stream->work.clear();
  return count;
}

} // namespace vyre::fakecuda
