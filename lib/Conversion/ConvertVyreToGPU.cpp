//===- ConvertVyreToGPU.cpp - Kernels for the GPU -------------------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   vyre.launch @l { vyre.stage @s (%i, %j) in (%m, %n) ... { body } }
// ->
//   gpu.module @p_l {
//     gpu.func @p_l(pointers..., scalars...) kernel {
//       for (point = thread; point < m * n; point += threads)
//         body(point / n, point % n)
//     }
//   }
//   vyre.launch @l kernel @p_l::@p_l { ... as before ... }
//
//===----------------------------------------------------------------------===//

#include "BodyParts.h"
#include "GroupBody.h"
#include "KernelBuilder.h"
#include "ThreadMapping.h"
#include "WorkgroupTile.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "vyre/Conversion/Passes.h"
#include "vyre/Target/PersistentControl.h"
#include "llvm/Support/MathExtras.h"

#define DEBUG_TYPE "convert-vyre-to-gpu"

namespace vyre {
#define GEN_PASS_DEF_CONVERTVYRETOGPU
#include "vyre/Conversion/Passes.h.inc"
} // namespace vyre

using namespace mlir;
using namespace vyre;

namespace {

/// Builds a kernel's body: the loop over the points of one thread.
class ThreadBuilder {
public:
  ThreadBuilder(OpBuilder &builder, KernelBuilder &kernel,
                const ThreadMapping &mapping, const BodyParts *parts,
                WorkgroupTile *shared, Location loc)
      : builder(builder), kernel(kernel), mapping(mapping), parts(parts),
        shared(shared), loc(loc) {}

  void build(ValueRange arguments);

private:
  Value constant(int64_t value) {
    return arith::ConstantIndexOp::create(builder, loc, value);
  }
  Value add(Value a, Value b) {
    return arith::AddIOp::create(builder, loc, a, b);
  }
  Value mul(Value a, Value b) {
    return arith::MulIOp::create(builder, loc, a, b);
  }
  /// Loops from `first` to `end` by `step` and enters the loop.
  Value enterLoop(Value first, Value end, Value step) {
    auto loop = scf::ForOp::create(builder, loc, first, end, step);
    builder.setInsertionPointToStart(loop.getBody());
    return loop.getInductionVar();
  }

  /// Whether a product of extents is known to be a multiple of `count`.
  static bool isMultiple(ValueRange extents, int64_t count) {
    int64_t product = 1;
    for (Value extent : extents) {
      std::optional<int64_t> known = getConstantIntValue(extent);
      if (!known || llvm::MulOverflow(product, *known, product))
        return false;
    }
    return product % count == 0;
  }

  void buildPoints();
  void buildParts();
  void buildGroups();
  void buildGroupsOf(int64_t size);
  void buildColumns();
  void buildNeighbours();
  void buildTiles();
  SmallVector<SmallVector<Value>> getTile(ValueRange outer, Value row,
                                          Value column);

  OpBuilder &builder;
  KernelBuilder &kernel;
  const ThreadMapping &mapping;
  /// Null where a thread computes all of a point.
  const BodyParts *parts;
  /// Null where a thread loads what its points need.
  WorkgroupTile *shared;
  Location loc;
  SmallVector<Value> extents;
  Value block, blocks, thread;
};

} // namespace

void ThreadBuilder::build(ValueRange arguments) {
  kernel.buildPrologue(builder, arguments);
  extents = kernel.getExtents(builder);
  auto dimension = gpu::Dimension::x;
  block = gpu::BlockIdOp::create(builder, loc, dimension);
  thread = gpu::ThreadIdOp::create(builder, loc, dimension);
  blocks = gpu::GridDimOp::create(builder, loc, dimension);
  OpBuilder::InsertionGuard guard(builder);
  if (parts)
    buildParts();
  else if (mapping.pointsSideBySide > 1)
    buildColumns();
  else if (mapping.threadsPerPoint > 1)
    buildGroups();
  else if (mapping.hasTiles())
    buildTiles();
  else if (mapping.pointsPerThread > 1)
    buildNeighbours();
  else
    buildPoints();
}

void ThreadBuilder::buildPoints() {
  Value points = buildProduct(builder, loc, extents);
  Value threads = constant(mapping.threadsPerBlock);
  Value point =
      enterLoop(add(mul(block, threads), thread), points, mul(blocks, threads));
  kernel.buildPoint(builder, delinearize(builder, loc, point, extents));
}

