//===- RegisteredBackend.cpp - Backends of the caller's ---------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RegisteredBackend.h"

#include "CAPI/Common.h"
#include "RegisteredExecutable.h"

namespace vyre::runtime::internal {

bool RegisteredBackend::readCounters(VyreCacheCounters &counters) const {
  counters = {};
  counters.struct_size = sizeof(counters);
  // A backend that cannot tell is none that fails to compile.
  return table.cache_counters &&
         !adopt(table.cache_counters(table.user, &counters)).failed();
}

Status RegisteredBackend::compile(const VyreArtifact &artifact,
                                  uint32_t program, VyreNativePipeline &native,
                                  VyreCacheOutcome &outcome) {
  native = {};
  native.struct_size = sizeof(native);
  outcome = VYRE_CACHE_UNKNOWN;
  if (!table.compile)
    return Status();
  std::lock_guard<std::mutex> lock(compileMutex);
  VyreCacheCounters before, after;
  bool isCounted = readCounters(before);
  if (Status status =
          adopt(table.compile(table.user, &artifact, program, &native));
      status.failed())
    return status;
  if (native.cache_outcome != VYRE_CACHE_UNKNOWN) {
    outcome = native.cache_outcome == VYRE_CACHE_HIT ? VYRE_CACHE_HIT
                                                     : VYRE_CACHE_MISS;
    return Status();
  }
  if (!isCounted || !readCounters(after))
    return Status();
  uint64_t hits = after.hits - before.hits;
  uint64_t misses = after.misses - before.misses;
  // Anything else is not this compilation's doing alone.
  if (hits + misses == 1)
    outcome = hits ? VYRE_CACHE_HIT : VYRE_CACHE_MISS;
  return Status();
}

//===----------------------------------------------------------------------===//
// Devices
//===----------------------------------------------------------------------===//

RegisteredDevice::RegisteredDevice(std::shared_ptr<RegisteredBackend> from)
    : Device({from->id(), from->id(), from->id(), from->id()}),
      backend(std::move(from)) {}

const VyreBackend &RegisteredDevice::table() const { return backend->table; }

Expected<std::unique_ptr<Executable>>
RegisteredDevice::load(std::shared_ptr<const Artifact> artifact,
                       const Program &program) {
  auto executable = std::make_unique<RegisteredExecutable>(
      *this, std::move(artifact), program);
  if (Status status = executable->initialize(*backend); status.failed()) {
    status.update(executable->close());
    return status;
  }
  if (executable->cacheHit)
    (*executable->cacheHit ? cacheHits : cacheMisses)
        .fetch_add(1, std::memory_order_relaxed);
  return std::unique_ptr<Executable>(std::move(executable));
}

Status RegisteredDevice::noMemory() const {
  return failure(VYRE_STATUS_UNSUPPORTED, "backend '", getIdentity().id,
                 "' has no memory of its own. Fix: use host memory.");
}

Expected<void *> RegisteredDevice::allocateMemory(uint64_t byteSize) {
  if (!hasMemory())
    return noMemory();
  void *memory = nullptr;
  if (Status status = adopt(table().allocate(table().user, byteSize, &memory));
      status.failed())
    return status;
  if (!memory)
    return failure(VYRE_STATUS_OUT_OF_MEMORY, "backend '", getIdentity().id,
                   "' gave no memory for ", byteSize,
                   " bytes, and no status that says why. Fix: have it return "
                   "one.");
  return memory;
}

Status RegisteredDevice::freeMemory(void *memory, uint64_t byteSize) {
  return adopt(table().free(table().user, memory, byteSize));
}

Status RegisteredDevice::upload(void *target, const void *source,
                                uint64_t byteSize) {
  return hasMemory()
             ? adopt(table().upload(table().user, target, source, byteSize))
             : noMemory();
}

Status RegisteredDevice::download(void *target, const void *source,
                                  uint64_t byteSize) {
  return hasMemory()
             ? adopt(table().download(table().user, target, source, byteSize))
             : noMemory();
}

} // namespace vyre::runtime::internal
