//===- PrepareTensors.cpp - The last step before bufferization ------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Rewrites what upstream can't bufferize to what it can, and says that tensor
// arguments are values:
//
//   linalg.softmax                 ->  the linalg ops that it consists of
//   tensor.gather                  ->  tensor.generate of tensor.extract
//   tensor.reshape %x(%shape)      ->  collapse to a row, expand to the shape
//   scf.if around a broadcast      ->  see ConditionalBroadcasts.cpp
//   one linalg.fill, two users     ->  a fill for each, not a copy
//   func.func @f(%x: tensor<...>)  ->  ... {bufferization.writable = false}
//
//===----------------------------------------------------------------------===//

#include "PrepareTensors.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "vyre/Dialect/Vyre/Transforms/Passes.h"

#define DEBUG_TYPE "vyre-prepare-tensors"

namespace vyre {
#define GEN_PASS_DEF_PREPARETENSORS
#include "vyre/Dialect/Vyre/Transforms/Passes.h.inc"
} // namespace vyre

using namespace mlir;
using namespace vyre;

namespace {

/// An op that knows what it consists of (linalg.softmax)  ->  its parts.
struct Decompose : OpInterfaceRewritePattern<linalg::AggregatedOpInterface> {
  using OpInterfaceRewritePattern::OpInterfaceRewritePattern;

  LogicalResult matchAndRewrite(linalg::AggregatedOpInterface op,
                                PatternRewriter &rewriter) const override {
    auto isTensor = [](Type type) { return isa<RankedTensorType>(type); };
    if (!llvm::all_of(op->getOperandTypes(), isTensor))
      return rewriter.notifyMatchFailure(op, "not on tensors");
    FailureOr<SmallVector<Value>> values = op.decomposeOperation(rewriter);
    if (failed(values))
      return rewriter.notifyMatchFailure(op, "has no decomposition");
    rewriter.replaceOp(op, *values);
    return success();
  }
};

/// %r = tensor.gather %source[%indices] gather_dims([d, ...])
///   ->  %r[b..., w...] = %source[%indices[b..., k] at the k-th d, else w]
struct GenerateGather : OpRewritePattern<tensor::GatherOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tensor::GatherOp op,
                                PatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    RankedTensorType type = op.getResultType();
    int64_t sourceRank = op.getSourceType().getRank();
    int64_t batchRank = op.getIndicesType().getRank() - 1;
    ArrayRef<int64_t> gathered = op.getGatherDims();
    bool keepsUnitDims = type.getRank() == batchRank + sourceRank;

    // The dimension of the result that runs along each of the source's.
    SmallVector<int64_t> windowOf(sourceRank, -1);
    int64_t next = batchRank;
    for (int64_t i = 0; i != sourceRank; ++i) {
      bool isGathered = llvm::is_contained(gathered, i);
      if (!isGathered)
        windowOf[i] = next;
      if (!isGathered || keepsUnitDims)
        ++next;
    }
    SmallVector<Value> extents;
    for (int64_t i = 0; i != type.getRank(); ++i) {
      if (!type.isDynamicDim(i))
        continue;
      bool isBatch = i < batchRank;
      int64_t from =
          isBatch ? i
                  : std::distance(windowOf.begin(), llvm::find(windowOf, i));
      extents.push_back(tensor::DimOp::create(
          rewriter, loc, isBatch ? op.getIndices() : op.getSource(), from));
    }
    rewriter.replaceOpWithNewOp<tensor::GenerateOp>(
        op, type, extents,
        [&](OpBuilder &builder, Location nested, ValueRange point) {
          SmallVector<Value> coordinates(sourceRank);
          for (int64_t i = 0; i != sourceRank; ++i)
            if (windowOf[i] >= 0)
              coordinates[i] = point[windowOf[i]];
          for (auto [position, dimension] : llvm::enumerate(gathered)) {
            SmallVector<Value> at(point.take_front(batchRank));
            at.push_back(
                arith::ConstantIndexOp::create(builder, nested, position));
            Value index =
                tensor::ExtractOp::create(builder, nested, op.getIndices(), at);
            if (!index.getType().isIndex())
              index = arith::IndexCastOp::create(builder, nested,
                                                 builder.getIndexType(), index);
            coordinates[dimension] = index;
          }
          Value element = tensor::ExtractOp::create(
              builder, nested, op.getSource(), coordinates);
          tensor::YieldOp::create(builder, nested, element);
        });
    return success();
  }
};

