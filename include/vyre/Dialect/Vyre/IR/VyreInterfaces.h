//===- VyreInterfaces.h - Interfaces of the dialect -----------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_DIALECT_VYRE_IR_VYREINTERFACES_H
#define VYRE_DIALECT_VYRE_IR_VYREINTERFACES_H

#include "mlir/IR/OpDefinition.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace vyre::detail {
/// Checks what StageLikeOpInterface promises of `op`.
llvm::LogicalResult verifyStageLike(mlir::Operation *op);
} // namespace vyre::detail

#include "vyre/Dialect/Vyre/IR/VyreInterfaces.h.inc"

namespace vyre::detail {
/// The effects that a stage declares, each on its operand.
void appendStageEffects(
    StageLikeOpInterface stage,
    llvm::SmallVectorImpl<mlir::MemoryEffects::EffectInstance> &effects);
} // namespace vyre::detail

#endif // VYRE_DIALECT_VYRE_IR_VYREINTERFACES_H
