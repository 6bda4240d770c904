//===- ParallelLoop.cpp - An scf.parallel to be rewritten -----------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ParallelLoop.h"

#include "KernelBuilder.h"
#include "NeighbouringPoints.h"
#include "ThreadMapping.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "vyre/Conversion/ReductionOrder.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace vyre {

/// The most neighbouring points that are accessed as one vector.
static constexpr int64_t kMostNeighbours = 4;

/// combiner(left, right), cloned at the insertion point.
static Value buildCombiner(OpBuilder &builder, Region &combiner, Value left,
                           Value right) {
  IRMapping mapping;
  mapping.map(combiner.getArgument(0), left);
  mapping.map(combiner.getArgument(1), right);
  for (Operation &op : combiner.front().without_terminator())
    builder.clone(op, mapping);
  auto result = cast<scf::ReduceReturnOp>(combiner.front().getTerminator());
  return mapping.lookupOrDefault(result.getResult());
}

ParallelLoop::ParallelLoop(scf::ParallelOp loop)
    : loop(loop), builder(loop), loc(loop.getLoc()) {
  if (loop.getNumResults() != 0)
    reduce = cast<scf::ReduceOp>(loop.getBody()->getTerminator());
}

Value ParallelLoop::constant(int64_t value) {
  return arith::ConstantIndexOp::create(builder, loc, value);
}

SmallVector<Value> ParallelLoop::combineAll(ValueRange left, ValueRange right) {
  SmallVector<Value> combined;
  for (unsigned i = 0, e = left.size(); i != e; ++i)
    combined.push_back(buildCombiner(builder, combiner(i), left[i], right[i]));
  return combined;
}

bool ParallelLoop::buildNeutral() {
  SmallVector<TypedAttr> attrs;
  for (unsigned i = 0, e = loop.getNumResults(); i != e; ++i) {
    std::optional<TypedAttr> attr = getReductionNeutral(combiner(i));
    if (!attr)
      return false;
    attrs.push_back(*attr);
  }
  for (TypedAttr attr : attrs)
    neutral.push_back(arith::ConstantOp::create(builder, loc, attr));
  return true;
}

std::optional<int64_t> ParallelLoop::buildExtents() {
  std::optional<int64_t> staticTotal = 1;
  for (auto [lower, upper, step] : llvm::zip_equal(
           loop.getLowerBound(), loop.getUpperBound(), loop.getStep())) {
    std::optional<int64_t> from = getConstantIntValue(lower);
    std::optional<int64_t> to = getConstantIntValue(upper);
    std::optional<int64_t> by = getConstantIntValue(step);
    if (from && to && by) {
      int64_t extent =
          *to > *from ? int64_t(llvm::divideCeil(*to - *from, *by)) : 0;
      extents.push_back(constant(extent));
      if (staticTotal)
        *staticTotal *= extent;
      continue;
    }
    staticTotal.reset();
    Value span = arith::SubIOp::create(builder, loc, upper, lower);
    span = arith::MaxSIOp::create(builder, loc, span, constant(0));
    extents.push_back(arith::CeilDivUIOp::create(builder, loc, span, step));
  }
  total = buildProduct(builder, loc, extents);
  return staticTotal;
}

SmallVector<Value> ParallelLoop::allocate(int64_t count) {
  OpBuilder::InsertionGuard guard(builder);
  auto function = loop->getParentOfType<FunctionOpInterface>();
  builder.setInsertionPointToStart(&function.getFunctionBody().front());
  SmallVector<Value> memory;
  for (Type type : loop.getResultTypes())
    memory.push_back(memref::AllocaOp::create(builder, loc,
                                              MemRefType::get({count}, type),
                                              builder.getI64IntegerAttr(64)));
  return memory;
}

SmallVector<Value> ParallelLoop::loadAll(ValueRange memory, Value index) {
  SmallVector<Value> values;
  for (Value memref : memory)
    values.push_back(memref::LoadOp::create(builder, loc, memref, index));
  return values;
}

