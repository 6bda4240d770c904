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
//   linalg.softmax, pack, unpack   ->  the ops that they consist of
//   tensor.gather, tensor.scatter,
//     tosa.scatter                 ->  see GatherScatter.cpp
//   tensor.reshape %x(%shape)      ->  collapse to a row, expand to the shape
//   scf.if around a broadcast      ->  see ConditionalBroadcasts.cpp
//   tensor.bitcast                 ->  linalg.map of arith.bitcast
//   linalg.fill or tensor.empty,
//     shared by several users      ->  one for each
//   linalg.generic that writes over
//     an input of its own          ->  a tensor of its own
//   func.func @f(%x: tensor<...>)  ->  ... {bufferization.writable = false}
//
//===----------------------------------------------------------------------===//

#include "PrepareTensors.h"
#include "FormProgram.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/IR/BufferizableOpInterface.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
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

/// Tensors have to be dense: an encoding would be lost.
static LogicalResult verifyDense(func::FuncOp function) {
  constexpr StringLiteral fix = "fix: make it dense first";
  auto hasEncoding = [](Type type) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    return tensor && tensor.getEncoding();
  };
  for (auto [index, type] : llvm::enumerate(function.getArgumentTypes()))
    if (hasEncoding(type)) {
      InFlightDiagnostic diag = function.emitOpError("argument ")
                                << index << " has type " << type
                                << ", expected a dense tensor without an "
                                   "encoding";
      diag.attachNote() << fix;
      return diag;
    }
  WalkResult result = function.walk([&](Operation *op) {
    auto type = llvm::find_if(op->getResultTypes(), hasEncoding);
    if (type == op->result_type_end())
      return WalkResult::advance();
    InFlightDiagnostic diag =
        op->emitOpError("yields a ")
        << *type << ", expected a dense tensor without an encoding";
    diag.attachNote() << fix;
    return WalkResult::interrupt();
  });
  return failure(result.wasInterrupted());
}

/// What upstream can't lower an op of tosa for, and what to do; empty where it
/// can lower it as a rule.
static std::pair<StringRef, StringRef> getTosaRefusal(Operation *op) {
  if (isa<tosa::CustomOp>(op))
    return {"means what its user defines", "lower it to other ops first"};
  if (isa<tosa::VariableOp, tosa::VariableReadOp, tosa::VariableWriteOp>(op))
    return {"keeps a value from one run to the next",
            "pass it as an argument and return it"};
  if (isa<tosa::CastFromBlockScaledOp, tosa::CastToBlockScaledOp,
          tosa::MatmulTBlockScaledOp>(op))
    return {"works on block-scaled numbers", "use f16, bf16 or f32"};
  bool computesShape =
      llvm::any_of(op->getResultTypes(), llvm::IsaPred<tosa::shapeType>);
  if (computesShape && !isa<tosa::ConstShapeOp>(op))
    return {"computes a shape, expected a tosa.const_shape",
            "leave one extent to tosa by -1, or reshape by tensor ops"};
  return {};
}

/// Emits an error on the first op of tosa that nothing lowers.
static LogicalResult verifyTosa(func::FuncOp function) {
  WalkResult result = function.getBody().walk([](Operation *op) {
    auto [reason, fix] = getTosaRefusal(op);
    if (reason.empty())
      return WalkResult::advance();
    op->emitOpError(reason).attachNote() << "fix: " << fix;
    return WalkResult::interrupt();
  });
  return failure(result.wasInterrupted());
}

/// Emits an error on the first op on tensors that bufferization does not know.
static LogicalResult verifyBufferizable(func::FuncOp function) {
  auto isTensor = [](Type type) { return isa<TensorType>(type); };
  WalkResult result = function.getBody().walk([&](Operation *op) {
    bool isOnTensors = llvm::any_of(op->getOperandTypes(), isTensor) ||
                       llvm::any_of(op->getResultTypes(), isTensor);
    if (!isOnTensors || isa<bufferization::BufferizableOpInterface>(op))
      return WalkResult::advance();
    InFlightDiagnostic diag = op->emitOpError(
        "works on tensors and can't be bufferized, expected linalg, tosa, "
        "tensor, arith, math and scf");
    diag.attachNote() << "fix: lower it to these first";
    return WalkResult::interrupt();
  });
  return failure(result.wasInterrupted());
}

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

/// linalg.softmax on memrefs  ->  on tensors, with a copy back, so that it can
/// be decomposed.
struct SoftmaxOnTensors : OpRewritePattern<linalg::SoftmaxOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(linalg::SoftmaxOp op,
                                PatternRewriter &rewriter) const override {
    auto type = dyn_cast<MemRefType>(op.getInput().getType());
    if (!type || !isa<MemRefType>(op.getOutput().getType()))
      return rewriter.notifyMatchFailure(op, "not on memrefs");
    Location loc = op.getLoc();
    auto tensorType =
        RankedTensorType::get(type.getShape(), type.getElementType());
    Value input = bufferization::ToTensorOp::create(
        rewriter, loc, tensorType, op.getInput(), /*restrict=*/true);
    Value empty = tensor::EmptyOp::create(
        rewriter, loc, tensor::getMixedSizes(rewriter, loc, input),
        type.getElementType());
    Value result = linalg::SoftmaxOp::create(rewriter, loc, tensorType, input,
                                             empty, op.getDimension())
                       .getResult()[0];
    auto copy = bufferization::MaterializeInDestinationOp::create(
        rewriter, loc, result, op.getOutput());
    copy.setRestrict(true);
    copy.setWritable(true);
    rewriter.eraseOp(op);
    return success();
  }
};

