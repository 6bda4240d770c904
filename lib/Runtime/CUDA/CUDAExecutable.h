//===- CUDAExecutable.h - A program on a GPU --------------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A program's kernels and state on one GPU.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_LIB_RUNTIME_CUDA_CUDAEXECUTABLE_H
#define VYRE_LIB_RUNTIME_CUDA_CUDAEXECUTABLE_H

#include "Backend.h"
#include "CUDA/CUDADevice.h"
#include "CUDA/CUDAModule.h"
#include "HostCall.h"

#include <memory>
#include <vector>

namespace vyre::runtime::internal::cuda {

/// The entry of one launch, and what the driver says of it.
struct Kernel {
  CUfunction function = nullptr;
  /// The entry that waits on the device, or NULL, and the threads of its block.
  CUfunction persistent = nullptr;
  uint32_t persistentThreads = 0;
  /// The most dynamic shared memory that it may be launched with, in bytes.
  uint32_t maxDynamicSharedBytes = 0;
};

class CudaExecutable final : public Executable {
public:
  /// Takes over one use of the module, and gives it back if it fails. The
  /// context is current.
  static Expected<std::unique_ptr<Executable>>
  create(CudaDevice &device, CudaModule &module, const Program &program);

  Expected<std::unique_ptr<Execution>> createExecution() override;
  Status resetState() override;
  Status readState(uint32_t argument, void *data, uint64_t byteSize) override;
  Status writeState(uint32_t argument, const void *data,
                    uint64_t byteSize) override;
  Status close() override;

  CudaDevice &getDevice() const { return device; }
  const CudaModule &getModule() const { return *module; }
  const Program &getProgram() const { return program; }
  const Kernel &kernel(size_t launch) const { return kernels[launch]; }
  /// The function that a launch calls.
  const std::shared_ptr<const RegisteredCall> &getCall(size_t launch) const {
    return calls[launch];
  }
  /// Whether a launch's blocks are in clusters, which older GPUs have not.
  bool hasCluster(size_t launch) const {
    return program.launches[launch].hasCluster() &&
           device.computeCapability() >= kFirstWithClusters;
  }
  /// The address of a state argument.
  CUdeviceptr state(uint32_t argument) const { return states[argument]; }

private:
  static constexpr int kFirstWithClusters = 90;

  CudaExecutable(CudaDevice &device, CudaModule &module, const Program &program)
      : device(device), module(&module), program(program), stateBlock(device),
        states(program.arguments.size()) {}

  Status initialize();
  Status findPersistent(const Launch &launch, Kernel &kernel);
  Status findKernel(size_t index, Kernel &kernel);
  Status findEntry(const Launch &launch, const std::string &name,
                   size_t pointers, size_t parameters, CUfunction &function);
  Status checkParameters(const Launch &launch, const std::string &name,
                         size_t pointers, size_t expected, CUfunction function);
  Status placeStates();
  Status resetStatesInContext();

  CudaDevice &device;
  CudaModule *module;
  const Program &program;
  std::vector<Kernel> kernels;
  CallTable calls;
  DeviceBlock stateBlock;
  std::vector<CUdeviceptr> states;
};

} // namespace vyre::runtime::internal::cuda

#endif // VYRE_LIB_RUNTIME_CUDA_CUDAEXECUTABLE_H
