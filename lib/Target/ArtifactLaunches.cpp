//===- ArtifactLaunches.cpp - Launches as data ----------------------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A launch names its kernel and its CPU entry, which take the same operands,
// and says how large it is.
//
//===----------------------------------------------------------------------===//

#include "ArtifactWriter.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Matchers.h"
#include "vyre/Analysis/StreamedBuffers.h"
#include "vyre/Conversion/KernelSignature.h"
#include "vyre/Conversion/LaunchGeometry.h"
#include "vyre/Conversion/Passes.h"
#include "vyre/Dialect/Vyre/IR/PlanAttributes.h"
#include "vyre/Target/PersistentControl.h"

using namespace mlir;
using namespace vyre;
using artifact::ExprOp;
using artifact::MemoryKind;
using flatbuffers::Offset;

/// A rough count of the operations for one point, to share work among threads.
static uint64_t estimateCost(Block &block) {
  constexpr uint64_t kUnknownTrips = 64, kLimit = uint64_t(1) << 32;
  uint64_t cost = 1;
  for (Operation &op : block) {
    uint64_t inner = 0;
    for (Region &region : op.getRegions())
      for (Block &nested : region)
        inner += estimateCost(nested);
    uint64_t trips = 1;
    auto addTrips = [&](Value lower, Value upper) {
      std::optional<int64_t> from = getConstantIntValue(lower);
      std::optional<int64_t> to = getConstantIntValue(upper);
      trips *= from && to ? std::max<int64_t>(*to - *from, 1) : kUnknownTrips;
      trips = std::min(trips, kLimit);
    };
    if (auto loop = dyn_cast<scf::ForOp>(op))
      addTrips(loop.getLowerBound(), loop.getUpperBound());
    else if (auto loop = dyn_cast<scf::ParallelOp>(op))
      for (auto [lower, upper] :
           llvm::zip_equal(loop.getLowerBound(), loop.getUpperBound()))
        addTrips(lower, upper);
    cost = std::min(cost + 1 + inner * trips, kLimit);
  }
  return cost;
}

artifact::Memory ArtifactWriter::getMemory(Value buffer) const {
  if (auto argument = dyn_cast<BlockArgument>(buffer))
    return {argument.getArgNumber(), MemoryKind::argument};
  if (isa<IntermediateOp>(buffer.getDefiningOp()))
    return {intermediateIndex.lookup(buffer), MemoryKind::intermediate};
  return {constantIndex.lookup(buffer), MemoryKind::constant};
}

std::vector<artifact::Memory>
ArtifactWriter::getMemories(OperandRange range) const {
  std::vector<artifact::Memory> memories;
  for (Value buffer : range)
    memories.push_back(getMemory(buffer));
  return memories;
}

FailureOr<artifact::Parameter>
ArtifactWriter::getParameter(ProgramScalar scalar, Location loc) {
  auto argument = dyn_cast<BlockArgument>(scalar.value);
  if (argument && !scalar.isExtent())
    return artifact::Parameter(argument.getArgNumber(),
                               artifact::ParameterKind::scalar);
  FailureOr<int32_t> node = sizes.getNode(scalar, loc);
  if (failed(node))
    return failure();
  return artifact::Parameter(*node, artifact::ParameterKind::expression);
}

LogicalResult ArtifactWriter::fillGenerated(
    LaunchOp launch, std::vector<artifact::Memory> &pointers,
    std::vector<artifact::Parameter> &parameters, std::vector<int32_t> &grid,
    std::vector<uint32_t> &block, std::vector<uint32_t> &cluster,
    int32_t &items) {
  FailureOr<KernelSignature> signature = KernelSignature::compute(launch);
  if (failed(signature))
    return failure();
  for (Value buffer : signature->getBuffers())
    pointers.push_back(getMemory(buffer));
  for (ProgramScalar scalar : signature->getScalars()) {
    FailureOr<artifact::Parameter> parameter =
        getParameter(scalar, launch.getLoc());
    if (failed(parameter))
      return failure();
    parameters.push_back(*parameter);
  }
  auto stage = cast<StageOp>(launch.getBody().front().front());
  items = sizes.getConstant(1);
  for (Value extent : stage.getExtents()) {
    FailureOr<int32_t> node =
        sizes.getNode(resolveProgramScalar(extent), stage.getLoc());
    if (failed(node))
      return failure();
    items = sizes.get(ExprOp::mul, items, *node);
  }
  return fillGeometry(launch, items, grid, block, cluster);
}

