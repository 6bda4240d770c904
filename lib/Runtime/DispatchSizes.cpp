//===- DispatchSizes.cpp - Sizes of a dispatch's launches -------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What follows from extents and scalars: requirements, the arena, grids and
// work items, and the parameters that kernels get by value.
//
//===----------------------------------------------------------------------===//

#include "DispatchPlan.h"

#include <limits>

namespace vyre::runtime::internal {

/// What keeps the program's accesses inside of their buffers.
Status DispatchPlan::checkRequirements() const {
  for (const Requirement &requirement : program.requirements) {
    int64_t found, least;
    for (auto [node, value] : {std::pair(requirement.found, &found),
                               std::pair(requirement.least, &least)})
      if (Status status =
              expressions.value(node, "a requirement's side", *value);
          status.failed())
        return status;
    if (found < least)
      return invalid(
          "program '", program.name, "': ", requirement.subject, ", is ", found,
          ", expected at least ", least,
          " with these extents and scalars. Fix: pass arguments whose shapes "
          "and scalars agree.");
  }
  return Status();
}

Status DispatchPlan::computeArena() {
  for (size_t i = 0; i < intermediateSizes.size(); ++i) {
    int64_t size;
    if (Status status = expressions.size(program.intermediates[i].byteSize,
                                         "an intermediate's size", size);
        status.failed())
      return status;
    intermediateSizes[i] = static_cast<uint64_t>(size);
  }
  return arena.pack(intermediateSizes);
}

Status DispatchPlan::computeGpuSizes(const Launch &launch, LaunchSizes &sizes) {
  // The limits of every CUDA architecture.
  constexpr int64_t kMaxGrid[3] = {(int64_t(1) << 31) - 1, 65535, 65535};
  int64_t grid[3];
  for (unsigned i = 0; i < 3; ++i) {
    if (Status status =
            expressions.size(launch.grid[i], "a grid extent", grid[i]);
        status.failed())
      return status;
    sizes.isEmpty |= grid[i] == 0;
  }
  for (unsigned i = 0; i < 3 && !sizes.isEmpty; ++i) {
    if (grid[i] > kMaxGrid[i])
      return invalid("launch '", launch.name, "' of program '", program.name,
                     "' would have the grid extent ", grid[i],
                     ", a GPU takes at most ", kMaxGrid[i],
                     ". Fix: pass smaller extents.");
    if (launch.hasCluster() && grid[i] % launch.cluster[i] != 0)
      return invalid("launch '", launch.name, "' of program '", program.name,
                     "' would have the grid extent ", grid[i],
                     ", expected a multiple of its cluster extent ",
                     launch.cluster[i], ". Fix: pass extents that fit.");
    sizes.grid[i] = static_cast<uint32_t>(grid[i]);
  }
  sizes.dynamicSharedBytes = 0;
  if (launch.dynamicSharedBytes < 0)
    return Status();
  int64_t bytes;
  if (Status status = expressions.size(launch.dynamicSharedBytes,
                                       "a launch's shared memory", bytes);
      status.failed())
    return status;
  if (bytes > std::numeric_limits<int32_t>::max())
    return invalid("launch '", launch.name, "' of program '", program.name,
                   "' would take ", bytes,
                   " bytes of shared memory, no GPU has as much. Fix: pass "
                   "smaller extents.");
  sizes.dynamicSharedBytes = static_cast<uint32_t>(bytes);
  return Status();
}

/// Bytes that a launch may touch of memory; of constants those were checked
/// when the artifact was loaded.
uint64_t DispatchPlan::bytesOf(const MemoryRef &memory) const {
  switch (memory.kind) {
  case MemoryKind::argument: {
    const Argument &info = program.arguments[memory.index];
    return info.isState() ? stateBytes(info) : buffers[memory.index].byteSize;
  }
  case MemoryKind::intermediate:
    return intermediateSizes[memory.index];
  case MemoryKind::constant:
    break;
  }
  return UINT64_MAX;
}

/// The extents of what a call is given. A function trusts them, so that they
/// may not be more than there is.
Status DispatchPlan::computeCallSizes(const Launch &launch,
                                      const LaunchSizes &sizes) {
  int64_t *extent = callExtents.data() + sizes.firstCallExtent;
  for (size_t i = 0; i < launch.call->buffers.size(); ++i) {
    const CallBuffer &buffer = launch.call->buffers[i];
    uint64_t bytes = elementSize(buffer.elementType);
    bool overflows = false;
    for (int32_t node : buffer.extents) {
      if (Status status = expressions.size(node, "an extent", *extent);
          status.failed())
        return status;
      overflows |=
          __builtin_mul_overflow(bytes, static_cast<uint64_t>(*extent), &bytes);
      ++extent;
    }
    uint64_t room = bytesOf(launch.pointers[i]);
    if (overflows || bytes > room)
      return invalid("launch '", launch.name, "' of program '", program.name,
                     "' would pass ",
                     overflows ? "more than 2^64" : concat(bytes),
                     " bytes as buffer ", i, " of '", launch.call->function,
                     "', there are ", room,
                     ". Fix: pass arguments whose shapes and scalars agree.");
    callBytes[sizes.firstCallBuffer + i] = bytes;
  }
  return Status();
}

Status DispatchPlan::computeLaunch(uint32_t index) {
  const Launch &launch = program.launches[index];
  LaunchSizes &sizes = launches[index];
  sizes.isEmpty = false;
  if (launch.isCall() && target != Target::none)
    return computeCallSizes(launch, sizes);
  if (target == Target::gpu)
    return computeGpuSizes(launch, sizes);
  if (target == Target::none)
    return Status();
  if (Status status = expressions.size(
          launch.cpuItems, "a launch's number of work items", sizes.cpuItems);
      status.failed())
    return status;
  sizes.isEmpty = sizes.cpuItems == 0;
  return Status();
}

Status DispatchPlan::computeParameterExpressions() {
  size_t position = 0;
  for (size_t i = 0; i < launches.size(); ++i)
    for (const ParameterRef &parameter : program.launches[i].parameters) {
      int64_t &slot = parameters[position++];
      // What an empty launch would have been passed does not matter.
      if (parameter.kind != ParameterKind::expression || launches[i].isEmpty)
        continue;
      if (Status status = expressions.value(
              static_cast<int32_t>(parameter.index), "a parameter", slot);
          status.failed())
        return status;
    }
  return Status();
}

void DispatchPlan::fillScalarParameters() {
  size_t position = 0;
  for (const Launch &launch : program.launches)
    for (const ParameterRef &parameter : launch.parameters) {
      int64_t &slot = parameters[position++];
      if (parameter.kind == ParameterKind::scalar)
        slot = scalars[parameter.index];
    }
}

} // namespace vyre::runtime::internal
