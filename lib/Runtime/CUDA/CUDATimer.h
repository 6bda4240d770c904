//===- CUDATimer.h - How long a GPU took ------------------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Two events around the work of a timed dispatch, made when the first one
// comes.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_LIB_RUNTIME_CUDA_CUDATIMER_H
#define VYRE_LIB_RUNTIME_CUDA_CUDATIMER_H

#include "CUDA/CUDADevice.h"

#include <cstdint>
#include <optional>

namespace vyre::runtime::internal::cuda {

/// The context is current in each call.
class CudaTimer {
public:
  explicit CudaTimer(CudaDevice &device) : device(device) {}
  CudaTimer(const CudaTimer &) = delete;
  CudaTimer &operator=(const CudaTimer &) = delete;

  /// Before the work is enqueued; forgets the time of the dispatch before. Does
  /// nothing unless `isWanted`.
  Status begin(CUstream stream, bool isWanted);
  /// After it is.
  Status end(CUstream stream);
  /// After it is done. A time that the driver does not tell is none, and no
  /// error of the dispatch.
  void read();

  std::optional<uint64_t> nanoseconds() const { return elapsed; }
  Status close();

private:
  CudaDevice &device;
  CUevent events[2] = {nullptr, nullptr};
  bool isRunning = false;
  std::optional<uint64_t> elapsed;
};

} // namespace vyre::runtime::internal::cuda

#endif // VYRE_LIB_RUNTIME_CUDA_CUDATIMER_H
