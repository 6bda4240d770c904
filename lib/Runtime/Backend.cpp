//===- Backend.cpp - What a backend is --------------------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Backend.h"

#include <pthread.h>

namespace vyre::runtime::internal {

/// How often this process became another one by fork().
static uint64_t countForks() {
  static std::atomic<uint64_t> forks{0};
  // Where that fails nobody is warned, and everything else works.
  static const int isCounting = ::pthread_atfork(
      nullptr, nullptr, [] { forks.fetch_add(1, std::memory_order_relaxed); });
  (void)isCounting;
  return forks.load(std::memory_order_relaxed);
}

Device::Device(DeviceIdentity identity)
    : identity(std::move(identity)), forks(countForks()) {}

bool Device::isInherited() const { return forks != countForks(); }

Status Device::checkProcess() const {
  if (!isInherited())
    return Status();
  return failure(VYRE_STATUS_FAILED_PRECONDITION, "device '", identity.id,
                 "' was opened by the process that forked this one, whose "
                 "threads and contexts are not here. Fix: open devices in the "
                 "process that uses them, after fork().");
}

Status Device::health() const {
  Status status = checkProcess();
  return status.failed() ? std::move(status) : checkUse();
}

Expected<void *> Device::allocate(uint64_t byteSize) {
  if (Status status = checkProcess(); status.failed())
    return status;
  auto memory = allocateMemory(byteSize);
  if (memory.failed())
    return memory;
  try {
    std::lock_guard<std::mutex> lock(allocationMutex);
    allocations.emplace(*memory, byteSize);
  } catch (...) {
    // That there is no memory for the list is what the caller hears.
    (void)freeMemory(*memory, byteSize).failed();
    throw;
  }
  retain();
  return memory;
}

Expected<planning::CaptureCosts> Device::graphCosts() {
  return failure(VYRE_STATUS_UNSUPPORTED, "device '", identity.id,
                 "' has no graphs. Fix: ask a GPU with a driver of CUDA 12 or "
                 "newer.");
}

std::string programId(const Program &program) {
  constexpr size_t kDigits = 16;
  return concat(program.name, "@",
                std::string_view(program.digest).substr(0, kDigits));
}

std::string builtInPipelineId(const char *backend, const Program &program) {
  return concat(backend, "/", programId(program));
}

Status Device::free(void *memory) {
  if (Status status = checkProcess(); status.failed())
    return status;
  uint64_t byteSize;
  {
    std::lock_guard<std::mutex> lock(allocationMutex);
    auto found = allocations.find(memory);
    if (found == allocations.end())
      return invalid("an address is freed on ", identity.id,
                     " that vyreDeviceAllocate did not give there, or that was "
                     "freed already. Fix: free each allocation once.");
    byteSize = found->second;
    allocations.erase(found);
  }
  Status status = freeMemory(memory, byteSize);
  status.update(letGo());
  return status;
}

} // namespace vyre::runtime::internal
