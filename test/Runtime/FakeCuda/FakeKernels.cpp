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

static void runKernel(const FakeFunction &function,
                      const std::vector<uint64_t> &raw, int64_t items) {
  std::vector<void *> pointers;
  for (size_t i = 0; i < function.pointers; ++i)
    pointers.push_back(reinterpret_cast<void *>(raw[i]));
  std::vector<int64_t> values(raw.begin() + function.pointers, raw.end());
  function.entry(pointers.data(), values.data(), 0, items);
}

std::function<void()>
vyre::fakecuda::kernelWork(const CUDA_KERNEL_NODE_PARAMS &node) {
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
  std::istringstream text(static_cast<const char *>(image));
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
    function.entry = findEntry(function.name);
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
  if (index >= function->parameters())
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
  for (size_t i = 0; i < function->parameters(); ++i)
    raw.push_back(*static_cast<const uint64_t *>(parameters[i]));
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

CUresult cuLaunchKernelEx(const CUlaunchConfig *config, CUfunction handle,
                          void **parameters, void **extra) {
  FAKE_ENTER("cuLaunchKernelEx");
  w.calls.pop_back();
  CUresult result = cuLaunchKernel(
      handle, config->gridDimX, config->gridDimY, config->gridDimZ,
      config->blockDimX, config->blockDimY, config->blockDimZ,
      config->sharedMemBytes, config->hStream, parameters, extra);
  w.calls.back() = "cuLaunchKernelEx";
  return result;
}

} // extern "C"
