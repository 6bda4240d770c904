//===- StageAccesses.h - Which elements a stage touches ------- -*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reads the body of a stage and says, for every load, store and atomic, which
// elements of which buffer it touches at which point of the index space.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_ANALYSIS_STAGEACCESSES_H
#define VYRE_ANALYSIS_STAGEACCESSES_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/AsmState.h"
#include "vyre/Analysis/SymbolicValues.h"
#include "vyre/Dialect/Vyre/IR/BufferAccess.h"

namespace vyre {

/// One of the values that an index may have, and when it has it: where all
/// conditions are at least zero.
struct IndexCase {
  mlir::AffineExpr value;
  llvm::SmallVector<mlir::AffineExpr, 2> conditions;

  bool operator==(const IndexCase &other) const {
    return value == other.value && conditions == other.conditions;
  }
};

/// The elements that an access touches, as a relation between points and
/// elements. The variables are dimensions: first those of the index space, then
/// `numDims - rank` inner ones, which take every value that the constraints
/// allow. The symbols are those of SymbolicValues.
struct AccessRelation {
  unsigned rank = 0;
  unsigned numDims = 0;
  /// The index into each dimension of the buffer.
  llvm::SmallVector<mlir::AffineExpr> indices;
  /// What holds of the dimensions, points of the index space included: each is
  /// at least zero.
  llvm::SmallVector<mlir::AffineExpr> constraints;
  /// Whether the access touches all of these elements. Else it may touch fewer:
  /// it is under a condition, or an index is not known.
  bool isExact = true;
  /// The conditions around the access, where each is one on the dimensions: at
  /// least zero.
  llvm::SmallVector<mlir::AffineExpr> guards;
  /// Whether the access touches all of these elements where its guards hold and
  /// its choices are made. So it is where it is exact, without either.
  bool isExactWithGuards = true;
  /// Dimensions that are one of several values: minima, maxima and selected
  /// indices. The values have lower dimensions alone, and the cases cover all
  /// points.
  struct Choice {
    unsigned dim;
    llvm::SmallVector<IndexCase, 2> cases;

    bool operator==(const Choice &other) const {
      return dim == other.dim && cases == other.cases;
    }
  };
  llvm::SmallVector<Choice, 0> choices;

  bool operator==(const AccessRelation &other) const {
    return rank == other.rank && numDims == other.numDims &&
           isExact == other.isExact &&
           isExactWithGuards == other.isExactWithGuards &&
           indices == other.indices && constraints == other.constraints &&
           guards == other.guards && choices == other.choices;
  }
};

/// One op's access to one buffer of the program. The relation belongs to the
/// SymbolicValues.
struct ElementAccess {
  mlir::Operation *op;
  mlir::Value buffer;
  bool reads;
  bool writes;
  const AccessRelation &relation;
};

/// Turns index values inside a body into affine expressions. The indices of the
/// stage are dimensions 0, 1, ...; a loop's induction variable, and every value
/// that is not understood, is a dimension of its own. So two equal expressions
/// are equal values wherever both are defined.
class IndexResolver {
public:
  /// A stage over its own index space.
  IndexResolver(StageOp stage, SymbolicValues &symbols);

  /// A stage over another index space: its extents, and what the stage's own
  /// indices are there.
  IndexResolver(StageOp stage, SymbolicValues &symbols,
                llvm::ArrayRef<mlir::AffineExpr> extents,
                llvm::ArrayRef<mlir::AffineExpr> ownIndices);

  /// The expression of an index value of the body or of the program.
  mlir::AffineExpr getExpr(mlir::Value value);

  /// The elements of the buffer at the end of the chain of views that
  /// `memref[indices]` is; none where a view is not understood.
  std::optional<llvm::SmallVector<mlir::AffineExpr>>
  getElement(mlir::Value memref, llvm::ArrayRef<mlir::AffineExpr> indices);

  /// The same for a load or store; none for an access of another kind.
  std::optional<llvm::SmallVector<mlir::AffineExpr>>
  getElement(mlir::Operation *access);

  /// Has to be called before an op of the body is erased or replaced: what is
  /// made later may have the addresses of the values in it.
  void forget(mlir::Operation *op);

  /// A dimension that can be any value in [0, extent).
  mlir::AffineExpr addUnknown(mlir::AffineExpr extent);

  /// What is known of a dimension.
  struct Dimension {
    llvm::SmallVector<mlir::AffineExpr, 2> constraints;
    bool isNonNegative = false;
    /// Whether it takes all values that the constraints allow.
    bool isExact = true;
    /// A number that it is never above.
    std::optional<int64_t> maximum = std::nullopt;
    /// Where it is one of several values: which, and when.
    llvm::SmallVector<IndexCase, 0> cases = {};
    /// Whether it is an index into a space or a buffer, or as small as one: so
    /// far from the ends of 64 bits that no product with a constant that is
    /// tractable wraps. An index that comes from data may be anything.
    bool isBounded = false;
  };
  const Dimension &getDimension(unsigned position) const {
    return dimensions[position];
  }
  unsigned getNumDimensions() const { return dimensions.size(); }

