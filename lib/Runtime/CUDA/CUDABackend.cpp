//===- CUDABackend.cpp - NVIDIA GPUs through their driver -------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Backend.h"

namespace vyre::runtime::internal {
namespace {

class CudaBackend final : public Backend {
public:
  const char *id() const override { return "cuda"; }
  Expected<uint32_t> deviceCount() override { return uint32_t(0); }
  Expected<std::shared_ptr<Device>> open(uint32_t,
                                         const VyreDeviceConfig &) override {
    return failure(VYRE_STATUS_DEVICE_UNAVAILABLE,
                   "this build of the runtime has no GPU backend. Fix: run on "
                   "the CPU.");
  }
};

} // namespace

Backend &cudaBackend() {
  static CudaBackend backend;
  return backend;
}

} // namespace vyre::runtime::internal
