//===- VectorPoints.h - Neighbouring points as vectors ----------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A body with loops that carry values, for neighbouring points of which each is
// a lane of vectors:
//
//   %s = scf.for %k ... (%t = %zero)    %s = scf.for ... (%t = broadcast %zero)
//     %a = memref.load %x[%i, %k]         %a = memref.load %x[%i, %k]
//     %b = memref.load %w[%k, %j]   ->    %b = vector.load %w[%k, %j]
//     %p = arith.mulf %a, %b              %p = arith.mulf (broadcast %a), %b
//     yield %t + %p                       yield %t + %p
//   memref.store %s, %y[%i, %j]         vector.store %s, %y[%i, %j]
//
// LLVM vectorises innermost loops. Here that is the one over %k, whose sum has
// to stay in order; the points beside each other have no order. Where the loops
// run alike in several rows, these share them, and with them what they load for
// all rows.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_LIB_CONVERSION_VECTORPOINTS_H
#define VYRE_LIB_CONVERSION_VECTORPOINTS_H

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"
#include "vyre/Dialect/Vyre/IR/VyreOps.h"
#include "llvm/ADT/DenseSet.h"

namespace vyre {

class VectorPoints {
public:
  /// None where the body has no such loop, or something in it has no vector
  /// form.
  static std::optional<VectorPoints> match(StageOp stage);

  /// Lanes of the widest vectors that are worth it.
  int64_t getMostLanes() const;

  /// Rows that are worth building together.
  int64_t getMostRows() const { return mostRows; }

  /// Builds the body for `lanes` points of each row. A row's mapping has what
  /// the body uses from outside, and its indices to those of the first point.
  void build(mlir::OpBuilder &builder,
             llvm::MutableArrayRef<mlir::IRMapping> rows, int64_t lanes) const;

private:
  explicit VectorPoints(StageOp stage) : stage(stage) {}

  bool matchBlock(mlir::Block &block);
  bool matchOp(mlir::Operation &op);
  bool matchReduction(mlir::scf::ParallelOp loop);
  /// Whether lanes may have different values of it.
  bool isVector(mlir::Value value) const { return vectors.contains(value); }

  mutable StageOp stage;
  llvm::DenseSet<mlir::Value> vectors;
  /// Of the widest element.
  int64_t elementBytes = 1;
  /// Vectors of each result that a reduction keeps in memory at most.
  int64_t lanesInMemory = 1;
  int64_t mostRows = kMostRows;

  /// Rows of a body whose loops run alike in all of them.
  static constexpr int64_t kMostRows = 4;
};

} // namespace vyre

#endif // VYRE_LIB_CONVERSION_VECTORPOINTS_H