/// Part by part, each over all points:
///   if (thread of the part < points) switch (part) { case 0: ... }
void ThreadBuilder::buildParts() {
  Value perPart = constant(parts->getThreadsPerPart());
  Value linear = add(mul(block, constant(mapping.threadsPerBlock)), thread);
  Value part = arith::DivUIOp::create(builder, loc, linear, perPart);
  Value point = arith::RemUIOp::create(builder, loc, linear, perPart);
  Value isPoint =
      arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ult, point,
                            buildProduct(builder, loc, extents));
  auto branch = scf::IfOp::create(builder, loc, isPoint, /*withElse=*/false);
  builder.setInsertionPointToStart(branch.thenBlock());
  SmallVector<Value> indices = delinearize(builder, loc, point, extents);
  auto cases =
      llvm::to_vector(llvm::seq(int64_t(0), int64_t(parts->get().size())));
  auto choice = scf::IndexSwitchOp::create(builder, loc, TypeRange(), part,
                                           cases, cases.size());
  auto enter = [&](Region &region) {
    builder.createBlock(&region);
    auto yield = scf::YieldOp::create(builder, loc);
    builder.setInsertionPoint(yield);
  };
  enter(choice.getDefaultRegion());
  for (auto [region, operations] :
       llvm::zip_equal(choice.getCaseRegions(), parts->get())) {
    enter(region);
    kernel.buildPart(builder, indices, operations);
  }
}

void ThreadBuilder::buildGroups() {
  if (!mapping.mayTakeWarps)
    return buildGroupsOf(mapping.threadsPerPoint);
  Value isShort = kernel.buildHasLanes(builder, kWarpLanes);
  auto branch = scf::IfOp::create(builder, loc, isShort, /*withElse=*/true);
  builder.setInsertionPointToStart(branch.thenBlock());
  buildGroupsOf(kWarp);
  builder.setInsertionPointToStart(branch.elseBlock());
  buildGroupsOf(mapping.threadsPerPoint);
}

void ThreadBuilder::buildGroupsOf(int64_t size) {
  Value points = buildProduct(builder, loc, extents);
  Value groups = constant(std::max<int64_t>(mapping.threadsPerBlock / size, 1));
  Value group = arith::DivUIOp::create(builder, loc, thread, constant(size));
  Value number = buildGroupThread(builder, loc, size);
  if (mapping.blocksPerPoint > 1) {
    Value all = constant(mapping.blocksPerPoint);
    Value rank = arith::RemUIOp::create(builder, loc, block, all);
    block = arith::DivUIOp::create(builder, loc, block, all);
    blocks = arith::DivUIOp::create(builder, loc, blocks, all);
    if (mapping.isClustered()) {
      group = constant(0);
    } else {
      Value isFirst = arith::CmpIOp::create(
          builder, loc, arith::CmpIPredicate::eq, rank, constant(0));
      auto branch = scf::IfOp::create(builder, loc, isFirst);
      builder.setInsertionPointToStart(branch.thenBlock());
    }
  }
  Value point =
      enterLoop(add(mul(block, groups), group), points, mul(blocks, groups));
  Block &body = *builder.getInsertionBlock();
  Value isFirst = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq,
                                        number, constant(0));
  kernel.buildPoint(builder, delinearize(builder, loc, point, extents));
  shareBody(body, isFirst, size);
  // Other blocks may still read this one's workgroup memory, and for the last
  // time.
  if (mapping.isClustered()) {
    builder.setInsertionPoint(body.getTerminator());
    buildGroupBarrier(builder, loc, size);
  }
}

/// Columns that are short are a thread's, all others those of groups:
///   if (every reduction takes one lane)
///     for (point = thread; point < points; point += threads) body(point)
///   else
///     for (first = the block's first point; first < points; first += ...)
///       body(first + thread % columns), or of the last point, shared
void ThreadBuilder::buildColumns() {
  Value points = buildProduct(builder, loc, extents);
  Value columns = constant(mapping.pointsSideBySide);
  Value threads = constant(mapping.threadsPerBlock);
  Value isShort = kernel.buildHasLanes(builder, /*most=*/1);
  auto branch = scf::IfOp::create(builder, loc, isShort, /*withElse=*/true);
  builder.setInsertionPointToStart(branch.thenBlock());
  Value point =
      enterLoop(add(mul(block, threads), thread), points, mul(blocks, threads));
  Block &ofThread = *builder.getInsertionBlock();
  kernel.buildPoint(builder, delinearize(builder, loc, point, extents));
  for (auto loop : ofThread.getOps<scf::ParallelOp>())
    loop->setAttr(kOneLaneAttrName, builder.getUnitAttr());

  builder.setInsertionPointToStart(branch.elseBlock());
  Value first = enterLoop(mul(block, columns), points, mul(blocks, columns));
  Value column =
      add(first, arith::RemUIOp::create(builder, loc, thread, columns));
  Value isThere = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ult,
                                        column, points);
  Value last = arith::SubIOp::create(builder, loc, points, constant(1));
  column = arith::MinUIOp::create(builder, loc, column, last);
  Value isFirst = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ult,
                                        thread, columns);
  isFirst = arith::AndIOp::create(builder, loc, isFirst, isThere);
  Block &body = *builder.getInsertionBlock();
  kernel.buildPoint(builder, delinearize(builder, loc, column, extents));
  shareColumns(body, isFirst, mapping.threadsPerPoint,
               mapping.pointsSideBySide);
}

