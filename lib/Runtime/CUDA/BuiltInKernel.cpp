//===- BuiltInKernel.cpp - Kernels of this library's own --------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CUDA/BuiltInKernel.h"

#include "CUDA/CUDADevice.h"
#include "CUDA/PersistentKernel.h"

namespace vyre::runtime::internal::cuda {

Expected<CUfunction> BuiltInKernel::get(const char *ptx) {
  std::lock_guard<std::mutex> lock(mutex);
  const DriverTable &driver = device.driver();
  if (!module) {
    CUmodule loaded = nullptr;
    DeviceQuiet quiet(device);
    if (Status status = device.check(
            driver.moduleLoadDataEx(&loaded, ptx, 0, nullptr, nullptr),
            "cuModuleLoadDataEx");
        status.failed())
      return status;
    module = loaded;
  }
  if (function)
    return function;
  CUfunction found = nullptr;
  if (Status status =
          device.check(driver.moduleGetFunction(&found, module, name),
                       "cuModuleGetFunction");
      status.failed())
    return status;
  function = found;
  return function;
}

Status BuiltInKernel::close() {
  if (!module)
    return Status();
  Status status = device.giveBack(
      [&] { return device.driver().moduleUnload(module); }, "cuModuleUnload");
  module = nullptr;
  function = nullptr;
  return status;
}

} // namespace vyre::runtime::internal::cuda
