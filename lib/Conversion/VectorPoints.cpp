//===- VectorPoints.cpp - Neighbouring points as vectors ------------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "VectorPoints.h"

#include "NeighbouringPoints.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "vyre/Dialect/Vyre/IR/ElementTypes.h"

using namespace mlir;

namespace vyre {

/// Bytes of the vectors that a loop carries: two registers of the widest kind,
/// eight of the narrowest, so that additions do not wait for each other.
static constexpr int64_t kCarriedBytes = 128;

/// Element types whose arithmetic is the same in vectors.
static bool isElement(Type type) {
  return type.isF32() || type.isF64() || type.isInteger(32) ||
         type.isInteger(64);
}

//===----------------------------------------------------------------------===//
// Matching
//===----------------------------------------------------------------------===//

bool VectorPoints::matchOp(Operation &op) {
  Value point = stage.getBody().front().getArguments().back();
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
    vectors.insert_range(loop.getRegionIterArgs());
    vectors.insert_range(loop.getResults());
    return matchBlock(*loop.getBody());
  }
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
  if (body.getNumArguments() == 0 || body.getOps<scf::ForOp>().empty())
    return std::nullopt;
  VectorPoints points(stage);
  if (!points.matchBlock(body))
    return std::nullopt;
  return points;
}

int64_t VectorPoints::getMostLanes() const {
  return kCarriedBytes / elementBytes;
}

//===----------------------------------------------------------------------===//
// Building
//===----------------------------------------------------------------------===//

namespace {

/// Builds the ops of a body, in order.
class VectorBuilder {
public:
  VectorBuilder(OpBuilder &builder, IRMapping &values, int64_t lanes,
                llvm::function_ref<bool(Value)> isVector)
      : builder(builder), values(values), lanes(lanes), isVector(isVector) {}

  void buildBlock(Block &block) {
    for (Operation &op : block.without_terminator())
      build(op);
  }

private:
  void build(Operation &op);
  void buildLoop(scf::ForOp loop);
  VectorType getType(Type element) { return VectorType::get({lanes}, element); }

  /// The vector of a value that may be one for all lanes.
  Value get(Value value, Location loc) {
    Value known = values.lookupOrDefault(value);
    if (isVector(value))
      return known;
    return vector::BroadcastOp::create(builder, loc, getType(known.getType()),
                                       known);
  }
  SmallVector<Value> getIndices(ValueRange indices) {
    SmallVector<Value> mapped;
    for (Value index : indices)
      mapped.push_back(values.lookupOrDefault(index));
    return mapped;
  }
  /// Neighbours start anywhere.
  IntegerAttr getAlignment(Type element) {
    return builder.getI64IntegerAttr(getElementByteCount(element));
  }

  OpBuilder &builder;
  IRMapping &values;
  int64_t lanes;
  llvm::function_ref<bool(Value)> isVector;
};

} // namespace

void VectorBuilder::buildLoop(scf::ForOp loop) {
  Location loc = loop.getLoc();
  SmallVector<Value> inits;
  for (Value init : loop.getInitArgs())
    inits.push_back(get(init, loc));
  auto clone = scf::ForOp::create(
      builder, loc, values.lookupOrDefault(loop.getLowerBound()),
      values.lookupOrDefault(loop.getUpperBound()),
      values.lookupOrDefault(loop.getStep()), inits);
  values.map(loop.getInductionVar(), clone.getInductionVar());
  values.map(loop.getRegionIterArgs(), clone.getRegionIterArgs());
  values.map(loop.getResults(), clone.getResults());
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(clone.getBody());
  buildBlock(*loop.getBody());
  if (inits.empty())
    return;
  SmallVector<Value> yielded;
  for (Value value : loop.getYieldedValues())
    yielded.push_back(get(value, loc));
  scf::YieldOp::create(builder, loc, yielded);
}

void VectorBuilder::build(Operation &op) {
  Location loc = op.getLoc();
  if (auto loop = dyn_cast<scf::ForOp>(op))
    return buildLoop(loop);
  if (auto store = dyn_cast<memref::StoreOp>(op)) {
    auto vector =
        vector::StoreOp::create(builder, loc, get(store.getValueToStore(), loc),
                                values.lookupOrDefault(store.getMemRef()),
                                getIndices(store.getIndices()));
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
                               getIndices(load.getIndices()));
    vector.setAlignmentAttr(getAlignment(load.getType()));
    values.map(load.getResult(), vector.getResult());
    return;
  }
  SmallVector<Value> operands;
  for (Value operand : op.getOperands())
    operands.push_back(get(operand, loc));
  Operation *clone = builder.insert(op.clone());
  clone->setOperands(operands);
  for (Value result : clone->getResults())
    result.setType(getType(result.getType()));
  values.map(op.getResults(), clone->getResults());
}

void VectorPoints::build(OpBuilder &builder, IRMapping &values,
                         int64_t lanes) const {
  VectorBuilder(builder, values, lanes, [&](Value value) {
    return isVector(value);
  }).buildBlock(stage.getBody().front());
}

} // namespace vyre
