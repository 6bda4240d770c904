//===- NeighbouringPoints.cpp - A body for several points -----------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NeighbouringPoints.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/Utils/Utils.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "vyre/Conversion/Passes.h"
#include "vyre/Dialect/Vyre/IR/ElementTypes.h"

using namespace mlir;

namespace vyre {

/// The widest access that a GPU has, in bytes.
static constexpr int64_t kWidestAccess = 16;

static std::optional<int64_t> getGrowth(Value value, Value index);

/// That of an argument of a block inside the one that `index` belongs to: none
/// for what a loop counts, unknown for what it carries.
static std::optional<int64_t> getGrowth(BlockArgument inner, Value index) {
  auto loop = dyn_cast<LoopLikeOpInterface>(inner.getOwner()->getParentOp());
  std::optional<SmallVector<Value>> counted;
  if (loop)
    counted = loop.getLoopInductionVars();
  if (!counted || !llvm::is_contained(*counted, inner))
    return std::nullopt;
  for (Value operand : loop->getOperands().drop_back(loop.getInits().size()))
    if (getGrowth(operand, index) != 0)
      return std::nullopt;
  return 0;
}

/// By how much `value` grows with `index`, if that is a known constant.
static std::optional<int64_t> getGrowth(Value value, Value index) {
  if (value == index)
    return 1;
  Region *region = index.getParentRegion();
  auto argument = dyn_cast<BlockArgument>(value);
  if (argument && region->isProperAncestor(argument.getParentRegion()))
    return getGrowth(argument, index);
  Operation *op = value.getDefiningOp();
  // What is computed elsewhere can't depend on it.
  if (!op || !index.getParentRegion()->isAncestor(op->getParentRegion()))
    return 0;
  if (isa<arith::AddIOp, arith::SubIOp>(op)) {
    std::optional<int64_t> left = getGrowth(op->getOperand(0), index);
    std::optional<int64_t> right = getGrowth(op->getOperand(1), index);
    if (!left || !right)
      return std::nullopt;
    return isa<arith::AddIOp>(op) ? *left + *right : *left - *right;
  }
  if (op->getNumRegions() != 0)
    return std::nullopt;
  for (Value operand : op->getOperands())
    if (getGrowth(operand, index) != 0)
      return std::nullopt;
  return 0;
}

Stride getStride(ValueRange indices, Value index) {
  for (auto [position, value] : llvm::enumerate(indices)) {
    std::optional<int64_t> growth = getGrowth(value, index);
    if (growth == 0)
      continue;
    return growth == 1 && position + 1 == indices.size() ? Stride::One
                                                         : Stride::Other;
  }
  return Stride::None;
}

std::optional<ValueRange> getAccessIndices(Operation *op) {
  if (auto load = dyn_cast<memref::LoadOp>(op))
    return load.getIndices();
  if (auto store = dyn_cast<memref::StoreOp>(op))
    return store.getIndices();
  return std::nullopt;
}

/// Whether the kernel knows that `memref`, as it is in the kernel, starts at a
/// multiple of `bytes` and is a whole row-major buffer.
static bool isAligned(Value memref, int64_t bytes) {
  auto cast = memref.getDefiningOp<memref::ReinterpretCastOp>();
  if (cast && !isConstantIntValue(cast.getMixedOffsets().front(), 0))
    return false;
  auto argument = dyn_cast<BlockArgument>(cast ? cast.getSource() : memref);
  if (!argument)
    return false;
  auto function = dyn_cast<gpu::GPUFuncOp>(argument.getOwner()->getParentOp());
  if (!function || argument.getArgNumber() >= function.getNumArguments())
    return false;
  auto alignment = function.getArgAttrOfType<IntegerAttr>(
      argument.getArgNumber(), LLVM::LLVMDialect::getAlignAttrName());
  return alignment && alignment.getInt() % bytes == 0;
}

/// The alignment of a vector of `count` elements that `op` accesses for
/// neighbouring values of `index`, of which the first is a multiple of `count`.
/// None where they are not neighbours in memory, or may be misaligned.
static std::optional<int64_t> getVectorAlignment(Operation *op, Value index,
                                                 Value mappedMemref,
                                                 int64_t count) {
  std::optional<ValueRange> indices = getAccessIndices(op);
  // Indices with something added may start anywhere.
  if (!indices || indices->empty() || indices->back() != index ||
      getStride(*indices, index) != Stride::One)
    return std::nullopt;
  auto type = cast<MemRefType>(mappedMemref.getType());
  Type element = type.getElementType();
  // A vector of i1 is packed to bits, and the width of an index is not fixed.
  if (!element.isIntOrFloat() || element.isInteger(1) ||
      !type.getLayout().isIdentity())
    return std::nullopt;
  // Rows start at multiples, too.
  if (type.getRank() > 1 && (type.isDynamicDim(type.getRank() - 1) ||
                             type.getDimSize(type.getRank() - 1) % count != 0))
    return std::nullopt;
  int64_t bytes =
      std::min<int64_t>(count * getElementByteCount(element), kWidestAccess);
  if (!isAligned(mappedMemref, bytes))
    return std::nullopt;
  return bytes;
}

bool isUniform(scf::ForOp loop, ValueRange indices) {
  return llvm::all_of(
      ValueRange{loop.getLowerBound(), loop.getUpperBound(), loop.getStep()},
      [&](Value bound) {
        return llvm::all_of(
            indices, [&](Value index) { return getGrowth(bound, index) == 0; });
      });
}

/// A load or store of neighbouring points as one vector.
static void buildVectorAccess(OpBuilder &builder, Operation &op,
                              int64_t alignment,
                              MutableArrayRef<IRMapping> points) {
  IRMapping &first = points.front();
  auto load = dyn_cast<memref::LoadOp>(op);
  Value memref = first.lookupOrDefault(
      load ? load.getMemRef() : cast<memref::StoreOp>(op).getMemRef());
  SmallVector<Value> start;
  ValueRange indices = *getAccessIndices(&op);
  for (Value value : indices)
    start.push_back(first.lookupOrDefault(value));
  Location loc = op.getLoc();
  auto type = VectorType::get({int64_t(points.size())},
                              getElementTypeOrSelf(memref.getType()));
  auto align = builder.getI64IntegerAttr(alignment);
  if (load) {
    auto all = vector::LoadOp::create(builder, loc, type, memref, start);
    all.setAlignmentAttr(align);
    for (auto [i, point] : llvm::enumerate(points))
      point.map(load.getResult(),
                vector::ExtractOp::create(builder, loc, all, i));
    return;
  }
  SmallVector<Value> values;
  for (IRMapping &point : points)
    values.push_back(
        point.lookupOrDefault(cast<memref::StoreOp>(op).getValueToStore()));
  Value all = vector::FromElementsOp::create(builder, loc, type, values);
  auto store = vector::StoreOp::create(builder, loc, all, memref, start);
  store.setAlignmentAttr(align);
}

/// Whether a loop of one point folds what it loads into values that it carries,
/// on a GPU: it is then unrolled as that of several points is.
static bool isFold(OpBuilder &builder, scf::ForOp loop) {
  return loop.getNumResults() != 0 &&
         !loop.getBody()->getOps<memref::LoadOp>().empty() &&
         builder.getBlock()->getParent()->getParentOfType<gpu::GPUFuncOp>();
}

/// One loop for all points, which carries the values of the first, then those
/// of the second, ...
static void cloneLoop(OpBuilder &builder, scf::ForOp loop, Value index,
                      int64_t neighbours, ValueRange indices,
                      MutableArrayRef<IRMapping> points) {
  IRMapping &first = points.front();
  SmallVector<Value> inits;
  for (IRMapping &point : points)
    for (Value init : loop.getInitArgs())
      inits.push_back(point.lookupOrDefault(init));
  auto clone = scf::ForOp::create(builder, loop.getLoc(),
                                  first.lookupOrDefault(loop.getLowerBound()),
                                  first.lookupOrDefault(loop.getUpperBound()),
                                  first.lookupOrDefault(loop.getStep()), inits);
  clone->setAttr(kTileLoopAttrName, builder.getUnitAttr());
  ValueRange carried = clone.getRegionIterArgs(), results = clone.getResults();
  unsigned count = loop.getInitArgs().size();
  for (IRMapping &point : points) {
    point.map(loop.getInductionVar(), clone.getInductionVar());
    point.map(loop.getRegionIterArgs(), carried.take_front(count));
    point.map(loop.getResults(), results.take_front(count));
    carried = carried.drop_front(count);
    results = results.drop_front(count);
  }
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(clone.getBody());
  clonePoints(builder, *loop.getBody(), index, neighbours, indices, points);
  if (count == 0)
    return;
  SmallVector<Value> yielded;
  for (IRMapping &point : points)
    for (Value value : loop.getBody()->getTerminator()->getOperands())
      yielded.push_back(point.lookupOrDefault(value));
  scf::YieldOp::create(builder, loop.getLoc(), yielded);
}

/// An unrolled loop has at most so many operations and iterations of the loop.
static constexpr int64_t kMaxUnrolledOps = 1024;
static constexpr int64_t kMaxUnrolling = 8;

void unrollTileLoop(scf::ForOp loop) {
  loop->removeAttr(kTileLoopAttrName);
  int64_t ops = 0;
  for (Operation &op : *loop.getBody()) {
    if (op.getNumRegions() != 0)
      return;
    ++ops;
  }
  int64_t factor = kMaxUnrolling;
  std::optional<APInt> trips = loop.getStaticTripCount();
  while (factor > 1 &&
         (factor * ops > kMaxUnrolledOps || (trips && trips->ult(factor))))
    factor /= 2;
  if (factor > 1)
    (void)loopUnrollByFactor(loop, factor);
}

void clonePoints(OpBuilder &builder, Block &body, Value index,
                 int64_t neighbours, ValueRange indices,
                 MutableArrayRef<IRMapping> points, BuildOp buildOp) {
  for (Operation &op : body.without_terminator()) {
    if (buildOp && buildOp(op, points))
      continue;
    auto loop = dyn_cast<scf::ForOp>(op);
    if (loop && (points.size() > 1 || isFold(builder, loop)) &&
        isUniform(loop, indices)) {
      cloneLoop(builder, loop, index, neighbours, indices, points);
      continue;
    }
    std::optional<int64_t> alignment;
    std::optional<ValueRange> accessed = getAccessIndices(&op);
    if (accessed && neighbours > 1) {
      Value memref =
          isa<memref::LoadOp>(op) ? op.getOperand(0) : op.getOperand(1);
      alignment = getVectorAlignment(
          &op, index, points.front().lookupOrDefault(memref), neighbours);
    }
    if (!alignment) {
      for (IRMapping &point : points)
        builder.clone(op, point);
      continue;
    }
    for (size_t i = 0; i != points.size(); i += neighbours)
      buildVectorAccess(builder, op, *alignment, points.slice(i, neighbours));
  }
}

} // namespace vyre
