//===- ThreadMapping.cpp - Points and threads -----------------------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ThreadMapping.h"

#include "NeighbouringPoints.h"
#include "WorkgroupTile.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "vyre/Conversion/ReductionOrder.h"
#include "vyre/Dialect/Vyre/IR/BufferAccess.h"
#include "vyre/Dialect/Vyre/IR/ElementTypes.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace vyre {

/// What static workgroup memory may take on every GPU.
static constexpr int64_t kMaxWorkgroupBytes = 48 * 1024;

/// With no more points than this, a group computes each whatever its accesses
/// look like: there are not enough points to fill a GPU with threads.
static constexpr int64_t kFewPoints = 2048;

/// With fewer points than this, a thread takes one: a thread for each lane of a
/// large GPU comes first.
static constexpr int64_t kManyPoints = int64_t(1) << 15;

/// A body of more operations than this is not repeated for several points.
static constexpr int64_t kLargestRepeatedBody = 96;

/// A body of as many operations on values is bound by arithmetic. More points a
/// thread then share what brings constants into registers, if there are so many
/// points that threads remain for every lane.
static constexpr int64_t kArithmeticBody = 32;
static constexpr int64_t kVeryManyPoints = int64_t(1) << 22;

/// Runs of neighbouring points of a thread in such a body.
static constexpr int64_t kRunsOfArithmetic = 4;

/// Threads of a block whose points have loops, a thread each.
static constexpr int64_t kLoopThreads = 64;

/// The widest access of a thread, in bytes.
static constexpr int64_t kWidestAccess = 16;

std::optional<int64_t> getStaticPointCount(scf::ParallelOp loop) {
  int64_t count = 1;
  for (auto [lower, upper, step] : llvm::zip_equal(
           loop.getLowerBound(), loop.getUpperBound(), loop.getStep())) {
    std::optional<int64_t> from = getConstantIntValue(lower);
    std::optional<int64_t> to = getConstantIntValue(upper);
    std::optional<int64_t> by = getConstantIntValue(step);
    if (!from || !to || !by)
      return std::nullopt;
    int64_t extent =
        *to > *from ? int64_t(llvm::divideCeil(*to - *from, *by)) : 0;
    if (llvm::MulOverflow(count, extent, count))
      return std::nullopt;
  }
  return count;
}

std::optional<int64_t> getStaticPointCount(StageOp stage) {
  int64_t count = 1;
  for (Value value : stage.getExtents()) {
    std::optional<int64_t> extent = getConstantIntValue(value);
    if (!extent || llvm::MulOverflow(count, *extent, count))
      return std::nullopt;
  }
  return count;
}

bool hasOneLane(scf::ParallelOp loop) {
  if (std::optional<int64_t> points = getStaticPointCount(loop))
    return getReductionLanes(*points) == 1;
  // min(a constant, ...) of one dimension.
  if (loop.getUpperBound().size() != 1 ||
      !isConstantIntValue(loop.getLowerBound().front(), 0) ||
      !isConstantIntValue(loop.getStep().front(), 1))
    return false;
  auto least = loop.getUpperBound().front().getDefiningOp<arith::MinSIOp>();
  return least && llvm::any_of(least->getOperands(), [](Value operand) {
           std::optional<int64_t> most = getConstantIntValue(operand);
           return most && getReductionLanes(*most) == 1;
         });
}

//===----------------------------------------------------------------------===//
// Groups
//===----------------------------------------------------------------------===//

bool isReadOnly(Operation *op) {
  WalkResult walk = op->walk([](Operation *nested) {
    bool isHarmless = isa<memref::LoadOp>(nested) ||
                      nested->hasTrait<OpTrait::HasRecursiveMemoryEffects>() ||
                      isMemoryEffectFree(nested);
    return isHarmless ? WalkResult::advance() : WalkResult::interrupt();
  });
  return !walk.wasInterrupted();
}

/// Whether `op` contains a parallel loop.
static bool hasParallelLoop(Operation *op) {
  return op->walk([](scf::ParallelOp) { return WalkResult::interrupt(); })
      .wasInterrupted();
}

