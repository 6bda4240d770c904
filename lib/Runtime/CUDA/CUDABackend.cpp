//===- CUDABackend.cpp - NVIDIA GPUs through their driver -------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Backend.h"
#include "CUDA/CUDADevice.h"
#include "CUDA/Driver.h"

#include <algorithm>

namespace vyre::runtime::internal {
namespace {

class CudaBackend final : public Backend {
public:
  const char *id() const override { return "cuda"; }

  Expected<uint32_t> deviceCount() override {
    auto driver = cuda::loadDriver();
    if (driver.failed())
      return driver.takeStatus();
    int count = 0;
    cuda::CUresult result = (*driver)->deviceGetCount(&count);
    if (result != cuda::CUDA_SUCCESS)
      return cuda::driverError(**driver, result, "cuDeviceGetCount",
                               "the driver");
    return static_cast<uint32_t>(std::max(count, 0));
  }

  Expected<std::shared_ptr<Device>>
  open(uint32_t ordinal, const VyreDeviceConfig &config) override {
    auto driver = cuda::loadDriver();
    if (driver.failed())
      return driver.takeStatus();
    return cuda::CudaDevice::open(**driver, ordinal, config);
  }
};

} // namespace

Backend &cudaBackend() {
  static CudaBackend backend;
  return backend;
}

} // namespace vyre::runtime::internal
