//===- ParallelLoop.h - An scf.parallel to be rewritten ------- -*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the ways to rewrite a parallel loop share: its extents, the body at a
// point, and the combiners of its reductions.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_LIB_CONVERSION_PARALLELLOOP_H
#define VYRE_LIB_CONVERSION_PARALLELLOOP_H

#include "mlir/Dialect/SCF/IR/SCF.h"

namespace vyre {

class ParallelLoop {
public:
  explicit ParallelLoop(mlir::scf::ParallelOp loop);

protected:
  mlir::Value constant(int64_t value);
  mlir::Region &combiner(unsigned result) {
    return reduce.getReductions()[result];
  }
  /// Combines values of the reductions, one of each.
  llvm::SmallVector<mlir::Value> combineAll(mlir::ValueRange left,
                                            mlir::ValueRange right);

  /// The neutral elements of all reductions; false if some has none.
  bool buildNeutral();

  /// Builds `extents` and `total`. The total, if it is known.
  std::optional<int64_t> buildExtents();

  /// Memory of this thread for `count` elements of each reduction, for the
  /// whole function, and one element of each in it.
  llvm::SmallVector<mlir::Value> allocate(int64_t count);
  llvm::SmallVector<mlir::Value> loadAll(mlir::ValueRange memory,
                                         mlir::Value index);
  void storeAll(mlir::ValueRange values, mlir::ValueRange memory,
                mlir::Value index);

  /// The loop's body for one point: what goes into the reductions.
  llvm::SmallVector<mlir::Value> buildBody(mlir::ValueRange indices);
  /// The same for a row-major position; after buildExtents().
  llvm::SmallVector<mlir::Value> buildBodyAt(mlir::Value linear);
  /// The same for runs of `count` positions, each `distance` after the one
  /// before. The first is at `first`, and all are multiples of `count`; of a
  /// loop with known extents, or one by one.
  llvm::SmallVector<llvm::SmallVector<mlir::Value>>
  buildRunsAt(mlir::Value first, int64_t runs, int64_t distance, int64_t count);

  /// The same for all points of a loop of known extents, row-major.
  llvm::SmallVector<llvm::SmallVector<mlir::Value>> buildAllBodies();
  /// The same for points that each mapping gives the indices of, in runs of
  /// `neighbours`.
  llvm::SmallVector<llvm::SmallVector<mlir::Value>>
  buildBodies(llvm::MutableArrayRef<mlir::IRMapping> points,
              int64_t neighbours);

  /// Whether the body has a reduction that keeps its lanes in memory: all
  /// points then use the same memory, one after the other.
  bool usesScratch();

  /// The indices at a row-major position.
  llvm::SmallVector<mlir::Value> buildIndices(mlir::Value linear);

  /// Puts the reductions' values in the loop's place.
  void replace(mlir::ValueRange reduced);

  mlir::scf::ParallelOp loop;
  /// Null where nothing is reduced.
  mlir::scf::ReduceOp reduce;
  mlir::OpBuilder builder;
  mlir::Location loc;
  llvm::SmallVector<mlir::Value> extents;
  llvm::SmallVector<mlir::Value> neutral;
  mlir::Value total;
};

/// Rewrites a loop that carries `vyre.threads` for one thread of that group.
void expandGroupLoop(mlir::scf::ParallelOp loop);

/// The same for a reduction whose lanes are as InterleavedReduction.cpp says.
void expandInterleavedLoop(mlir::scf::ParallelOp loop);

} // namespace vyre

#endif // VYRE_LIB_CONVERSION_PARALLELLOOP_H