/// Whether several threads may run the same of the loop's points: what the loop
/// writes is written by one access of it and not read, so that all threads that
/// write an element write the same.
static bool isRepeatable(scf::ParallelOp loop) {
  SmallVector<BufferAccess> accesses;
  if (collectBufferAccesses(loop, accesses))
    return false;
  return llvm::all_of(accesses, [&](const BufferAccess &written) {
    return !written.writes ||
           llvm::count_if(accesses, [&](const BufferAccess &access) {
             return access.buffer == written.buffer;
           }) == 1;
  });
}

/// The threads that can compute a point together: those that hold the lanes of
/// the body's reductions where all have as many, else any block. None where a
/// group can't, or has nothing to share.
static std::optional<int64_t> getGroupSize(StageOp stage) {
  std::optional<int64_t> lanes;
  bool haveOneCount = true, areRepeatable = true;
  // Workgroup memory for each thread or lane: loops use it in turn, reductions
  // of one loop do not.
  llvm::SmallMapVector<Type, int64_t, 4> arrays;
  for (Operation &op : stage.getBody().front().without_terminator()) {
    auto loop = dyn_cast<scf::ParallelOp>(op);
    if (!loop) {
      // Each thread does what only reads; a store is one thread's.
      bool isShareable = isa<memref::StoreOp>(op) ||
                         (isReadOnly(&op) && !hasParallelLoop(&op));
      if (!isShareable)
        return std::nullopt;
      continue;
    }
    if (loop.getNumResults() == 0)
      continue;
    auto reduce = cast<scf::ReduceOp>(loop.getBody()->getTerminator());
    for (Region &combiner : reduce.getReductions())
      if (!getReductionNeutral(combiner))
        return std::nullopt;
    std::optional<int64_t> points = getStaticPointCount(loop);
    int64_t needed = points ? getReductionLanes(*points) : kMaxLanes;
    if (hasOneLane(loop)) {
      if (!isReadOnly(loop))
        return std::nullopt;
      continue;
    }
    haveOneCount &= points && needed == lanes.value_or(needed);
    areRepeatable &= isRepeatable(loop);
    lanes = std::max(lanes.value_or(0), needed);
    llvm::SmallMapVector<Type, int64_t, 4> ofLoop;
    for (Type type : loop.getResultTypes())
      arrays[type] = std::max(arrays[type], ++ofLoop[type]);
  }
  // More threads than there are lanes do the same several times.
  if (!lanes || (!haveOneCount && !areRepeatable))
    return std::nullopt;
  int64_t bytes = 0;
  for (auto [type, count] : arrays)
    bytes += count * (haveOneCount ? *lanes : kThreadsPerBlock) *
             getElementByteCount(type);
  if (bytes > kMaxWorkgroupBytes)
    return std::nullopt;
  if (!haveOneCount)
    return kThreadsPerBlock;
  // Four warps that hold two runs of lanes each exchange less than eight warps,
  // and their blocks still fill a multiprocessor.
  int64_t threads = *lanes / kLanesPerThread;
  return threads == kThreadsPerBlock ? threads / 2 : threads;
}

/// Threads of groups that a multiprocessor has registers for, 96 each.
/// Compilers that leave this open give a large block 32 a thread, and one that
/// links takes up to 144 for a division, of which too few threads remain.
static constexpr int64_t kGroupThreads = 640;

/// Blocks of groups whose lanes only the kernel knows: less of a row is in
/// registers then, and more blocks hide each other's waits.
static constexpr int64_t kBlocksOfUnknownLanes = 4;

/// A cluster has so many blocks with no more points than this: twice as many
/// blocks as points, or four times, still find a multiprocessor each on a GPU
/// that has clusters.
static constexpr struct {
  int64_t points, blocks;
} kClusters[] = {{33, 4}, {66, 2}};

/// Whether the values of a stage's reductions can be read from another block.
static bool hasSharedValues(StageOp stage) {
  return llvm::all_of(
      stage.getBody().getOps<scf::ParallelOp>(), [](scf::ParallelOp loop) {
        return llvm::all_of(loop.getResultTypes(), [](Type type) {
          return type.isIntOrFloat() && (type.getIntOrFloatBitWidth() == 32 ||
                                         type.getIntOrFloatBitWidth() == 64);
        });
      });
}

