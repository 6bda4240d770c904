//===- CUDADevice.h - A GPU as a device -------------------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Runs an artifact's PTX or cubins through the driver, in the caller's context
// or the device's primary one.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_LIB_RUNTIME_CUDA_CUDADEVICE_H
#define VYRE_LIB_RUNTIME_CUDA_CUDADEVICE_H

#include "Backend.h"
#include "CUDA/BuiltInKernel.h"
#include "CUDA/Driver.h"
#include "CUDA/GraphCosts.h"
#include "CUDA/MappedCrossover.h"

#include <atomic>
#include <map>
#include <memory>
#include <mutex>

namespace vyre::runtime::internal::cuda {

class CudaModule;

class CudaDevice final : public Device {
public:
  /// Takes device `ordinal`, or the one of the context in `config`.
  static Expected<std::shared_ptr<Device>> open(const DriverTable &driver,
                                                uint32_t ordinal,
                                                const VyreDeviceConfig &config);

  DispatchPlan::Target target() const override {
    return DispatchPlan::Target::gpu;
  }
  bool captures() const override { return driver().hasGraphs(); }
  Expected<planning::CaptureCosts> graphCosts() override;
  Status supports(const Artifact &artifact) const override;
  Expected<std::unique_ptr<Executable>>
  load(std::shared_ptr<const Artifact> artifact,
       const Program &program) override;
  Status upload(void *target, const void *source, uint64_t byteSize) override;
  Status download(void *target, const void *source, uint64_t byteSize) override;
  Status close() override;

  const DriverTable &driver() const { return table; }
  CUdevice handle() const { return device; }
  CUcontext context() const { return ctx; }
  /// Major * 10 + minor.
  int computeCapability() const { return capability; }
  /// The most shared memory that one block may have, in bytes.
  int maxSharedBytes() const { return sharedBytes; }
  /// Counts what this process freed through any device: until then a checked
  /// address stays good.
  static uint64_t freeCount() { return frees.load(std::memory_order_relaxed); }
  MappedCrossover &mappedCrossover() { return crossover; }
  /// The same as graphCosts(), with the context current and graphs there.
  Expected<planning::CaptureCosts> costsInContext() { return costs.get(*this); }

  /// Looks at the result of a driver call: success, or a status. A sticky error
  /// makes the device lost, with its first cause kept.
  Status check(CUresult result, std::string_view call);

  /// Makes a call that gives something back. What is not given back is lost, so
  /// that a call that fails is made once more; its first failure is returned.
  template <typename Call> Status giveBack(Call call, std::string_view name) {
    Status status = check(call(), name);
    if (status.failed() && !isLost)
      (void)check(call(), name).failed();
    return status;
  }
  /// Waits until nothing of a stream is under way, as far as the driver can
  /// tell: what is, uses memory that the caller gets back.
  Status synchronize(CUstream stream) {
    return giveBack([&] { return table.streamSynchronize(stream); },
                    "cuStreamSynchronize");
  }

  /// Device memory from the caller's allocator or the driver, aligned to 256
  /// bytes; the context is current.
  Status allocateBlock(uint64_t byteSize, CUdeviceptr &memory);
  Status freeBlock(CUdeviceptr memory, uint64_t byteSize);

  /// Copies on the device's own stream, and waits; the context is current.
  Status copyIn(CUdeviceptr target, const void *source, uint64_t byteSize);
  Status copyOut(void *target, CUdeviceptr source, uint64_t byteSize);
  Status copyWithin(CUdeviceptr target, CUdeviceptr source, uint64_t byteSize);
  Status clear(CUdeviceptr target, uint64_t byteSize);

  /// The kernels of CopyWords.cu and RaiseFlag.cu, loaded at the first call;
  /// the context is current.
  Expected<CUfunction> copyKernel();
  Expected<CUfunction> flagKernel();
  /// Whether a kernel can be started while the one before it ends, and can wait
  /// for that.
  bool startsEarly() const {
    return capability >= 90 && table.graphAddDependencies;
  }

  /// Gives back a use of a module that load() found or made.
  Status releaseModule(CudaModule &module);

private:
  CudaDevice(const DriverTable &driver, DeviceIdentity identity)
      : Device(std::move(identity)), table(driver) {}

