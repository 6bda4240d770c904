//===- SymbolicValues.h - Scalars of a program as formulas ---- -*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The integers that stand at the top level of a program, as affine expressions
// over numbered symbols. Two values with the same expression are equal at every
// dispatch; that is how index spaces are proved to be equal.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_ANALYSIS_SYMBOLICVALUES_H
#define VYRE_ANALYSIS_SYMBOLICVALUES_H

#include "mlir/IR/AffineExpr.h"
#include "vyre/Dialect/Vyre/IR/VyreOps.h"
#include "llvm/ADT/BitVector.h"
#include "llvm/ADT/DenseMap.h"
#include <map>
#include <memory>
#include <vector>

namespace vyre {

struct AccessRelation;

/// Numbers the unknowns of one program: the extents of its inputs, its scalar
/// arguments, and what is computed from them in a way that is not affine. An
/// extent of an intermediate or an output is the value that states it. Equal
/// computations get one symbol. Sums, differences and products are those of
/// integers: as everywhere in MLIR, `index` arithmetic is taken not to wrap.
class SymbolicValues {
public:
  explicit SymbolicValues(ProgramOp program);
  ~SymbolicValues();

  /// An equal relation that lives as long as this. A program's stages have few
  /// different ones.
  const AccessRelation &intern(AccessRelation relation);

  /// The expression of an index value that is defined at the top level. A value
  /// that is not understood is a symbol of its own.
  mlir::AffineExpr getExpr(mlir::Value value);

  /// The extent of a buffer of the program along a dimension.
  mlir::AffineExpr getExtent(mlir::Value buffer, unsigned dimension);

  /// Whether a symbol can't be negative: an extent, or a product of such.
  bool isNonNegative(unsigned symbol) const { return nonNegative.test(symbol); }
  bool isNonNegative(mlir::AffineExpr expr) const;

  /// An expression in words, for messages: symbols by what they are.
  std::string describe(mlir::AffineExpr expr) const;

  /// The values of expressions over symbols alone, made where the builder
  /// stands; what they use is defined at the top level of the program. Null
  /// for an expression that has another variable.
  mlir::Value materialize(mlir::OpBuilder &builder, mlir::Location loc,
                          mlir::AffineExpr expr) const;

  unsigned getNumSymbols() const { return nonNegative.size(); }

  mlir::MLIRContext *getContext() const { return context; }

private:
  class Relations;

  /// What was computed: the op's name, its attributes and its operands.
  using Computation = std::vector<const void *>;

  /// What a symbol is: a scalar, or with a dimension the extent of a buffer.
  struct Origin {
    mlir::Value value;
    std::optional<unsigned> dimension = std::nullopt;
  };

  mlir::AffineExpr addSymbol(Origin origin, bool isNonNegative,
                             const llvm::Twine &name);
  mlir::AffineExpr getComputation(const Computation &key, mlir::Value value,
                                  bool isNonNegative);
  mlir::AffineExpr computeExtent(mlir::Value buffer, unsigned dimension);
  mlir::AffineExpr compute(mlir::OpResult result);

  mlir::MLIRContext *context;
  ProgramOp program;
  llvm::DenseMap<mlir::Value, mlir::AffineExpr> exprs;
  llvm::DenseMap<std::pair<mlir::Value, unsigned>, mlir::AffineExpr> extents;
  std::map<Computation, mlir::AffineExpr> computations;
  llvm::BitVector nonNegative;
  std::vector<std::string> names;
  std::vector<Origin> origins;
  std::unique_ptr<Relations> relations;
};

/// The affine meaning of an op with one index result, given that of its
/// operands; null where it has none or would be too long to be useful.
mlir::AffineExpr computeAffineExpr(
    mlir::Operation *op,
    llvm::function_ref<mlir::AffineExpr(mlir::Value)> getOperandExpr,
    llvm::function_ref<bool(mlir::AffineExpr)> isNonNegative);

/// Whether an expression may be reasoned about as one over all integers: it is
/// affine, divides by positive constants alone, and its coefficients are small
/// enough for 64-bit arithmetic not to wrap at any index that can occur.
bool isTractable(mlir::AffineExpr expr);

/// Whether an expression can be shown not to be negative from what is known of
/// its dimensions and symbols.
bool isExprNonNegative(
    mlir::AffineExpr expr,
    llvm::function_ref<bool(mlir::AffineExpr)> isVariableNonNegative);

} // namespace vyre

#endif // VYRE_ANALYSIS_SYMBOLICVALUES_H
