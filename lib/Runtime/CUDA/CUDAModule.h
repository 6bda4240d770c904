//===- CUDAModule.h - An artifact's code on a GPU ---------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Chooses among an artifact's PTX and cubins, loads the choice, and uploads the
// artifact's constants.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_LIB_RUNTIME_CUDA_CUDAMODULE_H
#define VYRE_LIB_RUNTIME_CUDA_CUDAMODULE_H

#include "Artifact.h"
#include "CUDA/CUDADevice.h"

#include <memory>
#include <string>
#include <vector>

namespace vyre::runtime::internal::cuda {

/// The sections that a GPU of this compute capability (major * 10 + minor) can
/// run, the best first: cubins before PTX, newer architectures before older.
std::vector<const Code *> selectGpuCode(const Artifact &artifact,
                                        int capability);

/// What GPU code the artifact has, for a message.
std::string listGpuCode(const Artifact &artifact);

class CudaModule {
public:
  /// The context is current. A driver that rejects the first choice as too new
  /// for it is given the next one.
  static Expected<std::unique_ptr<CudaModule>>
  load(CudaDevice &device, std::shared_ptr<const Artifact> artifact);

  /// Unloads and frees; the context is current.
  Status close();

  const Artifact &getArtifact() const { return *artifact; }
  CUmodule handle() const { return module; }
  /// Its kernels wait for those that they come after.
  bool waitsForDependencies() const { return waits; }
  CUdeviceptr constant(uint32_t index) const { return constants[index]; }

private:
  CudaModule(CudaDevice &device, std::shared_ptr<const Artifact> artifact)
      : device(device), artifact(std::move(artifact)), constantBlock(device) {}

  Status loadCode(const Code &code, CUresult &result);
  Status uploadConstants();

  CudaDevice &device;
  std::shared_ptr<const Artifact> artifact;
  CUmodule module = nullptr;
  bool waits = false;
  DeviceBlock constantBlock;
  std::vector<CUdeviceptr> constants;
};

} // namespace vyre::runtime::internal::cuda

#endif // VYRE_LIB_RUNTIME_CUDA_CUDAMODULE_H