void ParallelLoop::storeAll(ValueRange values, ValueRange memory, Value index) {
  for (auto [value, memref] : llvm::zip_equal(values, memory))
    memref::StoreOp::create(builder, loc, value, memref, index);
}

SmallVector<Value> ParallelLoop::buildBody(ValueRange indices) {
  IRMapping mapping;
  mapping.map(loop.getInductionVars(), indices);
  for (Operation &op : loop.getBody()->without_terminator())
    builder.clone(op, mapping);
  SmallVector<Value> values;
  for (Value operand : reduce ? reduce.getOperands() : ValueRange())
    values.push_back(mapping.lookupOrDefault(operand));
  return values;
}

SmallVector<Value> ParallelLoop::buildIndices(Value linear) {
  SmallVector<Value> point = delinearize(builder, loc, linear, extents);
  for (auto [index, lower, step] :
       llvm::zip_equal(point, loop.getLowerBound(), loop.getStep())) {
    if (!isConstantIntValue(step, 1))
      index = arith::MulIOp::create(builder, loc, index, step);
    if (!isConstantIntValue(lower, 0))
      index = arith::AddIOp::create(builder, loc, lower, index);
  }
  return point;
}

SmallVector<Value> ParallelLoop::buildBodyAt(Value linear) {
  return buildBody(buildIndices(linear));
}

SmallVector<SmallVector<Value>> ParallelLoop::buildRunsAt(Value first,
                                                          int64_t runs,
                                                          int64_t distance,
                                                          int64_t count) {
  SmallVector<IRMapping> points(runs * count);
  for (auto [i, point] : llvm::enumerate(points)) {
    Value offset = constant(i / count * distance + i % count);
    Value linear = arith::AddIOp::create(builder, loc, first, offset);
    point.map(loop.getInductionVars(), buildIndices(linear));
  }
  bool areNeighbours = count == 1 || extents.size() == 1 ||
                       *getConstantIntValue(extents.back()) % count == 0;
  return buildBodies(points, areNeighbours ? count : 1);
}

SmallVector<SmallVector<Value>> ParallelLoop::buildAllBodies() {
  SmallVector<IRMapping> points(*getStaticPointCount(loop));
  for (auto [i, point] : llvm::enumerate(points))
    point.map(loop.getInductionVars(), buildIndices(constant(i)));
  // As many neighbours as the longest vector whose runs the rows consist of.
  int64_t neighbours = kMostNeighbours;
  while (*getConstantIntValue(extents.back()) % neighbours != 0)
    neighbours /= 2;
  return buildBodies(points, neighbours);
}

bool ParallelLoop::usesScratch() {
  WalkResult walk = loop.getBody()->walk([](Operation *op) {
    bool uses = llvm::any_of(op->getOperands(), [](Value operand) {
      return operand.getDefiningOp<memref::AllocaOp>() != nullptr;
    });
    return uses ? WalkResult::interrupt() : WalkResult::advance();
  });
  return walk.wasInterrupted();
}

SmallVector<SmallVector<Value>>
ParallelLoop::buildBodies(MutableArrayRef<IRMapping> points,
                          int64_t neighbours) {
  // Vectors are for points that are neighbours in the innermost dimension.
  if (!isConstantIntValue(loop.getStep().back(), 1) ||
      !isConstantIntValue(loop.getLowerBound().back(), 0))
    neighbours = 1;
  if (usesScratch()) {
    for (IRMapping &point : points)
      for (Operation &op : loop.getBody()->without_terminator())
        builder.clone(op, point);
  } else {
    clonePoints(builder, *loop.getBody(), loop.getInductionVars().back(),
                neighbours, loop.getInductionVars(), points);
  }
  SmallVector<SmallVector<Value>> values(points.size());
  for (auto [value, point] : llvm::zip_equal(values, points))
    for (Value operand : reduce ? reduce.getOperands() : ValueRange())
      value.push_back(point.lookupOrDefault(operand));
  return values;
}

void ParallelLoop::replace(ValueRange reduced) {
  loop->replaceAllUsesWith(combineAll(loop.getInitVals(), reduced));
  loop.erase();
}

} // namespace vyre
