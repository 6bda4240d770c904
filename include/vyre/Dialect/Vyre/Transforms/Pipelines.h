//===- Pipelines.h - From other dialects to programs ---------- -*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_DIALECT_VYRE_TRANSFORMS_PIPELINES_H
#define VYRE_DIALECT_VYRE_TRANSFORMS_PIPELINES_H

#include "mlir/Pass/PassOptions.h"

namespace mlir {
class OpPassManager;
} // namespace mlir

namespace vyre {

/// Options of vyre-input-pipeline.
struct InputPipelineOptions
    : public mlir::PassPipelineOptions<InputPipelineOptions> {
  Option<uint64_t> defaultCapacity{
      *this, "default-capacity",
      llvm::cl::desc("the most bytes of a binding with a dynamic dimension"),
      llvm::cl::init(uint64_t(1) << 30)};
  Option<int64_t> maxUnroll{
      *this, "max-unroll",
      llvm::cl::desc("the most copies that a sequential loop around stages is "
                     "unrolled to"),
      llvm::cl::init(64)};
};

/// From functions on tensors or memrefs (linalg, tosa, tensor, arith, math,
/// scf) to programs in logical form, to be run on a module. What can't be a
/// program is an error on the op.
void buildInputPipeline(mlir::OpPassManager &manager,
                        const InputPipelineOptions &options = {});

/// Registers the pipelines by name.
void registerVyrePipelines();

} // namespace vyre

#endif // VYRE_DIALECT_VYRE_TRANSFORMS_PIPELINES_H
