//===- CPUDevice.h - The CPU as a device ------------------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Runs an artifact's CPU code on a thread pool, on the caller's memory in
// place. It is the reference that GPU results are compared with.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_LIB_RUNTIME_CPU_CPUDEVICE_H
#define VYRE_LIB_RUNTIME_CPU_CPUDEVICE_H

#include "Backend.h"
#include "CPU/SharedObject.h"
#include "CPU/ThreadPool.h"

#include <map>
#include <memory>
#include <mutex>
#include <vector>

namespace vyre::runtime::internal {

/// A block of host memory with an alignment.
class HostBlock {
public:
  /// Makes room for `byteSize` bytes, and forgets what was there.
  Status reserve(uint64_t byteSize, uint64_t alignment);
  uint8_t *data() const { return memory.get(); }
  /// Hands the memory to the caller, to be freed with std::free.
  void *release() {
    capacity = 0;
    return memory.release();
  }

private:
  std::unique_ptr<uint8_t, FreeDeleter> memory;
  uint64_t capacity = 0;
};

/// What all programs of one artifact share on the device.
struct CpuModule {
  /// Null where no program has a launch.
  std::unique_ptr<SharedObject> code;
  /// One address per constant of the artifact, aligned as it asks.
  std::vector<const void *> constants;
  /// Copies of constants that are not aligned where they lie.
  std::vector<HostBlock> copies;
  std::shared_ptr<const Artifact> artifact;
};

class CpuDevice final : public Device {
public:
  explicit CpuDevice(unsigned threads);

  DispatchPlan::Target target() const override {
    return DispatchPlan::Target::cpu;
  }
  Status supports(const Artifact &artifact) const override;
  Expected<std::unique_ptr<Executable>>
  load(std::shared_ptr<const Artifact> artifact,
       const Program &program) override;
  Status upload(void *target, const void *source, uint64_t byteSize) override;
  Status download(void *target, const void *source, uint64_t byteSize) override;
  Status close() override { return Status(); }

  ThreadPool &getPool() { return pool; }

  /// While a dispatch of the device calls a function of the host's on this
  /// thread.
  class CallScope {
  public:
    explicit CallScope(const CpuDevice &device);
    CallScope(const CallScope &) = delete;
    CallScope &operator=(const CallScope &) = delete;
    ~CallScope();

  private:
    const CpuDevice *const outer;
  };

private:
  /// A function that dispatched here could have all threads wait for each
  /// other.
  Status checkUse() const override;
  Expected<void *> allocateMemory(uint64_t byteSize) override;
  Status freeMemory(void *memory, uint64_t byteSize) override;
  Expected<std::shared_ptr<CpuModule>>
  loadModule(std::shared_ptr<const Artifact> artifact, bool &isHit);

  ThreadPool pool;
  std::mutex mutex;
  std::map<const Artifact *, std::weak_ptr<CpuModule>> modules;
};

} // namespace vyre::runtime::internal

#endif // VYRE_LIB_RUNTIME_CPU_CPUDEVICE_H
