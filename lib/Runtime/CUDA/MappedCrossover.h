//===- MappedCrossover.h - When a copy beats mapped memory ------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Small results are written by kernels straight into page-locked host memory;
// many bytes may get there sooner by a copy from device memory. Where the one
// becomes the other depends on GPU, bus and host, so that a device measures it:
// the same results are packed both ways, from the launch to the host holding
// the bytes. That takes about a millisecond, once per device, when the first
// program asks whose records are large enough for it to matter.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_LIB_RUNTIME_CUDA_MAPPEDCROSSOVER_H
#define VYRE_LIB_RUNTIME_CUDA_MAPPEDCROSSOVER_H

#include "Status.h"

#include <cstdint>
#include <mutex>
#include <optional>

namespace vyre::runtime::internal::cuda {

class CudaDevice;

class MappedCrossover {
public:
  /// Slabs up to this size, in bytes, are always mapped: that is less than the
  /// bus carries in the time that the call for a copy takes.
  static constexpr uint64_t kSmallSlab = 16 * 1024;

  /// Takes this limit in place of a measured one.
  void set(uint64_t bytes) { limit = bytes; }

  /// Whether a slab of so many bytes is to be mapped. Measures if that matters
  /// and has not been done; the context is current.
  Status isMapped(CudaDevice &device, uint64_t slabBytes, bool &result);

  /// The most bytes that are mapped; 0 as long as it is not known.
  uint64_t known() const;

private:
  mutable std::mutex mutex;
  std::optional<uint64_t> limit;
};

} // namespace vyre::runtime::internal::cuda

#endif // VYRE_LIB_RUNTIME_CUDA_MAPPEDCROSSOVER_H
