//===- CUDAChecks.cpp - Refusing what a GPU cannot do -----------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What only the device can judge of a dispatch: whose memory its pointers are,
// how much shared memory it takes, whether the caller captures its stream.
//
//===----------------------------------------------------------------------===//

#include "CUDA/CUDAExecution.h"

#include <algorithm>
#include <optional>

namespace vyre::runtime::internal::cuda {

/// Asks the driver whose memory a device pointer is.
Status CudaExecution::checkPointer(const DispatchPlan &plan,
                                   uint32_t argument) {
  const BoundBuffer &buffer = plan.buffers[argument];
  auto address = reinterpret_cast<CUdeviceptr>(buffer.data);
  uint32_t memoryType = 0, isManaged = 0;
  int ordinal = -1;
  CUdeviceptr rangeBegin = 0;
  size_t rangeSize = 0;
  CUpointer_attribute attributes[] = {
      CU_POINTER_ATTRIBUTE_MEMORY_TYPE, CU_POINTER_ATTRIBUTE_IS_MANAGED,
      CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL,
      CU_POINTER_ATTRIBUTE_RANGE_START_ADDR, CU_POINTER_ATTRIBUTE_RANGE_SIZE};
  void *answers[] = {&memoryType, &isManaged, &ordinal, &rangeBegin,
                     &rangeSize};
  if (Status status = device.check(
          driver.pointerGetAttributes(5, attributes, answers, address),
          "cuPointerGetAttributes");
      status.failed())
    return status;

  auto wrong = [&](std::string_view found, std::string_view fix) {
    return invalid(describeArgument(plan.getProgram(), argument),
                   " is bound as device memory, found ", found, ". Fix: ", fix,
                   ".");
  };
  bool isReachable = memoryType == CU_MEMORYTYPE_DEVICE ||
                     (memoryType == CU_MEMORYTYPE_HOST && rangeSize != 0) ||
                     isManaged;
  if (!isReachable)
    return wrong("an address that the driver does not know",
                 "pass memory of the GPU, or set its location to "
                 "VYRE_MEMORY_HOST");
  if (memoryType == CU_MEMORYTYPE_DEVICE && !isManaged &&
      ordinal != device.handle())
    return wrong(concat("memory of GPU ", ordinal),
                 concat("pass memory of ", device.getIdentity().id));
  if (rangeSize != 0 &&
      (address < rangeBegin || address - rangeBegin > rangeSize ||
       buffer.byteSize > rangeSize - (address - rangeBegin)))
    return wrong(concat(rangeSize - (address - rangeBegin),
                        " bytes up to the end of its allocation"),
                 concat("pass ", buffer.byteSize, " bytes"));
  return Status();
}

/// The driver takes as long for each pointer as everything else does for ten,
/// so that it is asked about new ones alone.
Status CudaExecution::checkPointers(const DispatchPlan &plan) {
  uint64_t freeCount = device.freeCount();
  if (pointersVersion == plan.bindingsVersion() &&
      checkedPointers.isOf(freeCount))
    return Status();
  pointersVersion = 0;
  checkedPointers.begin(freeCount, plan.buffers.size());
  std::optional<ContextScope> scope;
  for (uint32_t i = 0; i < plan.buffers.size(); ++i) {
    const BoundBuffer &buffer = plan.buffers[i];
    if (!buffer.isOnDevice() || buffer.byteSize == 0 ||
        checkedPointers.isKnown(i, buffer.data, buffer.byteSize))
      continue;
    if (!scope)
      scope.emplace(device);
    if (scope->failed())
      return scope->takeStatus();
    if (Status status = checkPointer(plan, i); status.failed())
      return status;
    checkedPointers.remember(i, buffer.data, buffer.byteSize);
  }
  pointersVersion = plan.bindingsVersion();
  return Status();
}

Status CudaExecution::checkShared(const DispatchPlan &plan) const {
  for (size_t i = 0; i < plan.launches.size(); ++i) {
    uint32_t wanted = plan.launches[i].dynamicSharedBytes;
    uint32_t most = executable.kernel(i).maxDynamicSharedBytes;
    if (!plan.launches[i].isEmpty && wanted > most)
      return invalid("launch '", plan.getProgram().launches[i].name,
                     "' of program '", plan.getProgram().name, "' takes ",
                     wanted, " bytes of shared memory, ",
                     device.getIdentity().id, " has ", most,
                     " for it. Fix: pass smaller extents.");
  }
  return Status();
}

/// What becomes part of a caller's graph can neither copy from host memory that
/// may be gone by then, nor allocate.
Status CudaExecution::checkCapture(const DispatchPlan &plan) {
  CUstreamCaptureStatus capture = CU_STREAM_CAPTURE_STATUS_NONE;
  if (Status status = device.check(driver.streamIsCapturing(stream, &capture),
                                   "cuStreamIsCapturing");
      status.failed())
    return status;
  isCapturing = capture != CU_STREAM_CAPTURE_STATUS_NONE;
  if (!isCapturing)
    return Status();
  if (capture == CU_STREAM_CAPTURE_STATUS_INVALIDATED)
    return failure(VYRE_STATUS_FAILED_PRECONDITION,
                   "the capture of the caller's stream was invalidated by an "
                   "earlier error. Fix: end it and begin a new one.");
  if (const Launch *launch = hostCalls.getUncapturable())
    return failure(VYRE_STATUS_UNSUPPORTED, "launch '", launch->name,
                   "' of program '", plan.getProgram().name, "' calls '",
                   launch->call->function,
                   "', which must not be captured, as the caller's stream is. "
                   "Fix: dispatch on a stream that is not.");
  for (uint32_t i = 0; i < plan.buffers.size(); ++i)
    if (plan.buffers[i].byteSize != 0 && !plan.buffers[i].isOnDevice())
      return invalid(describeArgument(plan.getProgram(), i),
                     " is in host memory while the caller's stream is being "
                     "captured. Fix: pass device memory.");
  if (hostBoundary)
    return failure(VYRE_STATUS_UNSUPPORTED, "launch '", hostBoundary->name,
                   "' of program '", plan.getProgram().name,
                   "' waits for the host to see what an earlier one wrote, "
                   "which it cannot while the caller's stream is being "
                   "captured. Fix: dispatch it outside of the capture.");
  if (!tables.empty())
    return failure(VYRE_STATUS_UNSUPPORTED, "program '", plan.getProgram().name,
                   "' has a launch over so many buffers that it takes their "
                   "addresses from memory, which a replay of the caller's "
                   "capture could find changed. Fix: compile with "
                   "--fuse='max-stages-per-launch=128'.");
  if (Status status = computeLayout(plan); status.failed())
    return status;
  if (!block->holds(blockBytes, blockAlignment))
    return failure(VYRE_STATUS_FAILED_PRECONDITION, "program '",
                   plan.getProgram().name, "' takes ", blockBytes,
                   " bytes of its own, which cannot be allocated while the "
                   "caller's stream is being captured. Fix: dispatch it once "
                   "with these sizes before.");
  return Status();
}

Status CudaExecution::check(const DispatchPlan &plan,
                            const DispatchOptions &options) {
  if (options.capture == VYRE_CAPTURE_REQUIRE && !driver.hasGraphs())
    return failure(VYRE_STATUS_UNSUPPORTED,
                   "the CUDA driver cannot build graphs node by node, found "
                   "VYRE_CAPTURE_REQUIRE. Fix: install a newer NVIDIA driver, "
                   "or pass VYRE_CAPTURE_AUTO.");
  if (options.capture == VYRE_CAPTURE_REQUIRE && hostBoundary)
    return failure(
        VYRE_STATUS_UNSUPPORTED, "launch '", hostBoundary->name,
        "' of program '", plan.getProgram().name,
        "' waits for the host to see what an earlier one wrote, "
        "found VYRE_CAPTURE_REQUIRE. Fix: pass VYRE_CAPTURE_AUTO, or "
        "compile it without host_boundary.");
  if (options.capture == VYRE_CAPTURE_REQUIRE && hostCalls.whyNeverCaptured())
    return failure(VYRE_STATUS_UNSUPPORTED, "program '", plan.getProgram().name,
                   "' cannot be replayed: ", hostCalls.whyNeverCaptured(),
                   ", found VYRE_CAPTURE_REQUIRE. Fix: pass "
                   "VYRE_CAPTURE_AUTO.");
  if (kChecksDispatches)
    if (Status status = checkShared(plan); status.failed())
      return status;
  bool hasDeviceMemory =
      kChecksDispatches &&
      std::any_of(plan.buffers.begin(), plan.buffers.end(),
                  [](const BoundBuffer &buffer) {
                    return buffer.location == VYRE_MEMORY_DEVICE &&
                           buffer.byteSize != 0;
                  });
  stream = options.stream ? static_cast<CUstream>(options.stream) : ownStream;
  isCapturing = false;
  if (Status status = choosePersistent(plan, options); status.failed())
    return status;
  if (!hasDeviceMemory && !options.stream)
    return Status();
  if (hasDeviceMemory)
    if (Status status = checkPointers(plan); status.failed())
      return status;
  if (!options.stream)
    return Status();
  ContextScope scope(device);
  if (scope.failed())
    return scope.takeStatus();
  return checkCapture(plan);
}

} // namespace vyre::runtime::internal::cuda
