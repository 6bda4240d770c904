//===- Pipelines.h - From kernels to the LLVM dialect --------- -*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_CONVERSION_PIPELINES_H
#define VYRE_CONVERSION_PIPELINES_H

#include "mlir/Pass/PassManager.h"

namespace vyre {

/// How math functions are computed.
enum class MathMode {
  /// By libdevice on the GPU and libm on the CPU, each within a few ulp.
  Library,
  /// By the same polynomial expansions on both: the same bits.
  Portable
};

/// Lowers one gpu.module of convert-vyre-to-gpu to the NVVM dialect.
/// `indexBitwidth` is 32 or 64. To be run on the gpu.module.
void buildGPULoweringPipeline(mlir::OpPassManager &manager,
                              unsigned indexBitwidth, MathMode math);

/// Lowers the functions of convert-vyre-to-cpu to the LLVM dialect. To be run
/// on their module.
void buildCPULoweringPipeline(mlir::OpPassManager &manager, MathMode math);

} // namespace vyre

#endif // VYRE_CONVERSION_PIPELINES_H
