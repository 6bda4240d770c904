//===- CUDADevice.cpp - A GPU as a device -----------------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CUDA/CUDADevice.h"

#include "CAPI/Common.h"
#include "CUDA/CUDAExecutable.h"
#include "CUDA/CUDAModule.h"
#include "CUDA/PersistentKernel.h"

#include <algorithm>

namespace vyre::runtime::internal::cuda {

CudaDevice::ModuleUse::ModuleUse() = default;
CudaDevice::ModuleUse::~ModuleUse() = default;

//===----------------------------------------------------------------------===//
// Opening and closing
//===----------------------------------------------------------------------===//

namespace {

/// The device of a caller's context.
Status deviceOfContext(const DriverTable &driver, CUcontext context,
                       CUdevice &device) {
  CUresult result = driver.ctxPushCurrent(context);
  if (result != CUDA_SUCCESS)
    return driverError(driver, result, "cuCtxPushCurrent",
                       "the caller's context");
  CUresult asked = driver.ctxGetDevice(&device);
  CUcontext popped;
  result = driver.ctxPopCurrent(&popped);
  if (asked != CUDA_SUCCESS)
    return driverError(driver, asked, "cuCtxGetDevice", "the caller's context");
  if (result != CUDA_SUCCESS)
    return driverError(driver, result, "cuCtxPopCurrent",
                       "the caller's context");
  return Status();
}

/// Attributes of a GPU that never change.
struct GpuFacts {
  char name[256] = {};
  int major = 0, minor = 0, sharedBytes = 0;
};

Status readFacts(const DriverTable &driver, CUdevice device,
                 const std::string &id, GpuFacts &facts) {
  CUresult result =
      driver.deviceGetName(facts.name, sizeof(facts.name) - 1, device);
  if (result != CUDA_SUCCESS)
    return driverError(driver, result, "cuDeviceGetName", id);
  struct {
    CUdevice_attribute attribute;
    int &value;
  } wanted[] = {{CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, facts.major},
                {CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR, facts.minor},
                {CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN,
                 facts.sharedBytes}};
  for (auto &[attribute, value] : wanted) {
    result = driver.deviceGetAttribute(&value, attribute, device);
    if (result != CUDA_SUCCESS)
      return driverError(driver, result, "cuDeviceGetAttribute", id);
  }
  return Status();
}

} // namespace

Expected<std::shared_ptr<Device>>
CudaDevice::open(const DriverTable &driver, uint32_t ordinal,
                 const VyreDeviceConfig &config) {
  int count = 0;
  CUresult result = driver.deviceGetCount(&count);
  if (result != CUDA_SUCCESS)
    return driverError(driver, result, "cuDeviceGetCount", "the driver");
  if (ordinal >= static_cast<unsigned>(std::max(count, 0)))
    return failure(VYRE_STATUS_DEVICE_UNAVAILABLE,
                   "there is no GPU 'cuda:", ordinal, "', the driver sees ",
                   count,
                   ". Fix: pass a smaller number, or make the GPU visible.");
  std::string id = concat("cuda:", ordinal);
  CUdevice device;
  result = driver.deviceGet(&device, static_cast<int>(ordinal));
  if (result != CUDA_SUCCESS)
    return driverError(driver, result, "cuDeviceGet", id);
  auto context = static_cast<CUcontext>(config.cuda_context);
  if (context) {
    CUdevice owner;
    if (Status status = deviceOfContext(driver, context, owner);
        status.failed())
      return status;
    if (owner != device)
      return invalid("VyreDeviceConfig::cuda_context belongs to another GPU "
                     "than ",
                     id, ". Fix: open the device of the context.");
  }
  VyreGraphCosts costs;
  if (Status status = readConfig(config.graph_costs, "VyreGraphCosts", costs);
      status.failed())
    return status;
  GpuFacts facts;
  if (Status status = readFacts(driver, device, id, facts); status.failed())
    return status;

  std::shared_ptr<CudaDevice> opened(
      new CudaDevice(driver, {id, "cuda", facts.name,
                              concat("sm_", facts.major, facts.minor)}));
  opened->device = device;
  opened->ctx = context;
  opened->capability = facts.major * 10 + facts.minor;
  opened->sharedBytes = facts.sharedBytes;
  opened->allocator = config.allocator;
  if (config.mapped_slab_limit != 0)
    opened->crossover.set(config.mapped_slab_limit);
  if (config.graph_costs)
    opened->costs.set({costs.plain_dispatch_ns, costs.replay_dispatch_ns,
                       costs.plain_call_ns, costs.node_ns, costs.graph_build_ns,
                       costs.node_build_ns, costs.plain_gap_ns});
  if (Status status = opened->initialize(); status.failed()) {
    status.update(opened->close());
    return status;
  }
  return std::shared_ptr<Device>(std::move(opened));
}

Status CudaDevice::initialize() {
  if (!ctx) {
    if (Status status = check(table.primaryCtxRetain(&ctx, device),
                              "cuDevicePrimaryCtxRetain");
        status.failed())
      return status;
    ownsContext = true;
  }
  ContextScope scope(*this);
  if (scope.failed())
    return scope.takeStatus();
  return check(table.streamCreate(&copyStream, CU_STREAM_NON_BLOCKING),
               "cuStreamCreate");
}

Status CudaDevice::closeInContext() {
  ContextScope scope = ContextScope::toEnd(*this);
  if (scope.failed())
    return scope.takeStatus();
  DeviceQuiet quiet(*this);
  Status status = copyWords.close();
  status.update(raiseFlag.close());
  status.update(giveBack([&] { return table.streamDestroy(copyStream); },
                         "cuStreamDestroy"));
  return status;
}

Status CudaDevice::close() {
  Status status;
  if (copyStream)
    status = closeInContext();
  copyStream = nullptr;
  if (ownsContext)
    status.update(giveBack([&] { return table.primaryCtxRelease(device); },
                           "cuDevicePrimaryCtxRelease"));
  ownsContext = false;
  return status;
}

//===----------------------------------------------------------------------===//
// Results
//===----------------------------------------------------------------------===//

Status CudaDevice::check(CUresult result, std::string_view call) {
  if (result == CUDA_SUCCESS)
    return Status();
  Status status = driverError(table, result, call, getIdentity().id);
  if (isSticky(result)) {
    std::lock_guard<std::mutex> lock(lossMutex);
    if (firstCause.empty())
      firstCause = status.message();
    isLost = true;
  }
  return status;
}

Status CudaDevice::checkUse() const {
  if (!isLost)
    return Status();
  std::lock_guard<std::mutex> lock(lossMutex);
  return failure(VYRE_STATUS_DEVICE_LOST, getIdentity().id,
                 " is lost since an earlier error: ", firstCause);
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

Status CudaDevice::allocateBlock(uint64_t byteSize, CUdeviceptr &memory) {
  DeviceQuiet quiet(*this);
  if (!allocator.allocate)
    return check(table.memAlloc(&memory, byteSize), "cuMemAlloc");
  void *block = allocator.allocate(allocator.user, byteSize, 256);
  if (!block)
    return failure(VYRE_STATUS_OUT_OF_MEMORY, "the caller's allocator has no ",
                   byteSize, " bytes for ", getIdentity().id,
                   ". Fix: free device memory, or pass smaller extents.");
  if (reinterpret_cast<uintptr_t>(block) % 256 != 0) {
    allocator.release(allocator.user, block, byteSize);
    return failure(VYRE_STATUS_INVALID_ARGUMENT, "the caller's allocator gave ",
                   getIdentity().id,
                   " memory that is not aligned to 256 bytes, as asked for. "
                   "Fix: align it.");
  }
  memory = reinterpret_cast<CUdeviceptr>(block);
  return Status();
}

std::atomic<uint64_t> CudaDevice::frees{0};

Status CudaDevice::freeBlock(CUdeviceptr memory, uint64_t byteSize) {
  frees.fetch_add(1, std::memory_order_relaxed);
  DeviceQuiet quiet(*this);
  if (!allocator.allocate)
    return giveBack([&] { return table.memFree(memory); }, "cuMemFree");
  allocator.release(allocator.user, reinterpret_cast<void *>(memory), byteSize);
  return Status();
}

Expected<void *> CudaDevice::allocateMemory(uint64_t byteSize) {
  if (Status status = health(); status.failed())
    return status;
  ContextScope scope(*this);
  if (scope.failed())
    return scope.takeStatus();
  CUdeviceptr memory = 0;
  if (Status status = allocateBlock(byteSize, memory); status.failed())
    return status;
  return reinterpret_cast<void *>(memory);
}

Status CudaDevice::freeMemory(void *memory, uint64_t byteSize) {
  ContextScope scope = ContextScope::toEnd(*this);
  if (scope.failed())
    return scope.takeStatus();
  return freeBlock(reinterpret_cast<CUdeviceptr>(memory), byteSize);
}

Status CudaDevice::finishCopy(CUresult result, std::string_view call) {
  Status status = check(result, call);
  status.update(synchronize(copyStream));
  return status;
}

Status CudaDevice::copyIn(CUdeviceptr target, const void *source,
                          uint64_t byteSize) {
  std::lock_guard<std::mutex> lock(copyMutex);
  return finishCopy(table.memcpyHtoDAsync(target, source, byteSize, copyStream),
                    "cuMemcpyHtoDAsync");
}

Status CudaDevice::copyOut(void *target, CUdeviceptr source,
                           uint64_t byteSize) {
  std::lock_guard<std::mutex> lock(copyMutex);
  return finishCopy(table.memcpyDtoHAsync(target, source, byteSize, copyStream),
                    "cuMemcpyDtoHAsync");
}

Status CudaDevice::copyWithin(CUdeviceptr target, CUdeviceptr source,
                              uint64_t byteSize) {
  std::lock_guard<std::mutex> lock(copyMutex);
  return finishCopy(table.memcpyDtoDAsync(target, source, byteSize, copyStream),
                    "cuMemcpyDtoDAsync");
}

Status CudaDevice::clear(CUdeviceptr target, uint64_t byteSize) {
  std::lock_guard<std::mutex> lock(copyMutex);
  return finishCopy(table.memsetD8Async(target, 0, byteSize, copyStream),
                    "cuMemsetD8Async");
}

Status CudaDevice::upload(void *target, const void *source, uint64_t byteSize) {
  if (Status status = health(); status.failed())
    return status;
  ContextScope scope(*this);
  if (scope.failed())
    return scope.takeStatus();
  return copyIn(reinterpret_cast<CUdeviceptr>(target), source, byteSize);
}

Status CudaDevice::download(void *target, const void *source,
                            uint64_t byteSize) {
  if (Status status = health(); status.failed())
    return status;
  ContextScope scope(*this);
  if (scope.failed())
    return scope.takeStatus();
  return copyOut(target, reinterpret_cast<CUdeviceptr>(source), byteSize);
}

Status DeviceBlock::reserve(uint64_t byteSize, uint64_t alignment) {
  if (holds(byteSize, alignment))
    return Status();
  if (Status status = release(); status.failed())
    return status;
  // What the driver gives is aligned to 256 bytes.
  uint64_t slack = alignment > 256 ? alignment : 0;
  if (Status status = device.allocateBlock(byteSize + slack, memory);
      status.failed())
    return status;
  allocated = byteSize + slack;
  capacity = byteSize;
  address = (memory + alignment - 1) / alignment * alignment;
  return Status();
}

Status DeviceBlock::release() {
  if (!memory)
    return Status();
  Status status = device.freeBlock(memory, allocated);
  memory = address = capacity = allocated = 0;
  return status;
}

Status PinnedBlock::reserve(uint64_t byteSize) {
  if (byteSize <= capacity)
    return Status();
  if (Status status = release(); status.failed())
    return status;
  DeviceQuiet quiet(device);
  if (Status status = device.check(
          device.driver().memHostAlloc(&memory, byteSize, 0), "cuMemHostAlloc");
      status.failed())
    return status;
  capacity = byteSize;
  return Status();
}

Status PinnedBlock::release() {
  if (!memory)
    return Status();
  DeviceQuiet quiet(device);
  Status status = device.giveBack(
      [&] { return device.driver().memFreeHost(memory); }, "cuMemFreeHost");
  memory = nullptr;
  capacity = 0;
  return status;
}

//===----------------------------------------------------------------------===//
// Code
//===----------------------------------------------------------------------===//

Status CudaDevice::supports(const Artifact &artifact) const {
  if (!selectGpuCode(artifact, capability).empty() || !artifact.needsCode())
    return Status();
  return failure(VYRE_STATUS_UNSUPPORTED, "the artifact has no code for ",
                 getIdentity().id, ". Found: ", listGpuCode(artifact),
                 "; expected: PTX of ", getIdentity().architecture,
                 " or older, or a cubin of its major version. Fix: compile "
                 "with --targets=",
                 getIdentity().architecture, ".");
}

Expected<planning::CaptureCosts> CudaDevice::graphCosts() {
  if (!captures())
    return Device::graphCosts();
  if (Status status = health(); status.failed())
    return status;
  ContextScope scope(*this);
  if (scope.failed())
    return scope.takeStatus();
  return costsInContext();
}

Expected<CUfunction> CudaDevice::copyKernel() {
  static constexpr char kCopyWords[] =
#include "CUDA/CopyWords.ptx.inc"
      ;
  return copyWords.get(kCopyWords);
}

Expected<CUfunction> CudaDevice::flagKernel() {
  static constexpr char kRaiseFlag[] =
#include "CUDA/RaiseFlag.ptx.inc"
      ;
  static constexpr char kRaiseFlag90[] =
#include "CUDA/RaiseFlag90.ptx.inc"
      ;
  return raiseFlag.get(startsEarly() ? kRaiseFlag90 : kRaiseFlag);
}

Expected<CudaModule *>
CudaDevice::retainModule(const std::shared_ptr<const Artifact> &artifact,
                         bool &isHit) {
  std::lock_guard<std::mutex> lock(moduleMutex);
  auto found = modules.find(artifact.get());
  isHit = found != modules.end();
  if (isHit) {
    cacheHits.fetch_add(1, std::memory_order_relaxed);
    ++found->second.uses;
    return found->second.module.get();
  }
  cacheMisses.fetch_add(1, std::memory_order_relaxed);
  if (Status status = supports(*artifact); status.failed())
    return status;
  // The entry first: once the driver has loaded something, nothing may throw.
  ModuleUse &use = modules[artifact.get()];
  auto module = CudaModule::load(*this, artifact);
  if (module.failed()) {
    modules.erase(artifact.get());
    return module.takeStatus();
  }
  use.module = std::move(*module);
  use.uses = 1;
  return use.module.get();
}

Status CudaDevice::releaseModule(CudaModule &module) {
  std::lock_guard<std::mutex> lock(moduleMutex);
  auto found = modules.find(&module.getArtifact());
  if (--found->second.uses != 0)
    return Status();
  Status status = module.close();
  modules.erase(found);
  return status;
}

Expected<std::unique_ptr<Executable>>
CudaDevice::load(std::shared_ptr<const Artifact> artifact,
                 const Program &program) {
  for (const Launch &launch : program.launches)
    if (launch.kernel.empty() && !launch.isCall())
      return failure(VYRE_STATUS_UNSUPPORTED, "launch '", launch.name,
                     "' of program '", program.name,
                     "' has no GPU code. Fix: run it on the CPU, or compile "
                     "with --targets=",
                     getIdentity().architecture, ".");
  ContextScope scope(*this);
  if (scope.failed())
    return scope.takeStatus();
  bool isHit = false;
  auto module = retainModule(artifact, isHit);
  if (module.failed())
    return module.takeStatus();
  auto executable = CudaExecutable::create(*this, **module, program);
  if (!executable.failed()) {
    (*executable)->cacheHit = isHit;
    (*executable)->nativeId = builtInPipelineId("cuda", program);
  }
  return executable;
}

} // namespace vyre::runtime::internal::cuda
