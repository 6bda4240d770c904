//===- CUDAReadback.h - Results that the device counts ----------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// How many bytes of a counted result are meaningful the device alone knows. One
// kernel after the program's writes all counts and every result that fits its
// record into mapped page-locked memory, so that exactly these bytes cross the
// bus, with no copy. What is larger is copied after the wait, all together,
// with its exact size.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_LIB_RUNTIME_CUDA_CUDAREADBACK_H
#define VYRE_LIB_RUNTIME_CUDA_CUDAREADBACK_H

#include "CUDA/CUDADevice.h"
#include "DispatchPlan.h"

#include <vector>

namespace vyre::runtime::internal::cuda {

class CudaReadback {
public:
  explicit CudaReadback(CudaDevice &device)
      : device(device), mapped(device), table(device) {}

  /// Loads the kernel, for a program with counted results. Here and below the
  /// context is current.
  Status load();
  Status close();

  /// Takes memory for a plan, where it has less.
  Status reserve(const ReadbackPlan &plan);

  /// Enqueues the kernel. `addressOf` gives an argument's device address.
  template <typename AddressOf>
  Status enqueue(const ReadbackPlan &plan, AddressOf addressOf,
                 CUstream stream) {
    next.clear();
    for (const ResultReadback &result : plan.results())
      if (result.isCounted)
        next.push_back({addressOf(result.argument),
                        addressOf(result.countArgument), result.rows,
                        result.rowBytes, result.slabOffset, result.recordBytes,
                        result.countBytes,
                        uint64_t(result.isRecord && result.isOnHost)});
    return launch(stream);
  }

  /// What the kernel wrote; valid once the stream came that far.
  const int64_t *counts() const {
    return reinterpret_cast<const int64_t *>(mapped.data());
  }
  const uint8_t *slab() const { return mapped.data() + slabBegin; }

private:
  /// As PackResults.cu has it.
  struct PackedResult {
    uint64_t data, count, rows, rowBytes, slabOffset, recordBytes;
    uint64_t countBytes, isRecord;
    bool operator==(const PackedResult &other) const {
      return data == other.data && count == other.count && rows == other.rows &&
             rowBytes == other.rowBytes && slabOffset == other.slabOffset &&
             recordBytes == other.recordBytes &&
             countBytes == other.countBytes && isRecord == other.isRecord;
    }
  };

  Status launch(CUstream stream);

  CudaDevice &device;
  CUmodule module = nullptr;
  CUfunction kernel = nullptr;
  /// The counts, then the slab.
  PinnedBlock mapped;
  uint64_t slabBegin = 0;
  DeviceBlock table;
  /// What the table on the device says, and what it is to say.
  std::vector<PackedResult> current, next;
};

} // namespace vyre::runtime::internal::cuda

#endif // VYRE_LIB_RUNTIME_CUDA_CUDAREADBACK_H
