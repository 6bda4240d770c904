//===- LowerLinalg.cpp - Linalg on buffers to parallel loops --------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   linalg.matmul ins(%a, %b) outs(%c)
//
//     ->  scf.parallel (%i, %j) = ... {
//           %init = memref.load %c[%i, %j]
//           %sum = scf.parallel (%k) = ... init (%init) {
//             %p = a[i, k] * b[k, j]
//             scf.reduce(%p) { addf }
//           }
//           memref.store %sum, %c[%i, %j]
//         } {vyre.stage_name = "matmul"}
//
// Upstream's convert-linalg-to-parallel-loops makes a sequential loop of a
// reduction iterator, and with it loses that linalg leaves the order free. Here
// it stays an scf.parallel with scf.reduce wherever each output is combined by
// one associative operation; other reductions become sequential loops that
// carry the outputs in registers. All parallel iterators come first, whatever
// their position, so that each op is one loop nest.
//
// Contractions are sequential, too: a thread then keeps the sums of a tile of
// points in registers and loads each element for the whole tile, which partial
// sums in lanes, 128 a point, would leave no registers for. With few points
// there are no tiles, and their reductions stay free.
//
// A long reduction of few points is split in two, since one launch computes a
// point within one block at most:
//
//   linalg.reduce ins(%x : 32768x4096) outs(%s)
//     ->  scf.parallel (%c) = 0 to 8192 { %p[%c] = sum of x[4 * c ...] }
//         %s = %s + sum of %p
//
// Of a row whose extent only a dispatch knows, whole parts are taken, and with
// them what is left over; of such columns the last part may be shorter. Several
// reduction iterators that are behind each other in memory become one first,
// where parts can be made of that.
//
//===----------------------------------------------------------------------===//

#include "LinalgLowering.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"
#include "vyre/Dialect/Vyre/IR/VyreDialect.h"
#include "vyre/Dialect/Vyre/Transforms/Passes.h"

#define DEBUG_TYPE "vyre-lower-linalg"

namespace vyre {
#define GEN_PASS_DEF_LOWERLINALG
#include "vyre/Dialect/Vyre/Transforms/Passes.h.inc"
} // namespace vyre

using namespace mlir;
using namespace vyre;

/// A contraction of no more points than this keeps its order free: groups of
/// threads share its reductions.
static constexpr int64_t kFewPoints = 2048;

/// Whether values may be combined in any order. Floating-point arithmetic
/// counts: a linalg reduction iterator says that the order does not matter.
static bool isAssociative(Operation *op) {
  return isa<arith::AddFOp, arith::AddIOp, arith::MulFOp, arith::MulIOp,
             arith::MaximumFOp, arith::MinimumFOp, arith::MaxNumFOp,
             arith::MinNumFOp, arith::MaxSIOp, arith::MaxUIOp, arith::MinSIOp,
             arith::MinUIOp, arith::AndIOp, arith::OrIOp, arith::XOrIOp>(op);
}

//===----------------------------------------------------------------------===//
// Matching
//===----------------------------------------------------------------------===//

std::optional<SmallVector<Combination>> LinalgLowering::matchCombinations() {
  SmallVector<Combination> combinations;
  for (auto [output, yielded] : llvm::zip_equal(
           op.getRegionOutputArgs(), body.getTerminator()->getOperands())) {
    Operation *combiner = yielded.getDefiningOp();
    if (!combiner || combiner->getBlock() != &body ||
        !isAssociative(combiner) || !yielded.hasOneUse() ||
        !output.hasOneUse() || *output.user_begin() != combiner)
      return std::nullopt;
    bool isLeft = combiner->getOperand(0) == output;
    combinations.push_back({combiner, combiner->getOperand(isLeft)});
  }
  return combinations;
}

bool LinalgLowering::areOutputsInvariant() {
  for (OpOperand &output : op.getDpsInitsMutable()) {
    AffineMap map = op.getMatchingIndexingMap(&output);
    for (unsigned iterator : reduction.iterators)
      if (map.isFunctionOfDim(iterator))
        return false;
  }
  return true;
}

bool LinalgLowering::isContraction() {
  unsigned factors = 0;
  for (OpOperand *input : op.getDpsInputOperands()) {
    AffineMap map = op.getMatchingIndexingMap(input);
    auto isIn = [&](unsigned iterator) {
      return map.isFunctionOfDim(iterator);
    };
    if (llvm::none_of(reduction.iterators, isIn))
      continue;
    if (llvm::all_of(parallel.iterators, isIn))
      return false;
    ++factors;
  }
  std::optional<int64_t> points = getStaticProduct(parallel.upper);
  return factors > 1 && (!points || *points > kFewPoints);
}

