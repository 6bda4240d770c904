//===- CUDAExecutable.cpp - A program on a GPU ------------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CUDA/CUDAExecutable.h"

#include "CUDA/CUDAExecution.h"

#include <algorithm>

namespace vyre::runtime::internal::cuda {
namespace {

/// Clusters of more blocks need the kernel's leave.
constexpr uint32_t kPortableClusterBlocks = 8;

} // namespace

Expected<std::unique_ptr<Executable>>
CudaExecutable::create(CudaDevice &device, CudaModule &module,
                       const Program &program) {
  std::unique_ptr<CudaExecutable> executable(
      new CudaExecutable(device, module, program));
  if (Status status = executable->initialize(); status.failed()) {
    status.update(executable->close());
    return status;
  }
  return std::unique_ptr<Executable>(std::move(executable));
}

Status CudaExecutable::initialize() {
  auto found = findCalls(program, "cuda");
  if (found.failed())
    return found.takeStatus();
  calls = std::move(*found);
  kernels.resize(program.launches.size());
  for (size_t i = 0; i < kernels.size(); ++i)
    if (Status status =
            program.launches[i].isCall() ? Status() : findKernel(i, kernels[i]);
        status.failed())
      return status;
  if (Status status = placeStates(); status.failed())
    return status;
  return resetStatesInContext();
}

/// A kernel with other parameters than the launch has values would make the
/// driver read beyond them. A value is eight bytes, of which a kernel of
/// another compiler may take the first ones alone.
Status CudaExecutable::checkParameters(const Launch &launch,
                                       const std::string &name, size_t pointers,
                                       size_t expected, CUfunction function) {
  const DriverTable &driver = device.driver();
  if (!driver.funcGetParamInfo)
    return Status();
  auto mismatch = [&](size_t position, std::string_view found) {
    return badArtifact("kernel '", name, "' has ", found, " at parameter ",
                       position, ", launch '", launch.name, "' passes ",
                       expected,
                       " values of 8 bytes. Fix: compile the artifact again.");
  };
  for (size_t i = 0; i <= expected; ++i) {
    size_t offset = 0, size = 0;
    CUresult result = driver.funcGetParamInfo(function, i, &offset, &size);
    bool exists = result != CUDA_ERROR_INVALID_VALUE;
    if (exists)
      if (Status status = device.check(result, "cuFuncGetParamInfo");
          status.failed())
        return status;
    if (exists != (i < expected))
      return mismatch(i, exists ? "something more" : "nothing");
    bool isPointer = i < pointers;
    if (exists &&
        (size > sizeof(uint64_t) || (isPointer && size != sizeof(uint64_t))))
      return mismatch(i, concat(size, " bytes"));
  }
  return Status();
}

Status CudaExecutable::findEntry(const Launch &launch, const std::string &name,
                                 size_t pointers, size_t parameters,
                                 CUfunction &function) {
  CUresult result = device.driver().moduleGetFunction(
      &function, module->handle(), name.c_str());
  if (result == CUDA_ERROR_NOT_FOUND)
    return badArtifact("the artifact's GPU code has no kernel '", name,
                       "', which launch '", launch.name, "' of program '",
                       program.name,
                       "' calls. Fix: compile the artifact again.");
  if (Status status = device.check(result, "cuModuleGetFunction");
      status.failed())
    return status;
  return checkParameters(launch, name, pointers, parameters, function);
}

/// It takes the control block and a number. Its block is as large as it may be:
/// once or several times the kernel's.
Status CudaExecutable::findPersistent(const Launch &launch, Kernel &kernel) {
  if (Status status =
          findEntry(launch, launch.persistentKernel, 1, 2, kernel.persistent);
      status.failed())
    return status;
  int most = 0;
  if (Status status =
          device.check(device.driver().funcGetAttribute(
                           &most, CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK,
                           kernel.persistent),
                       "cuFuncGetAttribute");
      status.failed())
    return status;
  uint32_t block = launch.block[0];
  kernel.persistentThreads =
      static_cast<uint32_t>(std::max(most, 0)) / block * block;
  if (kernel.persistentThreads == 0)
    return failure(VYRE_STATUS_UNSUPPORTED, "launch '", launch.name,
                   "' has blocks of ", block, " threads, on ",
                   device.getIdentity().id,
                   " its persistent entry takes at "
                   "most ",
                   most, ". Fix: compile with smaller blocks.");
  return Status();
}

Status CudaExecutable::findKernel(size_t index, Kernel &kernel) {
  const Launch &launch = program.launches[index];
  const DriverTable &driver = device.driver();
  if (Status status =
          findEntry(launch, launch.kernel, launch.pointerParameters(),
                    launch.kernelParameters(), kernel.function);
      status.failed())
    return status;
  if (!launch.persistentKernel.empty())
    if (Status status = findPersistent(launch, kernel); status.failed())
      return status;

  int maxThreads = 0;
  if (Status status =
          device.check(driver.funcGetAttribute(
                           &maxThreads, CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK,
                           kernel.function),
                       "cuFuncGetAttribute");
      status.failed())
    return status;
  uint32_t threads = launch.block[0] * launch.block[1] * launch.block[2];
  if (threads > static_cast<uint32_t>(std::max(maxThreads, 0)))
    return failure(VYRE_STATUS_UNSUPPORTED, "launch '", launch.name,
                   "' has blocks of ", threads, " threads, on ",
                   device.getIdentity().id, " its kernel takes at most ",
                   maxThreads, ". Fix: compile with smaller blocks.");

  if (launch.dynamicSharedBytes >= 0) {
    int fixedBytes = 0;
    if (Status status =
            device.check(driver.funcGetAttribute(
                             &fixedBytes, CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES,
                             kernel.function),
                         "cuFuncGetAttribute");
        status.failed())
      return status;
    int room = std::max(device.maxSharedBytes() - fixedBytes, 0);
    if (Status status = device.check(
            driver.funcSetAttribute(
                kernel.function,
                CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, room),
            "cuFuncSetAttribute");
        status.failed())
      return status;
    kernel.maxDynamicSharedBytes = static_cast<uint32_t>(room);
  }
  if (!hasCluster(index))
    return Status();
  if (!driver.launchKernelEx)
    return failure(VYRE_STATUS_UNSUPPORTED, "launch '", launch.name,
                   "' has clusters, which this driver cannot launch. Fix: "
                   "install a newer NVIDIA driver.");
  uint32_t blocks = launch.cluster[0] * launch.cluster[1] * launch.cluster[2];
  if (blocks <= kPortableClusterBlocks)
    return Status();
  return device.check(driver.funcSetAttribute(
                          kernel.function,
                          CU_FUNC_ATTRIBUTE_NON_PORTABLE_CLUSTER_SIZE_ALLOWED,
                          1),
                      "cuFuncSetAttribute");
}

/// All states lie in one block.
Status CudaExecutable::placeStates() {
  uint64_t size = 0, alignment = 256;
  for (uint32_t state : program.states) {
    const Argument &argument = program.arguments[state];
    uint64_t granule = std::max<uint64_t>(argument.alignment, 256);
    alignment = std::max(alignment, granule);
    uint64_t bytes = stateBytes(argument);
    size = (size + granule - 1) / granule * granule;
    if (bytes > uint64_t(INT64_MAX) - size)
      return failure(VYRE_STATUS_OUT_OF_MEMORY, "the state of program '",
                     program.name,
                     "' takes more than 2^63 bytes. Fix: use a "
                     "smaller state.");
    states[state] = size;
    size += bytes;
  }
  if (Status status = stateBlock.reserve(size, alignment); status.failed())
    return status;
  for (uint32_t state : program.states)
    states[state] += stateBlock.data();
  return Status();
}

Status CudaExecutable::resetStatesInContext() {
  for (uint32_t state : program.states) {
    const Argument &argument = program.arguments[state];
    uint64_t bytes = stateBytes(argument);
    if (bytes == 0)
      continue;
    Status status =
        argument.initial < 0
            ? device.clear(states[state], bytes)
            : device.copyWithin(
                  states[state],
                  module->constant(static_cast<uint32_t>(argument.initial)),
                  bytes);
    if (status.failed())
      return status;
  }
  return Status();
}

Expected<std::unique_ptr<Execution>> CudaExecutable::createExecution() {
  return CudaExecution::create(*this);
}

Status CudaExecutable::resetState() {
  ContextScope scope(device);
  if (scope.failed())
    return scope.takeStatus();
  return resetStatesInContext();
}

Status CudaExecutable::readState(uint32_t argument, void *data,
                                 uint64_t byteSize) {
  if (byteSize == 0)
    return Status();
  ContextScope scope(device);
  if (scope.failed())
    return scope.takeStatus();
  return device.copyOut(data, states[argument], byteSize);
}

Status CudaExecutable::writeState(uint32_t argument, const void *data,
                                  uint64_t byteSize) {
  if (byteSize == 0)
    return Status();
  ContextScope scope(device);
  if (scope.failed())
    return scope.takeStatus();
  return device.copyIn(states[argument], data, byteSize);
}

Status CudaExecutable::close() {
  ContextScope scope = ContextScope::toEnd(device);
  if (scope.failed())
    return scope.takeStatus();
  Status status = stateBlock.release();
  status.update(device.releaseModule(*module));
  return status;
}

} // namespace vyre::runtime::internal::cuda
