//===- BuiltInKernel.h - Kernels of this library's own ----------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the runtime itself lets a GPU do, as PTX in the library: loaded once per
// device, when somebody first asks for it. Any thread may ask.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_LIB_RUNTIME_CUDA_BUILTINKERNEL_H
#define VYRE_LIB_RUNTIME_CUDA_BUILTINKERNEL_H

#include "CUDA/Driver.h"
#include "Status.h"

#include <mutex>

namespace vyre::runtime::internal::cuda {

class CudaDevice;

class BuiltInKernel {
public:
  BuiltInKernel(CudaDevice &device, const char *name)
      : device(device), name(name) {}
  BuiltInKernel(const BuiltInKernel &) = delete;
  BuiltInKernel &operator=(const BuiltInKernel &) = delete;

  /// The kernel; loads `ptx`, which is the same at each call. The context is
  /// current, here and below.
  Expected<CUfunction> get(const char *ptx);
  Status close();

private:
  CudaDevice &device;
  const char *const name;
  std::mutex mutex;
  CUmodule module = nullptr;
  CUfunction function = nullptr;
};

} // namespace vyre::runtime::internal::cuda

#endif // VYRE_LIB_RUNTIME_CUDA_BUILTINKERNEL_H