//===----------------------------------------------------------------------===//
// One point
//===----------------------------------------------------------------------===//

SmallVector<Value> LinalgLowering::getIndices(OpOperand &operand) {
  SmallVector<Value> indices;
  AffineMap map = op.getMatchingIndexingMap(&operand);
  SmallVector<OpFoldResult> operands(ivs.begin(), ivs.end());
  for (unsigned i = 0, e = map.getNumResults(); i != e; ++i)
    indices.push_back(getValueOrCreateConstantIndexOp(
        builder, loc,
        affine::makeComposedFoldedAffineApply(builder, loc, map.getSubMap({i}),
                                              operands)));
  return indices;
}

SmallVector<Value> LinalgLowering::loadOutputs() {
  SmallVector<Value> values;
  for (OpOperand &output : op.getDpsInitsMutable())
    values.push_back(
        memref::LoadOp::create(builder, loc, output.get(), getIndices(output)));
  return values;
}

Operation *LinalgLowering::storeOutputs(ValueRange values) {
  Operation *store = nullptr;
  for (auto [output, value] : llvm::zip_equal(op.getDpsInitsMutable(), values))
    store = memref::StoreOp::create(builder, loc, value, output.get(),
                                    getIndices(output));
  return store;
}

void LinalgLowering::mapOutputs(ValueRange values) {
  mapping.map(op.getRegionOutputArgs(), values);
}

void LinalgLowering::cloneBody(ArrayRef<Operation *> skipped) {
  for (OpOperand *input : op.getDpsInputOperands()) {
    BlockArgument argument = op.getMatchingBlockArgument(input);
    if (argument.use_empty())
      continue;
    Value value = input->get();
    if (isa<MemRefType>(value.getType()))
      value = memref::LoadOp::create(builder, loc, value, getIndices(*input));
    mapping.map(argument, value);
  }
  for (Operation &inner : body.without_terminator()) {
    if (llvm::is_contained(skipped, &inner))
      continue;
    Operation *clone = builder.clone(inner, mapping);
    SmallVector<linalg::IndexOp> indices;
    clone->walk([&](linalg::IndexOp index) { indices.push_back(index); });
    for (linalg::IndexOp index : indices) {
      Value iv = ivs[index.getDim()];
      if (index == clone)
        mapping.map(inner.getResult(0), iv);
      index.replaceAllUsesWith(iv);
      index.erase();
    }
  }
}

SmallVector<Value> LinalgLowering::getYieldedValues() {
  SmallVector<Value> values;
  for (Value value : body.getTerminator()->getOperands())
    values.push_back(mapping.lookupOrDefault(value));
  return values;
}

void vyre::buildCombiners(OpBuilder &builder, scf::ReduceOp reduce,
                          ArrayRef<Combination> combinations,
                          ArrayRef<BlockArgument> outputs) {
  OpBuilder::InsertionGuard guard(builder);
  for (auto [region, combination, output] :
       llvm::zip_equal(reduce.getReductions(), combinations, outputs)) {
    Block &block = region.front();
    builder.setInsertionPointToEnd(&block);
    IRMapping arguments;
    arguments.map(output, block.getArgument(0));
    arguments.map(combination.value, block.getArgument(1));
    Operation *combiner = builder.clone(*combination.combiner, arguments);
    scf::ReduceReturnOp::create(builder, reduce.getLoc(),
                                combiner->getResult(0));
  }
}

Operation *LinalgLowering::buildReduction(ArrayRef<Combination> combinations,
                                          ValueRange inits) {
  auto loop = scf::ParallelOp::create(builder, loc, reduction.lower,
                                      reduction.upper, reduction.steps, inits);
  {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(loop.getBody());
    setCurrent(reduction, loop.getInductionVars());
    if (partOffset)
      ivs[partOffset->iterator] = getIndexInPart(ivs[partOffset->iterator]);
    SmallVector<Operation *> combiners;
    for (const Combination &combination : combinations)
      combiners.push_back(combination.combiner);
    cloneBody(combiners);
    SmallVector<Value> values;
    for (const Combination &combination : combinations)
      values.push_back(mapping.lookupOrDefault(combination.value));
    auto reduce = scf::ReduceOp::create(builder, loc, values);
    buildCombiners(builder, reduce, combinations, op.getRegionOutputArgs());
  }
  return loop;
}

