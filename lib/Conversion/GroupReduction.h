//===- GroupReduction.h - Values of a group of threads ----------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A reduction of which each thread of a group has a part: the threads' values
// come together through workgroup memory and shuffles, in the tree of
// GroupLoop.cpp.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_LIB_CONVERSION_GROUPREDUCTION_H
#define VYRE_LIB_CONVERSION_GROUPREDUCTION_H

#include "ParallelLoop.h"

namespace vyre {

class GroupReduction : protected ParallelLoop {
protected:
  /// Of a loop that carries `vyre.threads`.
  explicit GroupReduction(mlir::scf::ParallelOp loop);

  /// One value of each reduction, for each of a thread's lanes.
  using Lanes = llvm::SmallVector<llvm::SmallVector<mlir::Value>>;

  Lanes pack(mlir::ValueRange values);
  llvm::SmallVector<mlir::Value> unpack(const Lanes &lanes);
  Lanes combineLanes(const Lanes &left, const Lanes &right);

  /// Workgroup memory for the lanes of each reduction, which all loops of the
  /// kernel use in turn.
  llvm::SmallVector<mlir::Value> getWorkgroupMemory(int64_t lanes);
  /// Brings the values of the `count` threads of a block together that have
  /// some, of which this is number `number`: thread i of each warp then has
  /// what threads i, i + 32, i + 64, ... had.
  Lanes combineWarps(const Lanes &lanes, mlir::Value number, int64_t count);
  /// The tree over the values of a warp's threads that are of one point, which
  /// every thread then has.
  llvm::SmallVector<mlir::Value> combineThreads(Lanes lanes);

  mlir::Value add(mlir::Value a, int64_t b);

  int64_t threads;
  /// Blocks that these are in.
  int64_t blocks;
  /// Points whose threads alternate in a block.
  int64_t columns;
  /// The thread's number in the group.
  mlir::Value thread;

private:
  mlir::Value addWorkgroupMemory(mlir::MemRefType type);
  mlir::MemRefType getWorkgroupType(mlir::Type element, int64_t lanes);
  Lanes load(mlir::ValueRange memory, mlir::Value thread);
  void store(const Lanes &lanes, mlir::ValueRange memory, mlir::Value thread);
  Lanes combineBlocks(const Lanes &lanes, mlir::Value number,
                      mlir::Value warpThread);
  Lanes buildBlockTree(mlir::ValueRange memory, mlir::Value warpThread,
                       int64_t first, int64_t distance);
  Lanes loadOfBlock(mlir::ValueRange memory, mlir::Value warpThread,
                    int64_t rank);
  Lanes buildTree(mlir::ValueRange memory, mlir::Value warpThread,
                  int64_t first, int64_t distance, int64_t count);
  mlir::Value shuffle(mlir::Value value, int64_t distance);

  /// Lanes of a thread in workgroup memory.
  int64_t perThread = 0;
};

} // namespace vyre

#endif // VYRE_LIB_CONVERSION_GROUPREDUCTION_H
