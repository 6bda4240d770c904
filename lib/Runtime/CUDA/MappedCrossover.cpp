//===- MappedCrossover.cpp - When a copy beats mapped memory ----*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CUDA/MappedCrossover.h"

#include "CUDA/PackKernel.h"

#include <algorithm>
#include <array>

namespace vyre::runtime::internal::cuda {
namespace {

/// Sizes that are tried, in bytes, and how often; the best time of each counts,
/// after one that does not.
constexpr uint64_t kTried[] = {MappedCrossover::kSmallSlab, 64 * 1024,
                               256 * 1024, 1024 * 1024};
constexpr uint64_t kLargest = 1024 * 1024;
constexpr int kRepeats = 3;

/// Of each record.
constexpr uint64_t kRecordBytes = 4096;

/// Everything that the measurement takes; gives it back in any case.
class Measurement {
public:
  explicit Measurement(CudaDevice &device)
      : device(device), kernel(device), memory(device), host(device) {}

  Status run(uint64_t &limit) {
    Status status = prepare();
    limit = UINT64_MAX;
    uint64_t smaller = 0;
    for (uint64_t byteSize : kTried) {
      Clock::duration mapped, copied;
      if (!status.failed())
        status = measure(byteSize, /*isMapped=*/true, mapped);
      if (!status.failed())
        status = measure(byteSize, /*isMapped=*/false, copied);
      if (status.failed())
        break;
      // A copy has to be faster for every size from here on.
      if (mapped <= copied)
        limit = UINT64_MAX;
      else if (limit == UINT64_MAX)
        limit = std::max(MappedCrossover::kSmallSlab, (smaller + byteSize) / 2);
      smaller = byteSize;
    }
    status.update(close());
    return status;
  }

private:
  /// On the device: the records' source, their slab, the counts that come out,
  /// the one count that goes in, and the table.
  static constexpr uint64_t kMostRecords = kLargest / kRecordBytes;
  static constexpr uint64_t kSlab = kLargest;
  static constexpr uint64_t kCounts = 2 * kLargest;
  static constexpr uint64_t kCount = kCounts + kMostRecords * sizeof(int64_t);
  static constexpr uint64_t kTable = kCount + 256;
  static constexpr uint64_t kEnd = kTable + kMostRecords * sizeof(PackedResult);

  Status prepare() {
    Status status = kernel.load();
    if (!status.failed())
      status = device.check(
          device.driver().streamCreate(&stream, CU_STREAM_NON_BLOCKING),
          "cuStreamCreate");
    if (!status.failed())
      status = memory.reserve(kEnd, 256);
    if (!status.failed())
      status = host.reserve(kLargest + kMostRecords * sizeof(int64_t));
    if (!status.failed())
      status = device.clear(memory.data(), kEnd);
    // Nothing here may throw while the driver's objects are held.
    std::array<PackedResult, kMostRecords> table;
    for (uint64_t i = 0; i < kMostRecords; ++i)
      table[i] = {memory.data() + i * kRecordBytes,
                  memory.data() + kCount,
                  kRecordBytes,
                  1,
                  i * kRecordBytes,
                  kRecordBytes,
                  sizeof(int64_t),
                  1};
    const int64_t count = kRecordBytes;
    if (!status.failed())
      status = device.copyIn(memory.data() + kCount, &count, sizeof(count));
    if (!status.failed())
      status = device.copyIn(memory.data() + kTable, table.data(),
                             table.size() * sizeof(PackedResult));
    return status;
  }

  Status close() {
    Status status;
    if (stream) {
      status.update(device.synchronize(stream));
      status.update(
          device.giveBack([&] { return device.driver().streamDestroy(stream); },
                          "cuStreamDestroy"));
    }
    status.update(memory.release());
    status.update(host.release());
    status.update(kernel.close());
    return status;
  }

  /// Packs so many bytes, and waits until the host has them.
  Status pack(uint64_t byteSize, bool isMapped) {
    uint64_t slab = reinterpret_cast<uintptr_t>(host.data());
    PackArguments arguments = {memory.data() + kTable, slab + kLargest, slab,
                               byteSize / kRecordBytes};
    if (!isMapped) {
      arguments.counts = memory.data() + kCounts;
      arguments.slab = memory.data() + kSlab;
    }
    Status status = kernel.launch(arguments, stream);
    if (!status.failed() && !isMapped)
      status = device.check(
          device.driver().memcpyDtoHAsync(host.data(), memory.data() + kSlab,
                                          byteSize, stream),
          "cuMemcpyDtoHAsync");
    if (!status.failed())
      status = device.check(device.driver().streamSynchronize(stream),
                            "cuStreamSynchronize");
    return status;
  }

  Status measure(uint64_t byteSize, bool isMapped, Clock::duration &best) {
    best = Clock::duration::max();
    for (int i = 0; i <= kRepeats; ++i) {
      Clock::time_point begin = Clock::now();
      if (Status status = pack(byteSize, isMapped); status.failed())
        return status;
      if (i != 0)
        best = std::min<Clock::duration>(best, Clock::now() - begin);
    }
    return Status();
  }

  CudaDevice &device;
  PackKernel kernel;
  CUstream stream = nullptr;
  DeviceBlock memory;
  PinnedBlock host;
};

} // namespace

Status MappedCrossover::isMapped(CudaDevice &device, uint64_t slabBytes,
                                 bool &result) {
  std::lock_guard<std::mutex> lock(mutex);
  result = true;
  if (!limit && slabBytes > kSmallSlab) {
    uint64_t measured = 0;
    if (Status status = Measurement(device).run(measured); status.failed())
      return status;
    limit = measured;
  }
  result = slabBytes <= limit.value_or(kSmallSlab);
  return Status();
}

uint64_t MappedCrossover::known() const {
  std::lock_guard<std::mutex> lock(mutex);
  return limit.value_or(0);
}

} // namespace vyre::runtime::internal::cuda
