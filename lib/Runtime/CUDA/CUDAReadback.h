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
// bus, with no copy; or, where the records may take so many bytes that a copy
// is faster, into device memory that is then copied. A result that turns out
// larger than its record goes the same way if there is page-locked memory for
// all of it. Others are copied after the wait, all together, with their exact
// sizes.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_LIB_RUNTIME_CUDA_CUDAREADBACK_H
#define VYRE_LIB_RUNTIME_CUDA_CUDAREADBACK_H

#include "CUDA/PackKernel.h"
#include "CUDA/TransferCosts.h"
#include "DispatchPlan.h"

#include <vector>

namespace vyre::runtime::internal::cuda {

class CudaReadback {
public:
  explicit CudaReadback(CudaDevice &device)
      : device(device), kernel(device), host(device), packed(device),
        table(device) {}

  /// Loads the kernel, for a program with counted results. Here and below the
  /// context is current.
  Status load() { return kernel.load(); }
  Status close();

  /// Takes memory for a plan, where it has less.
  Status reserve(const ReadbackPlan &plan);

  /// Makes ready what the kernel reads, on the stream where that has changed.
  /// `addressOf` gives an argument's device address, `roomFor` that of
  /// page-locked memory for all of it, or 0.
  template <typename AddressOf, typename RoomFor>
  Status prepare(const ReadbackPlan &plan, AddressOf addressOf, RoomFor roomFor,
                 CUstream stream) {
    next.clear();
    for (const ResultReadback &result : plan.results()) {
      if (!result.isCounted)
        continue;
      uint64_t recordBytes =
          result.isRecord && result.isOnHost ? result.recordBytes : 0;
      uint64_t direct =
          writesDirect(result) ? uint64_t(roomFor(result.argument)) : 0;
      next.push_back({addressOf(result.argument),
                      addressOf(result.countArgument), result.rows,
                      result.rowBytes, result.slabOffset, recordBytes, direct,
                      result.countBytes});
    }
    return upload(stream);
  }

  /// Whether the kernel brings what does not fit its record of a result that
  /// has room in page-locked memory.
  bool writesDirect(const ResultReadback &result) const {
    return directIsMapped && result.isOnHost &&
           result.fullBytes() > result.recordBytes &&
           result.fullBytes() <= kMaxCopyKernelBytes;
  }

  /// Enqueues the kernel, after prepare().
  Status launch(CUstream stream) { return kernel.launch(arguments, stream); }
  /// The kernel as part of a graph.
  CUfunction function() const { return kernel.function(); }
  PackArguments &packArguments() { return arguments; }
  /// Enqueues the copy of what the kernel wrote, if it has to be copied.
  Status fetch(CUstream stream, uint64_t &copies);

  /// What the kernel wrote; valid once the stream came that far.
  const int64_t *counts() const {
    return reinterpret_cast<const int64_t *>(host.data());
  }
  const uint8_t *slab() const { return host.data() + slabBegin; }

private:
  Status upload(CUstream stream);

  CudaDevice &device;
  PackKernel kernel;
  PackArguments arguments;
  /// The counts, then the slab. Mapped, the kernel writes there; else to
  /// `packed`, which is then copied.
  PinnedBlock host;
  DeviceBlock packed;
  bool isMapped = true, directIsMapped = true;
  uint64_t slabBegin = 0, byteSize = 0;
  DeviceBlock table;
  /// What the table on the device says, and what it is to say.
  std::vector<PackedResult> current, next;
};

} // namespace vyre::runtime::internal::cuda

#endif // VYRE_LIB_RUNTIME_CUDA_CUDAREADBACK_H
