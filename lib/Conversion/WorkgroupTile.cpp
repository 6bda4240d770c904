//===- WorkgroupTile.cpp - Operands of a block's tile ---------------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "WorkgroupTile.h"

#include "KernelBuilder.h"
#include "NeighbouringPoints.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "vyre/Conversion/Passes.h"
#include "vyre/Dialect/Vyre/IR/ElementTypes.h"

using namespace mlir;

namespace vyre {

/// Steps of the loop for which a block loads at a time.
static constexpr int64_t kDepth = 16;

/// What a thread loads at once, in bytes, and what is left between the rows of
/// workgroup memory: steps that are stored one by one then go to different
/// banks.
static constexpr int64_t kVectorBytes = 16;

/// The elements that these are; none where they are not a whole number.
static std::optional<int64_t> getVectorCount(Type element) {
  if (!element.isIntOrFloat() || element.getIntOrFloatBitWidth() % 8 != 0)
    return std::nullopt;
  int64_t bytes = getElementByteCount(element);
  if (kVectorBytes % bytes != 0 || kDepth % (kVectorBytes / bytes) != 0)
    return std::nullopt;
  return kVectorBytes / bytes;
}

//===----------------------------------------------------------------------===//
// Matching
//===----------------------------------------------------------------------===//

std::optional<WorkgroupTile::Operand>
WorkgroupTile::matchOperand(memref::LoadOp load, StageOp stage) {
  Value memref = load.getMemRef();
  auto type = cast<MemRefType>(memref.getType());
  std::optional<int64_t> vector = getVectorCount(type.getElementType());
  // Every thread reads the same, whoever loaded it.
  if (!llvm::is_contained(stage.getReads(), memref) || !vector ||
      type.getRank() < 2 || type.isDynamicDim(type.getRank() - 1) ||
      type.getDimSize(type.getRank() - 1) % *vector != 0 ||
      getBufferAlignment(stage, memref) % kVectorBytes != 0)
    return std::nullopt;
  ValueRange points = stage.getBody().front().getArguments();
  Value row = points.drop_back().back(), column = points.back();
  std::optional<unsigned> step, point;
  bool isOfRows = false;
  for (auto [position, index] : llvm::enumerate(load.getIndices())) {
    if (index == loop.getInductionVar()) {
      if (step)
        return std::nullopt;
      step = position;
    } else if (index == row || index == column) {
      if (point)
        return std::nullopt;
      point = position;
      isOfRows = index == row;
    } else if (loop->isAncestor(index.getParentRegion()->getParentOp()) ||
               getStride(index, row) != Stride::None ||
               getStride(index, column) != Stride::None) {
      return std::nullopt;
    }
  }
  unsigned last = type.getRank() - 1;
  if (!step || !point || (step != last && point != last))
    return std::nullopt;
  Operand operand = {load, *step, *point, isOfRows};
  int64_t vectors = getBlockExtent(operand) * kDepth / *vector;
  if (getBlockExtent(operand) % *vector != 0 ||
      (vectors % mapping.threadsPerBlock != 0 &&
       mapping.threadsPerBlock % vectors != 0))
    return std::nullopt;
  return operand;
}

std::optional<WorkgroupTile>
WorkgroupTile::match(StageOp stage, const ThreadMapping &mapping) {
  Block &body = stage.getBody().front();
  auto loops = body.getOps<scf::ForOp>();
  OperandRange extents = stage.getExtents();
  if (!llvm::hasSingleElement(loops) || extents.size() < 2)
    return std::nullopt;
  WorkgroupTile tile(*loops.begin(), mapping);
  scf::ForOp loop = tile.loop;
  std::optional<APInt> steps = loop.getStaticTripCount();
  if (!steps || !isConstantIntValue(loop.getLowerBound(), 0) ||
      !isConstantIntValue(loop.getStep(), 1) || steps->isZero() ||
      steps->urem(kDepth) != 0)
    return std::nullopt;
  std::optional<int64_t> columns = getConstantIntValue(extents.back());
  std::optional<int64_t> rows = getConstantIntValue(extents.drop_back().back());
  if (!rows || !columns || *rows % mapping.getBlockRows() != 0 ||
      *columns % mapping.getBlockColumns() != 0)
    return std::nullopt;
  bool hasRows = false, hasColumns = false;
  for (Operation &op : loop.getBody()->without_terminator()) {
    auto load = dyn_cast<memref::LoadOp>(op);
    if (!load) {
      if (op.getNumRegions() != 0 || !isMemoryEffectFree(&op))
        return std::nullopt;
      continue;
    }
    std::optional<Operand> operand = tile.matchOperand(load, stage);
    if (!operand)
      return std::nullopt;
    hasRows |= operand->isOfRows;
    hasColumns |= !operand->isOfRows;
    tile.operands.push_back(*operand);
  }
  // Two operands, so that workgroup memory has room for them.
  if (!hasRows || !hasColumns || tile.operands.size() != 2)
    return std::nullopt;
  return tile;
}

//===----------------------------------------------------------------------===//
// Building
//===----------------------------------------------------------------------===//

namespace {

/// The part of an operand that the block holds: kDepth steps of some rows or
/// columns, in workgroup memory as [step][row or column].
class OperandPart {
public:
  /// `indices` are those of the load, of which two change.
  OperandPart(OpBuilder &builder, memref::LoadOp load, Value memref,
              SmallVector<Value> indices, unsigned step, unsigned point,
              int64_t extent)
      : builder(builder), loc(load.getLoc()), load(load), memref(memref),
        indices(std::move(indices)), step(step), point(point), extent(extent),
        vectorCount(*getVectorCount(load.getType())),
        first(this->indices[point]) {
    auto function =
        builder.getBlock()->getParent()->getParentOfType<gpu::GPUFuncOp>();
    auto space = gpu::AddressSpaceAttr::get(
        builder.getContext(), gpu::GPUDialect::getWorkgroupAddressSpace());
    auto type = MemRefType::get({kDepth, extent + vectorCount}, load.getType(),
                                MemRefLayoutAttrInterface(), space);
    unsigned index = function.getNumWorkgroupAttributions();
    memory = function.addWorkgroupAttribution(type, loc);
    function.setWorkgroupAttributionAttr(index,
                                         LLVM::LLVMDialect::getAlignAttrName(),
                                         getAlignment(vectorCount));
  }