std::optional<ThreadMapping> ThreadMapping::cluster(StageOp stage) const {
  std::optional<int64_t> points = getStaticPointCount(stage);
  // Each thread of such a group has four lanes.
  if (threadsPerPoint * kLanesPerThread != kMaxLanes ||
      threadsPerPoint != threadsPerBlock || !points || !hasSharedValues(stage))
    return std::nullopt;
  for (auto [most, blocks] : kClusters) {
    if (*points > most)
      continue;
    ThreadMapping mapping = *this;
    mapping.blocksPerPoint = blocks;
    mapping.threadsPerBlock = threadsPerPoint / blocks;
    if (mapping.blocksPerProcessor != 0)
      mapping.blocksPerProcessor =
          std::max<int64_t>(kGroupThreads / mapping.threadsPerBlock, 1);
    return mapping;
  }
  return std::nullopt;
}

ThreadMapping ThreadMapping::withoutCluster() const {
  ThreadMapping mapping = *this;
  mapping.threadsPerPoint = threadsPerBlock;
  return mapping;
}

/// Whether a thread needs two registers for some of the body's elements.
static bool hasWideElements(StageOp stage) {
  WalkResult walk = stage.getBody().walk([](memref::LoadOp load) {
    bool isWide = getElementByteCount(load.getType()) > 4;
    return isWide ? WalkResult::interrupt() : WalkResult::advance();
  });
  return walk.wasInterrupted();
}

/// Whether neighbouring threads touch neighbouring elements more often if they
/// share a point's loops than if each has a point of its own.
static bool hasRows(StageOp stage) {
  Value point = stage.getExtents().empty()
                    ? Value()
                    : Value(stage.getBody().front().getArguments().back());
  int64_t rows = 0, columns = 0;
  for (auto loop : stage.getBody().getOps<scf::ParallelOp>())
    loop.walk([&](Operation *op) {
      std::optional<ValueRange> indices = getAccessIndices(op);
      if (!indices)
        return;
      rows +=
          getStride(*indices, loop.getInductionVars().back()) == Stride::One;
      columns += point && getStride(*indices, point) == Stride::One;
    });
  return rows > columns;
}

/// Whether the bounds of a loop of the stage's body are those of all points.
static bool hasCommonBounds(scf::ParallelOp loop, StageOp stage) {
  auto isCommon = [&](Value bound) {
    return !stage.getBody().isAncestor(bound.getParentRegion()) ||
           getConstantIntValue(bound);
  };
  return llvm::all_of(loop.getLowerBound(), isCommon) &&
         llvm::all_of(loop.getUpperBound(), isCommon) &&
         llvm::all_of(loop.getStep(), isCommon);
}

/// Whether only the kernel knows how many lanes some reductions of the body
/// take, and that before it comes to its points.
static bool hasUnknownLanes(StageOp stage) {
  bool hasUnknown = false;
  for (auto loop : stage.getBody().front().getOps<scf::ParallelOp>()) {
    if (loop.getNumResults() == 0 || hasOneLane(loop))
      continue;
    if (!hasCommonBounds(loop, stage))
      return false;
    hasUnknown |= !getStaticPointCount(loop);
  }
  return hasUnknown;
}

/// Points side by side, and threads of each. Eight floats are what memory gives
/// at once; the rest of the threads shortens long columns.
static constexpr int64_t kColumnsSideBySide = 8;
static constexpr int64_t kThreadsPerColumn =
    kThreadsPerBlock / kColumnsSideBySide;

