//===- PackKernel.h - The kernel that packs results -------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Host side of PackResults.cu, the one kernel that the runtime brings itself.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_LIB_RUNTIME_CUDA_PACKKERNEL_H
#define VYRE_LIB_RUNTIME_CUDA_PACKKERNEL_H

#include "CUDA/CUDADevice.h"

namespace vyre::runtime::internal::cuda {

/// What the kernel does for one result, as PackResults.cu has it.
struct PackedResult {
  /// The result's and its count's addresses on the device.
  uint64_t data, count;
  uint64_t rows, rowBytes;
  /// Its place in the slab and the bytes that it may take there, 0 if it has
  /// none.
  uint64_t slabOffset, recordBytes;
  /// An address with room for all of it, where more bytes go than a record
  /// takes; or 0, and then these stay where they are.
  uint64_t direct;
  uint64_t countBytes;

  bool operator==(const PackedResult &other) const {
    return data == other.data && count == other.count && rows == other.rows &&
           rowBytes == other.rowBytes && slabOffset == other.slabOffset &&
           recordBytes == other.recordBytes && direct == other.direct &&
           countBytes == other.countBytes;
  }
};

/// What a launch of the kernel is told; the addresses of these are its
/// parameters.
struct PackArguments {
  /// A PackedResult for each of `resultCount` results.
  uint64_t table = 0;
  /// Where the counts go, 8 bytes each, and the slab.
  uint64_t counts = 0, slab = 0;
  uint64_t resultCount = 0;
  unsigned blocksPerResult = 1;
};

class PackKernel {
public:
  /// Threads of a block, bytes that each block of a result should have, and
  /// blocks that a GPU surely has at work at the same time.
  static constexpr unsigned kThreads = 128;
  static constexpr uint64_t kBytesPerBlock = 16 * 1024;
  static constexpr uint64_t kMaxBlocks = 2048;

  explicit PackKernel(CudaDevice &device) : device(device) {}
  PackKernel(const PackKernel &) = delete;
  PackKernel &operator=(const PackKernel &) = delete;

  /// Here and below the context is current.
  Status load();
  Status close();
  Status launch(PackArguments &arguments, CUstream stream);
  CUfunction function() const { return kernel; }

private:
  CudaDevice &device;
  CUmodule module = nullptr;
  CUfunction kernel = nullptr;
};

} // namespace vyre::runtime::internal::cuda

#endif // VYRE_LIB_RUNTIME_CUDA_PACKKERNEL_H
