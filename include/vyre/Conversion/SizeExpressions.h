//===- SizeExpressions.h - Sizes as data ---------------------- -*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every size of a dispatch is a pure function of the extents of the inputs and
// the scalar arguments. In IR these are index values at a program's top level;
// here they become the table of nodes that the artifact carries and the runtime
// evaluates.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_CONVERSION_SIZEEXPRESSIONS_H
#define VYRE_CONVERSION_SIZEEXPRESSIONS_H

#include "vyre/Dialect/Vyre/IR/VyreOps.h"
#include "vyre/Target/Artifact_generated.h"
#include "llvm/ADT/DenseMap.h"
#include <map>
#include <tuple>
#include <vector>

namespace vyre {

/// A scalar of a program in its simplest form: `memref.dim` of an output or an
/// intermediate becomes the value that states that extent.
struct ProgramScalar {
  /// A scalar value; or, with `dimension` set, a buffer argument.
  mlir::Value value;
  /// The dimension of `value` whose extent this is, or -1.
  int64_t dimension = -1;

  bool isExtent() const { return dimension >= 0; }
};

/// Sees through `memref.dim`. A null value where an extent has no known source.
ProgramScalar resolveProgramScalar(mlir::Value value);

/// The extent of a buffer of the program (argument, intermediate or constant)
/// along a dynamic dimension.
ProgramScalar resolveExtent(mlir::Value buffer, unsigned dimension);

/// The nodes of one program's size expressions, equal ones shared.
class SizeExpressions {
public:
  /// The node that computes an integer or index value. Fails with a diagnostic
  /// where the runtime can't compute it.
  llvm::FailureOr<int32_t> getNode(mlir::Value value);
  llvm::FailureOr<int32_t> getNode(ProgramScalar scalar, mlir::Location loc);

  /// Nodes made from others; equal ones are shared and constants folded.
  int32_t getConstant(int64_t value);
  int32_t get(artifact::ExprOp op, int32_t a, int32_t b, int32_t c = 0);

  /// Bytes of a row-major buffer: the product of its extents and element size.
  llvm::FailureOr<int32_t> getByteCount(mlir::Value buffer);

  llvm::ArrayRef<artifact::Expr> getNodes() const { return nodes; }

  /// Whether getNode would succeed; no diagnostic.
  static bool isExpressible(mlir::Value value);

private:
  int32_t add(artifact::Expr node);

  std::vector<artifact::Expr> nodes;
  llvm::DenseMap<mlir::Value, int32_t> nodeOf;
  /// Op, imm, a, b, c of a node.
  using Contents = std::tuple<uint8_t, int64_t, int32_t, int32_t, int32_t>;
  std::map<Contents, int32_t> nodeOfContents;
};

} // namespace vyre

#endif // VYRE_CONVERSION_SIZEEXPRESSIONS_H