/// The grid and the block of a kernel that convert-vyre-to-gpu made.
LogicalResult ArtifactWriter::fillGeometry(LaunchOp launch, int32_t items,
                                           std::vector<int32_t> &grid,
                                           std::vector<uint32_t> &block,
                                           std::vector<uint32_t> &cluster) {
  if (!launch.getKernel())
    return success();
  auto function = SymbolTable::lookupNearestSymbolFrom<gpu::GPUFuncOp>(
      launch->getParentOfType<ProgramOp>(), *launch.getKernel());
  if (!function)
    return launch.emitOpError("names kernel ")
           << *launch.getKernel() << ", expected a gpu.func of this module";
  std::optional<ArrayRef<int32_t>> size = function.getKnownBlockSize();
  auto points = function->getParentOp()->getAttrOfType<IntegerAttr>(
      kPointsPerBlockAttrName);
  if (!size || !points)
    return function.emitOpError("is the kernel of ")
           << launch.getLaunchNameAttr() << " without known_block_size and "
           << kPointsPerBlockAttrName << ", expected what convert-vyre-to-gpu "
           << "states";
  block.assign(size->begin(), size->end());
  int32_t one = sizes.getConstant(1);
  if (auto count = function->getParentOp()->getAttrOfType<IntegerAttr>(
          kBlockCountAttrName)) {
    grid = {sizes.getConstant(count.getInt()), one, one};
    return success();
  }
  int32_t blocks =
      sizes.get(ExprOp::div_ceil, items, sizes.getConstant(points.getInt()));
  blocks = sizes.get(ExprOp::min, blocks, sizes.getConstant(kMaxBlocks));
  if (auto count = function->getParentOp()->getAttrOfType<IntegerAttr>(
          kClusterBlocksAttrName)) {
    blocks = sizes.get(ExprOp::mul, blocks, sizes.getConstant(count.getInt()));
    cluster = {uint32_t(count.getInt()), 1, 1};
  }
  grid = {blocks, one, one};
  return success();
}

LogicalResult ArtifactWriter::fillOpaque(
    OpaqueStageOp stage, std::vector<artifact::Memory> &pointers,
    std::vector<artifact::Parameter> &parameters, std::vector<int32_t> &grid,
    std::vector<uint32_t> &block, std::vector<uint32_t> &cluster,
    int32_t &dynamicShared) {
  for (Value buffer : getOrderedBuffers(stage))
    pointers.push_back(getMemory(buffer));
  for (Value value : stage.getParams()) {
    FailureOr<artifact::Parameter> parameter =
        getParameter(resolveProgramScalar(value), stage.getLoc());
    if (failed(parameter))
      return failure();
    parameters.push_back(*parameter);
  }
  for (Value extent : stage.getGrid()) {
    FailureOr<int32_t> node = sizes.getNode(extent);
    if (failed(node))
      return failure();
    grid.push_back(*node);
  }
  llvm::append_range(block, stage.getBlock());
  if (stage.getCluster())
    llvm::append_range(cluster, *stage.getCluster());
  int32_t bytes = sizes.getConstant(0);
  if (Value dynamic = stage.getDynamicShared()) {
    FailureOr<int32_t> node = sizes.getNode(dynamic);
    if (failed(node))
      return failure();
    bytes = *node;
  }
  for (Value buffer : stage.getShared()) {
    FailureOr<int32_t> node = sizes.getByteCount(buffer);
    if (failed(node))
      return failure();
    bytes = sizes.get(ExprOp::add, bytes, *node);
  }
  if (stage.getDynamicShared() || !stage.getShared().empty())
    dynamicShared = bytes;
  return success();
}

/// A scalar that a function gets; a constant as the bits that an argument of
/// its type would have.
FailureOr<artifact::Parameter>
ArtifactWriter::getCallParameter(CallStageOp stage, Value value) {
  auto asConstant = [&](int64_t bits) {
    return artifact::Parameter(sizes.getConstant(bits),
                               artifact::ParameterKind::expression);
  };
  APInt integer;
  APFloat number(0.0);
  if (matchPattern(value, m_ConstantFloat(&number)))
    return asConstant(int64_t(number.bitcastToAPInt().getZExtValue()));
  if (value.getType().isInteger(1) &&
      matchPattern(value, m_ConstantInt(&integer)))
    return asConstant(int64_t(integer.getZExtValue()));
  if (isa<BlockArgument>(value) || SizeExpressions::isExpressible(value))
    return getParameter(resolveProgramScalar(value), stage.getLoc());
  InFlightDiagnostic diag =
      stage.emitOpError("passes a scalar that the runtime can't compute");
  diag.attachNote(value.getLoc()) << "it is computed here";
  diag.attachNote() << "fix: pass it as an argument of the program";
  return diag;
}

