//===- FormProgramBindings.cpp - Who owns which memory --------------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The last step: arguments get their bindings, results become outputs, other
// allocations intermediates, globals constants, and each stage says what it
// reads and writes.
//
// A memref argument is an output only where the first stage that touches it
// writes all of it: each point stores at a place told by all of the indices,
// and the index space is as large as the argument, by its bounds or because a
// structured op has it so, which becomes a requirement. Then its former
// contents do not matter. The same is required for memory of the program and
// for results, of which nobody may see what was there before. Else it is an
// input, or input and output where a stage writes it.
//
//===----------------------------------------------------------------------===//

#include "FormProgram.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/Remarks.h"
#include "mlir/IR/SymbolTable.h"
#include "vyre/Analysis/SymbolicValues.h"
#include "vyre/Dialect/Vyre/IR/BufferAccess.h"
#include "vyre/Dialect/Vyre/IR/ElementTypes.h"
#include "vyre/Dialect/Vyre/IR/PlanAttributes.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace vyre;

/// What callers must align buffers to, unless a binding says otherwise: enough
/// for the widest access of a thread.
static constexpr uint64_t kDefaultAlignment = 16;

//===----------------------------------------------------------------------===//
// Accesses
//===----------------------------------------------------------------------===//

/// Names what the body touches in the stage's operands.
static LogicalResult declareAccesses(StageOp stage) {
  SmallVector<BufferAccess> accesses;
  if (std::optional<UnknownAccess> unknown =
          collectBufferAccesses(stage.getBody(), accesses))
    return unknown->op->emitOpError(unknown->reason);
  llvm::MapVector<Value, std::pair<bool, bool>> uses;
  for (BufferAccess &access : accesses) {
    if (stage.getBody().isAncestor(access.buffer.getParentRegion()))
      continue;
    auto &[isRead, isWritten] = uses[access.buffer];
    isRead |= access.reads;
    isWritten |= access.writes;
    if (access.writes &&
        isa_and_nonnull<vyre::ConstantOp>(access.buffer.getDefiningOp())) {
      InFlightDiagnostic diag = access.op->emitOpError("writes a constant");
      diag.attachNote() << "fix: copy it to an allocation first";
      return diag;
    }
  }
  SmallVector<Value> reads, writes, updates;
  for (auto [buffer, use] : uses) {
    auto [isRead, isWritten] = use;
    (isRead && isWritten ? updates : isRead ? reads : writes).push_back(buffer);
  }
  stage.getReadsMutable().assign(reads);
  stage.getWritesMutable().assign(writes);
  stage.getUpdatesMutable().assign(updates);
  return success();
}

namespace {

/// What has to hold for a stage to write all of an argument: as many points
/// along a dimension as the argument has elements. Nothing for a call, which
/// is to write all of what it only writes.
struct Coverage {
  StageOp stage;
  /// Positions of dimensions, and the extents of the stage there.
  SmallVector<std::pair<int64_t, Value>> points;
};

} // namespace

/// Whether a value is the extent of `buffer` along a dimension.
static bool isExtentOf(Value value, Value buffer, int64_t dimension) {
  auto type = cast<MemRefType>(buffer.getType());
  if (!type.isDynamicDim(dimension))
    return isConstantIntValue(value, type.getDimSize(dimension));
  auto dim = value.getDefiningOp<memref::DimOp>();
  return dim && dim.getSource() == buffer &&
         dim.getConstantIndex() == dimension;
}

/// How `store` writes every element of a buffer, if it does: it is executed by
/// each point, and all indices of the space tell the place.
static std::optional<Coverage> getCoverage(memref::StoreOp store, StageOp stage,
                                           Value buffer) {
  if (store->getParentOp() != stage)
    return std::nullopt;
  // Views that show all of the buffer.
  Value memref = store.getMemRef();
  while (memref != buffer) {
    Operation *view = memref.getDefiningOp();
    if (!isa_and_nonnull<memref::CastOp, memref::ExpandShapeOp,
                         memref::CollapseShapeOp>(view))
      return std::nullopt;
    memref = view->getOperand(0);
  }
  auto type = cast<MemRefType>(store.getMemRef().getType());
  // Of a view the points are those of the buffer only where it is static.
  bool isWhole = stage->hasAttr(VyreDialect::kCoversAttrName) &&
                 store.getMemRef() == buffer;
  llvm::SmallDenseSet<Value> used;
  Coverage coverage{stage, {}};
  for (auto [position, index] : llvm::enumerate(store.getIndices())) {
    if (type.getDimSize(position) == 1 && isConstantIntValue(index, 0))
      continue;
    auto iv = dyn_cast<BlockArgument>(index);
    if (!iv || iv.getOwner() != &stage.getBody().front() ||
        !used.insert(index).second)
      return std::nullopt;
    Value extent = stage.getExtents()[iv.getArgNumber()];
    if (isExtentOf(extent, store.getMemRef(), position))
      continue;
    if (!isWhole)
      return std::nullopt;
    coverage.points.emplace_back(position, extent);
  }
  if (used.size() != stage.getRank())
    return std::nullopt;
  return coverage;
}

