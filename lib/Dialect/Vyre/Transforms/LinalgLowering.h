//===- LinalgLowering.h - One structured op to loops ------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What LowerLinalg.cpp tells of, for one op: its points there, its reductions
// in parts in LowerLinalgParts.cpp.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_LIB_DIALECT_VYRE_TRANSFORMS_LINALGLOWERING_H
#define VYRE_LIB_DIALECT_VYRE_TRANSFORMS_LINALGLOWERING_H

#include "ReductionParts.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"
#include "vyre/Dialect/Vyre/IR/VyreDialect.h"

namespace vyre {

/// `out = combine(out, value)`: how one output of a body is computed.
struct Combination {
  mlir::Operation *combiner;
  mlir::Value value;
};

/// Lowers one op.
class LinalgLowering {
public:
  LinalgLowering(mlir::linalg::LinalgOp op, mlir::StringAttr stageName)
      : op(op), stageName(stageName), builder(op), loc(op.getLoc()),
        body(*op.getBlock()) {}

  void lower();

private:
  /// The bounds of some of the iterators.
  struct Bounds {
    llvm::SmallVector<unsigned> iterators;
    llvm::SmallVector<mlir::Value> lower, upper, steps;
  };

  /// How each output is combined, if all of them are by one associative op.
  std::optional<llvm::SmallVector<Combination>> matchCombinations();

  /// Whether each output stays where it is while the reductions proceed.
  bool areOutputsInvariant();

  /// Whether two inputs or more move along with the reductions, each of them
  /// the same for many points, and there are many points.
  bool isContraction();

  // Each builds the code of one point of the parallel iterators, and returns
  // the op that names the stage if there are none.
  mlir::Operation *buildPoint();
  mlir::Operation *buildReduction(llvm::ArrayRef<Combination> combinations,
                                  mlir::ValueRange inits);
  mlir::Operation *buildSequence();

  /// Lowers a reduction that is to be split and can be.
  bool lowerInParts();
  void buildParts(llvm::ArrayRef<Combination> combinations, ReductionPart part);

  /// A reduction that is cut along its first iterator.
  struct Parts {
    /// Indices of a whole part, and whether the last one may have fewer.
    int64_t length;
    bool mayBeShorter;
    /// The parts; and the indices that are in none, null where there are no
    /// such.
    mlir::Value count, rest;
    /// What the parts of each point are reduced to, a buffer for each output
    /// over the parts and then the parallel iterators.
    llvm::SmallVector<mlir::Value> sums;
  };
  Parts makeParts(llvm::ArrayRef<Combination> combinations, ReductionPart part);
  /// Reduces each part of each point, from the neutral values on.
  void reduceEachPart(llvm::ArrayRef<Combination> combinations,
                      const Parts &parts);
  /// Reduces the parts of the point, and what is left over, from the outputs
  /// on. Returns the last loop.
  mlir::Operation *reduceParts(llvm::ArrayRef<Combination> combinations,
                               const Parts &parts, mlir::ValueRange point);

  /// Clones the body for the current point, except for ops in `skipped`.
  void cloneBody(llvm::ArrayRef<mlir::Operation *> skipped = {});
  void mapOutputs(mlir::ValueRange values);
  llvm::SmallVector<mlir::Value> getYieldedValues();

  llvm::SmallVector<mlir::Value> getIndices(mlir::OpOperand &operand);
  llvm::SmallVector<mlir::Value> loadOutputs();
  mlir::Operation *storeOutputs(mlir::ValueRange values);
  void setCurrent(const Bounds &bounds, mlir::ValueRange values) {
    for (auto [iterator, value] : llvm::zip_equal(bounds.iterators, values))
      ivs[iterator] = value;
  }

  /// That of the op for one within a part.
  mlir::Value getIndexInPart(mlir::Value index) {
    mlir::Value length = buildConstant(partOffset->length);
    mlir::Value first =
        mlir::arith::MulIOp::create(builder, loc, partOffset->part, length);
    return mlir::arith::AddIOp::create(builder, loc, first, index);
  }

  /// The part that a reduction is of: indices of an iterator from part *
  /// length.
  struct PartOffset {
    unsigned iterator;
    mlir::Value part;
    int64_t length;
  };
  std::optional<PartOffset> partOffset;
  /// The reduction over `extent` indices of its first iterator, from `offset`
  /// on.
  mlir::Operation *buildPart(llvm::ArrayRef<Combination> combinations,
                             PartOffset offset, mlir::Value extent,
                             mlir::ValueRange inits);

  /// A loop over the parallel iterators, with what `build` makes for a point;
  /// the op that names the stage, null for none.
  mlir::Operation *
  buildPoints(llvm::function_ref<mlir::Operation *(mlir::ValueRange)> build);
  /// Names the stage that a loop or store becomes after the op.
  void nameStage(mlir::Operation *named) {
    if (named)
      named->setAttr(VyreDialect::kStageNameAttrName, stageName);
  }
  mlir::Value buildConstant(int64_t value) {
    return mlir::arith::ConstantIndexOp::create(builder, loc, value);
  }

  mlir::linalg::LinalgOp op;
  mlir::StringAttr stageName;
  mlir::OpBuilder builder;
  mlir::Location loc;
  mlir::Block &body;
  Bounds parallel, reduction;
  /// The current value of each iterator.
  llvm::SmallVector<mlir::Value> ivs;
  /// From the body's values to those of the current point.
  mlir::IRMapping mapping;
};

/// Clones the combiner of each output into a region of `reduce`.
void buildCombiners(mlir::OpBuilder &builder, mlir::scf::ReduceOp reduce,
                    llvm::ArrayRef<Combination> combinations,
                    llvm::ArrayRef<mlir::BlockArgument> outputs);

} // namespace vyre

#endif // VYRE_LIB_DIALECT_VYRE_TRANSFORMS_LINALGLOWERING_H
