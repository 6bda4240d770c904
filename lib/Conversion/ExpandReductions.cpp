//===- ExpandReductions.cpp - Reductions in their fixed order -------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The order is documented with the pass (Passes.td). Both ways to keep the
// lanes perform the same operations on the same values:
//
//   memory: p[0..L) = neutral                     stack: for c in 0..L:
//           for base in 0, L, 2L, ...                      l = bitreverse(c)
//             for l in 0..L                                acc = neutral
//               p[l] = p[l] * v(base + l)                  for k in l, l+L, ...
//           for s in L/2, L/4, ..., 1                        acc = acc * v(k)
//             for l in 0..s                                for t in trailing
//             ones of c
//               p[l] = p[l] * p[l + s]                       acc = stack[t] *
//               acc
//           init * p[0]                                    stack[t] = acc
//                                                        init * stack[log2 L]
//
// Lanes in bit-reversed order are the leaves of the tree from left to right.
//
//===----------------------------------------------------------------------===//

#include "NeighbouringPoints.h"
#include "ParallelLoop.h"
#include "ThreadMapping.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "vyre/Conversion/Passes.h"
#include "vyre/Conversion/ReductionOrder.h"
#include "vyre/Dialect/Vyre/IR/VyreOps.h"
#include "llvm/Support/MathExtras.h"

#define DEBUG_TYPE "vyre-expand-reductions"

namespace vyre {
#define GEN_PASS_DEF_EXPANDREDUCTIONS
#include "vyre/Conversion/Passes.h.inc"
} // namespace vyre

using namespace mlir;
using namespace vyre;

//===----------------------------------------------------------------------===//
// Combiners
//===----------------------------------------------------------------------===//

/// The neutral element of values of type `type`, which may be that of a lane of
/// what `op` combines.
static std::optional<TypedAttr> getNeutral(Operation *op, Type type) {
  OpBuilder builder(op->getContext());
  // -0.0 + x is x for every x, and so is maxnum(NaN, x): the exact neutral
  // elements, where upstream's 0.0 would lose the sign of a sum of -0.0.
  if (isa<arith::AddFOp>(op))
    return builder.getFloatAttr(type, -0.0);
  if (isa<arith::MaxNumFOp, arith::MinNumFOp>(op)) {
    auto floatType = cast<FloatType>(type);
    return builder.getFloatAttr(
        type, APFloat::getQNaN(floatType.getFloatSemantics()));
  }
  if (op->getResult(0).getType() == type)
    return arith::getNeutralElement(op);
  // Upstream knows those of scalars alone.
  Operation *ofLane = op->clone();
  ofLane->getResult(0).setType(type);
  std::optional<TypedAttr> neutral = arith::getNeutralElement(ofLane);
  ofLane->destroy();
  return neutral;
}

std::optional<TypedAttr> vyre::getReductionNeutral(Region &combiner) {
  Block &block = combiner.front();
  auto result = cast<scf::ReduceReturnOp>(block.getTerminator());
  Operation *op = result.getResult().getDefiningOp();
  if (!op || op->getBlock() != &block || op->getNumOperands() != 2 ||
      op->getNextNode() != result || op != &block.front())
    return std::nullopt;
  Value left = block.getArgument(0), right = block.getArgument(1);
  bool isOnArguments =
      (op->getOperand(0) == left && op->getOperand(1) == right) ||
      (op->getOperand(0) == right && op->getOperand(1) == left);
  if (!isOnArguments)
    return std::nullopt;
  Type type = op->getResult(0).getType();
  auto vector = dyn_cast<VectorType>(type);
  if (!vector)
    return getNeutral(op, type);
  std::optional<TypedAttr> ofLane = getNeutral(op, vector.getElementType());
  if (!ofLane)
    return std::nullopt;
  return DenseElementsAttr::get(vector, Attribute(*ofLane));
}

/// A loop of so many points may be written out.
static constexpr int64_t kLargestTile = 16;

//===----------------------------------------------------------------------===//
// One loop
//===----------------------------------------------------------------------===//

namespace {

/// Rewrites one scf.parallel for one thread.
class LoopExpander : ParallelLoop {
public:
  LoopExpander(scf::ParallelOp loop, bool useStack)
      : ParallelLoop(loop), useStack(useStack) {}

  void expand();

private:
  SmallVector<Value> expandSequential(ValueRange inits);
  bool isTile();
  SmallVector<Value> expandTile(ValueRange inits);
  SmallVector<Value> expandInMemory();
  SmallVector<Value> expandOnStack();

  bool useStack;
  Value lanes;
  std::optional<int64_t> staticLanes;
};

} // namespace

/// Whether the points are few and each runs a loop that all of them can share.
bool LoopExpander::isTile() {
  std::optional<int64_t> points = getStaticPointCount(loop);
  if (!points || *points < 2 || *points > kLargestTile || usesScratch())
    return false;
  return llvm::any_of(loop.getBody()->getOps<scf::ForOp>(),
                      [&](scf::ForOp inner) {
                        return isUniform(inner, loop.getInductionVars());
                      });
}

