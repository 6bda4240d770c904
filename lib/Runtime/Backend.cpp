//===- Backend.cpp - What a backend is --------------------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Backend.h"

namespace vyre::runtime::internal {

Expected<void *> Device::allocate(uint64_t byteSize) {
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
