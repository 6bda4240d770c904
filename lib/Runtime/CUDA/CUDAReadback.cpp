//===- CUDAReadback.cpp - Results that the device counts --------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CUDA/CUDAReadback.h"

#include <algorithm>
#include <utility>

namespace vyre::runtime::internal::cuda {

static constexpr uint64_t kSlabAlignment = 4096;

Status CudaReadback::close() {
  Status status = host.release();
  status.update(table.release());
  status.update(packed.release());
  status.update(kernel.close());
  return status;
}

Status CudaReadback::reserve(const ReadbackPlan &plan) {
  uint64_t count = plan.countedResults();
  if (count == 0)
    return Status();
  slabBegin = (count * sizeof(int64_t) + kSlabAlignment - 1) / kSlabAlignment *
              kSlabAlignment;
  if (plan.slabBytes() > uint64_t(INT64_MAX) - slabBegin)
    return failure(VYRE_STATUS_OUT_OF_MEMORY, "the slab of the results takes ",
                   plan.slabBytes(),
                   " bytes. Fix: compile with --compact='max-slab-bytes=...'.");
  byteSize = slabBegin + plan.slabBytes();
  if (Status status =
          device.mappedCrossover().isMapped(device, byteSize, isMapped);
      status.failed())
    return status;
  // As much as there may be: a kernel that writes more over the bus than is
  // good would hold up the others.
  uint64_t directBytes = 0;
  directIsMapped = true;
  for (const ResultReadback &result : plan.results())
    if (result.isCounted && writesDirect(result))
      directBytes += result.fullBytes();
  if (Status status = device.mappedCrossover().isMapped(
          device, byteSize + directBytes, directIsMapped);
      status.failed())
    return status;
  directIsMapped &= isMapped;
  if (Status status = host.reserve(byteSize); status.failed())
    return status;
  if (!isMapped)
    if (Status status = packed.reserve(byteSize, kSlabAlignment);
        status.failed())
      return status;
  uint64_t bytes = count * sizeof(PackedResult);
  if (table.holds(bytes, alignof(PackedResult)))
    return Status();
  current.clear();
  current.reserve(count);
  next.reserve(count);
  return table.reserve(bytes, alignof(PackedResult));
}

Status CudaReadback::upload(CUstream stream) {
  uint64_t begin = isMapped ? reinterpret_cast<uintptr_t>(host.data())
                            : uint64_t(packed.data());
  uint64_t mostBytes = 0;
  for (const PackedResult &result : next)
    mostBytes =
        std::max(mostBytes, result.direct ? result.rows * result.rowBytes
                                          : result.recordBytes);
  uint64_t blocks = std::min((mostBytes + PackKernel::kBytesPerBlock - 1) /
                                 PackKernel::kBytesPerBlock,
                             PackKernel::kMaxBlocks / next.size());
  arguments = {table.data(), begin, begin + slabBegin, next.size(),
               static_cast<unsigned>(std::max<uint64_t>(blocks, 1))};
  if (next == current)
    return Status();
  current.clear();
  // The driver takes so few bytes of pageable memory before it returns.
  if (Status status =
          device.check(device.driver().memcpyHtoDAsync(
                           table.data(), next.data(),
                           next.size() * sizeof(PackedResult), stream),
                       "cuMemcpyHtoDAsync");
      status.failed())
    return status;
  std::swap(current, next);
  return Status();
}

Status CudaReadback::fetch(CUstream stream, uint64_t &copies) {
  if (isMapped)
    return Status();
  ++copies;
  return device.check(device.driver().memcpyDtoHAsync(
                          host.data(), packed.data(), byteSize, stream),
                      "cuMemcpyDtoHAsync");
}

} // namespace vyre::runtime::internal::cuda
