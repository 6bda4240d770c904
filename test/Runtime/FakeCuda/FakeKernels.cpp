//===- FakeKernels.cpp - Modules, functions and launches --------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FakeWorld.h"

#include "vyre/Target/PersistentControl.h"

#include <cstring>
#include <dlfcn.h>
#include <sstream>

using namespace vyre::runtime::internal::cuda;
using namespace vyre::fakecuda;
namespace artifact = vyre::artifact;

/// The tests' kernels, found beside their artifacts' CPU code.
static CpuEntry findEntry(const std::string &name) {
  static void *library = dlopen(VYRE_TEST_KERNELS, RTLD_NOW | RTLD_LOCAL);
  return library ? reinterpret_cast<CpuEntry>(dlsym(library, name.c_str()))
                 : nullptr;
}

/// What a launch passes to a function, which the driver copies during the call.
static std::vector<uint64_t> copyParameters(const FakeFunction &function,
                                            void *const *parameters) {
  std::vector<uint64_t> raw(function.parameters());
  if (function.kernel)
    raw.resize((function.kernel->parameterBytes + 7) / 8);
  for (size_t i = 0; i < function.parameters(); ++i) {
    uint64_t offset = i * 8, size = 8;
    if (function.kernel) {
      offset = function.kernel->parameters[i].offset;
      size = function.kernel->parameters[i].size;
    }
    std::memcpy(reinterpret_cast<uint8_t *>(raw.data()) + offset, parameters[i],
                size);
  }
  return raw;
}

/// Interprets a kernel; from what it must not do, the device does not recover.
static void interpret(ptx::Launch launch, const std::vector<uint64_t> &raw) {
  const auto *bytes = reinterpret_cast<const uint8_t *>(raw.data());
  launch.parameters.assign(bytes, bytes + raw.size() * 8);
  World &w = world();
  if (!w.fault.empty())
    return;
  try {
    ptx::run(launch, isKernelRange);
  } catch (const ptx::Fault &fault) {
    w.fault = fault.what();
    failCall(0, CUDA_ERROR_LAUNCH_FAILED, /*isSticky=*/true);
  }
}

static void doNothing(void *const *, const int64_t *, int64_t, int64_t) {}

static void runKernel(const FakeFunction &function,
                      const std::vector<uint64_t> &raw, int64_t items) {
  std::vector<void *> pointers;
  for (size_t i = 0; i < function.pointers; ++i)
    pointers.push_back(reinterpret_cast<void *>(raw[i]));
  std::vector<int64_t> values(raw.begin() + function.pointers, raw.end());
  function.entry(pointers.data(), values.data(), 0, items);
}

std::function<void()>
vyre::fakecuda::kernelWork(const CUDA_KERNEL_NODE_PARAMS &node,
                           std::shared_ptr<unsigned> clusterSize) {
  uint64_t blocks = uint64_t(node.gridDimX) * node.gridDimY * node.gridDimZ;
  uint64_t threads = uint64_t(node.blockDimX) * node.blockDimY * node.blockDimZ;
  if (blocks == 0 || threads == 0 || threads > 1024)
    return nullptr;
  const auto *function = reinterpret_cast<const FakeFunction *>(node.func);
  std::vector<uint64_t> raw = copyParameters(*function, node.kernelParams);
  if (function->kernel) {
    ptx::Launch launch = {function->kernel,
                          {node.gridDimX, node.gridDimY, node.gridDimZ},
                          {node.blockDimX, node.blockDimY, node.blockDimZ},
                          node.sharedMemBytes,
                          0,
                          {}};
    return [=]() mutable {
      launch.clusterSize = *clusterSize;
      interpret(launch, raw);
    };
  }
  return [=] {
    runKernel(*function, raw, static_cast<int64_t>(blocks * threads));
  };
}