/// tensor.reshape %x(%shape)  ->  tensor.collapse_shape to one dimension, then
/// tensor.expand_shape, where the shape consists of known scalars.
struct ExpandReshape : OpRewritePattern<tensor::ReshapeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tensor::ReshapeOp op,
                                PatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    auto source = dyn_cast<RankedTensorType>(op.getSource().getType());
    auto target = dyn_cast<RankedTensorType>(op.getType());
    if (!source || !target)
      return rewriter.notifyMatchFailure(op, "unranked");
    SmallVector<OpFoldResult> shape;
    if (failed(getShape(op, target, rewriter, shape)))
      return rewriter.notifyMatchFailure(op, "its shape is not known scalars");

    auto rowOf = [](RankedTensorType type) {
      int64_t extent =
          type.hasStaticShape() ? type.getNumElements() : ShapedType::kDynamic;
      return RankedTensorType::get({extent}, type.getElementType());
    };
    auto allIn = [](int64_t rank) {
      SmallVector<ReassociationIndices> groups;
      if (rank > 0)
        groups.push_back(llvm::to_vector(llvm::seq<int64_t>(0, rank)));
      return groups;
    };
    Value row = op.getSource();
    if (source.getRank() == 0) {
      SmallVector<OpFoldResult> one = {rewriter.getIndexAttr(1)};
      row =
          tensor::ExpandShapeOp::create(rewriter, loc, rowOf(source), row,
                                        ArrayRef<ReassociationIndices>(), one);
    } else if (source.getRank() > 1) {
      row = tensor::CollapseShapeOp::create(rewriter, loc, rowOf(source), row,
                                            allIn(source.getRank()));
    }
    // Either both are static here or none is.
    RankedTensorType rowType = rowOf(target);
    if (row.getType() != rowType)
      row = tensor::CastOp::create(rewriter, loc, rowType, row);
    if (target.getRank() == 0)
      row = tensor::CollapseShapeOp::create(rewriter, loc, target, row,
                                            ArrayRef<ReassociationIndices>());
    else if (target.getRank() > 1)
      row = tensor::ExpandShapeOp::create(rewriter, loc, target, row,
                                          allIn(target.getRank()), shape);
    rewriter.replaceOp(op, row);
    return success();
  }

  static LogicalResult getShape(tensor::ReshapeOp op, RankedTensorType target,
                                PatternRewriter &rewriter,
                                SmallVectorImpl<OpFoldResult> &shape) {
    auto elements = op.getShape().getDefiningOp<tensor::FromElementsOp>();
    for (int64_t i = 0, e = target.getRank(); i != e; ++i) {
      if (!target.isDynamicDim(i)) {
        shape.push_back(rewriter.getIndexAttr(target.getDimSize(i)));
        continue;
      }
      if (!elements)
        return failure();
      Value extent = elements.getElements()[i];
      if (!extent.getType().isIndex())
        extent = arith::IndexCastOp::create(rewriter, op.getLoc(),
                                            rewriter.getIndexType(), extent);
      shape.push_back(extent);
    }
    return success();
  }
};

/// One linalg.fill that several ops write over  ->  one for each. Bufferization
/// would copy it, which costs as much as to fill once more, and a read.
struct DuplicateFill : OpRewritePattern<linalg::FillOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(linalg::FillOp op,
                                PatternRewriter &rewriter) const override {
    if (!op.hasPureTensorSemantics() ||
        !op.getDpsInitOperand(0)->get().getDefiningOp<tensor::EmptyOp>())
      return rewriter.notifyMatchFailure(op, "fills no new tensor");
    SmallVector<OpOperand *> writers;
    for (OpOperand &use : op.getResult(0).getUses()) {
      auto user = dyn_cast<linalg::LinalgOp>(use.getOwner());
      if (user && user.isDpsInit(&use))
        writers.push_back(&use);
    }
    unsigned useCount = llvm::range_size(op.getResult(0).getUses());
    if (writers.empty() || useCount < 2)
      return rewriter.notifyMatchFailure(op, "has one user");
    // The last one may keep the original if nobody else reads it.
    for (OpOperand *use :
         llvm::drop_end(writers, useCount == writers.size() ? 1 : 0)) {
      rewriter.setInsertionPoint(op);
      Operation *clone = rewriter.clone(*op);
      rewriter.modifyOpInPlace(use->getOwner(),
                               [&] { use->set(clone->getResult(0)); });
    }
    return success();
  }
};

struct PrepareTensors : vyre::impl::PrepareTensorsBase<PrepareTensors> {
  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (function.isExternal())
      return;
    dropIdentityBroadcasts(function);
    RewritePatternSet patterns(&getContext());
    patterns.add<Decompose, GenerateGather, ExpandReshape, DuplicateFill>(
        &getContext());
    populateConditionalBroadcastPatterns(patterns);
    if (failed(applyPatternsGreedily(function, std::move(patterns))))
      return signalPassFailure();

    StringRef writable = bufferization::BufferizationDialect::kWritableAttrName;
    for (BlockArgument argument : function.getArguments())
      if (isa<TensorType>(argument.getType()))
        function.setArgAttr(argument.getArgNumber(), writable,
                            BoolAttr::get(&getContext(), false));
  }
};

} // namespace