/// The runs of a thread are as far apart as a block has threads:
///   for (first = the thread's first run; first < end; first += ...)
///     if (the last of its runs is whole)
///       the points of all runs
///     else
///       for (run = first; run < end; run += threads of a block)
///         each of its points that there is
void ThreadBuilder::buildNeighbours() {
  int64_t count = mapping.pointsPerThread, threads = mapping.threadsPerBlock;
  int64_t span = mapping.runsPerThread * threads;
  // Of several rows, each consists of whole runs.
  bool isOneRow = extents.size() == 1;
  SmallVector<Value> runs(extents);
  runs.back() =
      arith::CeilDivUIOp::create(builder, loc, extents.back(), constant(count));
  Value end = buildProduct(builder, loc, runs);
  Value first = enterLoop(add(mul(block, constant(span)), thread), end,
                          mul(blocks, constant(span)));
  auto getPoint = [&](Value run) {
    SmallVector<Value> point = delinearize(builder, loc, run, runs);
    point.back() = mul(point.back(), constant(count));
    return point;
  };
  auto buildAll = [&] {
    SmallVector<SmallVector<Value>> points;
    for (int64_t run = 0; run != span; run += threads)
      points.push_back(getPoint(run == 0 ? first : add(first, constant(run))));
    kernel.buildRuns(builder, points, count);
  };
  int64_t unit = span == threads ? count : span * count;
  bool isWhole = span == threads && !isOneRow;
  if (isWhole || isMultiple(extents, unit)) {
    buildAll();
    return;
  }

  Value limit = add(first, constant(span - threads + 1));
  if (isOneRow)
    limit = mul(limit, constant(count));
  Value isThere =
      arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ule, limit,
                            isOneRow ? extents.front() : end);
  auto branch = scf::IfOp::create(builder, loc, isThere, /*withElse=*/true);
  builder.setInsertionPointToStart(branch.thenBlock());
  buildAll();
  builder.setInsertionPointToStart(branch.elseBlock());
  Value run = first;
  if (span != threads)
    run = enterLoop(first, end, constant(threads));
  SmallVector<Value> point = getPoint(run);
  if (isOneRow) {
    Value next = add(point.front(), constant(count));
    next = arith::MinUIOp::create(builder, loc, next, extents.front());
    kernel.buildPoint(builder, enterLoop(point.front(), next, constant(1)));
  } else {
    kernel.buildRuns(builder, point, count);
  }
}

