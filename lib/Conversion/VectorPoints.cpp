//===- VectorPoints.cpp - Neighbouring points as vectors ------------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "VectorPoints.h"

#include "NeighbouringPoints.h"
#include "ThreadMapping.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "vyre/Conversion/ReductionOrder.h"
#include "vyre/Dialect/Vyre/IR/ElementTypes.h"

using namespace mlir;

namespace vyre {

/// Bytes of the vectors that a loop carries: two registers of the widest kind,
/// eight of the narrowest, so that additions do not wait for each other.
static constexpr int64_t kCarriedBytes = 128;

/// What the lanes of a reduction may take on the stack, in bytes.
static constexpr int64_t kMaxLaneBytes = int64_t(128) << 10;

/// Element types whose arithmetic is the same in vectors.
static bool isElement(Type type) {
  return type.isF32() || type.isF64() || type.isInteger(32) ||
         type.isInteger(64);
}

//===----------------------------------------------------------------------===//
// Matching
//===----------------------------------------------------------------------===//

/// Its lanes are vectors then, in the same order.
bool VectorPoints::matchReduction(scf::ParallelOp loop) {
  ValueRange points = stage.getBody().front().getArguments();
  auto reduce = dyn_cast<scf::ReduceOp>(loop.getBody()->getTerminator());
  if (loop.getNumResults() == 0 || !reduce ||
      !llvm::all_of(loop.getResultTypes(), isElement))
    return false;
  for (Region &combiner : reduce.getReductions())
    if (!getReductionNeutral(combiner))
      return false;
  for (OperandRange bounds :
       {loop.getLowerBound(), loop.getUpperBound(), loop.getStep()})
    for (Value bound : bounds) {
      if (getStride(bound, points.back()) != Stride::None)
        return false;
      bool isOfAllRows = llvm::all_of(points.drop_back(), [&](Value row) {
        return getStride(bound, row) == Stride::None;
      });
      if (!isOfAllRows)
        mostRows = 1;
    }
  std::optional<int64_t> count = getStaticPointCount(loop);
  int64_t lanes = hasOneLane(loop) ? 1
                  : count          ? getReductionLanes(*count)
                                   : kMaxLanes;
  if (lanes > 1)
    mostRows = 1;
  lanesInMemory = std::max(lanesInMemory, lanes);
  vectors.insert_range(loop.getResults());
  return matchBlock(*loop.getBody());
}

bool VectorPoints::matchOp(Operation &op) {
  ValueRange points = stage.getBody().front().getArguments();
  Value point = points.back();
  if (std::optional<ValueRange> indices = getAccessIndices(&op)) {
    auto load = dyn_cast<memref::LoadOp>(op);
    Value memref = load ? load.getMemRef() : op.getOperand(1);
    auto type = cast<MemRefType>(memref.getType());
    Stride stride = getStride(*indices, point);
    if (load && stride == Stride::None)
      return true;
    if (stride != Stride::One || !isElement(type.getElementType()) ||
        !type.getLayout().isIdentity())
      return false;
    elementBytes = std::max<int64_t>(
        elementBytes, getElementByteCount(type.getElementType()));
    if (load)
      vectors.insert(load.getResult());
    return true;
  }
  if (auto loop = dyn_cast<scf::ForOp>(op)) {
    if (!isUniform(loop, point) ||
        !llvm::all_of(loop.getResultTypes(), isElement))
      return false;
    if (!isUniform(loop, points))
      mostRows = 1;
    vectors.insert_range(loop.getRegionIterArgs());
    vectors.insert_range(loop.getResults());
    return matchBlock(*loop.getBody());
  }
  if (auto loop = dyn_cast<scf::ParallelOp>(op))
    return matchReduction(loop);
  if (op.getNumRegions() != 0 || !isMemoryEffectFree(&op))
    return false;
  if (llvm::none_of(op.getOperands(),
                    [&](Value operand) { return isVector(operand); })) {
    // An index of the first point leads to that of the others; no other value
    // does.
    bool isIndex = llvm::all_of(op.getResultTypes(),
                                [](Type type) { return type.isIndex(); });
    return isIndex || llvm::all_of(op.getOperands(), [&](Value operand) {
             return getStride(operand, point) == Stride::None;
           });
  }
  bool isArithmetic =
      isa<arith::ArithDialect>(op.getDialect()) || isa<math::FmaOp>(op);
  auto hasLanes = [](Type type) {
    return isElement(type) || type.isInteger(1);
  };
  if (!isArithmetic || !OpTrait::hasElementwiseMappableTraits(&op) ||
      !llvm::all_of(op.getOperandTypes(), hasLanes) ||
      !llvm::all_of(op.getResultTypes(), hasLanes))
    return false;
  vectors.insert_range(op.getResults());
  return true;
}

bool VectorPoints::matchBlock(Block &block) {
  return llvm::all_of(block.without_terminator(),
                      [&](Operation &op) { return matchOp(op); });
}

std::optional<VectorPoints> VectorPoints::match(StageOp stage) {
  Block &body = stage.getBody().front();
  bool hasLoops = llvm::any_of(
      body, [](Operation &op) { return isa<scf::ForOp, scf::ParallelOp>(op); });
  if (body.getNumArguments() == 0 || !hasLoops)
    return std::nullopt;
  VectorPoints points(stage);
  if (!points.matchBlock(body))
    return std::nullopt;
  if (body.getNumArguments() == 1)
    points.mostRows = 1;
  return points;
}

int64_t VectorPoints::getMostLanes() const {
  return std::min(kCarriedBytes, kMaxLaneBytes / lanesInMemory) / elementBytes;
}

//===----------------------------------------------------------------------===//
// Building
//===----------------------------------------------------------------------===//

namespace {

/// Builds the ops of a body, in order, for all rows.
class VectorBuilder {
public:
  VectorBuilder(OpBuilder &builder, MutableArrayRef<IRMapping> rows,
                int64_t lanes, llvm::function_ref<bool(Value)> isVector)
      : builder(builder), rows(rows), lanes(lanes), isVector(isVector) {}

