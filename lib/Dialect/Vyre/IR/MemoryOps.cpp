//===- MemoryOps.cpp - Intermediates and constants ------------------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"
#include "vyre/Dialect/Vyre/IR/Counted.h"
#include "vyre/Dialect/Vyre/IR/ElementTypes.h"
#include "vyre/Dialect/Vyre/IR/VyreOps.h"

using namespace mlir;
using namespace vyre;

//===----------------------------------------------------------------------===//
// IntermediateOp
//===----------------------------------------------------------------------===//

LogicalResult IntermediateOp::verify() {
  if (failed(verifyBufferType(getMemory().getType(),
                              [&] { return emitOpError(); })))
    return failure();
  auto type = cast<MemRefType>(getMemory().getType());
  if (type.getNumDynamicDims() != getExtents().size())
    return emitOpError("has ")
           << counted(getExtents().size(), "extent")
           << ", expected one for each of "
           << counted(type.getNumDynamicDims(), "dynamic dimension") << " of "
           << type;
  return success();
}

namespace {

/// memref.dim %t, 0 where %t = vyre.intermediate(%n) : memref<?xf32>  ->  %n
struct FoldDimOfIntermediate : OpRewritePattern<IntermediateOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(IntermediateOp op,
                                PatternRewriter &rewriter) const override {
    auto type = cast<MemRefType>(op.getMemory().getType());
    bool changed = false;
    for (Operation *user : llvm::make_early_inc_range(op->getUsers())) {
      auto dim = dyn_cast<memref::DimOp>(user);
      std::optional<int64_t> position =
          dim ? dim.getConstantIndex() : std::nullopt;
      if (!position || *position < 0 || *position >= type.getRank() ||
          !type.isDynamicDim(*position))
        continue;
      rewriter.replaceOp(dim,
                         op.getExtents()[type.getDynamicDimIndex(*position)]);
      changed = true;
    }
    return success(changed);
  }
};

} // namespace

void IntermediateOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                                 MLIRContext *context) {
  patterns.add<FoldDimOfIntermediate>(context);
}

//===----------------------------------------------------------------------===//
// ConstantOp
//===----------------------------------------------------------------------===//

LogicalResult ConstantOp::verify() {
  if (failed(verifyBufferType(getMemory().getType(),
                              [&] { return emitOpError(); })))
    return failure();
  auto type = cast<MemRefType>(getMemory().getType());
  ShapedType valueType = getValue().getShapedType();
  if (valueType.getElementType() != type.getElementType() ||
      valueType.getShape() != type.getShape())
    return emitOpError("has a value of type ")
           << valueType << ", expected shape and element type of " << type;
  return success();
}