namespace {
/// What the program's stages do with an argument.
struct ArgumentUse {
  bool isWritten = false;
  /// The first stage that touches it reads it.
  bool isReadFirst = false;
  /// How the first stage that touches it writes all of it, if it does.
  std::optional<Coverage> coverage;

  Role getRole() const {
    if (!isWritten)
      return Role::Input;
    return coverage ? Role::Output : Role::InputOutput;
  }
};
} // namespace

static ArgumentUse analyzeUse(ProgramOp program, BlockArgument argument) {
  ArgumentUse use;
  bool isFirst = true;
  for (StageLikeOpInterface stage :
       program.getBody().getOps<StageLikeOpInterface>()) {
    if (!llvm::is_contained(stage->getOperands(), argument))
      continue;
    bool onlyWrites = llvm::is_contained(stage.getWrittenBuffers(), argument);
    use.isWritten |=
        onlyWrites || llvm::is_contained(stage.getUpdatedBuffers(), argument);
    if (isFirst && onlyWrites && !stage.getStageBody())
      use.coverage = Coverage();
    if (isFirst && onlyWrites && stage.getStageBody())
      stage.getStageBody()->walk([&](memref::StoreOp store) {
        if (!use.coverage)
          use.coverage =
              getCoverage(store, cast<StageOp>(stage.getOperation()), argument);
      });
    use.isReadFirst |= isFirst && !onlyWrites;
    isFirst = false;
  }
  return use;
}

//===----------------------------------------------------------------------===//
// Binding
//===----------------------------------------------------------------------===//

namespace {

class MemoryBinder {
public:
  MemoryBinder(ProgramOp program, uint64_t defaultCapacity)
      : program(program), builder(program.getContext()),
        defaultCapacity(defaultCapacity) {}

  LogicalResult bindConstants();
  LogicalResult bindAllocations();
  LogicalResult bindArguments();
  /// Requires that what the program makes is written as a whole.
  void requireWholeWrites();
  void finish();

private:
  LogicalResult bindArgument(BlockArgument argument, BindingAttr stated);
  FailureOr<Value> makeConstant(memref::GetGlobalOp op);
  void requirePoints(BlockArgument argument, const Coverage &coverage);
  void bind(unsigned argument, Role role);

  ProgramOp program;
  OpBuilder builder;
  uint64_t defaultCapacity;
  llvm::SmallDenseSet<uint32_t> takenSlots;
  uint32_t nextSlot = 0;
  /// The arguments whose capacity is the default one.
  SmallVector<int32_t> haveDefaultCapacity;
  /// The number of the first argument that is a result.
  unsigned resultsBegin = 0;
};

} // namespace

FailureOr<Value> MemoryBinder::makeConstant(memref::GetGlobalOp op) {
  auto global = SymbolTable::lookupNearestSymbolFrom<memref::GlobalOp>(
      program, op.getNameAttr());
  auto value = global && global.getConstant()
                   ? dyn_cast_or_null<ElementsAttr>(
                         global.getInitialValue().value_or(Attribute()))
                   : ElementsAttr();
  if (!value) {
    InFlightDiagnostic diag = op.emitOpError("refers to @")
                              << op.getName()
                              << ", expected a constant with an initial value";
    if (global)
      diag.attachNote(global.getLoc()) << "it is defined here";
    diag.attachNote() << "fix: mark it constant if nothing writes it; memory "
                         "that outlives a dispatch is an argument with role "
                         "state";
    return diag;
  }
  if (failed(verifyBufferType(op.getType(), [&] { return op.emitOpError(); })))
    return failure();
  builder.setInsertionPointToStart(&program.getBody().front());
  return vyre::ConstantOp::create(builder, op.getLoc(), op.getType(), value)
      .getMemory();
}

LogicalResult MemoryBinder::bindConstants() {
  DenseMap<std::pair<StringAttr, Type>, Value> constants;
  auto result = program.walk([&](memref::GetGlobalOp op) {
    Value &constant =
        constants[{op.getNameAttr().getAttr(), Type(op.getType())}];
    if (!constant) {
      FailureOr<Value> made = makeConstant(op);
      if (failed(made))
        return WalkResult::interrupt();
      constant = *made;
    }
    op.replaceAllUsesWith(constant);
    op.erase();
    return WalkResult::advance();
  });
  return failure(result.wasInterrupted());
}