/// Groups for points beside each other, of a body whose loops only reduce,
/// between bounds that are those of all points. Of many points each has a
/// thread.
static std::optional<ThreadMapping> chooseColumns(StageOp stage) {
  Block &body = stage.getBody().front();
  std::optional<int64_t> points = getStaticPointCount(stage);
  if (body.getNumArguments() == 0 || (points && *points >= kManyPoints))
    return std::nullopt;
  for (auto loop : body.getOps<scf::ParallelOp>()) {
    if (hasOneLane(loop))
      continue;
    if (loop.getNumResults() == 0 || !isReadOnly(loop) ||
        !hasCommonBounds(loop, stage))
      return std::nullopt;
  }
  ThreadMapping mapping;
  mapping.threadsPerPoint = kThreadsPerColumn;
  mapping.pointsSideBySide = kColumnsSideBySide;
  mapping.pointsPerBlock = kColumnsSideBySide;
  return mapping;
}

//===----------------------------------------------------------------------===//
// Neighbouring points
//===----------------------------------------------------------------------===//

/// How many neighbouring points one thread should compute, in how many runs.
static void chooseNeighbours(StageOp stage, ThreadMapping &mapping) {
  Block &body = stage.getBody().front();
  if (body.getNumArguments() == 0 ||
      body.getOperations().size() > size_t(kLargestRepeatedBody))
    return;
  int64_t widest = 0, operations = 0;
  bool hasNeighbours = false;
  for (Operation &op : body.without_terminator()) {
    if (op.getNumRegions() != 0)
      return;
    std::optional<ValueRange> indices = getAccessIndices(&op);
    if (!indices) {
      if (!isMemoryEffectFree(&op))
        return;
      ++operations;
      continue;
    }
    Stride stride = getStride(*indices, body.getArguments().back());
    if (stride == Stride::Other)
      return;
    if (stride == Stride::None)
      continue;
    hasNeighbours = true;
    Value memref =
        isa<memref::LoadOp>(op) ? op.getOperand(0) : op.getOperand(1);
    widest = std::max<int64_t>(
        widest, getElementByteCount(getElementTypeOrSelf(memref.getType())));
  }
  if (!hasNeighbours)
    return;
  int64_t points = std::min<int64_t>(kWidestAccess / widest, 8);
  std::optional<int64_t> all = getStaticPointCount(stage);
  if (all && *all < kManyPoints)
    return;
  // In rows of other lengths, a thread's points would not be in one row.
  std::optional<int64_t> row = getConstantIntValue(stage.getExtents().back());
  bool isOneRow = stage.getExtents().size() == 1;
  while (points > 1 && !isOneRow && (!row || *row % points != 0))
    points /= 2;
  mapping.pointsPerThread = points;
  if (points > 1 && operations >= kArithmeticBody && all &&
      *all >= kVeryManyPoints)
    mapping.runsPerThread = kRunsOfArithmetic;
}

//===----------------------------------------------------------------------===//
// Tiles
//===----------------------------------------------------------------------===//

namespace {
struct TileShape {
  int64_t rows, columns;
};

/// What the loops of a body load.
struct Reuse {
  /// Whether the points of a column, or of a row, load the same elements.
  bool ofColumns = false, ofRows = false;
};
} // namespace

/// From the one with the fewest loads for each operation.
static constexpr TileShape kTileShapes[] = {
    {8, 8}, {8, 4}, {4, 4}, {2, 4}, {1, 4}};

/// The one for a number of points that is not known: there may be few.
static constexpr TileShape kUsualTile = {2, 4};

/// A larger tile must leave as many threads as this: eight warps for each
/// multiprocessor of a large GPU.
static constexpr int64_t kEnoughThreads = int64_t(1) << 15;

/// What the loops of a tile may carry, in bytes: registers of a thread.
static constexpr int64_t kMaxTileBytes = 256;

/// Threads of a block of tiles.
static constexpr int64_t kTileThreads = 128;