/// All points together: sequential loops within them become one.
SmallVector<Value> LoopExpander::expandTile(ValueRange inits) {
  if (extents.empty())
    buildExtents();
  SmallVector<Value> carried(inits);
  for (const SmallVector<Value> &values : buildAllBodies())
    if (reduce)
      carried = combineAll(carried, values);
  return carried;
}

/// A loop nest, from the values in `inits` on.
SmallVector<Value> LoopExpander::expandSequential(ValueRange inits) {
  if (isTile())
    return expandTile(inits);
  SmallVector<Value> indices;
  SmallVector<scf::ForOp> loops;
  SmallVector<Value> carried(inits);
  for (auto [lower, upper, step] : llvm::zip_equal(
           loop.getLowerBound(), loop.getUpperBound(), loop.getStep())) {
    auto inner = scf::ForOp::create(builder, loc, lower, upper, step, carried);
    if (!loops.empty() && !inits.empty())
      scf::YieldOp::create(builder, loc, inner.getResults());
    builder.setInsertionPointToStart(inner.getBody());
    indices.push_back(inner.getInductionVar());
    llvm::copy(inner.getRegionIterArgs(), carried.begin());
    loops.push_back(inner);
  }
  SmallVector<Value> values = buildBody(indices);
  if (!inits.empty())
    scf::YieldOp::create(builder, loc, combineAll(carried, values));
  builder.setInsertionPointAfter(loops.front());
  return SmallVector<Value>(loops.front().getResults());
}

SmallVector<Value> LoopExpander::expandInMemory() {
  SmallVector<Value> memory = allocate(staticLanes.value_or(kMaxLanes));
  Value zero = constant(0), one = constant(1);
  auto buildLoop = [&](Value from, Value to, Value step, auto body) {
    auto inner = scf::ForOp::create(builder, loc, from, to, step);
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(inner.getBody());
    body(inner.getInductionVar());
  };
  buildLoop(zero, lanes, one,
            [&](Value lane) { storeAll(neutral, memory, lane); });
  buildLoop(zero, total, lanes, [&](Value base) {
    Value left = arith::SubIOp::create(builder, loc, total, base);
    Value count = arith::MinSIOp::create(builder, loc, lanes, left);
    buildLoop(zero, count, one, [&](Value lane) {
      Value k = arith::AddIOp::create(builder, loc, base, lane);
      SmallVector<Value> values = buildBodyAt(k);
      storeAll(combineAll(loadAll(memory, lane), values), memory, lane);
    });
  });
  auto fold = [&](Value half) {
    buildLoop(zero, half, one, [&](Value lane) {
      Value other = arith::AddIOp::create(builder, loc, lane, half);
      storeAll(combineAll(loadAll(memory, lane), loadAll(memory, other)),
               memory, lane);
    });
  };
  if (staticLanes) {
    for (int64_t half = *staticLanes / 2; half >= 1; half /= 2)
      fold(constant(half));
  } else {
    buildLoop(one, constant(llvm::Log2_64(kMaxLanes) + 1), one,
              [&](Value shift) {
                fold(arith::ShRUIOp::create(builder, loc, lanes, shift));
              });
  }
  return loadAll(memory, zero);
}

SmallVector<Value> LoopExpander::expandOnStack() {
  Value zero = constant(0), one = constant(1);
  Type i32 = builder.getI32Type();
  SmallVector<Value> stack = allocate(llvm::Log2_64(kMaxLanes) + 1);
  // Lanes are a power of two: the number of trailing zeros is the logarithm.
  Value lanes32 = arith::IndexCastOp::create(builder, loc, i32, lanes);
  Value log2 = LLVM::CountTrailingZerosOp::create(builder, loc, i32, lanes32,
                                                  /*is_zero_poison=*/false);
  Value width = arith::ConstantIntOp::create(builder, loc, 32, 32);
  Value shift = arith::SubIOp::create(builder, loc, width, log2);

  auto outer = scf::ForOp::create(builder, loc, zero, lanes, one);
  builder.setInsertionPointToStart(outer.getBody());
  Value count = outer.getInductionVar();
  Value count32 = arith::IndexCastOp::create(builder, loc, i32, count);
  Value reversed = LLVM::BitReverseOp::create(builder, loc, count32);
  Value lane32 = arith::ShRUIOp::create(builder, loc, reversed, shift);
  // One lane has no bits to reverse: a shift by 32 would be undefined.
  Value isOne =
      arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq, lanes, one);
  Value lane = arith::SelectOp::create(
      builder, loc, isOne, zero,
      arith::IndexCastOp::create(builder, loc, builder.getIndexType(), lane32));

  auto inner = scf::ForOp::create(builder, loc, lane, total, lanes, neutral);
  {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(inner.getBody());
    SmallVector<Value> values = buildBodyAt(inner.getInductionVar());
    scf::YieldOp::create(builder, loc,
                         combineAll(inner.getRegionIterArgs(), values));
  }

  // Combine with every finished left neighbour: one for each trailing one bit.
  Value ones = LLVM::CountTrailingZerosOp::create(
      builder, loc, i32,
      arith::XOrIOp::create(builder, loc, count32,
                            arith::ConstantIntOp::create(builder, loc, -1, 32)),
      /*is_zero_poison=*/false);
  Value level =
      arith::IndexCastOp::create(builder, loc, builder.getIndexType(), ones);
  auto carry =
      scf::ForOp::create(builder, loc, zero, level, one, inner.getResults());
  {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(carry.getBody());
    SmallVector<Value> left = loadAll(stack, carry.getInductionVar());
    scf::YieldOp::create(builder, loc,
                         combineAll(left, carry.getRegionIterArgs()));
  }
  storeAll(carry.getResults(), stack, level);
  builder.setInsertionPointAfter(outer);
  Value root =
      arith::IndexCastOp::create(builder, loc, builder.getIndexType(), log2);
  return loadAll(stack, root);
}

