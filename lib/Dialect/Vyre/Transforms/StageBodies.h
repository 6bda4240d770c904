//===- StageBodies.h - Rewrites of the body of one stage ------ -*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The steps of vyre-merge-stages. Each changes nothing that another launch, or
// the host, can see; together they keep in registers what stages handed each
// other in memory.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_LIB_DIALECT_VYRE_TRANSFORMS_STAGEBODIES_H
#define VYRE_LIB_DIALECT_VYRE_TRANSFORMS_STAGEBODIES_H

#include "vyre/Analysis/StageAccesses.h"

namespace vyre {

/// Fuses sibling scf.parallel loops at the top of the body that have equal
/// bounds and depend on each other at equal indices only.
void fuseInnerLoops(StageOp stage, SymbolicValues &symbols);

/// Keeps an element that a sequential loop updates in every iteration in a
/// register:
///   scf.for { load c[e]; ...; store c[e] }
///   -> load c[e]; scf.for iter_args { ... }; store c[e]
void promoteAccumulators(StageOp stage, SymbolicValues &symbols);

/// Replaces a load by the value that was stored to the element, or loaded from
/// it, before.
void forwardStores(StageOp stage, SymbolicValues &symbols);

/// Erases stores that a later one overwrites, and all stores to an intermediate
/// that nobody reads.
void eraseDeadStores(StageOp stage, SymbolicValues &symbols);

/// Computes an intermediate's element again where it is read in another inner
/// loop, if that is cheap, instead of reading it from memory.
void recomputeElements(StageOp stage, SymbolicValues &symbols);

/// Whether two elements of one buffer are different wherever both are defined.
bool areDifferentElements(llvm::ArrayRef<mlir::AffineExpr> left,
                          llvm::ArrayRef<mlir::AffineExpr> right);

} // namespace vyre

#endif // VYRE_LIB_DIALECT_VYRE_TRANSFORMS_STAGEBODIES_H
