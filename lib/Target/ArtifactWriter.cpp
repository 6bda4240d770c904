//===- ArtifactWriter.cpp - Programs as data ------------------------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Everything that the runtime has to know of a program, from its physical form:
// the inverse of what the runtime's ArtifactReader checks.
//
//===----------------------------------------------------------------------===//

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/AsmState.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/IR/Matchers.h"
#include "vyre/Conversion/KernelSignature.h"
#include "vyre/Conversion/LaunchGeometry.h"
#include "vyre/Conversion/Passes.h"
#include "vyre/Conversion/SizeExpressions.h"
#include "vyre/Dialect/Vyre/IR/ElementTypes.h"
#include "vyre/Dialect/Vyre/IR/PlanAttributes.h"
#include "vyre/Target/ArtifactFormat.h"
#include "vyre/Target/Compile.h"
#include "llvm/ADT/BitVector.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/SHA256.h"

using namespace mlir;
using namespace vyre;
using artifact::ExprOp;
using artifact::MemoryKind;
using flatbuffers::Offset;

/// What the runtime gives memory of its own.
static constexpr uint32_t kOwnAlignment = 256;

static artifact::ElementType getElementType(Type type) {
  if (type.isIndex())
    return artifact::ElementType::index;
  if (type.isF16())
    return artifact::ElementType::f16;
  if (type.isBF16())
    return artifact::ElementType::bf16;
  if (type.isF32())
    return artifact::ElementType::f32;
  if (type.isF64())
    return artifact::ElementType::f64;
  switch (type.getIntOrFloatBitWidth()) {
  case 1:
    return artifact::ElementType::i1;
  case 8:
    return artifact::ElementType::i8;
  case 16:
    return artifact::ElementType::i16;
  case 32:
    return artifact::ElementType::i32;
  default:
    return artifact::ElementType::i64;
  }
}

static artifact::Role getRole(Role role) {
  switch (role) {
  case Role::Input:
    return artifact::Role::input;
  case Role::Output:
    return artifact::Role::output;
  case Role::InputOutput:
    return artifact::Role::input_output;
  case Role::Shared:
    return artifact::Role::shared;
  case Role::State:
    return artifact::Role::state;
  }
  llvm_unreachable("all roles are listed");
}

/// The elements as the device's memory holds them, little-endian.
static FailureOr<std::vector<uint8_t>> getBytes(ElementsAttr value,
                                                Location loc) {
  Type type = value.getElementType();
  uint64_t elementBytes = getElementByteCount(type);
  std::vector<uint8_t> bytes;
  bytes.reserve(elementBytes * value.getNumElements());
  auto append = [&](const APInt &bits) {
    uint64_t word = bits.getZExtValue();
    for (uint64_t i = 0; i != elementBytes; ++i)
      bytes.push_back(uint8_t(word >> (8 * i)));
  };
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(value)) {
    AsmResourceBlob *blob = resource.getRawHandle().getBlob();
    uint64_t expected = elementBytes * value.getNumElements();
    if (!blob || blob->getData().size() != expected)
      return emitError(loc)
             << "has a resource of " << (blob ? blob->getData().size() : 0)
             << " bytes, expected " << expected;
    ArrayRef<char> data = blob->getData();
    bytes.assign(data.begin(), data.end());
    return bytes;
  }
  if (auto floats = value.tryGetValues<APFloat>()) {
    for (const APFloat &element : *floats)
      append(element.bitcastToAPInt());
    return bytes;
  }
  if (auto integers = value.tryGetValues<APInt>()) {
    for (const APInt &element : *integers)
      append(element);
    return bytes;
  }
  return emitError(loc) << "has a value whose elements can't be listed";
}

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

