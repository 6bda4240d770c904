//===- GroupBody.h - Bodies that a group of threads shares ---- -*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A body that was written for one thread, made one for a group:
//
//   %s = scf.parallel ... -> f32       %s = scf.parallel ... {vyre.threads = T}
//   memref.store %s, %sums[%i]    ->   if (thread == 0)
//   scf.parallel ... {                   memref.store %s, %sums[%i]
//     ... memref.load %sums[%i]        barrier
//   }                                  scf.parallel ... {vyre.threads = T} ...
//
// Every thread does what only computes and reads. vyre-expand-reductions shares
// the marked loops among the threads.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_LIB_CONVERSION_GROUPBODY_H
#define VYRE_LIB_CONVERSION_GROUPBODY_H

#include "mlir/IR/Builders.h"

namespace vyre {

/// Makes the ops of `body` before its terminator those of a group of `threads`
/// threads, of which this one stores if `isFirst` holds.
void shareBody(mlir::Block &body, mlir::Value isFirst, int64_t threads);

/// The same where a block computes `columns` points side by side, each with
/// `threads` threads.
void shareColumns(mlir::Block &body, mlir::Value isFirst, int64_t threads,
                  int64_t columns);

/// How many blocks a group of the kernel that `op` is in, or is, consists of:
/// those of a cluster, or one.
int64_t getClusterBlocks(mlir::Operation *op);

/// The number of this thread among the `threads` of its group. In a cluster the
/// blocks take the warps of a group in turn, so that the last steps of a tree
/// over all warps are those between blocks.
mlir::Value buildGroupThread(mlir::OpBuilder &builder, mlir::Location loc,
                             int64_t threads);

/// A barrier of the group: of a warp, of the whole block, or of the cluster.
/// Orders memory.
void buildGroupBarrier(mlir::OpBuilder &builder, mlir::Location loc,
                       int64_t threads);

} // namespace vyre

#endif // VYRE_LIB_CONVERSION_GROUPBODY_H