/// linalg.pack, linalg.unpack  ->  pad, reshape, transpose and slice.
struct LowerPack : OpRewritePattern<linalg::PackOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(linalg::PackOp op,
                                PatternRewriter &rewriter) const override {
    return linalg::lowerPack(rewriter, op);
  }
};
struct LowerUnPack : OpRewritePattern<linalg::UnPackOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(linalg::UnPackOp op,
                                PatternRewriter &rewriter) const override {
    return linalg::lowerUnPack(rewriter, op);
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
    DenseIntElementsAttr constants;
    matchPattern(op.getShape(), m_Constant(&constants));
    for (int64_t i = 0, e = target.getRank(); i != e; ++i) {
      if (!target.isDynamicDim(i)) {
        shape.push_back(rewriter.getIndexAttr(target.getDimSize(i)));
        continue;
      }
      if (constants) {
        APInt extent = constants.getValues<APInt>()[i];
        shape.push_back(rewriter.getIndexAttr(extent.getSExtValue()));
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

/// One tensor.empty with several users  ->  one for each. Memory that is not
/// shared leaves the stages free of false dependences; where lifetimes allow
/// it, intermediates share memory anyway.
struct DuplicateEmpty : OpRewritePattern<tensor::EmptyOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tensor::EmptyOp op,
                                PatternRewriter &rewriter) const override {
    if (op->use_empty() || op->hasOneUse())
      return rewriter.notifyMatchFailure(op, "has one user");
    SmallVector<OpOperand *> uses;
    for (OpOperand &use : op->getUses())
      uses.push_back(&use);
    for (OpOperand *use : llvm::drop_begin(uses)) {
      Operation *clone = rewriter.clone(*op);
      rewriter.modifyOpInPlace(use->getOwner(),
                               [&] { use->set(clone->getResult(0)); });
    }
    return success();
  }
};

/// linalg.generic ins(%x, %y) outs(%x) that only writes, as elementwise ops
/// become  ->  outs(tensor.empty). Where a long chain of ops is one tensor,
/// bufferization takes time cubic in its length to find that out, and stages
/// that are fused need no memory for it anyway. In a loop it stays: what goes
/// around has to be one tensor.
struct SeparateDestination : OpRewritePattern<linalg::GenericOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(linalg::GenericOp op,
                                PatternRewriter &rewriter) const override {
    if (!op.hasPureTensorSemantics() || !isa<func::FuncOp>(op->getParentOp()))
      return rewriter.notifyMatchFailure(op, "not a step of a function");
    bool changed = false;
    for (OpOperand &init : op.getDpsInitsMutable()) {
      if (op.payloadUsesValueFromOperand(&init) ||
          !llvm::is_contained(op.getInputs(), init.get()))
        continue;
      auto type = cast<RankedTensorType>(init.get().getType());
      Value empty = tensor::EmptyOp::create(
          rewriter, op.getLoc(),
          tensor::getMixedSizes(rewriter, op.getLoc(), init.get()),
          type.getElementType());
      rewriter.modifyOpInPlace(op, [&] { init.set(empty); });
      changed = true;
    }
    return changed ? success()
                   : rewriter.notifyMatchFailure(op, "has its own results");
  }
};

/// tensor.bitcast  ->  linalg.map of arith.bitcast.
struct MapBitcast : OpRewritePattern<tensor::BitcastOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tensor::BitcastOp op,
                                PatternRewriter &rewriter) const override {
    auto type = dyn_cast<RankedTensorType>(op.getType());
    if (!type)
      return rewriter.notifyMatchFailure(op, "unranked");
    Location loc = op.getLoc();
    Value empty = tensor::EmptyOp::create(
        rewriter, loc, tensor::getMixedSizes(rewriter, loc, op.getSource()),
        type.getElementType());
    rewriter.replaceOpWithNewOp<linalg::MapOp>(
        op, op.getSource(), empty,
        [&](OpBuilder &builder, Location loc, ValueRange values) {
          Value bits = arith::BitcastOp::create(
              builder, loc, type.getElementType(), values.front());
          linalg::YieldOp::create(builder, loc, bits);
        });
    return success();
  }
};

struct PrepareTensors : vyre::impl::PrepareTensorsBase<PrepareTensors> {
  using PrepareTensorsBase::PrepareTensorsBase;

  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (function.isExternal())
      return;
    if (failed(verifyDense(function)) || failed(verifyTosa(function)))
      return signalPassFailure();
    dropIdentityBroadcasts(function);
    RewritePatternSet patterns(&getContext());
    patterns
        .add<Decompose, SoftmaxOnTensors, LowerPack, LowerUnPack, ExpandReshape,
             MapBitcast, SeparateDestination, DuplicateFill, DuplicateEmpty>(
            &getContext());
    populateConditionalBroadcastPatterns(patterns);
    populateGatherScatterPatterns(patterns);
    if (failed(applyPatternsGreedily(function, std::move(patterns))))
      return signalPassFailure();

    // Bufferization takes branches for something else.
    if (verify && becomesProgram(function) && failed(verifyOneBlock(function)))
      return signalPassFailure();
    if (verify && failed(verifyBufferizable(function)))
      return signalPassFailure();

    StringRef writable = bufferization::BufferizationDialect::kWritableAttrName;
    for (BlockArgument argument : function.getArguments())
      if (isa<TensorType>(argument.getType()))
        function.setArgAttr(argument.getArgNumber(), writable,
                            BoolAttr::get(&getContext(), false));
  }
};

} // namespace