static CUresult launchKernel(World &w, const CUlaunchConfig *config,
                             CUfunction handle, void **parameters) {
  uint64_t blocks =
      uint64_t(config->gridDimX) * config->gridDimY * config->gridDimZ;
  uint64_t threads =
      uint64_t(config->blockDimX) * config->blockDimY * config->blockDimZ;
  CUstream stream = config->hStream;
  if (blocks == 0 || threads == 0 || threads > 1024)
    return misuse();
  const auto *function = reinterpret_cast<const FakeFunction *>(handle);
  std::vector<uint64_t> raw = copyParameters(*function, parameters);
  if (function->kernel) {
    ptx::Launch launch = {
        function->kernel,
        {config->gridDimX, config->gridDimY, config->gridDimZ},
        {config->blockDimX, config->blockDimY, config->blockDimZ},
        config->sharedMemBytes,
        0,
        {}};
    for (unsigned i = 0; i < config->numAttrs; ++i)
      if (config->attrs[i].id == CU_LAUNCH_ATTRIBUTE_CLUSTER_DIMENSION) {
        const auto &cluster = config->attrs[i].value.clusterDim;
        launch.clusterSize = cluster.x * cluster.y * cluster.z;
      }
    return enqueue(stream, [=] { interpret(launch, raw); });
  }
  if (function->isPersistent) {
    auto *on = reinterpret_cast<FakeStream *>(stream);
    if (!w.streams.count(on) || !on->work.empty() || blocks != 1)
      return misuse();
    // In order: after what is on the stream already.
    on->drain();
    on->persistent.push_back(std::make_unique<FakePersistentKernel>(
        *function, raw[0], static_cast<uint32_t>(raw[1])));
    return CUDA_SUCCESS;
  }
  return enqueue(stream, [=] {
    runKernel(*function, raw, static_cast<int64_t>(blocks * threads));
  });
}

extern "C" {

CUresult cuModuleLoadDataEx(CUmodule *module, const void *image, unsigned count,
                            CUjit_option *options, void **values) {
  FAKE_ENTER("cuModuleLoadDataEx");
  expectQuiet();
  if (w.settings.moduleResult != CUDA_SUCCESS) {
    for (unsigned i = 0; i < count; ++i)
      if (options[i] == CU_JIT_ERROR_LOG_BUFFER)
        std::strcpy(static_cast<char *>(values[i]),
                    w.settings.moduleLog.c_str());
    return static_cast<CUresult>(w.settings.moduleResult);
  }
  auto fake = std::make_unique<FakeModule>();
  const auto *code = static_cast<const char *>(image);
  if (ptx::isPtx(code)) {
    try {
      fake->code = ptx::parse(code);
    } catch (const ptx::Fault &fault) {
      for (unsigned i = 0; i < count; ++i)
        if (options[i] == CU_JIT_ERROR_LOG_BUFFER)
          std::strncpy(static_cast<char *>(values[i]), fault.what(), 200);
      return CUDA_ERROR_INVALID_PTX;
    }
    for (const auto &[name, kernel] : fake->code.kernels) {
      FakeFunction &function = fake->functions[name];
      function.name = name;
      function.kernel = kernel;
      function.waits = kernel->waits;
    }
  }
  std::istringstream text(code);
  for (std::string line; std::getline(text, line);) {
    FakeFunction function;
    std::istringstream words(line);
    std::string comment, kernel;
    words >> comment >> kernel >> function.name >> function.pointers >>
        function.values;
    if (!words || (kernel != "kernel" && kernel != "persistent"))
      continue;
    std::string mark;
    function.waits = (words >> mark) && mark == "waits";
    bool isOwn = function.name.rfind("vyre_", 0) == 0;
    function.entry = w.settings.skipsKernels && !isOwn
                         ? doNothing
                         : findEntry(function.name);
    function.isPersistent = kernel == "persistent";
    if (function.isPersistent)
      function.name += artifact::kPersistentSuffix;
    fake->functions[function.name] = function;
  }
  *module = reinterpret_cast<CUmodule>(fake.get());
  w.modules.insert(fake.release());
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
  expectQuiet();
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
  if (found == module->functions.end() ||
      (!found->second.entry && !found->second.kernel))
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
  if (index >= function->parameters())
    return CUDA_ERROR_INVALID_VALUE;
  if (function->kernel) {
    *offset = function->kernel->parameters[index].offset;
    *size = function->kernel->parameters[index].size;
    return CUDA_SUCCESS;
  }
  *offset = index * 8;
  *size = 8;
  return CUDA_SUCCESS;
}

CUresult cuLaunchKernelEx(const CUlaunchConfig *config, CUfunction handle,
                          void **parameters, void **) {
  FAKE_ENTER("cuLaunchKernelEx");
  return launchKernel(w, config, handle, parameters);
}

CUresult cuLaunchKernel(CUfunction handle, unsigned gridX, unsigned gridY,
                        unsigned gridZ, unsigned blockX, unsigned blockY,
                        unsigned blockZ, unsigned sharedBytes, CUstream stream,
                        void **parameters, void **) {
  FAKE_ENTER("cuLaunchKernel");
  CUlaunchConfig config = {gridX,  gridY,       gridZ,  blockX,  blockY,
                           blockZ, sharedBytes, stream, nullptr, 0};
  return launchKernel(w, &config, handle, parameters);
}

} // extern "C"