  bool isNonNegative(mlir::AffineExpr expr) const;

  /// Appends what a condition of the body, or its negation, says of indices:
  /// each at least zero. False where it says something else.
  bool appendGuards(mlir::Value condition, bool isNegated,
                    llvm::SmallVectorImpl<mlir::AffineExpr> &guards);

private:
  void readBody();
  mlir::AffineExpr addDimension(Dimension dimension);
  mlir::AffineExpr compute(mlir::Value value);
  mlir::AffineExpr computeBounded(mlir::Operation *op);
  mlir::AffineExpr computeSelected(mlir::arith::SelectOp op);
  std::optional<mlir::AffineExpr> computeDim(mlir::Value memref,
                                             mlir::Value position);
  /// A dimension of which nothing is known but whether it is small.
  mlir::AffineExpr addUnknownNumber(bool isBounded);
  /// Whether all that an expression is made of is bounded, and so its value.
  bool isBounded(mlir::AffineExpr expr) const;
  /// Whether a sum or product in an affine.apply or an arith op, or in a map
  /// that is applied to operands, may leave 64 bits: then the value is not what
  /// the formula says.
  bool mayWrap(mlir::Operation *op);
  bool mayWrap(mlir::AffineExpr expr, llvm::ArrayRef<mlir::AffineExpr> dims,
               llvm::ArrayRef<mlir::AffineExpr> syms) const;
  void readLoop(mlir::Operation *op);
  void setLoopIndex(mlir::Value index, llvm::ArrayRef<mlir::AffineExpr> lower,
                    llvm::ArrayRef<mlir::AffineExpr> upper,
                    mlir::AffineExpr step);
  llvm::SmallVector<mlir::AffineExpr> applyMap(mlir::AffineMap map,
                                               mlir::ValueRange operands);
  mlir::AffineExpr simplify(mlir::AffineExpr expr) const;

  StageOp stage;
  SymbolicValues &symbols;
  mlir::MLIRContext *context;
  llvm::DenseMap<mlir::Value, mlir::AffineExpr> exprs;
  llvm::SmallVector<Dimension> dimensions;
};

/// All accesses of one stage to buffers of the program.
class StageAccesses {
public:
  /// An index space that a stage can be given instead of its own: the extents,
  /// and each of the stage's own indices as an expression over the new ones.
  struct Reshape {
    llvm::SmallVector<mlir::AffineExpr> extents;
    llvm::SmallVector<mlir::AffineExpr> ownIndices;
  };

  /// Reads `stage`, over its own index space or over another.
  StageAccesses(StageLikeOpInterface stage, SymbolicValues &symbols,
                const Reshape *reshape = nullptr)
      : StageAccesses(stage, symbols, reshape, /*readsVectors=*/false) {}

  /// Reads the elements of vector.load and vector.store too. Who rewrites
  /// bodies knows scalar accesses alone: for him a vector may touch everything.
  static StageAccesses withVectors(StageLikeOpInterface stage,
                                   SymbolicValues &symbols) {
    return StageAccesses(stage, symbols, nullptr, /*readsVectors=*/true);
  }

  StageLikeOpInterface getStage() const { return stage; }

  /// Whether the stage has a body that was read. If not, there are no extents,
  /// and the accesses are what the stage declares, with nothing known of the
  /// elements.
  bool isKnown() const { return known; }

  llvm::ArrayRef<mlir::AffineExpr> getExtents() const { return extents; }
  unsigned getRank() const { return extents.size(); }
  llvm::ArrayRef<ElementAccess> getAccesses() const { return accesses; }

  /// Whether a point runs a loop, and so takes long.
  bool hasLoops() const { return loops; }

  /// `state` names the buffers.
  void print(llvm::raw_ostream &os, mlir::AsmState &state) const;

private:
  StageAccesses(StageLikeOpInterface stage, SymbolicValues &symbols,
                const Reshape *reshape, bool readsVectors);
  void readBody(StageOp stage, SymbolicValues &symbols, const Reshape *reshape,
                bool readsVectors);
  void readDeclaration(SymbolicValues &symbols);

  StageLikeOpInterface stage;
  bool known = false;
  bool loops = false;
  llvm::SmallVector<mlir::AffineExpr> extents;
  llvm::SmallVector<ElementAccess> accesses;
};

} // namespace vyre

#endif // VYRE_ANALYSIS_STAGEACCESSES_H
