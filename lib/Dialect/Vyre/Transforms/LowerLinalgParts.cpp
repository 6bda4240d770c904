//===- LowerLinalgParts.cpp - Long reductions in parts --------------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A launch computes a point within one block at most, so that a long reduction
// of few points would leave most of a GPU idle. Here it becomes two nests: one
// reduces each part of each point, the other the parts. ReductionParts.cpp
// decides where, and how long the parts are.
//
//===----------------------------------------------------------------------===//

#include "LinalgLowering.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "llvm/Support/SaveAndRestore.h"

using namespace mlir;
using namespace vyre;

bool LinalgLowering::lowerInParts() {
  if (reduction.iterators.empty() || !areOutputsInvariant() || isContraction())
    return false;
  auto combinations = matchCombinations();
  if (!combinations)
    return false;
  for (const Combination &combination : *combinations)
    if (!getCombinerNeutral(combination.combiner))
      return false;
  IteratorExtents points = {parallel.iterators, parallel.upper};
  IteratorExtents reduced = {reduction.iterators, reduction.upper};
  if (auto collapsed = collapseReduction(op, points, reduced)) {
    LinalgLowering(*collapsed, stageName).lower();
    return true;
  }
  std::optional<ReductionPart> part = chooseReductionPart(op, points, reduced);
  if (!part)
    return false;
  buildParts(*combinations, *part);
  op.erase();
  return true;
}

LinalgLowering::Parts
LinalgLowering::makeParts(ArrayRef<Combination> combinations,
                          ReductionPart part) {
  Parts parts;
  int64_t length = part.length;
  parts.length = length;
  parts.mayBeShorter = part.mayBeShorter;
  Value extent = reduction.upper.front();
  std::optional<int64_t> known = getConstantIntValue(extent);
  if (known) {
    parts.count = buildConstant(*known / length);
  } else if (part.mayBeShorter) {
    parts.count =
        arith::CeilDivSIOp::create(builder, loc, extent, buildConstant(length));
  } else {
    parts.count =
        arith::DivSIOp::create(builder, loc, extent, buildConstant(length));
    parts.rest =
        arith::RemSIOp::create(builder, loc, extent, buildConstant(length));
  }
  SmallVector<int64_t> shape;
  SmallVector<Value> sizes;
  auto addExtent = [&](Value size) {
    std::optional<int64_t> known = getConstantIntValue(size);
    shape.push_back(known.value_or(ShapedType::kDynamic));
    if (!known)
      sizes.push_back(size);
  };
  addExtent(parts.count);
  llvm::for_each(parallel.upper, addExtent);
  for (const Combination &combination : combinations) {
    auto type = MemRefType::get(shape, combination.value.getType());
    parts.sums.push_back(memref::AllocOp::create(builder, loc, type, sizes));
  }
  return parts;
}

Operation *LinalgLowering::buildPart(ArrayRef<Combination> combinations,
                                     PartOffset offset, Value extent,
                                     ValueRange inits) {
  llvm::SaveAndRestore<std::optional<PartOffset>> keepOffset(partOffset,
                                                             offset);
  llvm::SaveAndRestore<Value> keepExtent(reduction.upper.front(), extent);
  return buildReduction(combinations, inits);
}

void LinalgLowering::reduceEachPart(ArrayRef<Combination> combinations,
                                    const Parts &parts) {
  SmallVector<Value> neutral;
  for (const Combination &combination : combinations)
    neutral.push_back(arith::ConstantOp::create(
        builder, loc, *getCombinerNeutral(combination.combiner)));
  Bounds points = parallel;
  points.lower.insert(points.lower.begin(), buildConstant(0));
  points.upper.insert(points.upper.begin(), parts.count);
  points.steps.insert(points.steps.begin(), buildConstant(1));
  auto loop = scf::ParallelOp::create(builder, loc, points.lower, points.upper,
                                      points.steps);
  nameStage(loop);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(loop.getBody());
  SmallVector<Value> at(loop.getInductionVars());
  setCurrent(parallel, ValueRange(at).drop_front());
  PartOffset offset = {reduction.iterators.front(), at.front(), parts.length};
  Value extent = buildConstant(parts.length);
  if (parts.mayBeShorter) {
    Value first = arith::MulIOp::create(builder, loc, offset.part, extent);
    Value left =
        arith::SubIOp::create(builder, loc, reduction.upper.front(), first);
    extent = arith::MinSIOp::create(builder, loc, extent, left);
  }
  Operation *sums = buildPart(combinations, offset, extent, neutral);
  for (auto [memory, value] : llvm::zip_equal(parts.sums, sums->getResults()))
    memref::StoreOp::create(builder, loc, value, memory, at);
}

Operation *LinalgLowering::reduceParts(ArrayRef<Combination> combinations,
                                       const Parts &parts, ValueRange point) {
  Value zero = buildConstant(0), one = buildConstant(1);
  auto loop = scf::ParallelOp::create(builder, loc, zero, parts.count, one,
                                      loadOutputs());
  {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(loop.getBody());
    SmallVector<Value> at(1, loop.getInductionVars().front());
    llvm::append_range(at, point);
    SmallVector<Value> values;
    for (Value memory : parts.sums)
      values.push_back(memref::LoadOp::create(builder, loc, memory, at));
    auto reduce = scf::ReduceOp::create(builder, loc, values);
    buildCombiners(builder, reduce, combinations, op.getRegionOutputArgs());
  }
  storeOutputs(loop.getResults());
  if (!parts.rest)
    return loop;
  if (point.empty())
    nameStage(loop);
  Operation *ofRest = buildPart(
      combinations, {reduction.iterators.front(), parts.count, parts.length},
      parts.rest, loadOutputs());
  storeOutputs(ofRest->getResults());
  return ofRest;
}

void LinalgLowering::buildParts(ArrayRef<Combination> combinations,
                                ReductionPart part) {
  Parts parts = makeParts(combinations, part);
  reduceEachPart(combinations, parts);
  nameStage(buildPoints([&](ValueRange point) {
    return reduceParts(combinations, parts, point);
  }));
}
