//===- Driver.cpp - Finding the CUDA driver ---------------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CUDA/Driver.h"

#include <cstdlib>
#include <dlfcn.h>
#include <mutex>

namespace vyre::runtime::internal::cuda {
namespace {

constexpr const char *kFix =
    " Fix: install the NVIDIA driver and make the GPU visible to this "
    "process, or run on the CPU.";

const char *libraryName() {
  const char *name = ::secure_getenv("VYRE_CUDA_DRIVER");
  return name && *name ? name : "libcuda.so.1";
}

template <typename Function>
bool resolve(void *library, const char *symbol, Function &function) {
  function = reinterpret_cast<Function>(::dlsym(library, symbol));
  return function != nullptr;
}

/// Fills the table. Returns the name of a function that is missing, or NULL.
const char *resolveAll(void *library, DriverTable &table) {
#define VYRE_RESOLVE(member, symbol, parameters)                               \
  if (!resolve(library, #symbol, table.member))                                \
    return #symbol;
  VYRE_CUDA_FUNCTIONS(VYRE_RESOLVE)
#undef VYRE_RESOLVE
#define VYRE_RESOLVE(member, symbol, parameters)                               \
  (void)resolve(library, #symbol, table.member);
  VYRE_CUDA_OPTIONAL_FUNCTIONS(VYRE_RESOLVE)
#undef VYRE_RESOLVE
  return nullptr;
}

std::string describeResult(const DriverTable &driver, CUresult result) {
  const char *name = nullptr, *text = nullptr;
  // These two fail only for results that they do not know.
  if (driver.getErrorName(result, &name) != CUDA_SUCCESS || !name)
    name = "an unknown result";
  if (driver.getErrorString(result, &text) != CUDA_SUCCESS || !text)
    text = "no description";
  return concat(name, " (", static_cast<int>(result), "): ", text);
}

} // namespace

Expected<const DriverTable *> loadDriver() {
  static std::mutex mutex;
  static DriverTable table;
  static bool isLoaded = false;
  std::lock_guard<std::mutex> lock(mutex);
  if (isLoaded)
    return &table;

  void *library = ::dlopen(libraryName(), RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    const char *reason = ::dlerror();
    return failure(VYRE_STATUS_DEVICE_UNAVAILABLE,
                   "the CUDA driver cannot be loaded: ",
                   reason ? reason : libraryName(), ".", kFix);
  }
  // A driver stays loaded once it was initialised; it is never unloaded while
  // the process lives, which it does not support.
  DriverTable candidate;
  if (const char *missing = resolveAll(library, candidate)) {
    Status status = failure(VYRE_STATUS_DEVICE_UNAVAILABLE,
                            "the CUDA driver has no function ", missing,
                            ". Fix: install a newer NVIDIA driver.");
    ::dlclose(library);
    return status;
  }
  CUresult result = candidate.init(0);
  if (result != CUDA_SUCCESS)
    return failure(VYRE_STATUS_DEVICE_UNAVAILABLE,
                   "the CUDA driver does not start: ",
                   describeResult(candidate, result), ".", kFix);
  table = candidate;
  isLoaded = true;
  return &table;
}

bool isSticky(CUresult result) {
  switch (result) {
  case CUDA_ERROR_DEINITIALIZED:
  case CUDA_ERROR_ECC_UNCORRECTABLE:
  case CUDA_ERROR_NVLINK_UNCORRECTABLE:
  case CUDA_ERROR_CONTAINED:
  case CUDA_ERROR_ILLEGAL_ADDRESS:
  case CUDA_ERROR_LAUNCH_TIMEOUT:
  case CUDA_ERROR_CONTEXT_IS_DESTROYED:
  case CUDA_ERROR_ASSERT:
  case CUDA_ERROR_HARDWARE_STACK_ERROR:
  case CUDA_ERROR_ILLEGAL_INSTRUCTION:
  case CUDA_ERROR_MISALIGNED_ADDRESS:
  case CUDA_ERROR_INVALID_ADDRESS_SPACE:
  case CUDA_ERROR_INVALID_PC:
  case CUDA_ERROR_LAUNCH_FAILED:
  case CUDA_ERROR_TENSOR_MEMORY_LEAK:
  case CUDA_ERROR_MPS_CLIENT_TERMINATED:
    return true;
  default:
    return false;
  }
}

Status driverError(const DriverTable &driver, CUresult result,
                   std::string_view call, std::string_view device) {
  std::string what = concat(call, " failed on ", device, " with ",
                            describeResult(driver, result), ".");
  if (result == CUDA_ERROR_OUT_OF_MEMORY)
    return failure(VYRE_STATUS_OUT_OF_MEMORY, what,
                   " Fix: free device memory, or pass smaller extents.");
  if (isSticky(result))
    return failure(VYRE_STATUS_DEVICE_LOST, what,
                   " Fix: restart the process; run the program under "
                   "compute-sanitizer to find the cause.");
  return failure(VYRE_STATUS_DEVICE_ERROR, what,
                 " Fix: check that driver, GPU and artifact fit together.");
}

} // namespace vyre::runtime::internal::cuda