/// A function gets its buffers in its own order, with their extents, and then
/// the scratch.
FailureOr<Offset<artifact::Call>>
ArtifactWriter::fillCall(CallStageOp stage,
                         std::vector<artifact::Memory> &pointers,
                         std::vector<artifact::Parameter> &parameters) {
  SmallVector<Value> passed = stage.getCallBuffers();
  if (Value scratch = stage.getScratch())
    passed.push_back(scratch);
  std::vector<Offset<artifact::CallBuffer>> buffers;
  for (Value buffer : passed) {
    pointers.push_back(getMemory(buffer));
    auto type = cast<MemRefType>(buffer.getType());
    std::vector<int32_t> extents;
    for (unsigned i = 0, e = type.getRank(); i != e; ++i) {
      if (!type.isDynamicDim(i)) {
        extents.push_back(sizes.getConstant(type.getDimSize(i)));
        continue;
      }
      FailureOr<int32_t> node =
          sizes.getNode(resolveExtent(buffer, i), stage.getLoc());
      if (failed(node))
        return failure();
      extents.push_back(*node);
    }
    auto extentsOffset = builder.CreateVector(extents);
    buffers.push_back(artifact::CreateCallBuffer(
        builder, getElementType(type.getElementType()), extentsOffset));
  }
  std::vector<artifact::ElementType> scalars;
  for (Value value : stage.getParams()) {
    FailureOr<artifact::Parameter> parameter = getCallParameter(stage, value);
    if (failed(parameter))
      return failure();
    parameters.push_back(*parameter);
    scalars.push_back(getElementType(value.getType()));
  }
  auto function = builder.CreateString(stage.getCallee().str());
  auto buffersOffset = builder.CreateVector(buffers);
  auto scalarsOffset = builder.CreateVector(scalars);
  return artifact::CreateCall(builder, function, buffersOffset, scalarsOffset,
                              bool(stage.getScratch()), stage.getNoCapture());
}

/// Whether code generation gives the launch's kernel a persistent entry.
static bool isPersistent(LaunchOp launch) {
  if (!launch.getKernel() || launch.getKernel()->getNestedReferences().empty())
    return false;
  auto module = SymbolTable::lookupNearestSymbolFrom<gpu::GPUModuleOp>(
      launch->getParentOfType<ProgramOp>(),
      launch.getKernel()->getRootReference());
  return module && module->hasAttr(kPersistentAttrName);
}

/// How many threads of the kernel compute a point, each a part of its stores.
/// Each loads what its part needs.
static int64_t countParts(LaunchOp launch) {
  auto stage = dyn_cast<StageOp>(launch.getBody().front().front());
  if (!stage || !launch.getKernel())
    return 1;
  auto kernel = SymbolTable::lookupNearestSymbolFrom<gpu::GPUFuncOp>(
      launch->getParentOfType<ProgramOp>(), *launch.getKernel());
  auto blocks = kernel ? kernel->getParentOp()->getAttrOfType<IntegerAttr>(
                             kBlockCountAttrName)
                       : IntegerAttr();
  if (!blocks)
    return 1;
  int64_t points = 1, threads = blocks.getInt();
  for (Value extent : stage.getExtents())
    points *= std::max<int64_t>(getConstantIntValue(extent).value_or(1), 1);
  if (std::optional<ArrayRef<int32_t>> size = kernel.getKnownBlockSize())
    threads *= size->front();
  return threads / points;
}

/// Whether the kernel takes its pointers from memory.
static bool hasPointerTable(LaunchOp launch) {
  if (!launch.getKernel())
    return false;
  auto module = SymbolTable::lookupNearestSymbolFrom<gpu::GPUModuleOp>(
      launch->getParentOfType<ProgramOp>(),
      launch.getKernel()->getRootReference());
  return module && module->hasAttr(kPointerTableAttrName);
}

