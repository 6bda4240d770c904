//===- CUDACompiler.h - PTX to code of a GPU --------------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The driver's compiler, whose results are kept (CodeCache.h).
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_LIB_RUNTIME_CUDA_CUDACOMPILER_H
#define VYRE_LIB_RUNTIME_CUDA_CUDACOMPILER_H

#include "Artifact.h"
#include "CUDA/CUDADevice.h"
#include "CodeCache.h"

namespace vyre::runtime::internal::cuda {

/// Where the driver's compiler writes what is wrong with some code.
class CompilerLog {
public:
  static constexpr unsigned kOptionCount = 2;
  CUjit_option *options() { return names; }
  void **values() { return settings; }
  /// The status, with what the compiler said.
  Status addTo(Status status) const;

private:
  char text[4096] = {};
  CUjit_option names[kOptionCount] = {CU_JIT_ERROR_LOG_BUFFER,
                                      CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES};
  void *settings[kOptionCount] = {text,
                                  reinterpret_cast<void *>(sizeof(text) - 1)};
};

/// Finds the code of some PTX for the device, or compiles it; the context is
/// current. Null without an error where nothing is kept or the driver does not
/// compile without loading: then the PTX itself is what to load. `result` is
/// what the driver answered.
Status compilePtx(CudaDevice &device, Bytes ptx, CUresult &result,
                  CompiledCode &code);

} // namespace vyre::runtime::internal::cuda

#endif // VYRE_LIB_RUNTIME_CUDA_CUDACOMPILER_H
