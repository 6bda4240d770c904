//===- CodeGeneration.h - Code for one target ----------------- -*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_LIB_TARGET_CODEGENERATION_H
#define VYRE_LIB_TARGET_CODEGENERATION_H

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "vyre/Target/Compile.h"

namespace vyre {

/// PTX for one gpu.module in the NVVM dialect, with its final NUL. Fails with
/// a diagnostic on the op that needs a function the PTX would not have.
llvm::FailureOr<std::string> generatePTX(mlir::gpu::GPUModuleOp module,
                                         llvm::StringRef architecture);

/// Whether kernels of an architecture can wait for those that they come after.
bool canWaitForDependencies(llvm::StringRef architecture);

/// Whether an architecture has clusters of blocks.
bool hasClusters(llvm::StringRef architecture);

/// PTX whose kernels do that, first of all.
std::string insertDependencyWaits(llvm::StringRef ptx);

/// Runs ptxas of the CUDA toolkit.
llvm::FailureOr<std::string> assembleCubin(llvm::StringRef ptx,
                                           llvm::StringRef architecture,
                                           mlir::Location loc);

/// Shared objects with the functions of a module in the LLVM dialect: for
/// x86-64, -v3 and -v4, or for this machine's CPU alone.
llvm::FailureOr<std::vector<GeneratedCode>>
generateCPUCode(mlir::ModuleOp module, bool nativeCPU);

/// Links an object file to a shared object, with lld as a library.
llvm::FailureOr<std::string> linkSharedObject(llvm::StringRef object,
                                              mlir::Location loc);

} // namespace vyre

#endif // VYRE_LIB_TARGET_CODEGENERATION_H