namespace {

/// Writes all programs of a module.
class ArtifactWriter {
public:
  FailureOr<std::string> write(ModuleOp module, ArrayRef<GeneratedCode> codes);

private:
  FailureOr<Offset<artifact::Program>> writeProgram(ProgramOp program,
                                                    StringRef digest);
  FailureOr<Offset<artifact::Argument>> writeArgument(ProgramOp program,
                                                      unsigned index);
  FailureOr<Offset<artifact::Result>> writeResult(ReturnOp op, unsigned index);
  FailureOr<Offset<artifact::Launch>>
  writeLaunch(LaunchOp launch, const std::vector<uint32_t> &dependences);
  LogicalResult writeConstant(vyre::ConstantOp op);
  LogicalResult addConstant(Value key, ElementsAttr value, Location loc);

  artifact::Memory getMemory(Value buffer) const;
  std::vector<artifact::Memory> getMemories(OperandRange range) const;
  LogicalResult
  fillOpaque(OpaqueStageOp stage, std::vector<artifact::Memory> &pointers,
             std::vector<artifact::Parameter> &parameters,
             std::vector<int32_t> &grid, std::vector<uint32_t> &block,
             std::vector<uint32_t> &cluster, int32_t &dynamicShared);
  LogicalResult fillGenerated(LaunchOp launch,
                              std::vector<artifact::Memory> &pointers,
                              std::vector<artifact::Parameter> &parameters,
                              std::vector<int32_t> &grid,
                              std::vector<uint32_t> &block, int32_t &items);
  LogicalResult fillGeometry(LaunchOp launch, int32_t items,
                             std::vector<int32_t> &grid,
                             std::vector<uint32_t> &block);
  FailureOr<artifact::Parameter> getParameter(ProgramScalar scalar,
                                              Location loc);

  flatbuffers::FlatBufferBuilder builder;
  std::vector<Offset<artifact::Constant>> constants;
  // Of the program being written.
  SizeExpressions sizes;
  llvm::DenseMap<Value, uint32_t> intermediateIndex;
  llvm::DenseMap<Value, uint32_t> constantIndex;
};

} // namespace

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

LogicalResult ArtifactWriter::addConstant(Value key, ElementsAttr value,
                                          Location loc) {
  FailureOr<std::vector<uint8_t>> bytes = getBytes(value, loc);
  if (failed(bytes))
    return failure();
  builder.ForceVectorAlignment(bytes->size(), 1, 64);
  auto data = builder.CreateVector(*bytes);
  auto name =
      builder.CreateString("constant" + std::to_string(constants.size()));
  if (key)
    constantIndex[key] = constants.size();
  constants.push_back(
      artifact::CreateConstant(builder, name, kOwnAlignment, data));
  return success();
}

FailureOr<Offset<artifact::Argument>>
ArtifactWriter::writeArgument(ProgramOp program, unsigned index) {
  Type type = program.getArgumentTypes()[index];
  std::string name = "arg" + std::to_string(index);
  auto nameOffset = builder.CreateString(name);
  BindingAttr binding = program.getBinding(index);
  if (!binding)
    return artifact::CreateArgument(builder, nameOffset,
                                    artifact::ArgumentKind::scalar,
                                    getElementType(type));
  auto memref = cast<MemRefType>(type);
  std::vector<int64_t> extents;
  std::vector<int32_t> extentExprs;
  BlockArgument argument = program.getArgument(index);
  ExtentsOp stated = program.getExtentsOf(argument);
  for (unsigned i = 0, e = memref.getRank(); i != e; ++i) {
    bool isDynamic = memref.isDynamicDim(i);
    extents.push_back(isDynamic ? -1 : memref.getDimSize(i));
    if (!stated)
      continue;
    FailureOr<int32_t> node =
        isDynamic
            ? sizes.getNode(stated.getExtents()[memref.getDynamicDimIndex(i)])
            : FailureOr<int32_t>(sizes.getConstant(memref.getDimSize(i)));
    if (failed(node))
      return failure();
    extentExprs.push_back(*node);
  }
  uint64_t elementBytes = getElementByteCount(memref.getElementType());
  uint64_t capacity = binding.getCapacity();
  if (memref.hasStaticShape() && capacity == 0)
    capacity = elementBytes * memref.getNumElements();
  int32_t initial = -1;
  if (ElementsAttr value = binding.getInitial()) {
    initial = constants.size();
    if (failed(addConstant(Value(), value, program.getLoc())))
      return failure();
  }
  auto extentsOffset = builder.CreateVector(extents);
  auto exprsOffset = builder.CreateVector(extentExprs);
  uint64_t alignment =
      binding.getAlignment() ? binding.getAlignment() : elementBytes;
  auto defaults =
      program->getAttrOfType<DenseI32ArrayAttr>(kDefaultCapacityAttrName);
  bool isDefault =
      defaults && llvm::is_contained(defaults.asArrayRef(), int32_t(index));
  return artifact::CreateArgument(
      builder, nameOffset, artifact::ArgumentKind::buffer,
      getElementType(memref.getElementType()), binding.getSlot(),
      getRole(binding.getRole()), extentsOffset, exprsOffset, alignment,
      capacity, isDefault, initial);
}