  void buildBlock(Block &block) {
    for (Operation &op : block.without_terminator())
      build(op);
  }

private:
  void build(Operation &op);
  void build(Operation &op, IRMapping &values);
  void buildLoop(scf::ForOp loop);
  void buildReduction(scf::ParallelOp loop);
  VectorType getType(Type element) { return VectorType::get({lanes}, element); }

  /// The vector of a value that may be one for all lanes.
  Value get(Value value, IRMapping &values, Location loc) {
    Value known = values.lookupOrDefault(value);
    if (isVector(value))
      return known;
    return vector::BroadcastOp::create(builder, loc, getType(known.getType()),
                                       known);
  }
  /// Those of each row in turn.
  SmallVector<Value> getOfAllRows(ValueRange values, Location loc) {
    SmallVector<Value> all;
    for (IRMapping &row : rows)
      for (Value value : values)
        all.push_back(get(value, row, loc));
    return all;
  }
  void mapOfAllRows(ValueRange values, ValueRange all) {
    for (IRMapping &row : rows) {
      row.map(values, all.take_front(values.size()));
      all = all.drop_front(values.size());
    }
  }
  SmallVector<Value> getMapped(ValueRange values, IRMapping &row) {
    SmallVector<Value> mapped;
    for (Value value : values)
      mapped.push_back(row.lookupOrDefault(value));
    return mapped;
  }
  /// Neighbours start anywhere.
  IntegerAttr getAlignment(Type element) {
    return builder.getI64IntegerAttr(getElementByteCount(element));
  }

