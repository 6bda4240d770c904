//===- GatherScatter.cpp - Indexed copies of tensors as loops -------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// tensor.gather and tensor.scatter move slices of a tensor: the leading
// dimensions of the index tensor number them, its last one holds the
// coordinates of each.
//
//===----------------------------------------------------------------------===//

#include "PrepareTensors.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;

/// %indices[batch..., position] as an index.
static Value extractIndex(OpBuilder &builder, Location loc, Value indices,
                          ValueRange batch, int64_t position) {
  SmallVector<Value> at(batch);
  at.push_back(arith::ConstantIndexOp::create(builder, loc, position));
  Value index = tensor::ExtractOp::create(builder, loc, indices, at);
  if (!index.getType().isIndex())
    index =
        arith::IndexCastOp::create(builder, loc, builder.getIndexType(), index);
  return index;
}

namespace {

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
            coordinates[dimension] =
                extractIndex(builder, nested, op.getIndices(),
                             point.take_front(batchRank), position);
          }
          Value element = tensor::ExtractOp::create(
              builder, nested, op.getSource(), coordinates);
          tensor::YieldOp::create(builder, nested, element);
        });
    return success();
  }
};

/// tensor.scatter %x into %d[%indices] scatter_dims([d, ...])
///   ->  scf.forall (b...) { the slice x[b..., :] goes to d[indices[b..., k]] }
struct ScatterInForall : OpRewritePattern<tensor::ScatterOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tensor::ScatterOp op,
                                PatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    RankedTensorType sourceType = op.getSourceType();
    RankedTensorType targetType = op.getDestType();
    int64_t batchRank = op.getIndicesType().getRank() - 1;
    ArrayRef<int64_t> scattered = op.getScatterDims();
    bool keepsUnitDims =
        sourceType.getRank() == batchRank + targetType.getRank();
    OpFoldResult zero = rewriter.getIndexAttr(0),
                 one = rewriter.getIndexAttr(1);

    SmallVector<OpFoldResult> sourceSizes =
        tensor::getMixedSizes(rewriter, loc, op.getSource());
    // The slice of the target that one batch point writes.
    SmallVector<OpFoldResult> sliceSizes;
    int64_t next = batchRank;
    for (int64_t i = 0, e = targetType.getRank(); i != e; ++i) {
      bool isScattered = llvm::is_contained(scattered, i);
      sliceSizes.push_back(isScattered ? one : sourceSizes[next]);
      if (!isScattered || keepsUnitDims)
        ++next;
    }
    auto loop = scf::ForallOp::create(
        rewriter, loc, ArrayRef(sourceSizes).take_front(batchRank),
        ValueRange(op.getDest()), std::nullopt);
    rewriter.setInsertionPointToStart(loop.getBody());
    SmallVector<Value> batch = loop.getInductionVars();
    SmallVector<OpFoldResult> from(batch.begin(), batch.end());
    from.resize(sourceType.getRank(), zero);
    for (int64_t i = 0; i != batchRank; ++i)
      sourceSizes[i] = one;
    SmallVector<OpFoldResult> sourceSteps(sourceType.getRank(), one);
    SmallVector<int64_t> sliceShape;
    for (OpFoldResult size : ArrayRef(sourceSizes).drop_front(batchRank))
      sliceShape.push_back(
          getConstantIntValue(size).value_or(ShapedType::kDynamic));
    Value slice = tensor::ExtractSliceOp::create(
        rewriter, loc,
        RankedTensorType::get(sliceShape, sourceType.getElementType()),
        op.getSource(), from, sourceSizes, sourceSteps);
    SmallVector<OpFoldResult> to(targetType.getRank(), zero);
    for (auto [position, dimension] : llvm::enumerate(scattered))
      to[dimension] =
          extractIndex(rewriter, loc, op.getIndices(), batch, position);
    SmallVector<OpFoldResult> steps(targetType.getRank(), one);
    rewriter.setInsertionPointToEnd(loop.getTerminator().getBody());
    tensor::ParallelInsertSliceOp::create(rewriter, loc, slice,
                                          loop.getRegionIterArgs()[0], to,
                                          sliceSizes, steps);
    rewriter.replaceOp(op, loop);
    return success();
  }
};

/// tosa.scatter %d, %indices, %x
///   ->  scf.forall (n, w) { the row x[n, w, :] goes to d[n, indices[n, w], :]
///   }
///
/// No index comes twice, says tosa, so the rows may be written in any order.
struct TosaScatterInForall : OpRewritePattern<tosa::ScatterOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tosa::ScatterOp op,
                                PatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    auto type = dyn_cast<RankedTensorType>(op.getInput().getType());
    if (!type || !isa<RankedTensorType>(op.getValuesIn().getType()) ||
        !isa<RankedTensorType>(op.getIndices().getType()) ||
        op.getValuesIn().getType() != op.getType())
      return rewriter.notifyMatchFailure(op, "shapes are not inferred");
    SmallVector<OpFoldResult> sizes =
        tensor::getMixedSizes(rewriter, loc, op.getInput());
    auto loop =
        scf::ForallOp::create(rewriter, loc, ArrayRef(sizes).take_front(2),
                              op.getValuesIn(), std::nullopt);
    rewriter.setInsertionPointToStart(loop.getBody());
    Value n = loop.getInductionVar(0), w = loop.getInductionVar(1);
    Value row = tensor::ExtractOp::create(rewriter, loc, op.getIndices(),
                                          ValueRange{n, w});
    row =
        arith::IndexCastOp::create(rewriter, loc, rewriter.getIndexType(), row);
    OpFoldResult zero = rewriter.getIndexAttr(0),
                 one = rewriter.getIndexAttr(1);
    SmallVector<OpFoldResult> rowSizes = {one, one, sizes[2]},
                              steps = {one, one, one};
    Value values = tensor::ExtractSliceOp::create(
        rewriter, loc,
        RankedTensorType::get({type.getDimSize(2)}, type.getElementType()),
        op.getInput(), SmallVector<OpFoldResult>{n, w, zero}, rowSizes, steps);
    rewriter.setInsertionPointToEnd(loop.getTerminator().getBody());
    tensor::ParallelInsertSliceOp::create(
        rewriter, loc, values, loop.getRegionIterArgs()[0],
        SmallVector<OpFoldResult>{n, row, zero}, rowSizes, steps);
    rewriter.replaceOp(op, loop);
    return success();
  }
};

} // namespace

void vyre::populateGatherScatterPatterns(RewritePatternSet &patterns) {
  patterns.add<GenerateGather, ScatterInForall, TosaScatterInForall>(
      patterns.getContext());
}