LogicalResult MemoryBinder::bindAllocations() {
  Block &block = program.getBody().front();
  Operation *terminator = block.getTerminator();
  DenseMap<Value, unsigned> resultOf;
  for (OpOperand &operand : terminator->getOpOperands())
    resultOf[operand.get()] = operand.getOperandNumber();

  SmallVector<Operation *> allocations;
  for (Operation &op : block)
    if (isa<memref::AllocOp, memref::AllocaOp>(op))
      allocations.push_back(&op);
  SmallVector<Operation *> outputs(terminator->getNumOperands());
  for (Operation *op : allocations) {
    Value memory = op->getResult(0);
    auto emitError = [&] {
      InFlightDiagnostic diag = op->emitOpError();
      diag.attachNote() << "fix: allocate a row-major buffer of such elements, "
                           "in the default memory space";
      return diag;
    };
    if (failed(verifyBufferType(memory.getType(), emitError)) ||
        failed(verifyKnownOnHost(op, op->getOperands(), "an extent")))
      return failure();
    if (auto result = resultOf.find(memory); result != resultOf.end()) {
      outputs[result->second] = op;
      continue;
    }
    builder.setInsertionPoint(op);
    op->replaceAllUsesWith(IntermediateOp::create(
        builder, op->getLoc(), memory.getType(), op->getOperands()));
    op->erase();
  }
  for (Operation *op : outputs) {
    Value argument =
        block.addArgument(op->getResult(0).getType(), op->getLoc());
    if (op->getNumOperands() > 0) {
      builder.setInsertionPoint(op);
      ExtentsOp::create(builder, op->getLoc(), argument, op->getOperands());
    }
    op->getResult(0).replaceAllUsesWith(argument);
    op->erase();
  }
  return success();
}

/// Gives an argument without a binding one.
void MemoryBinder::bind(unsigned argument, Role role) {
  while (takenSlots.contains(nextSlot))
    ++nextSlot;
  auto type = cast<MemRefType>(program.getArgumentTypes()[argument]);
  bool isDynamic = !type.hasStaticShape();
  if (isDynamic)
    haveDefaultCapacity.push_back(argument);
  program.setBinding(argument,
                     BindingAttr::get(program.getContext(), nextSlot++, role,
                                      kDefaultAlignment,
                                      isDynamic ? defaultCapacity : 0));
}

LogicalResult MemoryBinder::bindArguments() {
  Block &block = program.getBody().front();
  unsigned inputCount = program.getFunctionType().getNumInputs();
  resultsBegin = inputCount;
  SmallVector<Type> resultTypes(block.getTerminator()->getOperandTypes());
  SmallVector<DictionaryAttr> attributes;
  for (unsigned i = 0; i != inputCount; ++i) {
    attributes.push_back(program.getArgAttrDict(i));
    if (BindingAttr binding = program.getBinding(i))
      takenSlots.insert(binding.getSlot());
  }
  attributes.append(block.getNumArguments() - inputCount, DictionaryAttr());
  program.setFunctionType(
      builder.getFunctionType(block.getArgumentTypes(), resultTypes));
  function_interface_impl::setAllArgAttrDicts(program, attributes);

  for (BlockArgument argument : block.getArguments()) {
    unsigned number = argument.getArgNumber();
    if (!isa<MemRefType>(argument.getType()))
      continue;
    if (number >= inputCount) {
      bind(number, Role::Output);
      continue;
    }
    if (failed(bindArgument(argument, program.getBinding(number))))
      return failure();
  }
  return success();
}

LogicalResult MemoryBinder::bindArgument(BlockArgument argument,
                                         BindingAttr stated) {
  unsigned number = argument.getArgNumber();
  ArgumentUse use = analyzeUse(program, argument);
  auto type = cast<MemRefType>(argument.getType());
  auto refuse = [&](const Twine &what, const Twine &fix) -> LogicalResult {
    InFlightDiagnostic diag = program.emitOpError("argument ")
                              << number << " " << what;
    diag.attachNote() << "fix: " << fix;
    return diag;
  };
  if (stated) {
    if (stated.getRole() == Role::Input && use.isWritten)
      return refuse("is written, expected it not to be: its binding has role "
                    "input",
                    "give it role " + stringifyRole(use.getRole()));
    if (stated.getRole() != Role::Output)
      return success();
    if (use.isReadFirst)
      return refuse("is read before it is written, expected a write first: "
                    "its binding has role output",
                    "give it role input_output");
    return success();
  }
  if (!type.hasStaticShape() && defaultCapacity == 0)
    return refuse("has a dynamic dimension and no capacity",
                  "set the option default-capacity to more than 0 bytes");
  if (use.getRole() == Role::InputOutput)
    remark::missed(argument.getLoc(), remark::RemarkOpts::name("input-output")
                                          .category(kFormProgramRemarks)
                                          .function(program.getSymName()))
        << remark::reason("not proved to be written as a whole before it is "
                          "read, so its former contents are kept")
        << remark::metric("argument", number);
  bind(number, use.getRole());
  if (use.coverage)
    requirePoints(argument, *use.coverage);
  return success();
}