  OpBuilder &builder;
  MutableArrayRef<IRMapping> rows;
  int64_t lanes;
  llvm::function_ref<bool(Value)> isVector;
};

} // namespace

void VectorBuilder::buildLoop(scf::ForOp loop) {
  Location loc = loop.getLoc();
  IRMapping &first = rows.front();
  auto clone = scf::ForOp::create(builder, loc,
                                  first.lookupOrDefault(loop.getLowerBound()),
                                  first.lookupOrDefault(loop.getUpperBound()),
                                  first.lookupOrDefault(loop.getStep()),
                                  getOfAllRows(loop.getInitArgs(), loc));
  for (IRMapping &row : rows)
    row.map(loop.getInductionVar(), clone.getInductionVar());
  mapOfAllRows(loop.getRegionIterArgs(), clone.getRegionIterArgs());
  mapOfAllRows(loop.getResults(), clone.getResults());
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(clone.getBody());
  buildBlock(*loop.getBody());
  if (clone.getNumResults() != 0)
    scf::YieldOp::create(builder, loc,
                         getOfAllRows(loop.getYieldedValues(), loc));
}

void VectorBuilder::buildReduction(scf::ParallelOp loop) {
  Location loc = loop.getLoc();
  IRMapping &first = rows.front();
  auto reduce = cast<scf::ReduceOp>(loop.getBody()->getTerminator());
  auto clone = scf::ParallelOp::create(
      builder, loc, getMapped(loop.getLowerBound(), first),
      getMapped(loop.getUpperBound(), first), getMapped(loop.getStep(), first),
      getOfAllRows(loop.getInitVals(), loc));
  for (IRMapping &row : rows)
    row.map(loop.getInductionVars(), clone.getInductionVars());
  mapOfAllRows(loop.getResults(), clone.getResults());
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(clone.getBody());
  buildBlock(*loop.getBody());
  auto combined = scf::ReduceOp::create(
      builder, loc, getOfAllRows(reduce.getOperands(), loc));
  for (auto [i, region] : llvm::enumerate(combined.getReductions())) {
    Block &combiner = reduce.getReductions()[i % loop.getNumResults()].front();
    IRMapping arguments;
    arguments.map(combiner.getArguments(), region.front().getArguments());
    builder.setInsertionPointToEnd(&region.front());
    Operation *value = builder.clone(combiner.front(), arguments);
    value->getResult(0).setType(region.front().getArgument(0).getType());
    scf::ReduceReturnOp::create(builder, loc, value->getResult(0));
  }
}

void VectorBuilder::build(Operation &op) {
  if (auto loop = dyn_cast<scf::ForOp>(op))
    return buildLoop(loop);
  if (auto loop = dyn_cast<scf::ParallelOp>(op))
    return buildReduction(loop);
  for (IRMapping &row : rows)
    build(op, row);
}

void VectorBuilder::build(Operation &op, IRMapping &values) {
  Location loc = op.getLoc();
  if (auto store = dyn_cast<memref::StoreOp>(op)) {
    auto vector = vector::StoreOp::create(
        builder, loc, get(store.getValueToStore(), values, loc),
        values.lookupOrDefault(store.getMemRef()),
        getMapped(store.getIndices(), values));
    vector.setAlignmentAttr(getAlignment(store.getValueToStore().getType()));
    return;
  }
  bool isForLanes = llvm::any_of(op.getResults(), isVector);
  if (!isForLanes) {
    builder.clone(op, values);
    return;
  }
  if (auto load = dyn_cast<memref::LoadOp>(op)) {
    auto vector =
        vector::LoadOp::create(builder, loc, getType(load.getType()),
                               values.lookupOrDefault(load.getMemRef()),
                               getMapped(load.getIndices(), values));
    vector.setAlignmentAttr(getAlignment(load.getType()));
    values.map(load.getResult(), vector.getResult());
    return;
  }
  SmallVector<Value> operands;
  for (Value operand : op.getOperands())
    operands.push_back(get(operand, values, loc));
  Operation *clone = builder.insert(op.clone());
  clone->setOperands(operands);
  for (Value result : clone->getResults())
    result.setType(getType(result.getType()));
  values.map(op.getResults(), clone->getResults());
}

void VectorPoints::build(OpBuilder &builder, MutableArrayRef<IRMapping> rows,
                         int64_t lanes) const {
  VectorBuilder(builder, rows, lanes, [&](Value value) {
    return isVector(value);
  }).buildBlock(stage.getBody().front());
}

} // namespace vyre