void LoopExpander::expand() {
  if (!reduce) {
    expandSequential({});
    loop.erase();
    return;
  }
  if (!buildNeutral()) {
    loop->replaceAllUsesWith(expandSequential(loop.getInitVals()));
    loop.erase();
    return;
  }
  std::optional<int64_t> staticTotal = buildExtents();
  SmallVector<Value> reduced;
  if (staticTotal || loop->hasAttr(kOneLaneAttrName) || hasOneLane(loop)) {
    staticLanes = staticTotal ? getReductionLanes(*staticTotal) : 1;
    lanes = constant(*staticLanes);
  } else {
    lanes = buildReductionLanes(builder, loc, total);
  }
  if (staticLanes == 1)
    reduced = expandSequential(neutral);
  else
    reduced = useStack ? expandOnStack() : expandInMemory();
  replace(reduced);
}

//===----------------------------------------------------------------------===//
// The order
//===----------------------------------------------------------------------===//

namespace {
struct LaneRule {
  /// Reductions with fewer points than this ...
  int64_t below;
  /// ... are computed in this many lanes.
  int64_t lanes;
};
} // namespace

static constexpr LaneRule kLaneRules[] = {{64, 1}, {2049, 128}, {16385, 1024}};

int64_t vyre::getReductionLanes(int64_t extent) {
  for (LaneRule rule : kLaneRules)
    if (extent < rule.below)
      return rule.lanes;
  return kMaxLanes;
}

std::optional<int64_t> vyre::getMostPoints(int64_t lanes) {
  for (LaneRule rule : kLaneRules)
    if (rule.lanes == lanes)
      return rule.below - 1;
  return std::nullopt;
}

Value vyre::buildReductionLanes(OpBuilder &builder, Location loc,
                                Value extent) {
  auto constant = [&](int64_t value) -> Value {
    return arith::ConstantIndexOp::create(builder, loc, value);
  };
  Value lanes = constant(kMaxLanes);
  for (LaneRule rule : llvm::reverse(kLaneRules)) {
    Value isBelow = arith::CmpIOp::create(
        builder, loc, arith::CmpIPredicate::slt, extent, constant(rule.below));
    lanes = arith::SelectOp::create(builder, loc, isBelow, constant(rule.lanes),
                                    lanes);
  }
  return lanes;
}

//===----------------------------------------------------------------------===//
// The pass
//===----------------------------------------------------------------------===//

namespace {

struct ExpandReductions : vyre::impl::ExpandReductionsBase<ExpandReductions> {
  using ExpandReductionsBase::ExpandReductionsBase;

  void runOnOperation() override {
    if (lanes != "memory" && lanes != "stack") {
      emitError(getOperation()->getLoc())
          << "option lanes is '" << lanes << "', expected 'memory' or 'stack'";
      return signalPassFailure();
    }
    // Innermost first, in functions only: a stage keeps its form.
    SmallVector<scf::ParallelOp> loops;
    getOperation()->walk([&](FunctionOpInterface function) {
      if (isa<ProgramOp>(function))
        return;
      function.walk([&](scf::ParallelOp loop) { loops.push_back(loop); });
    });
    for (scf::ParallelOp loop : loops) {
      if (loop->hasAttr(kThreadsAttrName))
        expandGroupLoop(loop);
      else
        LoopExpander(loop, lanes == "stack").expand();
    }
    SmallVector<scf::ForOp> tileLoops;
    getOperation()->walk([&](scf::ForOp loop) {
      if (loop->hasAttr(kTileLoopAttrName))
        tileLoops.push_back(loop);
    });
    for (scf::ForOp loop : tileLoops)
      unrollTileLoop(loop);
  }
};

} // namespace
