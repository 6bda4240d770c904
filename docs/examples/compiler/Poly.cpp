//===- Poly.cpp - A dialect of polynomials, and its lowering --------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Says what a kernel computes, as linalg. How many launches there are, and all
// else that the host has to do, is left to Vyre.
//
//===----------------------------------------------------------------------===//

#include "Poly.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

#include "PolyDialect.cpp.inc"
#define GET_OP_CLASSES
#include "Poly.cpp.inc"

using namespace mlir;

void poly::PolyDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "Poly.cpp.inc"
      >();
}

namespace {

/// poly.evaluate becomes a linalg.generic over its elements, by Horner's rule.
struct LowerEvaluate : OpRewritePattern<poly::EvaluateOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(poly::EvaluateOp op,
                                PatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    Value empty = tensor::EmptyOp::create(
        rewriter, loc, tensor::getMixedSizes(rewriter, loc, op.getX()),
        rewriter.getF32Type());
    AffineMap identity = rewriter.getMultiDimIdentityMap(1);
    auto addBody = [&](OpBuilder &builder, Location loc, ValueRange elements) {
      Value sum =
          arith::ConstantOp::create(builder, loc, builder.getF32FloatAttr(0));
      for (float coefficient : llvm::reverse(op.getCoefficients())) {
        Value product =
            arith::MulFOp::create(builder, loc, sum, elements.front());
        Value constant = arith::ConstantOp::create(
            builder, loc, builder.getF32FloatAttr(coefficient));
        sum = arith::AddFOp::create(builder, loc, product, constant);
      }
      linalg::YieldOp::create(builder, loc, sum);
    };
    rewriter.replaceOpWithNewOp<linalg::GenericOp>(
        op, op->getResultTypes(), op.getX(), empty,
        ArrayRef<AffineMap>{identity, identity}, utils::IteratorType::parallel,
        addBody);
    return success();
  }
};

struct LowerPoly : PassWrapper<LowerPoly, OperationPass<func::FuncOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(LowerPoly)

  void getDependentDialects(DialectRegistry &registry) const override {
    registry.insert<arith::ArithDialect, linalg::LinalgDialect,
                    tensor::TensorDialect>();
  }
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<LowerEvaluate>(&getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace

std::unique_ptr<Pass> poly::createLowerPoly() {
  return std::make_unique<LowerPoly>();
}
