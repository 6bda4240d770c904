//===- FormProgramBodies.cpp - Bodies that stand on their own -------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The top level of a program holds stages and scalars that the host knows, so
// whatever else a body uses from there moves into it:
//
//   %v = memref.subview %x[1] [%n] [1]       vyre.stage @s (%i) in (%n) {
//   %s = memref.load %t[]                      %v = memref.subview %x ...
//   vyre.stage @s (%i) in (%n) {        ->     %s = memref.load %t[]
//     ... %v, %s ...                           ... %v, %s ...
//   }                                        }
//
// A load may move past stages that do not write what it reads. Past one that
// does, its value goes through memory: a stage of rank 0 stores it where the
// load stood, and later bodies load it from there.
//
//===----------------------------------------------------------------------===//

#include "FormProgram.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "vyre/Dialect/Vyre/IR/BufferAccess.h"
#include "vyre/Dialect/Vyre/IR/ElementTypes.h"

using namespace mlir;
using namespace vyre;

/// The most bytes that one point of a stage may allocate at once: it has them
/// on its stack.
static constexpr int64_t kMaxLocalBytes = 4096;

//===----------------------------------------------------------------------===//
// Sinking
//===----------------------------------------------------------------------===//

namespace {

class OperandSinker {
public:
  explicit OperandSinker(ProgramOp program) : program(program) {}

  /// Learns which stages write which buffers.
  LogicalResult collectWriters();
  LogicalResult sink(StageOp stage);

private:
  /// The value inside of `stage`, made by clones at the insertion point.
  FailureOr<Value> materialize(Value value, StageOp stage, OpBuilder &builder,
                               IRMapping &mapping);
  /// Whether what a load reads may be written before all of `stage` has read
  /// it: by a stage in between, or by other points of `stage` itself.
  bool isOverwritten(memref::LoadOp load, StageOp stage);
  /// Makes a stage that stores a value where it is computed now.
  FailureOr<Value> storeToMemory(Value value);

  ProgramOp program;
  DenseMap<Value, SmallVector<Operation *>> writersOf;
  /// The memory that holds a value for later stages.
  DenseMap<Value, Value> memoryOf;
};

} // namespace

/// Whether a body may use a value of the top level directly.
static bool staysOutside(Value value) {
  Operation *op = value.getDefiningOp();
  if (!op || isa<memref::AllocOp, memref::AllocaOp, memref::GetGlobalOp>(op))
    return true;
  return isDeviceElementType(value.getType()) && isKnownOnHost(value);
}

LogicalResult OperandSinker::collectWriters() {
  for (CallStageOp call : program.getOps<CallStageOp>())
    for (OperandRange range :
         {call.getWrittenBuffers(), call.getUpdatedBuffers()})
      for (Value buffer : range)
        writersOf[buffer].push_back(call);
  for (StageOp stage : program.getOps<StageOp>()) {
    SmallVector<BufferAccess> accesses;
    if (std::optional<UnknownAccess> unknown =
            collectBufferAccesses(stage.getBody(), accesses)) {
      InFlightDiagnostic diag = unknown->op->emitOpError(unknown->reason);
      diag.attachNote() << "fix: a loop may touch only buffers that are known "
                           "at compile time, by ops whose effects are known";
      return diag;
    }
    for (const BufferAccess &access : accesses) {
      if (!access.writes)
        continue;
      SmallVector<Operation *> &writers = writersOf[access.buffer];
      if (writers.empty() || writers.back() != stage)
        writers.push_back(stage);
    }
  }
  return success();
}

bool OperandSinker::isOverwritten(memref::LoadOp load, StageOp stage) {
  auto writers = writersOf.find(getUnderlyingBuffer(load.getMemRef()));
  if (writers == writersOf.end())
    return false;
  return llvm::any_of(writers->second, [&](Operation *writer) {
    if (writer == stage)
      return stage.getRank() > 0;
    return load->isBeforeInBlock(writer) && writer->isBeforeInBlock(stage);
  });
}

FailureOr<Value> OperandSinker::storeToMemory(Value value) {
  Operation *op = value.getDefiningOp();
  if (!isDeviceElementType(value.getType()))
    return op->emitOpError("yields a value of type ")
           << value.getType()
           << " to a later stage, expected an element type of device memory";
  remark::missed(
      op->getLoc(),
      remark::RemarkOpts::name("stored-scalar").category(kFormProgramRemarks))
      << remark::reason("what it was loaded from is overwritten before its "
                        "last use");
  OpBuilder builder(op);
  Value memory = memref::AllocOp::create(builder, op->getLoc(),
                                         MemRefType::get({}, value.getType()));
  builder.setInsertionPointAfter(op);
  auto stage = StageOp::create(builder, op->getLoc(), "scalar", ValueRange(),
                               ValueRange(), ValueRange(), ValueRange());
  builder.setInsertionPointToStart(&stage.getBody().front());
  IRMapping mapping;
  FailureOr<Value> inside = materialize(value, stage, builder, mapping);
  if (failed(inside))
    return failure();
  memref::StoreOp::create(builder, op->getLoc(), *inside, memory);
  YieldOp::create(builder, op->getLoc());
  return memory;
}

