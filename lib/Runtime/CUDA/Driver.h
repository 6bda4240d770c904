//===- Driver.h - Finding the CUDA driver -----------------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Loads libcuda at run time, so that the process starts fine without it, and
// turns its results into statuses.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_LIB_RUNTIME_CUDA_DRIVER_H
#define VYRE_LIB_RUNTIME_CUDA_DRIVER_H

#include "CUDA/DriverAPI.h"
#include "Status.h"

#include <string_view>

namespace vyre::runtime::internal::cuda {

/// The driver, loaded and initialised on first use. Without one, every call
/// looks again. Error: DEVICE_UNAVAILABLE.
///
/// The library is libcuda.so.1, or what the environment variable
/// VYRE_CUDA_DRIVER names.
Expected<const DriverTable *> loadDriver();

/// Whether a result means that the context is beyond use for good.
bool isSticky(CUresult result);

/// "cuMemAlloc_v2 failed on cuda:0 with CUDA_ERROR_OUT_OF_MEMORY (2): out of
/// memory", with what to do about it.
Status driverError(const DriverTable &driver, CUresult result,
                   std::string_view call, std::string_view device);

} // namespace vyre::runtime::internal::cuda

#endif // VYRE_LIB_RUNTIME_CUDA_DRIVER_H