FailureOr<Offset<artifact::Launch>>
ArtifactWriter::writeLaunch(LaunchOp launch,
                            const std::vector<uint32_t> &dependences) {
  std::vector<artifact::Memory> pointers, reads, writes, streams;
  std::vector<artifact::Parameter> parameters;
  std::vector<int32_t> grid;
  std::vector<uint32_t> block, cluster;
  std::vector<Offset<flatbuffers::String>> stages;
  int32_t items = -1, dynamicShared = -1;
  uint64_t grain = 1;
  Offset<artifact::Call> call;
  auto stage = cast<StageLikeOpInterface>(launch.getBody().front().front());
  if (auto opaque = dyn_cast<OpaqueStageOp>(*stage)) {
    if (failed(fillOpaque(opaque, pointers, parameters, grid, block, cluster,
                          dynamicShared)))
      return failure();
  } else if (auto hostCall = dyn_cast<CallStageOp>(*stage)) {
    FailureOr<Offset<artifact::Call>> filled =
        fillCall(hostCall, pointers, parameters);
    if (failed(filled))
      return failure();
    call = *filled;
  } else {
    if (failed(fillGenerated(launch, pointers, parameters, grid, block, cluster,
                             items)))
      return failure();
    uint64_t cost = estimateCost(stage.getStageBody()->front());
    grain = std::max<uint64_t>(kCPUGrain * 8 / cost, 1);
  }
  auto merged = launch->getAttrOfType<ArrayAttr>(kMergedStagesAttrName);
  if (merged)
    for (auto name : merged.getAsRange<StringAttr>())
      stages.push_back(builder.CreateString(name.str()));
  bool isHostBoundary = false;
  for (Operation &op : launch.getBody().front()) {
    auto member = cast<StageLikeOpInterface>(op);
    isHostBoundary |= member.isHostBoundary();
    if (!merged)
      stages.push_back(builder.CreateString(member.getStageName().str()));
    llvm::append_range(reads, getMemories(member.getReadBuffers()));
    llvm::append_range(reads, getMemories(member.getUpdatedBuffers()));
    llvm::append_range(writes, getMemories(member.getWrittenBuffers()));
    llvm::append_range(writes, getMemories(member.getUpdatedBuffers()));
  }
  // Over the bus an input is read this often in no more time than one takes
  // that is copied to the device first.
  constexpr int64_t kMaxPartsOverBus = 128;
  SmallVector<Value> streamed;
  SymbolicValues symbols(launch->getParentOfType<ProgramOp>());
  if (countParts(launch) <= kMaxPartsOverBus)
    streamed = findStreamedBuffers(launch, symbols);
  for (Value buffer : streamed) {
    artifact::Memory memory = getMemory(buffer);
    if (llvm::any_of(reads, [&](const artifact::Memory &read) {
          return read.kind() == memory.kind() && read.index() == memory.index();
        }))
      streams.push_back(memory);
  }
  std::string kernel, entry, persistent;
  if (auto opaque = dyn_cast<OpaqueStageOp>(*stage))
    kernel = opaque.getKernel().getLeafReference().str();
  else if (launch.getKernel())
    kernel = launch.getKernel()->getLeafReference().str();
  if (isPersistent(launch))
    persistent = kernel + artifact::kPersistentSuffix;
  if (launch.getCpuEntry())
    entry = launch.getCpuEntry()->getLeafReference().str();
  if (kernel.empty()) {
    grid.clear();
    block.clear();
    cluster.clear();
  }
  if (entry.empty()) {
    items = -1;
    grain = 1;
  }
  auto name = builder.CreateString(launch.getLaunchName().str());
  auto pointersOffset = builder.CreateVectorOfStructs(pointers);
  auto parametersOffset = builder.CreateVectorOfStructs(parameters);
  auto readsOffset = builder.CreateVectorOfStructs(reads);
  auto writesOffset = builder.CreateVectorOfStructs(writes);
  auto dependencesOffset = builder.CreateVector(dependences);
  auto stagesOffset = builder.CreateVector(stages);
  auto kernelOffset = builder.CreateString(kernel);
  auto gridOffset = builder.CreateVector(grid);
  auto blockOffset = builder.CreateVector(block);
  auto clusterOffset = builder.CreateVector(cluster);
  auto entryOffset = builder.CreateString(entry);
  auto streamsOffset = builder.CreateVectorOfStructs(streams);
  auto persistentOffset = builder.CreateString(persistent);
  return artifact::CreateLaunch(
      builder, name, pointersOffset, parametersOffset, readsOffset,
      writesOffset, dependencesOffset, stagesOffset, kernelOffset, gridOffset,
      blockOffset, clusterOffset, dynamicShared, entryOffset, items, grain,
      streamsOffset, persistentOffset, hasPointerTable(launch), isHostBoundary,
      call);
}