FailureOr<Value> OperandSinker::materialize(Value value, StageOp stage,
                                            OpBuilder &builder,
                                            IRMapping &mapping) {
  if (staysOutside(value))
    return value;
  if (Value known = mapping.lookupOrNull(value))
    return known;
  Operation *op = value.getDefiningOp();
  auto load = dyn_cast<memref::LoadOp>(op);
  if (load && isOverwritten(load, stage)) {
    if (!memoryOf.contains(value)) {
      FailureOr<Value> memory = storeToMemory(value);
      if (failed(memory))
        return failure();
      memoryOf[value] = *memory;
    }
    Value loaded =
        memref::LoadOp::create(builder, op->getLoc(), memoryOf.lookup(value));
    mapping.map(value, loaded);
    return loaded;
  }
  for (Value operand : op->getOperands())
    if (failed(materialize(operand, stage, builder, mapping)))
      return failure();
  builder.clone(*op, mapping);
  return mapping.lookup(value);
}

LogicalResult OperandSinker::sink(StageOp stage) {
  OpBuilder builder = OpBuilder::atBlockBegin(&stage.getBody().front());
  IRMapping mapping;
  auto result = stage.getBody().walk([&](Operation *op) {
    for (OpOperand &operand : op->getOpOperands()) {
      if (stage.getBody().isAncestor(operand.get().getParentRegion()))
        continue;
      FailureOr<Value> inside =
          materialize(operand.get(), stage, builder, mapping);
      if (failed(inside))
        return WalkResult::interrupt();
      operand.set(*inside);
    }
    return WalkResult::advance();
  });
  return failure(result.wasInterrupted());
}

//===----------------------------------------------------------------------===//
// Memory of one point
//===----------------------------------------------------------------------===//

static LogicalResult refuseAllocation(Operation *alloc, const Twine &what) {
  return refuseOp(alloc,
                  "allocates " + what +
                      " for each point of a stage, expected at most " +
                      Twine(kMaxLocalBytes),
                  "allocate it outside of the loop, with a dimension for the "
                  "points");
}

/// memref.alloc in a body  ->  memref.alloca, memory of one point.
static LogicalResult makeAllocationsLocal(StageOp stage) {
  int64_t total = 0;
  auto makeLocal = [&](Operation *op) -> LogicalResult {
    auto type = cast<MemRefType>(op->getResult(0).getType());
    if (failed(verifyBufferType(type, [&] { return op->emitOpError(); })))
      return failure();
    if (!type.hasStaticShape())
      return refuseAllocation(op, "a number of bytes that is not a constant");
    // The product was found to be less than 2^63 above.
    int64_t bytes =
        getElementByteCount(type.getElementType()) * type.getNumElements();
    if (bytes > kMaxLocalBytes - total)
      return refuseAllocation(op,
                              Twine(bytes) + " bytes" + (total ? " more" : ""));
    total += bytes;
    if (isa<memref::AllocaOp>(op))
      return success();
    OpBuilder builder(op);
    Value memory = memref::AllocaOp::create(builder, op->getLoc(), type);
    op->getResult(0).replaceAllUsesWith(memory);
    op->erase();
    return success();
  };
  auto result = stage.getBody().walk([&](Operation *op) {
    bool isAllocation = isa<memref::AllocOp, memref::AllocaOp>(op);
    return isAllocation && failed(makeLocal(op)) ? WalkResult::interrupt()
                                                 : WalkResult::advance();
  });
  return failure(result.wasInterrupted());
}

LogicalResult vyre::sinkIntoStages(ProgramOp program) {
  OperandSinker sinker(program);
  if (failed(sinker.collectWriters()))
    return failure();
  auto stages = llvm::to_vector(program.getOps<StageOp>());
  for (StageOp stage : stages)
    if (failed(sinker.sink(stage)) || failed(makeAllocationsLocal(stage)))
      return failure();

  // What was cloned into all of its uses is no longer needed.
  Block &block = program.getBody().front();
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block))) {
    // Stages do not say yet what they touch.
    if (isa<StageLikeOpInterface>(op) || op.hasTrait<OpTrait::IsTerminator>())
      continue;
    bool isPure = isMemoryEffectFree(&op) ||
                  isa<memref::LoadOp, memref::AllocOp, memref::AllocaOp>(op);
    if (isPure && op.use_empty())
      op.erase();
  }
  return success();
}