FailureOr<Offset<artifact::Result>>
ArtifactWriter::writeResult(ReturnOp op, unsigned index) {
  uint32_t argument =
      cast<BlockArgument>(op.getResults()[index]).getArgNumber();
  Value count = op.getCountOf(index);
  if (!count)
    return artifact::CreateResult(builder, argument);
  if (count.getType().isIndex()) {
    FailureOr<int32_t> node = sizes.getNode(count);
    if (failed(node))
      return failure();
    return artifact::CreateResult(builder, argument,
                                  artifact::CountKind::expression, *node);
  }
  auto counter = dyn_cast<BlockArgument>(count);
  if (!counter)
    return op.emitOpError("result ")
           << index << " has a count in memory that is no argument of the "
           << "program";
  return artifact::CreateResult(builder, argument, artifact::CountKind::buffer,
                                counter.getArgNumber());
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
    std::vector<uint32_t> &block, int32_t &items) {
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
  return fillGeometry(launch, items, grid, block);
}

/// The grid and the block of a kernel that convert-vyre-to-gpu made.
LogicalResult ArtifactWriter::fillGeometry(LaunchOp launch, int32_t items,
                                           std::vector<int32_t> &grid,
                                           std::vector<uint32_t> &block) {
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
  int32_t blocks =
      sizes.get(ExprOp::div_ceil, items, sizes.getConstant(points.getInt()));
  grid = {sizes.get(ExprOp::min, blocks, sizes.getConstant(kMaxBlocks)), one,
          one};
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

FailureOr<Offset<artifact::Launch>>
ArtifactWriter::writeLaunch(LaunchOp launch,
                            const std::vector<uint32_t> &dependences) {
  std::vector<artifact::Memory> pointers, reads, writes;
  std::vector<artifact::Parameter> parameters;
  std::vector<int32_t> grid;
  std::vector<uint32_t> block, cluster;
  std::vector<Offset<flatbuffers::String>> stages;
  int32_t items = -1, dynamicShared = -1;
  uint64_t grain = 1;
  auto stage = cast<StageLikeOpInterface>(launch.getBody().front().front());
  if (auto opaque = dyn_cast<OpaqueStageOp>(*stage)) {
    if (failed(fillOpaque(opaque, pointers, parameters, grid, block, cluster,
                          dynamicShared)))
      return failure();
  } else {
    if (failed(fillGenerated(launch, pointers, parameters, grid, block, items)))
      return failure();
    uint64_t cost = estimateCost(stage.getStageBody()->front());
    grain = std::max<uint64_t>(kCPUGrain * 8 / cost, 1);
  }
  auto merged = launch->getAttrOfType<ArrayAttr>(kMergedStagesAttrName);
  if (merged)
    for (auto name : merged.getAsRange<StringAttr>())
      stages.push_back(builder.CreateString(name.str()));
  for (Operation &op : launch.getBody().front()) {
    auto member = cast<StageLikeOpInterface>(op);
    if (!merged)
      stages.push_back(builder.CreateString(member.getStageName().str()));
    llvm::append_range(reads, getMemories(member.getReadBuffers()));
    llvm::append_range(reads, getMemories(member.getUpdatedBuffers()));
    llvm::append_range(writes, getMemories(member.getWrittenBuffers()));
    llvm::append_range(writes, getMemories(member.getUpdatedBuffers()));
  }
  std::string kernel, entry;
  if (auto opaque = dyn_cast<OpaqueStageOp>(*stage))
    kernel = opaque.getKernel().getLeafReference().str();
  else if (launch.getKernel())
    kernel = launch.getKernel()->getLeafReference().str();
  if (launch.getCpuEntry())
    entry = launch.getCpuEntry()->getLeafReference().str();
  if (kernel.empty()) {
    grid.clear();
    block.clear();
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
  return artifact::CreateLaunch(
      builder, name, pointersOffset, parametersOffset, readsOffset,
      writesOffset, dependencesOffset, stagesOffset, kernelOffset, gridOffset,
      blockOffset, clusterOffset, dynamicShared, entryOffset, items, grain);
}

/// For each launch the earlier ones that must be over before it starts,
/// transitively reduced.
static std::vector<std::vector<uint32_t>>
computeDependences(MutableArrayRef<LaunchOp> launches) {
  struct Uses {
    std::optional<uint32_t> writer;
    std::vector<uint32_t> readers;
  };
  llvm::DenseMap<Value, Uses> uses;
  std::vector<llvm::BitVector> ancestors(launches.size());
  std::vector<std::vector<uint32_t>> dependences(launches.size());
  for (uint32_t position = 0; position != launches.size(); ++position) {
    llvm::SmallSetVector<Value, 8> read, written;
    for (Operation &op : launches[position].getBody().front()) {
      auto stage = cast<StageLikeOpInterface>(op);
      read.insert_range(stage.getReadBuffers());
      read.insert_range(stage.getUpdatedBuffers());
      written.insert_range(stage.getWrittenBuffers());
      written.insert_range(stage.getUpdatedBuffers());
    }
    std::vector<uint32_t> candidates;
    for (Value buffer : read)
      if (uses[buffer].writer)
        candidates.push_back(*uses[buffer].writer);
    for (Value buffer : written) {
      Uses &known = uses[buffer];
      if (known.writer)
        candidates.push_back(*known.writer);
      llvm::append_range(candidates, known.readers);
    }
    llvm::sort(candidates, std::greater<uint32_t>());
    candidates.erase(llvm::unique(candidates), candidates.end());
    llvm::BitVector &reached = ancestors[position];
    reached.resize(launches.size());
    for (uint32_t candidate : candidates) {
      if (reached.test(candidate))
        continue;
      dependences[position].push_back(candidate);
      reached |= ancestors[candidate];
      reached.set(candidate);
    }
    std::reverse(dependences[position].begin(), dependences[position].end());
    for (Value buffer : read)
      uses[buffer].readers.push_back(position);
    for (Value buffer : written)
      uses[buffer] = Uses{position, {}};
  }
  return dependences;
}

FailureOr<Offset<artifact::Program>>
ArtifactWriter::writeProgram(ProgramOp program, StringRef digest) {
  sizes = SizeExpressions();
  intermediateIndex.clear();
  constantIndex.clear();

  for (vyre::ConstantOp op : program.getBody().getOps<vyre::ConstantOp>())
    if (failed(addConstant(op.getMemory(), op.getValue(), op.getLoc())))
      return failure();

  auto launches = llvm::to_vector(program.getBody().getOps<LaunchOp>());
  llvm::MapVector<Value, std::pair<uint32_t, uint32_t>> lifetimes;
  llvm::DenseSet<Value> written;
  for (auto [position, launch] : llvm::enumerate(launches))
    for (Operation &op : launch.getBody().front()) {
      auto stage = cast<StageLikeOpInterface>(op);
      for (OperandRange range :
           {stage.getReadBuffers(), stage.getWrittenBuffers(),
            stage.getUpdatedBuffers()})
        for (Value buffer : range) {
          if (isa_and_nonnull<IntermediateOp>(buffer.getDefiningOp()))
            lifetimes.try_emplace(buffer, position, position)
                .first->second.second = position;
        }
      written.insert_range(stage.getWrittenBuffers());
      written.insert_range(stage.getUpdatedBuffers());
    }
  std::vector<Offset<artifact::Intermediate>> intermediates;
  for (auto &[buffer, lifetime] : lifetimes) {
    FailureOr<int32_t> bytes = sizes.getByteCount(buffer);
    if (failed(bytes))
      return failure();
    auto name = builder.CreateString("intermediate" +
                                     std::to_string(intermediates.size()));
    intermediateIndex[buffer] = intermediates.size();
    intermediates.push_back(artifact::CreateIntermediate(
        builder, name, *bytes, kOwnAlignment, lifetime.first, lifetime.second));
  }

  std::vector<Offset<artifact::Argument>> arguments;
  std::vector<artifact::NoOverlap> noOverlap;
  for (unsigned i = 0, e = program.getNumArguments(); i != e; ++i) {
    FailureOr<Offset<artifact::Argument>> argument = writeArgument(program, i);
    if (failed(argument))
      return failure();
    arguments.push_back(*argument);
    auto hasMemory = [&](unsigned index) {
      BindingAttr binding = program.getBinding(index);
      return binding && binding.getRole() != Role::Shared &&
             binding.getRole() != Role::State;
    };
    for (unsigned j = 0; j != i; ++j)
      if (hasMemory(i) && hasMemory(j) &&
          (written.contains(program.getArgument(i)) ||
           written.contains(program.getArgument(j))))
        noOverlap.push_back({j, i});
  }
  std::vector<Offset<artifact::Result>> results;
  ReturnOp returnOp = program.getReturnOp();
  for (unsigned i = 0, e = returnOp.getResults().size(); i != e; ++i) {
    FailureOr<Offset<artifact::Result>> result = writeResult(returnOp, i);
    if (failed(result))
      return failure();
    results.push_back(*result);
  }
  std::vector<Offset<artifact::Launch>> launchOffsets;
  for (auto [launch, dependences] :
       llvm::zip_equal(launches, computeDependences(launches))) {
    FailureOr<Offset<artifact::Launch>> offset =
        writeLaunch(launch, dependences);
    if (failed(offset))
      return failure();
    launchOffsets.push_back(*offset);
  }
  Offset<artifact::Readback> readback;
  for (ReadbackOp op : program.getBody().getOps<ReadbackOp>())
    readback = artifact::CreateReadback(
        builder, op.getMaxRecordBytes(), op.getRecordAlignment(),
        op.getMaxSlabBytes().value_or(UINT64_MAX));
  std::vector<Offset<artifact::Requirement>> requirements;
  for (RequireOp op : program.getBody().getOps<RequireOp>()) {
    FailureOr<int32_t> found = sizes.getNode(op.getFound());
    FailureOr<int32_t> least = sizes.getNode(op.getLeast());
    if (failed(found) || failed(least))
      return failure();
    auto subject = builder.CreateString(op.getSubject().str());
    requirements.push_back(
        artifact::CreateRequirement(builder, subject, *found, *least));
  }
  ArrayRef<artifact::Expr> nodes = sizes.getNodes();
  auto name = builder.CreateString(program.getSymName().str());
  auto exprs = builder.CreateVectorOfStructs(nodes.data(), nodes.size());
  auto argumentsOffset = builder.CreateVector(arguments);
  auto resultsOffset = builder.CreateVector(results);
  auto intermediatesOffset = builder.CreateVector(intermediates);
  auto launchesOffset = builder.CreateVector(launchOffsets);
  auto noOverlapOffset = builder.CreateVectorOfStructs(noOverlap);
  auto digestOffset = builder.CreateString(digest.str());
  auto requirementsOffset = builder.CreateVector(requirements);
  return artifact::CreateProgram(builder, name, exprs, argumentsOffset,
                                 resultsOffset, intermediatesOffset,
                                 launchesOffset, noOverlapOffset, digestOffset,
                                 readback, requirementsOffset);
}

/// Over all that affects a program's results: its physical form with all
/// constants, and the code.
static std::string computeDigest(ProgramOp program,
                                 ArrayRef<GeneratedCode> codes) {
  llvm::SHA256 hash;
  std::string text;
  llvm::raw_string_ostream stream(text);
  program->print(stream,
                 OpPrintingFlags().printGenericOpForm().useLocalScope());
  hash.update(text);
  for (const GeneratedCode &code : codes) {
    hash.update(code.architecture);
    hash.update(code.features);
    hash.update(code.data);
  }
  return llvm::toHex(hash.final(), /*LowerCase=*/true);
}

FailureOr<std::string> ArtifactWriter::write(ModuleOp module,
                                             ArrayRef<GeneratedCode> codes) {
  std::vector<Offset<artifact::Program>> programs;
  for (ProgramOp program : module.getOps<ProgramOp>()) {
    if (program.getSymVisibility() == "private")
      continue;
    FailureOr<Offset<artifact::Program>> offset =
        writeProgram(program, computeDigest(program, codes));
    if (failed(offset))
      return failure();
    programs.push_back(*offset);
  }
  if (programs.empty()) {
    InFlightDiagnostic diag = module.emitError("has no program to compile");
    diag.attachNote() << "fix: give a function or vyre.program public "
                         "visibility";
    return diag;
  }
  std::vector<Offset<artifact::Code>> codeOffsets;
  for (const GeneratedCode &code : codes) {
    artifact::CodeKind kind = artifact::CodeKind::elf;
    if (code.target.kind == CodeTarget::Kind::PTX)
      kind = artifact::CodeKind::ptx;
    if (code.target.kind == CodeTarget::Kind::Cubin)
      kind = artifact::CodeKind::cubin;
    auto architecture = builder.CreateString(code.architecture);
    auto features = builder.CreateString(code.features);
    builder.ForceVectorAlignment(code.data.size(), 1, 64);
    auto data = builder.CreateVector(
        reinterpret_cast<const uint8_t *>(code.data.data()), code.data.size());
    codeOffsets.push_back(
        artifact::CreateCode(builder, kind, architecture, features, data));
  }
  auto producer = builder.CreateString("vyre-compile " VYRE_VERSION);
  auto programsOffset = builder.CreateVector(programs);
  auto constantsOffset = builder.CreateVector(constants);
  auto codesOffset = builder.CreateVector(codeOffsets);
  builder.Finish(artifact::CreateArtifact(builder, producer, programsOffset,
                                          constantsOffset, codesOffset),
                 artifact::ArtifactIdentifier());

  artifact::Header header = {};
  std::copy(std::begin(artifact::kMagic), std::end(artifact::kMagic),
            header.magic);
  header.majorVersion = artifact::kMajorVersion;
  header.minorVersion = artifact::kMinorVersion;
  header.payloadBytes = builder.GetSize();
  XXH128_hash_t digest =
      XXH3_128bits(builder.GetBufferPointer(), builder.GetSize());
  header.digestLow = digest.low64;
  header.digestHigh = digest.high64;
  header.headerDigest =
      XXH3_64bits(&header, offsetof(artifact::Header, headerDigest));
  std::string bytes(reinterpret_cast<const char *>(&header), sizeof(header));
  bytes.append(reinterpret_cast<const char *>(builder.GetBufferPointer()),
               builder.GetSize());
  return bytes;
}

FailureOr<std::string> vyre::writeArtifact(ModuleOp module,
                                           ArrayRef<GeneratedCode> codes) {
  return ArtifactWriter().write(module, codes);
}
