//===- PrepareTensors.h - Patterns of vyre-prepare-tensors ------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_LIB_DIALECT_VYRE_TRANSFORMS_PREPARETENSORS_H
#define VYRE_LIB_DIALECT_VYRE_TRANSFORMS_PREPARETENSORS_H

#include "mlir/IR/PatternMatch.h"

namespace vyre {

/// Removes the scf.if that tosa-to-linalg puts around a broadcast where it is
/// known that nothing is to be broadcast.
void dropIdentityBroadcasts(mlir::Operation *root);

/// Patterns that move the choice between an operand and its broadcast, which
/// tosa-to-linalg makes by an scf.if on tensors, into the loops that read it.
void populateConditionalBroadcastPatterns(mlir::RewritePatternSet &patterns);

/// Patterns that make loops of tensor.gather, tensor.scatter and tosa.scatter.
void populateGatherScatterPatterns(mlir::RewritePatternSet &patterns);

} // namespace vyre

#endif // VYRE_LIB_DIALECT_VYRE_TRANSFORMS_PREPARETENSORS_H