  memref::LoadOp getLoad() const { return load; }

  /// A thread's vectors of the part from step `from` on.
  SmallVector<Value> fetch(Value from, Value thread, int64_t threads);
  /// Puts them into workgroup memory.
  void put(ValueRange vectors, Value thread, int64_t threads);
  /// `count` neighbours from `at` on, at a step of the part.
  SmallVector<Value> get(Value step, Value at, int64_t count);

private:
  Value constant(int64_t value) {
    return arith::ConstantIndexOp::create(builder, loc, value);
  }
  Value add(Value a, Value b) {
    return arith::AddIOp::create(builder, loc, a, b);
  }
  bool areStepsNeighbours() const { return step + 1 == indices.size(); }
  /// Of so many elements, in bytes, which start at a multiple of them.
  IntegerAttr getAlignment(int64_t count) {
    return builder.getI64IntegerAttr(
        std::min(count * kVectorBytes / vectorCount, kVectorBytes));
  }
  int64_t getVectors() const { return extent * kDepth / vectorCount; }
  /// The step and the row or column where vector number `first` of a thread's
  /// starts. Where there are fewer vectors than threads, several have the same.
  std::pair<Value, Value> locate(Value thread, int64_t first, int64_t threads);

  OpBuilder &builder;
  Location loc;
  memref::LoadOp load;
  Value memref;
  SmallVector<Value> indices;
  unsigned step, point;
  int64_t extent, vectorCount;
  Value first, memory;
};

} // namespace

std::pair<Value, Value> OperandPart::locate(Value thread, int64_t first,
                                            int64_t threads) {
  Value number = add(thread, constant(first));
  if (getVectors() < threads)
    number =
        arith::RemUIOp::create(builder, loc, number, constant(getVectors()));
  Value inRow =
      constant((areStepsNeighbours() ? kDepth : extent) / vectorCount);
  Value outer = arith::DivUIOp::create(builder, loc, number, inRow);
  Value inner = arith::RemUIOp::create(builder, loc, number, inRow);
  inner = arith::MulIOp::create(builder, loc, inner, constant(vectorCount));
  return areStepsNeighbours() ? std::pair(inner, outer)
                              : std::pair(outer, inner);
}

SmallVector<Value> OperandPart::fetch(Value from, Value thread,
                                      int64_t threads) {
  auto type = VectorType::get({vectorCount}, load.getType());
  SmallVector<Value> vectors;
  for (int64_t i = 0; i < getVectors(); i += threads) {
    auto [ofStep, ofPoint] = locate(thread, i, threads);
    indices[step] = add(from, ofStep);
    indices[point] = add(first, ofPoint);
    auto vector = vector::LoadOp::create(builder, loc, type, memref, indices);
    vector.setAlignmentAttr(getAlignment(vectorCount));
    vectors.push_back(vector);
  }
  return vectors;
}

void OperandPart::put(ValueRange vectors, Value thread, int64_t threads) {
  for (auto [i, vector] : llvm::enumerate(vectors)) {
    auto [ofStep, ofPoint] = locate(thread, i * threads, threads);
    if (!areStepsNeighbours()) {
      auto store = vector::StoreOp::create(builder, loc, vector, memory,
                                           ValueRange{ofStep, ofPoint});
      store.setAlignmentAttr(getAlignment(vectorCount));
      continue;
    }
    for (int64_t k = 0; k != vectorCount; ++k)
      memref::StoreOp::create(
          builder, loc, vector::ExtractOp::create(builder, loc, vector, k),
          memory, ValueRange{add(ofStep, constant(k)), ofPoint});
  }
}

SmallVector<Value> OperandPart::get(Value step, Value at, int64_t count) {
  auto type = VectorType::get({count}, load.getType());
  auto all =
      vector::LoadOp::create(builder, loc, type, memory, ValueRange{step, at});
  all.setAlignmentAttr(getAlignment(count));
  SmallVector<Value> values;
  for (int64_t i = 0; i != count; ++i)
    values.push_back(vector::ExtractOp::create(builder, loc, all, i));
  return values;
}

void WorkgroupTile::build(OpBuilder &builder, const TilePosition &position,
                          ValueRange indices,
                          MutableArrayRef<IRMapping> points) {
  Location loc = loop.getLoc();
  int64_t threads = mapping.threadsPerBlock;
  auto constant = [&](int64_t value) -> Value {
    return arith::ConstantIndexOp::create(builder, loc, value);
  };
  SmallVector<OperandPart> parts;
  for (Operand &operand : operands) {
    SmallVector<Value> at;
    memref::LoadOp load = operand.load;
    for (Value index : load.getIndices())
      at.push_back(points.front().lookupOrDefault(index));
    at[operand.point] =
        operand.isOfRows ? position.blockRow : position.blockColumn;
    parts.emplace_back(
        builder, load, points.front().lookupOrDefault(load.getMemRef()),
        std::move(at), operand.step, operand.point, getBlockExtent(operand));
  }

  // The values of all points, then the vectors of the next parts.
  SmallVector<Value> inits;
  for (IRMapping &point : points)
    for (Value init : loop.getInitArgs())
      inits.push_back(point.lookupOrDefault(init));
  unsigned count = loop.getNumResults(), carriedCount = inits.size();
  SmallVector<unsigned> vectorCounts;
  for (OperandPart &part : parts) {
    SmallVector<Value> vectors =
        part.fetch(constant(0), position.thread, threads);
    vectorCounts.push_back(vectors.size());
    llvm::append_range(inits, vectors);
  }
  int64_t steps = loop.getStaticTripCount()->getZExtValue();
  auto outer = scf::ForOp::create(builder, loc, constant(0), constant(steps),
                                  constant(kDepth), inits);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(outer.getBody());
  gpu::BarrierOp::create(builder, loc);
  ValueRange vectors = outer.getRegionIterArgs().drop_front(carriedCount);
  for (auto [part, vectorCount] : llvm::zip_equal(parts, vectorCounts)) {
    part.put(vectors.take_front(vectorCount), position.thread, threads);
    vectors = vectors.drop_front(vectorCount);
  }
  gpu::BarrierOp::create(builder, loc);
  // After the last parts come these once more, which nobody uses.
  Value next = arith::AddIOp::create(builder, loc, outer.getInductionVar(),
                                     constant(kDepth));
  next = arith::MinUIOp::create(builder, loc, next, constant(steps - kDepth));
  SmallVector<Value> fetched;
  for (OperandPart &part : parts)
    llvm::append_range(fetched, part.fetch(next, position.thread, threads));

  auto inner = scf::ForOp::create(
      builder, loc, constant(0), constant(kDepth), constant(1),
      outer.getRegionIterArgs().take_front(carriedCount));
  inner->setAttr(kTileLoopAttrName, builder.getUnitAttr());
  {
    OpBuilder::InsertionGuard innerGuard(builder);
    builder.setInsertionPointToStart(inner.getBody());
    Value step = inner.getInductionVar();
    Value ofLoop =
        arith::AddIOp::create(builder, loc, outer.getInductionVar(), step);
    ValueRange carried = inner.getRegionIterArgs();
    for (IRMapping &point : points) {
      point.map(loop.getInductionVar(), ofLoop);
      point.map(loop.getRegionIterArgs(), carried.take_front(count));
      carried = carried.drop_front(count);
    }
    for (auto [part, operand] : llvm::zip_equal(parts, operands)) {
      SmallVector<Value> values =
          part.get(step, operand.isOfRows ? position.row : position.column,
                   getThreadExtent(operand));
      for (auto [i, point] : llvm::enumerate(points))
        point.map(part.getLoad().getResult(),
                  values[operand.isOfRows ? i / mapping.pointsPerThread
                                          : i % mapping.pointsPerThread]);
    }
    clonePoints(builder, *loop.getBody(), indices.back(), /*neighbours=*/1,
                indices, points,
                [](Operation &op, auto) { return isa<memref::LoadOp>(op); });
    SmallVector<Value> yielded;
    for (IRMapping &point : points)
      for (Value value : loop.getYieldedValues())
        yielded.push_back(point.lookupOrDefault(value));
    scf::YieldOp::create(builder, loc, yielded);
  }
  SmallVector<Value> yielded(inner.getResults());
  llvm::append_range(yielded, fetched);
  scf::YieldOp::create(builder, loc, yielded);
  ValueRange results = outer.getResults();
  for (IRMapping &point : points) {
    point.map(loop.getResults(), results.take_front(count));
    results = results.drop_front(count);
  }
}

} // namespace vyre