Operation *LinalgLowering::buildSequence() {
  // An output that moves along with a reduction iterator stays in memory.
  bool isCarried = areOutputsInvariant();
  SmallVector<Value> carried;
  if (isCarried)
    carried = loadOutputs();
  scf::LoopNest nest = scf::buildLoopNest(
      builder, loc, reduction.lower, reduction.upper, reduction.steps, carried,
      [&](OpBuilder &nested, Location, ValueRange point, ValueRange values) {
        OpBuilder::InsertionGuard guard(builder);
        builder.restoreInsertionPoint(nested.saveInsertionPoint());
        setCurrent(reduction, point);
        mapOutputs(isCarried ? SmallVector<Value>(values) : loadOutputs());
        cloneBody();
        SmallVector<Value> yielded = getYieldedValues();
        if (!isCarried) {
          storeOutputs(yielded);
          yielded.clear();
        }
        nested.restoreInsertionPoint(builder.saveInsertionPoint());
        return scf::ValueVector(yielded.begin(), yielded.end());
      });
  if (isCarried)
    storeOutputs(nest.results);
  return nest.loops.front();
}

Operation *LinalgLowering::buildPoint() {
  if (reduction.iterators.empty()) {
    bool isRead = llvm::any_of(op.getRegionOutputArgs(), [](Value argument) {
      return !argument.use_empty();
    });
    if (isRead)
      mapOutputs(loadOutputs());
    cloneBody();
    return storeOutputs(getYieldedValues());
  }
  if (areOutputsInvariant() && !isContraction())
    if (auto combinations = matchCombinations()) {
      Operation *loop = buildReduction(*combinations, loadOutputs());
      storeOutputs(loop->getResults());
      return loop;
    }
  return buildSequence();
}

//===----------------------------------------------------------------------===//
// The op
//===----------------------------------------------------------------------===//

Operation *
LinalgLowering::buildPoints(llvm::function_ref<Operation *(ValueRange)> build) {
  if (parallel.iterators.empty())
    return build({});
  auto loop = scf::ParallelOp::create(builder, loc, parallel.lower,
                                      parallel.upper, parallel.steps);
  // A structured op's shapes agree, so its points are all of an output's.
  loop->setAttr(VyreDialect::kCoversAttrName, builder.getUnitAttr());
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(loop.getBody());
  setCurrent(parallel, loop.getInductionVars());
  build(loop.getInductionVars());
  return loop;
}

void LinalgLowering::lower() {
  SmallVector<Range> ranges = op.createLoopRanges(builder, loc);
  ivs.resize(ranges.size());
  for (auto [index, iterator] : llvm::enumerate(op.getIteratorTypesArray())) {
    // Nothing to iterate over.
    if (isConstantIntValue(ranges[index].size, 1)) {
      ivs[index] = buildConstant(0);
      continue;
    }
    Bounds &bounds =
        iterator == utils::IteratorType::parallel ? parallel : reduction;
    auto asValue = [&](OpFoldResult value) {
      return getValueOrCreateConstantIndexOp(builder, loc, value);
    };
    bounds.iterators.push_back(index);
    bounds.lower.push_back(asValue(ranges[index].offset));
    bounds.upper.push_back(asValue(ranges[index].size));
    bounds.steps.push_back(asValue(ranges[index].stride));
  }

  if (lowerInParts())
    return;
  nameStage(buildPoints([&](ValueRange) { return buildPoint(); }));
  op.erase();
}

namespace {

struct LowerLinalg : vyre::impl::LowerLinalgBase<LowerLinalg> {
  void runOnOperation() override {
    SmallVector<linalg::LinalgOp> ops;
    WalkResult result = getOperation()->walk([&](Operation *op) {
      auto structured = dyn_cast<linalg::LinalgOp>(op);
      if (structured && structured.hasPureBufferSemantics()) {
        ops.push_back(structured);
        return WalkResult::advance();
      }
      bool isInner = isa<linalg::IndexOp, linalg::YieldOp>(op);
      if (isInner || !isa_and_nonnull<linalg::LinalgDialect>(op->getDialect()))
        return WalkResult::advance();
      InFlightDiagnostic diag = op->emitOpError(
          "can't be lowered to loops, expected a structured op on buffers");
      if (structured)
        diag.attachNote() << "fix: bufferize it first (one-shot-bufferize)";
      else
        diag.attachNote() << "fix: decompose it first, as vyre-prepare-tensors "
                             "does";
      return WalkResult::interrupt();
    });
    if (result.wasInterrupted())
      return signalPassFailure();
    for (linalg::LinalgOp op : ops)
      LinalgLowering(
          op, StringAttr::get(&getContext(), op->getName().stripDialect()))
          .lower();
  }
};

} // namespace
