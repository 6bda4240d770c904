//===- CUDALayout.cpp - Where the buffers of a dispatch lie -----*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// How each buffer argument reaches the device, where it lies in the block and
// in page-locked memory, and the addresses that kernels get.
//
//===----------------------------------------------------------------------===//

#include "CUDA/CUDAExecution.h"

#include "ArenaPacking.h"

#include <algorithm>

namespace vyre::runtime::internal::cuda {
namespace {

/// The next place for `byteSize` bytes behind `end`, which it moves. False if
/// that overflows 63 bits.
bool place(uint64_t &end, uint64_t byteSize, uint64_t alignment,
           uint64_t &offset) {
  constexpr auto kMost = static_cast<uint64_t>(INT64_MAX);
  if (end > kMost || alignment > kMost - end ||
      byteSize > kMost - end - alignment)
    return false;
  offset = (end + alignment - 1) / alignment * alignment;
  end = offset + byteSize;
  return true;
}

} // namespace

bool CudaExecution::mustLayOut(const DispatchPlan &plan) const {
  if (layoutVersion != plan.sizesVersion() ||
      isLaidOutPersistent != isPersistent)
    return true;
  if (boundVersion == plan.bindingsVersion())
    return false;
  for (size_t i = 0; i < placements.size(); ++i)
    if (placements[i].route != Route::none &&
        placements[i].location != plan.buffers[i].location)
      return true;
  return false;
}

/// Whether all accesses to an input are under way at the same time. A
/// persistent kernel of one block whose threads take several points each would
/// wait for the host again and again: that copies inputs together.
bool CudaExecution::readsAtOnce(const DispatchPlan &plan) const {
  if (!isPersistent)
    return true;
  uint64_t block = plan.getProgram().launches[0].block[0];
  return plan.launches[0].grid[0] * block <=
         executable.kernel(0).persistentThreads;
}

CudaExecution::Route CudaExecution::chooseRoute(const DispatchPlan &plan,
                                                uint32_t argument) const {
  const BoundBuffer &buffer = plan.buffers[argument];
  const Argument &info = plan.getProgram().arguments[argument];
  bool isOutput = info.isWritten() && !info.isRead();
  if (buffer.byteSize == 0)
    return Route::none;
  if (buffer.isOnDevice())
    return Route::resident;
  if (plan.readback.isCountedOnHost(argument))
    return Route::counted;
  if (isOutput && isCount[argument])
    return Route::count;
  bool isOnce =
      isOutput ? isWrittenOnce[argument]
               : !info.isWritten() && isReadOnce[argument] && readsAtOnce(plan);
  if (isOnce && (buffer.byteSize <= kMaxMappedBytes ||
                 (isOutput && plan.readback.isRecord(argument))))
    return Route::mapped;
  // Of a larger result with fewer bytes that mean something only those come.
  bool isWhole =
      plan.readback.bytesBack(argument, buffer.byteSize) == buffer.byteSize;
  uint64_t limit =
      isOutput && isWhole ? kMaxStagedResultBytes : kMaxStagedBytes;
  return buffer.byteSize <= limit || buffer.isReadback() ? Route::staged
                                                         : Route::direct;
}

Status CudaExecution::chooseRoutes(const DispatchPlan &plan) {
  const Program &program = plan.getProgram();
  uint64_t mappedBytes = 0;
  auto isMappedResult = [&](uint32_t i) {
    return placements[i].route == Route::mapped &&
           program.arguments[i].isWritten();
  };
  for (uint32_t i = 0; i < placements.size(); ++i) {
    placements[i].route = chooseRoute(plan, i);
    placements[i].location = plan.buffers[i].location;
    // Far from 2^64 bytes: those of the slab's planner, and small ones.
    if (isMappedResult(i))
      mappedBytes += plan.buffers[i].byteSize;
  }
  bool isMapped = true;
  if (Status status =
          device.mappedCrossover().isMapped(device, mappedBytes, isMapped);
      status.failed())
    return status;
  for (uint32_t i = 0; i < placements.size() && !isMapped; ++i)
    if (isMappedResult(i))
      placements[i].route = Route::staged;
  return Status();
}

Status CudaExecution::computeLayout(const DispatchPlan &plan) {
  if (!mustLayOut(plan))
    return Status();
  const Program &program = plan.getProgram();
  // Until everything below has its place. The same bindings may lie elsewhere
  // than before: a persistent kernel's are not where a launch's are.
  layoutVersion = boundVersion = 0;
  ++generation;
  forgetUploads();
  auto tooLarge = [&] {
    return failure(VYRE_STATUS_OUT_OF_MEMORY, "program '", program.name,
                   "' takes more than 2^63 bytes of device memory. Fix: pass "
                   "smaller extents.");
  };
  blockAlignment = arenaAlignment(program);
  for (uint32_t i = 0; i < placements.size(); ++i) {
    blockAlignment =
        std::max<uint64_t>(blockAlignment, program.arguments[i].alignment);
    placements[i].offset = 0;
  }
  if (Status status = chooseRoutes(plan); status.failed())
    return status;
  directResults.clear();
  for (uint32_t i = 0; i < placements.size(); ++i)
    if (placements[i].route == Route::direct &&
        program.arguments[i].isWritten())
      directResults.push_back(i);

  uint64_t end = 0;
  auto placeAll = [&](Route route, bool isRead, bool isWritten) {
    for (uint32_t i = 0; i < placements.size(); ++i) {
      const Argument &argument = program.arguments[i];
      if (placements[i].route != route || argument.isRead() != isRead ||
          argument.isWritten() != isWritten)
        continue;
      // Packed closely: what travels together should be small.
      uint64_t alignment = std::max<uint64_t>(argument.alignment, 16);
      if (!place(end, plan.buffers[i].byteSize, alignment,
                 placements[i].offset))
        return false;
    }
    return true;
  };
  // Transfers are made in whole words, from one on.
  auto inWords = [](uint64_t size) { return (size + 15) / 16 * 16; };
  if (!placeAll(Route::staged, true, false))
    return tooLarge();
  results.begin = end = inWords(end);
  if (!placeAll(Route::staged, true, true))
    return tooLarge();
  inputs = {0, end};
  if (!placeAll(Route::staged, false, true))
    return tooLarge();
  results.end = end;
  if (!placeAll(Route::direct, true, false) ||
      !placeAll(Route::direct, true, true) ||
      !placeAll(Route::direct, false, true) ||
      !placeAll(Route::counted, false, true) ||
      !placeAll(Route::count, false, true) ||
      !place(end, plan.arena.byteSize, blockAlignment, arenaOffset))
    return tooLarge();
  blockBytes = inWords(end);
  stagingBytes = inWords(results.end);
  for (uint32_t i = 0; i < placements.size(); ++i) {
    Placement &placement = placements[i];
    uint64_t byteSize = plan.buffers[i].byteSize;
    uint64_t alignment = std::max<uint64_t>(program.arguments[i].alignment, 16);
    if (placement.route == Route::mapped &&
        !place(stagingBytes, byteSize, alignment, placement.offset))
      return tooLarge();
    if (isStagedLate(plan, i) &&
        !place(stagingBytes, byteSize, alignment, placement.stagingOffset))
      return tooLarge();
  }
  layoutVersion = plan.sizesVersion();
  isLaidOutPersistent = isPersistent;
  return Status();
}

Status CudaExecution::reserveMemory(const DispatchPlan &plan) {
  if (boundVersion == plan.bindingsVersion() &&
      block->holds(blockBytes, blockAlignment))
    return Status();
  boundVersion = 0;
  // The graph holds what the kernel that packs is told.
  generation += plan.readback.countedResults() != 0;
  if (Status status = readback.reserve(plan.readback); status.failed())
    return status;
  if ((inputs.size() != 0 || results.size() != 0) && !copyKernel &&
      !isPersistent) {
    auto loaded = device.copyKernel();
    if (loaded.failed())
      return loaded.takeStatus();
    copyKernel = *loaded;
  }
  const uint8_t *stagedAt = staging.data();
  if (Status status = staging.reserve(stagingBytes); status.failed())
    return status;
  if (staging.data() != stagedAt) {
    ++generation;
    forgetUploads();
  }
  if (block->holds(blockBytes, blockAlignment))
    return Status();
  ++generation;
  forgetUploads();
  if (isBlockCaptured) {
    captured.push_back(std::move(block));
    block = std::make_unique<DeviceBlock>(device);
    isBlockCaptured = false;
  }
  return block->reserve(blockBytes, blockAlignment);
}

CUdeviceptr CudaExecution::address(const DispatchPlan &plan,
                                   const MemoryRef &memory) const {
  switch (memory.kind) {
  case MemoryKind::argument: {
    if (plan.getProgram().arguments[memory.index].isState())
      return executable.state(memory.index);
    const Placement &placement = placements[memory.index];
    if (placement.route == Route::none)
      return 0;
    if (placement.route == Route::resident)
      return reinterpret_cast<CUdeviceptr>(plan.buffers[memory.index].data);
    if (placement.route == Route::mapped)
      return reinterpret_cast<CUdeviceptr>(staging.data() + placement.offset);
    return block->data() + placement.offset;
  }
  case MemoryKind::intermediate:
    return block->data() + arenaOffset + plan.arena.offsets[memory.index];
  case MemoryKind::constant:
    return executable.getModule().constant(memory.index);
  }
  return 0;
}

/// Everything that waited for the old pointers is over.
Status CudaExecution::uploadTables() {
  // So few bytes of pageable memory the driver takes before it returns.
  constexpr size_t kAtOnce = 32 * 1024 / sizeof(uint64_t);
  for (size_t first = 0; first < tables.size(); first += kAtOnce) {
    size_t count = std::min(kAtOnce, tables.size() - first);
    if (Status status = device.check(
            driver.memcpyHtoDAsync(tableBlock.data() + first * sizeof(uint64_t),
                                   tables.data() + first,
                                   count * sizeof(uint64_t), stream),
            "cuMemcpyHtoDAsync");
        status.failed())
      return status;
  }
  return Status();
}

void CudaExecution::fillParameters(const DispatchPlan &plan) {
  const Program &program = plan.getProgram();
  size_t next = 0, nextOfTable = 0;
  for (size_t i = 0; i < program.launches.size(); ++i) {
    const Launch &launch = program.launches[i];
    if (launch.hasPointerTable)
      values[next++] = tableBlock.data() + nextOfTable * sizeof(uint64_t);
    for (const MemoryRef &memory : launch.pointers)
      (launch.hasPointerTable ? tables[nextOfTable++] : values[next++]) =
          address(plan, memory);
    const int64_t *parameters =
        plan.parameters.data() + plan.launches[i].firstParameter;
    for (size_t k = 0; k < launch.parameters.size(); ++k)
      values[next++] = static_cast<uint64_t>(parameters[k]);
  }
}

} // namespace vyre::runtime::internal::cuda