  Expected<void *> allocateMemory(uint64_t byteSize) override;
  Status freeMemory(void *memory, uint64_t byteSize) override;
  Status checkUse() const override;
  Status initialize();
  Status closeInContext();
  Expected<CudaModule *>
  retainModule(const std::shared_ptr<const Artifact> &artifact, bool &isHit);
  /// Waits for the device's own stream after a copy was put on it.
  Status finishCopy(CUresult result, std::string_view call);

  const DriverTable &table;
  CUdevice device = 0;
  CUcontext ctx = nullptr;
  bool ownsContext = false;
  int capability = 0;
  int sharedBytes = 0;
  static std::atomic<uint64_t> frees;
  VyreAllocator allocator = {};
  MappedCrossover crossover;
  GraphCosts costs;

  /// Serialises the use of `copyStream`.
  std::mutex copyMutex;
  CUstream copyStream = nullptr;

  BuiltInKernel copyWords{*this, "vyre_copy_words"};
  BuiltInKernel raiseFlag{*this, "vyre_raise_flag"};

  std::mutex moduleMutex;
  struct ModuleUse {
    std::unique_ptr<CudaModule> module;
    uint32_t uses = 0;
    ModuleUse();
    ~ModuleUse();
  };
  std::map<const Artifact *, ModuleUse> modules;

  std::atomic<bool> isLost{false};
  mutable std::mutex lossMutex;
  std::string firstCause;
};

/// Makes a device's context current for a scope.
class ContextScope {
public:
  /// To begin something: a failure is a failure of that.
  explicit ContextScope(CudaDevice &device)
      : ContextScope(device, /*mustTry=*/false) {}
  /// To end something that has begun: tries once more, since there is no other
  /// way to give back what it holds.
  static ContextScope toEnd(CudaDevice &device) {
    return ContextScope(device, /*mustTry=*/true);
  }
  ContextScope(const ContextScope &) = delete;
  ContextScope &operator=(const ContextScope &) = delete;
  /// A failure is looked at for being sticky; there is nobody to tell.
  ~ContextScope() {
    CUcontext popped;
    if (isPushed)
      (void)device
          .giveBack([&] { return device.driver().ctxPopCurrent(&popped); },
                    "cuCtxPopCurrent")
          .failed();
  }

  bool failed() const { return !isPushed; }
  Status takeStatus() { return std::move(status); }

private:
  ContextScope(CudaDevice &device, bool mustTry) : device(device) {
    status = push();
    isPushed = !status.failed();
    if (isPushed || !mustTry)
      return;
    isPushed = !push().failed();
  }
  Status push() {
    return device.check(device.driver().ctxPushCurrent(device.context()),
                        "cuCtxPushCurrent");
  }

  CudaDevice &device;
  Status status;
  bool isPushed = false;
};

/// Device memory that grows.
class DeviceBlock {
public:
  explicit DeviceBlock(CudaDevice &device) : device(device) {}
  DeviceBlock(const DeviceBlock &) = delete;
  DeviceBlock &operator=(const DeviceBlock &) = delete;

  /// Makes room for `byteSize` bytes, and forgets what was there. The context
  /// is current.
  Status reserve(uint64_t byteSize, uint64_t alignment);
  bool holds(uint64_t byteSize, uint64_t alignment) const {
    return byteSize <= capacity && address % alignment == 0;
  }
  Status release();
  CUdeviceptr data() const { return address; }

private:
  CudaDevice &device;
  CUdeviceptr memory = 0;
  uint64_t allocated = 0;
  CUdeviceptr address = 0;
  uint64_t capacity = 0;
};

/// Page-locked host memory that grows.
class PinnedBlock {
public:
  explicit PinnedBlock(CudaDevice &device) : device(device) {}
  PinnedBlock(const PinnedBlock &) = delete;
  PinnedBlock &operator=(const PinnedBlock &) = delete;

  Status reserve(uint64_t byteSize);
  Status release();
  uint8_t *data() const { return static_cast<uint8_t *>(memory); }

private:
  CudaDevice &device;
  void *memory = nullptr;
  uint64_t capacity = 0;
};

} // namespace vyre::runtime::internal::cuda

#endif // VYRE_LIB_RUNTIME_CUDA_CUDADEVICE_H