/// What the loops that all points of `block` run alike load; none where
/// something in them is not to be repeated for several points.
static std::optional<Reuse> getReuse(Block &block, ValueRange points,
                                     bool isLoop) {
  Reuse reuse;
  for (Operation &op : block.without_terminator()) {
    if (std::optional<ValueRange> indices = getAccessIndices(&op)) {
      if (!isLoop || !isa<memref::LoadOp>(op))
        continue;
      reuse.ofRows |= getStride(*indices, points.back()) == Stride::None;
      reuse.ofColumns |=
          points.size() > 1 &&
          getStride(*indices, points.drop_back().back()) == Stride::None;
      continue;
    }
    auto loop = dyn_cast<scf::ForOp>(op);
    if (!loop && isMemoryEffectFree(&op))
      continue;
    if (!loop || !isUniform(loop, points))
      return std::nullopt;
    std::optional<Reuse> inner = getReuse(*loop.getBody(), points, true);
    if (!inner)
      return std::nullopt;
    reuse.ofRows |= inner->ofRows;
    reuse.ofColumns |= inner->ofColumns;
  }
  return reuse;
}

/// The most bytes that a loop of one point carries.
static int64_t getCarriedBytes(StageOp stage) {
  int64_t most = 1;
  stage.getBody().walk([&](scf::ForOp loop) {
    int64_t bytes = 0;
    for (Type type : loop.getResultTypes())
      bytes += std::max<int64_t>(4, type.isIntOrIndexOrFloat()
                                        ? getElementByteCount(type)
                                        : kMaxTileBytes);
    most = std::max(most, bytes);
  });
  return most;
}

/// The tile of a thread, if its points have loads in common.
static std::optional<TileShape> chooseTile(StageOp stage) {
  Block &body = stage.getBody().front();
  ValueRange points = body.getArguments();
  if (points.empty() || body.getOps<scf::ForOp>().empty())
    return std::nullopt;
  std::optional<Reuse> reuse = getReuse(body, points, false);
  if (!reuse || !(reuse->ofRows || reuse->ofColumns))
    return std::nullopt;
  std::optional<int64_t> count = getStaticPointCount(stage);
  int64_t bytes = getCarriedBytes(stage);
  TileShape shape = {1, 1};
  for (TileShape candidate : kTileShapes) {
    if (!reuse->ofColumns)
      candidate.rows = 1;
    if (!reuse->ofRows)
      candidate.columns = 1;
    int64_t size = candidate.rows * candidate.columns;
    bool isSmall = count ? *count / size >= kEnoughThreads
                         : size <= kUsualTile.rows * kUsualTile.columns;
    if (!isSmall || size * bytes > kMaxTileBytes)
      continue;
    shape = candidate;
    break;
  }
  // Whole tiles in short rows.
  std::optional<int64_t> row = getConstantIntValue(stage.getExtents().back());
  while (row && *row < kWarp && *row % shape.columns != 0)
    shape.columns /= 2;
  if (shape.rows * shape.columns == 1)
    return std::nullopt;
  return shape;
}

/// Threads side by side: as many as fit into a row with little left over.
static int64_t chooseThreadsPerRow(std::optional<int64_t> row,
                                   int64_t columns) {
  int64_t threads = 16;
  if (!row)
    return threads;
  auto getLeft = [&] {
    int64_t width = threads * columns;
    return int64_t(llvm::alignTo(*row, width)) - *row;
  };
  while (threads > 1 && getLeft() * 8 > *row)
    threads /= 2;
  return threads;
}

static ThreadMapping makeTileMapping(StageOp stage, TileShape shape) {
  ThreadMapping mapping;
  OperandRange extents = stage.getExtents();
  std::optional<int64_t> columns = getConstantIntValue(extents.back());
  mapping.rowsPerThread = shape.rows;
  mapping.pointsPerThread = shape.columns;
  mapping.threadsPerBlock = kTileThreads;
  // A single row has its threads side by side.
  mapping.threadsPerRow = extents.size() == 1
                              ? kTileThreads
                              : chooseThreadsPerRow(columns, shape.columns);
  int64_t blockRows = mapping.getBlockRows();
  int64_t blockColumns = mapping.getBlockColumns();
  std::optional<int64_t> rows =
      extents.size() == 1 ? 1 : getConstantIntValue(extents.drop_back().back());
  // The blocks at the edges are blocks, too. Of unknown extents, one in two.
  auto getShare = [](std::optional<int64_t> extent, int64_t size) {
    if (!extent)
      return std::max<int64_t>(size / 2, 1);
    int64_t blocks = std::max<int64_t>(llvm::divideCeil(*extent, size), 1);
    return std::max<int64_t>(*extent / blocks, 1);
  };
  mapping.pointsPerBlock =
      getShare(rows, blockRows) * getShare(columns, blockColumns);
  return mapping;
}

