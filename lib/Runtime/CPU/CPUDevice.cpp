//===- CPUDevice.cpp - The CPU as a device ----------------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CPU/CPUDevice.h"

#include "CPU/CPUExecutable.h"
#include "CPU/HostFeatures.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <sched.h>

namespace vyre::runtime::internal {
namespace {

constexpr unsigned kMaxThreads = 4096;

/// CPUs that this process may run on.
unsigned usableCpus() {
  cpu_set_t set;
  if (::sched_getaffinity(0, sizeof(set), &set) == 0)
    return static_cast<unsigned>(std::max(1, CPU_COUNT(&set)));
  return std::max(1u, std::thread::hardware_concurrency());
}

class CpuBackend final : public Backend {
public:
  const char *id() const override { return "cpu"; }
  Expected<uint32_t> deviceCount() override { return uint32_t(1); }
  Expected<std::shared_ptr<Device>>
  open(uint32_t ordinal, const VyreDeviceConfig &config) override {
    if (ordinal != 0)
      return failure(VYRE_STATUS_NOT_FOUND, "there is no device 'cpu:", ordinal,
                     "'. Fix: pass 'cpu'.");
    if (config.cpu_threads > kMaxThreads)
      return invalid("the CPU device is asked for ", config.cpu_threads,
                     " threads, expected at most ", kMaxThreads,
                     ". Fix: set cpu_threads to 0 for one per CPU.");
    unsigned threads = config.cpu_threads ? config.cpu_threads : usableCpus();
    return std::shared_ptr<Device>(std::make_shared<CpuDevice>(threads));
  }
};

/// What CPU code the artifact has, for a message.
std::string listCpuCode(const Artifact &artifact) {
  std::string list;
  for (const Code &code : artifact.codes)
    if (code.kind == CodeKind::elf)
      list += concat(list.empty() ? "" : ", ", code.architecture, " (",
                     code.features, ")");
  return list.empty() ? "none" : list;
}

} // namespace

Backend &cpuBackend() {
  static CpuBackend backend;
  return backend;
}

Status HostBlock::reserve(uint64_t byteSize, uint64_t alignment) {
  if (byteSize <= capacity &&
      reinterpret_cast<uintptr_t>(memory.get()) % alignment == 0)
    return Status();
  alignment = std::max<uint64_t>(alignment, 64);
  void *block = nullptr;
  // aligned_alloc wants a multiple of the alignment.
  if (byteSize <= uint64_t(PTRDIFF_MAX) - alignment)
    block =
        std::aligned_alloc(alignment, (byteSize / alignment + 1) * alignment);
  if (!block)
    return failure(VYRE_STATUS_OUT_OF_MEMORY, "the CPU has no ", byteSize,
                   " bytes of memory left. Fix: free memory, or pass smaller "
                   "extents.");
  memory.reset(static_cast<uint8_t *>(block));
  capacity = byteSize;
  return Status();
}

CpuDevice::CpuDevice(unsigned threads)
    : Device({"cpu", "cpu", hostName(), hostLevel()}), pool(threads) {}

/// The device whose dispatch calls a function on this thread.
static thread_local const CpuDevice *calling = nullptr;

CpuDevice::CallScope::CallScope(const CpuDevice &device) : outer(calling) {
  calling = &device;
}

CpuDevice::CallScope::~CallScope() { calling = outer; }

Status CpuDevice::checkUse() const {
  if (calling != this)
    return Status();
  return failure(VYRE_STATUS_FAILED_PRECONDITION,
                 "a function that a program calls uses the CPU device that "
                 "runs the program, whose threads could all wait for it. Fix: "
                 "open another device for the function.");
}

Status CpuDevice::supports(const Artifact &artifact) const {
  if (selectCpuCode(artifact) || !artifact.needsCode())
    return Status();
  return failure(VYRE_STATUS_UNSUPPORTED,
                 "the artifact has no CPU code for this host. Found: ",
                 listCpuCode(artifact), "; expected: x86_64 with at most ",
                 hostLevel(), ". Fix: compile with --targets=cpu.");
}

Expected<std::shared_ptr<CpuModule>>
CpuDevice::loadModule(std::shared_ptr<const Artifact> artifact, bool &isHit) {
  std::lock_guard<std::mutex> lock(mutex);
  // Of artifacts that are gone nothing stays behind.
  for (auto it = modules.begin(); it != modules.end();)
    it = it->second.expired() ? modules.erase(it) : std::next(it);
  std::weak_ptr<CpuModule> &known = modules[artifact.get()];
  std::shared_ptr<CpuModule> found = known.lock();
  isHit = found != nullptr;
  if (found) {
    cacheHits.fetch_add(1, std::memory_order_relaxed);
    return found;
  }
  cacheMisses.fetch_add(1, std::memory_order_relaxed);
  if (Status status = supports(*artifact); status.failed())
    return status;
  auto module = std::make_shared<CpuModule>();
  if (const Code *chosen = selectCpuCode(*artifact)) {
    auto code = SharedObject::load(chosen->data);
    if (code.failed())
      return code.takeStatus();
    module->code = std::move(*code);
  }
  for (const Constant &constant : artifact->constants) {
    const void *address = constant.data.data;
    if (reinterpret_cast<uintptr_t>(address) % constant.alignment != 0 ||
        !address) {
      HostBlock copy;
      if (Status status = copy.reserve(constant.data.size, constant.alignment);
          status.failed())
        return status;
      if (constant.data.size)
        std::memcpy(copy.data(), address, constant.data.size);
      address = copy.data();
      module->copies.push_back(std::move(copy));
    }
    module->constants.push_back(address);
  }
  module->artifact = std::move(artifact);
  known = module;
  return module;
}

Expected<std::unique_ptr<Executable>>
CpuDevice::load(std::shared_ptr<const Artifact> artifact,
                const Program &program) {
  for (const Launch &launch : program.launches)
    if (launch.cpuEntry.empty() && !launch.isCall())
      return failure(VYRE_STATUS_UNSUPPORTED, "launch '", launch.name,
                     "' of program '", program.name,
                     "' has no CPU code: the artifact was made without, or the "
                     "kernel by another compiler. Fix: run it on a GPU.");
  bool isHit = false;
  auto module = loadModule(std::move(artifact), isHit);
  if (module.failed())
    return module.takeStatus();
  auto executable = CpuExecutable::create(*this, std::move(*module), program);
  if (!executable.failed()) {
    (*executable)->cacheHit = isHit;
    (*executable)->nativeId = builtInPipelineId("cpu", program);
  }
  return executable;
}

Expected<void *> CpuDevice::allocateMemory(uint64_t byteSize) {
  HostBlock block;
  if (Status status = block.reserve(byteSize, 256); status.failed())
    return status;
  return block.release();
}

Status CpuDevice::freeMemory(void *memory, uint64_t) {
  std::free(memory);
  return Status();
}

Status CpuDevice::upload(void *target, const void *source, uint64_t byteSize) {
  std::memcpy(target, source, byteSize);
  return Status();
}

Status CpuDevice::download(void *target, const void *source,
                           uint64_t byteSize) {
  std::memcpy(target, source, byteSize);
  return Status();
}

} // namespace vyre::runtime::internal