/// States what makes the caller's memory be written as a whole: that it is no
/// larger than what its source says has the same shape.
void MemoryBinder::requirePoints(BlockArgument argument,
                                 const Coverage &coverage) {
  StageOp stage = coverage.stage;
  if (coverage.points.empty())
    return;
  builder.setInsertionPoint(stage);
  for (auto [dimension, points] : coverage.points) {
    Value size = builder.createOrFold<memref::DimOp>(stage.getLoc(), argument,
                                                     dimension);
    std::string subject =
        ("extent " + Twine(dimension) + " of what stage '" +
         stage.getStageName() + "' writes as all of argument " +
         Twine(argument.getArgNumber()))
            .str();
    RequireOp::create(builder, stage.getLoc(), subject, points, size);
  }
}

void MemoryBinder::requireWholeWrites() {
  SymbolicValues symbols(program);
  unsigned inputCount = resultsBegin;
  auto isMade = [&](Value buffer) {
    auto argument = dyn_cast<BlockArgument>(buffer);
    return argument ? argument.getArgNumber() >= inputCount
                    : bool(buffer.getDefiningOp<IntermediateOp>());
  };
  DenseSet<std::pair<AffineExpr, AffineExpr>> known;
  for (RequireOp op : program.getBody().getOps<RequireOp>())
    known.insert(
        {symbols.getExpr(op.getFound()), symbols.getExpr(op.getLeast())});
  for (StageOp stage : program.getOps<StageOp>()) {
    SmallVector<memref::StoreOp> stores;
    if (stage->hasAttr(VyreDialect::kCoversAttrName))
      llvm::append_range(stores,
                         stage.getBody().front().getOps<memref::StoreOp>());
    for (memref::StoreOp store : stores) {
      Value buffer = store.getMemRef();
      std::optional<Coverage> coverage =
          isMade(buffer) ? getCoverage(store, stage, buffer) : std::nullopt;
      if (!coverage)
        continue;
      builder.setInsertionPoint(stage);
      for (auto [dimension, points] : coverage->points) {
        AffineExpr found = symbols.getExpr(points);
        AffineExpr least = symbols.getExtent(buffer, dimension);
        if (symbols.isNonNegative(found - least) ||
            !known.insert({found, least}).second)
          continue;
        Value size = symbols.materialize(builder, stage.getLoc(), least);
        std::string subject =
            ("extent " + Twine(dimension) + " of what stage '" +
             stage.getStageName() + "' writes as all of its result")
                .str();
        RequireOp::create(builder, stage.getLoc(), subject, points, size);
      }
    }
  }
}

void MemoryBinder::finish() {
  Operation *terminator = program.getBody().front().getTerminator();
  builder.setInsertionPoint(terminator);
  SmallVector<Value> counts;
  SmallVector<int32_t> countOf;
  for (unsigned i = 0, e = terminator->getNumOperands(); i != e; ++i) {
    Attribute position = program.removeResultAttr(
        i, builder.getStringAttr(VyreDialect::kCountResultAttrName));
    countOf.push_back(position ? counts.size() : -1);
    if (position)
      counts.push_back(
          terminator->getOperand(cast<IntegerAttr>(position).getInt()));
  }
  vyre::ReturnOp::create(builder, terminator->getLoc(),
                         terminator->getOperands(), counts, countOf);
  terminator->erase();
  if (!haveDefaultCapacity.empty())
    program->setAttr(kDefaultCapacityAttrName,
                     builder.getDenseI32ArrayAttr(haveDefaultCapacity));
  for (StageOp stage : program.getOps<StageOp>())
    stage->removeAttr(VyreDialect::kCoversAttrName);
}

LogicalResult vyre::bindMemory(ProgramOp program, uint64_t defaultCapacity) {
  MemoryBinder binder(program, defaultCapacity);
  if (failed(binder.bindConstants()) || failed(binder.bindAllocations()))
    return failure();
  unsigned position = 0;
  for (Operation &op : program.getBody().front()) {
    if (auto call = dyn_cast<CallStageOp>(op))
      call.setStageName((call.getStageName() + "_" + Twine(position++)).str());
    auto stage = dyn_cast<StageOp>(op);
    if (!stage)
      continue;
    stage.setStageName((stage.getStageName() + "_" + Twine(position++)).str());
    if (failed(declareAccesses(stage)))
      return failure();
  }
  if (failed(binder.bindArguments()))
    return failure();
  binder.requireWholeWrites();
  binder.finish();
  return success();
}
