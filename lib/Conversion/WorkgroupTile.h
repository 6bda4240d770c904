//===- WorkgroupTile.h - Operands of a block's tile -------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A contraction whose block of threads brings what its tile of points needs
// into workgroup memory, some steps of the loop at a time:
//
//   for k in 0..K                     a0, b0 = the block's part of a and b at 0
//     a[i, k], b[k, j]          ->    for k0 in 0..K by D
//                                       barrier; memory = a0, b0; barrier
//                                       a0, b0 = the parts at k0 + D
//                                       for k in k0..k0 + D
//                                         the memory's [i, k], [k, j]
//
// The next parts are on their way while the present ones are used. Each point
// still takes the loop's steps in their order.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_LIB_CONVERSION_WORKGROUPTILE_H
#define VYRE_LIB_CONVERSION_WORKGROUPTILE_H

#include "ThreadMapping.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"

namespace vyre {

/// Where a thread's tile is in that of its block, and where that one is.
struct TilePosition {
  mlir::Value thread;
  /// The first row and column of the block.
  mlir::Value blockRow, blockColumn;
  /// The first row and column of the thread within the block.
  mlir::Value row, column;
};

class WorkgroupTile {
public:
  /// The loop of a stage's body that a block can load for, if `mapping` makes
  /// whole tiles of all points and whole parts of the loop.
  static std::optional<WorkgroupTile> match(StageOp stage,
                                            const ThreadMapping &mapping);

  mlir::scf::ForOp getLoop() const { return loop; }

  /// Builds the loop for a thread's points, row by row, in a kernel where
  /// `position` holds for all threads of the block. Maps the loop's results.
  void build(mlir::OpBuilder &builder, const TilePosition &position,
             mlir::ValueRange indices,
             llvm::MutableArrayRef<mlir::IRMapping> points);

private:
  /// A load that the block makes for all its points.
  struct Operand {
    mlir::memref::LoadOp load;
    /// Which of its indices count the loop's steps, and which rows or columns.
    unsigned step, point;
    bool isOfRows;
  };

  WorkgroupTile(mlir::scf::ForOp loop, const ThreadMapping &mapping)
      : loop(loop), mapping(mapping) {}

  std::optional<Operand> matchOperand(mlir::memref::LoadOp load, StageOp stage);
  /// Rows or columns of the block, and of a thread.
  int64_t getBlockExtent(const Operand &operand) const {
    return operand.isOfRows ? mapping.getBlockRows()
                            : mapping.getBlockColumns();
  }
  int64_t getThreadExtent(const Operand &operand) const {
    return operand.isOfRows ? mapping.rowsPerThread : mapping.pointsPerThread;
  }

  mlir::scf::ForOp loop;
  ThreadMapping mapping;
  llvm::SmallVector<Operand> operands;
};

} // namespace vyre

#endif // VYRE_LIB_CONVERSION_WORKGROUPTILE_H