/// Blocks of tiles, row-major over the two innermost dimensions.
void ThreadBuilder::buildTiles() {
  bool isOneRow = extents.size() == 1;
  Value columns = extents.back();
  Value rows = isOneRow ? constant(1) : extents[extents.size() - 2];
  ValueRange outer = ValueRange(extents).drop_back(isOneRow ? 1 : 2);
  auto divideUp = [&](Value extent, int64_t size) -> Value {
    return arith::CeilDivUIOp::create(builder, loc, extent, constant(size));
  };
  SmallVector<Value> blockExtents(outer);
  blockExtents.push_back(divideUp(rows, mapping.getBlockRows()));
  blockExtents.push_back(divideUp(columns, mapping.getBlockColumns()));
  Value position =
      enterLoop(block, buildProduct(builder, loc, blockExtents), blocks);
  SmallVector<Value> ofBlock =
      delinearize(builder, loc, position, blockExtents);
  Value side = constant(mapping.threadsPerRow);
  auto getFirst = [&](Value ofBlock, int64_t size, Value ofThread,
                      int64_t points) {
    return add(mul(ofBlock, constant(size)), mul(ofThread, constant(points)));
  };
  Value threadRow = arith::DivUIOp::create(builder, loc, thread, side);
  Value threadColumn = arith::RemUIOp::create(builder, loc, thread, side);
  Value row = getFirst(ofBlock[outer.size()], mapping.getBlockRows(), threadRow,
                       mapping.rowsPerThread);
  Value column = getFirst(ofBlock.back(), mapping.getBlockColumns(),
                          threadColumn, mapping.pointsPerThread);
  if (shared) {
    // Whole tiles: all threads of the block are here.
    TilePosition position = {
        thread, mul(ofBlock[outer.size()], constant(mapping.getBlockRows())),
        mul(ofBlock.back(), constant(mapping.getBlockColumns())),
        mul(threadRow, constant(mapping.rowsPerThread)),
        mul(threadColumn, constant(mapping.pointsPerThread))};
    kernel.buildTile(
        builder,
        getTile(ValueRange(ofBlock).take_front(outer.size()), row, column),
        mapping.pointsPerThread, shared, &position);
    return;
  }
  auto isBelow = [&](Value a, Value b) -> Value {
    return arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ult, a, b);
  };
  Value isThere = arith::AndIOp::create(builder, loc, isBelow(row, rows),
                                        isBelow(column, columns));
  auto branch = scf::IfOp::create(builder, loc, isThere);
  builder.setInsertionPointToStart(branch.thenBlock());
  bool isWhole = isMultiple(columns, mapping.pointsPerThread);
  kernel.buildTile(
      builder,
      getTile(ValueRange(ofBlock).take_front(outer.size()), row, column),
      isWhole ? mapping.pointsPerThread : 1);
}

/// The points of a thread, row by row. Beyond an edge they are that of the edge
/// once more: computing a point twice in one thread changes nothing.
SmallVector<SmallVector<Value>>
ThreadBuilder::getTile(ValueRange outer, Value row, Value column) {
  auto getIndices = [&](Value first, Value extent, int64_t count) {
    SmallVector<Value> indices(1, first);
    bool isWhole = isMultiple(extent, count);
    Value last =
        isWhole
            ? Value()
            : Value(arith::SubIOp::create(builder, loc, extent, constant(1)));
    for (int64_t i = 1; i < count; ++i) {
      Value index = add(first, constant(i));
      indices.push_back(
          isWhole ? index : arith::MinUIOp::create(builder, loc, index, last));
    }
    return indices;
  };
  bool isOneRow = extents.size() == 1;
  SmallVector<Value> rows(1, row);
  if (!isOneRow)
    rows = getIndices(row, extents[extents.size() - 2], mapping.rowsPerThread);
  SmallVector<Value> columns =
      getIndices(column, extents.back(), mapping.pointsPerThread);
  SmallVector<SmallVector<Value>> tile;
  for (Value i : rows)
    for (Value j : columns) {
      tile.emplace_back(outer);
      if (!isOneRow)
        tile.back().push_back(i);
      tile.back().push_back(j);
    }
  return tile;
}

/// Whether a program is nothing but this launch, for whose parameters a
/// persistent entry has room.
static bool canPersist(LaunchOp launch, unsigned parameters) {
  auto program = launch->getParentOfType<ProgramOp>();
  return llvm::hasSingleElement(program.getBody().getOps<LaunchOp>()) &&
         parameters <= artifact::kMaxPersistentValues;
}

/// A kernel at the end of `module`.
static gpu::GPUFuncOp buildKernel(StageOp stage,
                                  const KernelSignature &signature,
                                  StringRef name, const ThreadMapping &mapping,
                                  const BodyParts *parts,
                                  gpu::GPUModuleOp module, OpBuilder &builder) {
  Location loc = stage.getLoc();
  builder.setInsertionPointToEnd(module.getBody());
  KernelBuilder kernel(stage, signature);
  auto function = gpu::GPUFuncOp::create(
      builder, loc, name,
      builder.getFunctionType(kernel.getArgumentTypes(), TypeRange()));
  function->setAttr(gpu::GPUDialect::getKernelFuncAttrName(),
                    builder.getUnitAttr());
  function.setKnownBlockSizeAttr(
      builder.getDenseI32ArrayAttr({int32_t(mapping.threadsPerBlock), 1, 1}));
  function.setAllArgAttrs(kernel.getArgumentAttrs());
  // Compilers that are told nothing save registers for more blocks, of which a
  // thread then has too few for the loads that it should have on the way.
  function->setAttr(NVVM::NVVMDialect::getMinctasmAttrName(),
                    builder.getI32IntegerAttr(int32_t(
                        std::max<int64_t>(mapping.blocksPerProcessor, 1))));
  if (mapping.isClustered())
    function->setAttr(
        NVVM::NVVMDialect::getClusterDimAttrName(),
        builder.getDenseI32ArrayAttr({int32_t(mapping.blocksPerPoint), 1, 1}));

  builder.setInsertionPointToStart(&function.front());
  std::optional<WorkgroupTile> shared;
  if (mapping.hasSharedOperands)
    shared = WorkgroupTile::match(stage, mapping);
  ThreadBuilder(builder, kernel, mapping, parts, shared ? &*shared : nullptr,
                loc)
      .build(function.getArguments());
  gpu::ReturnOp::create(builder, loc);
  return function;
}

