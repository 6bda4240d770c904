//===- CUDAReadback.cpp - Results that the device counts --------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CUDA/CUDAReadback.h"

#include <utility>

namespace vyre::runtime::internal::cuda {
namespace {

/// PackResults.cu as PTX.
constexpr char kPackResults[] =
#include "CUDA/PackResults.ptx.inc"
    ;

constexpr unsigned kThreads = 128;
constexpr uint64_t kSlabAlignment = 4096;

} // namespace

Status CudaReadback::load() {
  if (module)
    return Status();
  if (Status status =
          device.check(device.driver().moduleLoadDataEx(&module, kPackResults,
                                                        0, nullptr, nullptr),
                       "cuModuleLoadDataEx");
      status.failed()) {
    module = nullptr;
    return status;
  }
  return device.check(
      device.driver().moduleGetFunction(&kernel, module, "vyre_pack_results"),
      "cuModuleGetFunction");
}

Status CudaReadback::close() {
  Status status = mapped.release();
  status.update(table.release());
  if (module)
    status.update(
        device.giveBack([&] { return device.driver().moduleUnload(module); },
                        "cuModuleUnload"));
  module = nullptr;
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
  if (Status status = mapped.reserve(slabBegin + plan.slabBytes());
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

Status CudaReadback::launch(CUstream stream) {
  if (next != current) {
    // The driver takes so few bytes of pageable memory before it returns.
    current.clear();
    if (Status status =
            device.check(device.driver().memcpyHtoDAsync(
                             table.data(), next.data(),
                             next.size() * sizeof(PackedResult), stream),
                         "cuMemcpyHtoDAsync");
        status.failed())
      return status;
    std::swap(current, next);
  }
  uint64_t values[] = {table.data(), reinterpret_cast<uint64_t>(mapped.data()),
                       reinterpret_cast<uint64_t>(mapped.data() + slabBegin),
                       current.size()};
  void *addresses[] = {&values[0], &values[1], &values[2], &values[3]};
  return device.check(device.driver().launchKernel(
                          kernel, static_cast<unsigned>(current.size()), 1, 1,
                          kThreads, 1, 1, 0, stream, addresses, nullptr),
                      "cuLaunchKernel");
}

} // namespace vyre::runtime::internal::cuda