/// Tiles of blocks that load for all their threads, with their threads side by
/// side: 64 x 64, 32 x 64 and 32 x 32 points.
static constexpr struct {
  TileShape ofThread;
  int64_t threadsPerRow;
} kSharedTiles[] = {{{8, 4}, 16}, {{4, 4}, 16}, {{2, 4}, 8}};

/// The smallest of them is taken with so many threads already.
static constexpr int64_t kFewestSharingThreads = int64_t(1) << 13;

/// The tiles of blocks that load their operands together, if the stage is a
/// contraction that consists of such tiles.
static std::optional<ThreadMapping> chooseSharedTile(StageOp stage) {
  Block &body = stage.getBody().front();
  std::optional<int64_t> points = getStaticPointCount(stage);
  if (!points || body.getNumArguments() < 2)
    return std::nullopt;
  std::optional<Reuse> reuse = getReuse(body, body.getArguments(), false);
  if (!reuse || !reuse->ofRows || !reuse->ofColumns)
    return std::nullopt;
  for (auto [shape, threadsPerRow] : kSharedTiles) {
    int64_t size = shape.rows * shape.columns;
    bool isSmallest = size == kSharedTiles[2].ofThread.rows *
                                  kSharedTiles[2].ofThread.columns;
    if (*points / size <
            (isSmallest ? kFewestSharingThreads : kEnoughThreads) ||
        size * getCarriedBytes(stage) > kMaxTileBytes)
      continue;
    ThreadMapping mapping;
    mapping.rowsPerThread = shape.rows;
    mapping.pointsPerThread = shape.columns;
    mapping.threadsPerBlock = kTileThreads;
    mapping.threadsPerRow = threadsPerRow;
    mapping.pointsPerBlock = mapping.getBlockRows() * mapping.getBlockColumns();
    mapping.hasSharedOperands = true;
    if (WorkgroupTile::match(stage, mapping))
      return mapping;
  }
  return std::nullopt;
}

ThreadMapping ThreadMapping::choose(StageOp stage) {
  ThreadMapping mapping;
  if (std::optional<int64_t> threads = getGroupSize(stage)) {
    std::optional<int64_t> points = getStaticPointCount(stage);
    if (hasRows(stage) || (points && *points <= kFewPoints)) {
      mapping.threadsPerPoint = *threads;
      mapping.threadsPerBlock = std::max<int64_t>(*threads, 4 * kWarp);
      mapping.pointsPerBlock = mapping.threadsPerBlock / *threads;
      mapping.mayTakeWarps =
          *threads == kThreadsPerBlock && hasUnknownLanes(stage);
      if (mapping.mayTakeWarps && !hasWideElements(stage))
        mapping.blocksPerProcessor = kBlocksOfUnknownLanes;
      else if (!hasWideElements(stage))
        mapping.blocksPerProcessor =
            std::max<int64_t>(kGroupThreads / mapping.threadsPerBlock, 1);
      return mapping;
    }
    if (std::optional<ThreadMapping> columns = chooseColumns(stage))
      return *columns;
  }
  if (std::optional<ThreadMapping> shared = chooseSharedTile(stage))
    return *shared;
  if (std::optional<TileShape> shape = chooseTile(stage))
    return makeTileMapping(stage, *shape);
  chooseNeighbours(stage, mapping);
  // Points with loops are few enough to be spread over all multiprocessors.
  bool hasLoops = llvm::any_of(stage.getBody().front(), [](Operation &op) {
    return isa<LoopLikeOpInterface>(op);
  });
  std::optional<int64_t> points = getStaticPointCount(stage);
  if (hasLoops && (!points || *points < kManyPoints))
    mapping.threadsPerBlock = kLoopThreads;
  mapping.pointsPerBlock =
      mapping.threadsPerBlock * mapping.pointsPerThread * mapping.runsPerThread;
  return mapping;
}

} // namespace vyre