static LogicalResult convertLaunch(LaunchOp launch, uint64_t maxPointers,
                                   bool persistent, OpBuilder &builder,
                                   llvm::StringSet<> &taken) {
  FailureOr<KernelSignature> signature = KernelSignature::compute(launch);
  if (failed(signature))
    return failure();
  auto program = launch->getParentOfType<ProgramOp>();
  auto stage = cast<StageOp>(launch.getBody().front().front());
  Location loc = stage.getLoc();
  std::string name = makeKernelName(program, launch, taken);

  builder.setInsertionPoint(program);
  auto module = gpu::GPUModuleOp::create(builder, loc, name);
  module->setAttr(kIndexBitwidthAttrName,
                  builder.getI32IntegerAttr(isIndex32Enough(stage) ? 32 : 64));
  ThreadMapping mapping = ThreadMapping::choose(stage);
  size_t pointers = signature->getBuffers().size();
  std::optional<ThreadMapping> clustered;
  if (!persistent && pointers <= maxPointers)
    clustered = mapping.cluster(stage);
  if (clustered) {
    mapping = clustered->withoutCluster();
    module->setAttr(kClusterBlocksAttrName,
                    builder.getI64IntegerAttr(mapping.blocksPerPoint));
  }
  module->setAttr(kPointsPerBlockAttrName,
                  builder.getI64IntegerAttr(mapping.pointsPerBlock));
  std::optional<BodyParts> parts;
  if (mapping.threadsPerPoint == 1 && mapping.pointsPerThread == 1 &&
      !mapping.hasTiles())
    parts = BodyParts::choose(stage);
  if (parts)
    module->setAttr(kBlockCountAttrName,
                    builder.getI64IntegerAttr(llvm::divideCeil(
                        parts->getThreadsPerPart() * parts->get().size(),
                        mapping.threadsPerBlock)));
  if (pointers > maxPointers)
    module->setAttr(kPointerTableAttrName,
                    builder.getI64IntegerAttr(int64_t(pointers)));
  KernelBuilder kernel(stage, *signature);
  // Parts take their whole grid.
  if (persistent && !parts &&
      canPersist(launch, kernel.getArgumentTypes().size()))
    module->setAttr(kPersistentAttrName, builder.getUnitAttr());
  auto function = buildKernel(stage, *signature, name, mapping,
                              parts ? &*parts : nullptr, module, builder);
  if (clustered)
    buildKernel(stage, *signature, name + kClusteredSuffix.str(), *clustered,
                nullptr, module, builder);
  launch.setKernelAttr(SymbolRefAttr::get(module.getSymNameAttr(),
                                          FlatSymbolRefAttr::get(function)));
  return success();
}

namespace {

struct ConvertVyreToGPU : vyre::impl::ConvertVyreToGPUBase<ConvertVyreToGPU> {
  using ConvertVyreToGPUBase::ConvertVyreToGPUBase;

  void runOnOperation() override {
    llvm::StringSet<> taken;
    for (Operation &op : *getOperation().getBody())
      if (auto symbol = dyn_cast<SymbolOpInterface>(op))
        taken.insert(symbol.getName());
    OpBuilder builder(&getContext());
    for (ProgramOp program : getOperation().getOps<ProgramOp>())
      for (LaunchOp launch : program.getBody().getOps<LaunchOp>()) {
        bool isOpaque =
            isa<OpaqueStageOp, CallStageOp>(launch.getBody().front().front());
        if (isOpaque || launch.getKernel())
          continue;
        if (failed(
                convertLaunch(launch, maxPointers, persistent, builder, taken)))
          return signalPassFailure();
      }
  }
};

} // namespace
