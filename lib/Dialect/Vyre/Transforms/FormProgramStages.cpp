//===- FormProgramStages.cpp - Loops, copies and accesses as stages -------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each parallel loop and each copy becomes a stage over its points; perfectly
// nested loops share one space. What remains at the top level are single loads
// and stores and the sequential code between them: a run of these, up to its
// last write, becomes a stage of rank 0.
//
// Loads and arithmetic that come after the last write of a run stay where they
// are: sinkIntoStages moves them to where they are used.
//
//===----------------------------------------------------------------------===//

#include "FormProgram.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Interfaces/ValueBoundsOpInterface.h"
#include "mlir/Transforms/LoopInvariantCodeMotionUtils.h"
#include "vyre/Dialect/Vyre/IR/BufferAccess.h"
#include "vyre/Dialect/Vyre/IR/ElementTypes.h"

using namespace mlir;
using namespace vyre;

//===----------------------------------------------------------------------===//
// Forming
//===----------------------------------------------------------------------===//

/// Whether a value is the size of an allocation, which is never negative.
static bool isAllocationSize(Value value) {
  return llvm::any_of(value.getUsers(), [&](Operation *user) {
    auto alloc = dyn_cast<memref::AllocOp>(user);
    return alloc && llvm::is_contained(alloc.getDynamicSizes(), value);
  });
}

namespace {

class StageFormer {
public:
  explicit StageFormer(ProgramOp program)
      : program(program), builder(program.getContext()) {}

  LogicalResult form();

private:
  /// What an op at the top level is to become.
  enum class Kind {
    /// Stays, or is taken care of by a later step.
    Scalar,
    Memory,
    /// A stage.
    Loop,
    Copy,
    /// One already.
    Call,
    /// Part of a stage of rank 0.
    Point
  };
  FailureOr<Kind> classify(Operation *op);

  LogicalResult formLoop(scf::ParallelOp loop);
  LogicalResult formCopy(memref::CopyOp copy);
  LogicalResult formRun();
  LogicalResult addToRun(Operation *op);

  StageOp createStage(Operation *source, StringRef defaultName,
                      ValueRange extents);
  Value buildExtentOf(Location loc, Value lower, Value upper, Value step);

  ProgramOp program;
  OpBuilder builder;
  /// Scalars that depend on device memory.
  DenseSet<Value> deviceValues;
  /// Ops for the next stage of rank 0.
  SmallVector<Operation *> run;
};

} // namespace

FailureOr<StageFormer::Kind> StageFormer::classify(Operation *op) {
  if (failed(verifyNoForeignOps(op)))
    return failure();
  if (isa<RequireOp>(op))
    return Kind::Scalar;
  if (auto call = dyn_cast<CallStageOp>(op)) {
    if (failed(verifyKnownOnHost(call, call.getParams(), "a scalar")))
      return failure();
    return Kind::Call;
  }
  bool isMemory =
      isa<memref::AllocOp, memref::AllocaOp, memref::GetGlobalOp>(op) ||
      (op->getNumResults() > 0 && getViewOp(op->getResult(0)));
  if (isMemory)
    return Kind::Memory;
  if (isParallelLoop(op))
    return Kind::Loop;
  if (isa<memref::CopyOp>(op))
    return Kind::Copy;
  if (holdsStages(op))
    return refuseOp(op, "decides on the host which loops run on the device",
                    "move the choice into the body of the parallel loops");
  for (Type type : op->getResultTypes()) {
    if (isa<TensorType>(type))
      return refuseOp(op, "yields a tensor, expected memrefs");
    if (isa<BaseMemRefType>(type))
      return refuseOp(op, "yields a buffer that is not known at compile time");
  }
  SmallVector<BufferAccess> accesses;
  if (std::optional<UnknownAccess> unknown =
          collectBufferAccesses(op, accesses))
    return refuseOp(unknown->op, unknown->reason);
  bool isDevice = op->getNumRegions() != 0 || !isMemoryEffectFree(op) ||
                  llvm::any_of(op->getOperands(), [&](Value operand) {
                    return deviceValues.contains(operand);
                  });
  if (!isDevice)
    return Kind::Scalar;
  deviceValues.insert(op->result_begin(), op->result_end());
  return Kind::Point;
}

StageOp StageFormer::createStage(Operation *source, StringRef defaultName,
                                 ValueRange extents) {
  auto name =
      source->getAttrOfType<StringAttr>(VyreDialect::kStageNameAttrName);
  return StageOp::create(builder, source->getLoc(),
                         name ? name.getValue() : defaultName, extents,
                         ValueRange(), ValueRange(), ValueRange());
}

//===----------------------------------------------------------------------===//
// Parallel loops
//===----------------------------------------------------------------------===//

/// The parallel loop that the last loop of a nest holds, if there is just one,
/// its bounds are the same for all points of the nest, and the rest is cheap
/// enough to be done by each of its points: arithmetic, and loads of what the
/// nest does not write.
static scf::ParallelOp getNestedLoop(ArrayRef<scf::ParallelOp> nest) {
  scf::ParallelOp outermost = nest.front(), last = nest.back(), inner;
  SmallVector<memref::LoadOp> loads;
  for (Operation &op : last.getBody()->without_terminator()) {
    if (isParallelLoop(&op) && !inner)
      inner = cast<scf::ParallelOp>(op);
    else if (auto load = dyn_cast<memref::LoadOp>(op))
      loads.push_back(load);
    else if (!isMemoryEffectFree(&op) || op.getNumRegions() != 0)
      return nullptr;
  }
  if (!inner)
    return nullptr;
  SmallVector<BufferAccess> accesses;
  if (!loads.empty() && collectBufferAccesses(outermost, accesses))
    return nullptr;
  for (memref::LoadOp load : loads)
    for (const BufferAccess &access : accesses)
      if (access.writes &&
          access.buffer == getUnderlyingBuffer(load.getMemRef()))
        return nullptr;
  for (scf::ParallelOp loop : llvm::reverse(nest))
    moveLoopInvariantCode(loop);
  for (Value bound : inner->getOperands())
    if (!outermost.isDefinedOutsideOfLoop(bound))
      return nullptr;
  return inner;
}

/// max(ceil((upper - lower) / step), 0)
Value StageFormer::buildExtentOf(Location loc, Value lower, Value upper,
                                 Value step) {
  bool startsAtZero = isConstantIntValue(lower, 0);
  bool isDense = isConstantIntValue(step, 1);
  Value span = startsAtZero
                   ? upper
                   : builder.createOrFold<arith::SubIOp>(loc, upper, lower);
  if (!isNonNegative(span) && !isAllocationSize(span)) {
    Value zero = arith::ConstantIndexOp::create(builder, loc, 0);
    span = builder.createOrFold<arith::MaxSIOp>(loc, span, zero);
  }
  return isDense ? span
                 : builder.createOrFold<arith::CeilDivSIOp>(loc, span, step);
}

LogicalResult StageFormer::formLoop(scf::ParallelOp outermost) {
  SmallVector<scf::ParallelOp> nest = {outermost};
  while (scf::ParallelOp inner = getNestedLoop(nest))
    nest.push_back(inner);

  builder.setInsertionPoint(outermost);
  SmallVector<Value> extents;
  for (scf::ParallelOp loop : nest) {
    if (failed(verifyKnownOnHost(loop, loop->getOperands(), "a bound")))
      return failure();
    for (auto [lower, upper, step] : llvm::zip_equal(
             loop.getLowerBound(), loop.getUpperBound(), loop.getStep()))
      extents.push_back(buildExtentOf(loop.getLoc(), lower, upper, step));
  }
  StageOp stage = createStage(outermost, "loop", extents);
  if (Attribute covers = outermost->getAttr(VyreDialect::kCoversAttrName))
    stage->setAttr(VyreDialect::kCoversAttrName, covers);
  Block &body = stage.getBody().front();
  builder.setInsertionPointToStart(&body);
  unsigned position = 0;
  for (scf::ParallelOp loop : nest)
    for (auto [iv, lower, step] : llvm::zip_equal(
             loop.getInductionVars(), loop.getLowerBound(), loop.getStep())) {
      Value index = body.getArgument(position++);
      if (!isConstantIntValue(step, 1))
        index = arith::MulIOp::create(builder, loop.getLoc(), index, step);
      if (!isConstantIntValue(lower, 0))
        index = arith::AddIOp::create(builder, loop.getLoc(), lower, index);
      iv.replaceAllUsesWith(index);
    }
  for (auto [position, loop] : llvm::enumerate(nest)) {
    loop.getBody()->getTerminator()->erase();
    if (position + 1 < nest.size())
      nest[position + 1]->remove();
    body.getOperations().splice(body.end(), loop.getBody()->getOperations());
  }
  for (scf::ParallelOp inner : llvm::drop_begin(nest))
    inner->destroy();
  outermost.erase();
  builder.setInsertionPointToEnd(&body);
  YieldOp::create(builder, stage.getLoc());
  return success();
}

//===----------------------------------------------------------------------===//
// Copies
//===----------------------------------------------------------------------===//

LogicalResult StageFormer::formCopy(memref::CopyOp copy) {
  auto source = dyn_cast<MemRefType>(copy.getSource().getType());
  auto target = dyn_cast<MemRefType>(copy.getTarget().getType());
  if (!source || !target)
    return refuseOp(copy, "copies memory of unknown rank");
  builder.setInsertionPoint(copy);
  SmallVector<Value> extents;
  for (int64_t i = 0, e = source.getRank(); i != e; ++i) {
    // Both have the same shape; the one that knows more says it.
    Value from = source.isDynamicDim(i) ? copy.getTarget() : copy.getSource();
    Value extent = buildExtent(builder, copy.getLoc(), from, i);
    if (!extent)
      return refuseOp(copy, "copies a view whose extents are not known");
    extents.push_back(extent);
  }
  if (failed(verifyKnownOnHost(copy, extents, "an extent")))
    return failure();
  StageOp stage = createStage(copy, "copy", extents);
  Block &body = stage.getBody().front();
  builder.setInsertionPointToStart(&body);
  Value value = memref::LoadOp::create(builder, copy.getLoc(), copy.getSource(),
                                       body.getArguments());
  memref::StoreOp::create(builder, copy.getLoc(), value, copy.getTarget(),
                          body.getArguments());
  YieldOp::create(builder, stage.getLoc());
  copy.erase();
  return success();
}

/// Whether both are parts of one buffer that may have elements in common.
static bool mayOverlap(Value source, Value target) {
  Value buffer = getUnderlyingBuffer(source);
  if (source == target || !buffer || buffer != getUnderlyingBuffer(target))
    return false;
  auto left = source.getDefiningOp<memref::SubViewOp>();
  auto right = target.getDefiningOp<memref::SubViewOp>();
  if (!left || !right || left.getSource() != right.getSource())
    return true;
  FailureOr<bool> overlap = ValueBoundsConstraintSet::areOverlappingSlices(
      source.getContext(), HyperrectangularSlice(left),
      HyperrectangularSlice(right));
  return failed(overlap) || *overlap;
}

/// A copy between parts of one buffer  ->  a copy to new memory and one from
/// there, since the points of a stage have no order.
static void separateOverlappingCopies(ProgramOp program) {
  program.walk([](memref::CopyOp copy) {
    auto type = dyn_cast<MemRefType>(copy.getSource().getType());
    if (!type || !mayOverlap(copy.getSource(), copy.getTarget()))
      return;
    OpBuilder builder(copy);
    Location loc = copy.getLoc();
    FailureOr<SmallVector<Value>> extents =
        buildExtents(builder, loc, copy.getSource());
    if (failed(extents))
      return;
    SmallVector<Value> sizes;
    for (auto [position, extent] : llvm::enumerate(*extents))
      if (type.isDynamicDim(position))
        sizes.push_back(extent);
    Value memory = memref::AllocOp::create(
        builder, loc, MemRefType::get(type.getShape(), type.getElementType()),
        sizes);
    memref::CopyOp::create(builder, loc, copy.getSource(), memory);
    copy.getSourceMutable().assign(memory);
  });
}

/// Makes a load and a store of each copy of one element, and a parallel loop of
/// each copy that stands in a loop, which becomes part of a stage.
static LogicalResult expandSmallCopies(ProgramOp program) {
  auto result = program.walk([&](memref::CopyOp copy) {
    auto type = dyn_cast<MemRefType>(copy.getTarget().getType());
    bool isNested = copy->getParentOp() != program;
    if (!type || (type.getRank() != 0 && !isNested))
      return WalkResult::advance();
    OpBuilder builder(copy);
    Location loc = copy.getLoc();
    auto buildElementCopy = [&](OpBuilder &nested, Location, ValueRange point) {
      Value value =
          memref::LoadOp::create(nested, loc, copy.getSource(), point);
      memref::StoreOp::create(nested, loc, value, copy.getTarget(), point);
    };
    if (type.getRank() == 0) {
      buildElementCopy(builder, loc, {});
      copy.erase();
      return WalkResult::advance();
    }
    FailureOr<SmallVector<Value>> extents =
        buildExtents(builder, loc, copy.getTarget());
    if (failed(extents))
      extents = buildExtents(builder, loc, copy.getSource());
    if (failed(extents)) {
      (void)refuseOp(copy, "copies a view whose extents are not known");
      return WalkResult::interrupt();
    }
    SmallVector<Value> zeros(extents->size(),
                             arith::ConstantIndexOp::create(builder, loc, 0));
    SmallVector<Value> ones(extents->size(),
                            arith::ConstantIndexOp::create(builder, loc, 1));
    scf::ParallelOp::create(builder, loc, zeros, *extents, ones,
                            buildElementCopy);
    copy.erase();
    return WalkResult::advance();
  });
  return failure(result.wasInterrupted());
}

//===----------------------------------------------------------------------===//
// Runs of accesses
//===----------------------------------------------------------------------===//

/// A load or arithmetic: cheap enough to be done again by each point of a later
/// stage.
static bool isCheap(Operation *op) {
  return op->getNumRegions() == 0 &&
         (isMemoryEffectFree(op) || isa<memref::LoadOp>(op));
}

LogicalResult StageFormer::formRun() {
  SmallVector<Operation *> ops = std::move(run);
  run.clear();
  while (!ops.empty() && isCheap(ops.back()))
    ops.pop_back();
  if (ops.empty())
    return success();

  // What is cheap stays for later stages too, before this one: loads from
  // before the first write, and arithmetic on them.
  llvm::SetVector<Operation *> group(ops.begin(), ops.end());
  DenseSet<Operation *> staying;
  bool isBeforeWrites = true;
  for (Operation *op : ops) {
    isBeforeWrites &= isCheap(op);
    bool canStay =
        isCheap(op) && (isBeforeWrites || isMemoryEffectFree(op)) &&
        llvm::all_of(op->getOperands(), [&](Value operand) {
          Operation *source = operand.getDefiningOp();
          return !source || !group.contains(source) || staying.contains(source);
        });
    if (canStay)
      staying.insert(op);
  }

  Operation *last = ops.back();
  builder.setInsertionPoint(last);
  Operation *named = last;
  for (Operation *op : ops)
    if (op->hasAttr(VyreDialect::kStageNameAttrName))
      named = op;
  bool reduces = llvm::any_of(ops, llvm::IsaPred<scf::ParallelOp>);
  StageOp stage =
      createStage(named, reduces ? "reduce" : "scalar", ValueRange());
  Block &body = stage.getBody().front();
  builder.setInsertionPointToStart(&body);
  IRMapping mapping;
  for (Operation *op : ops)
    builder.clone(*op, mapping);

  Block *block = stage->getBlock();
  for (Operation *op : ops) {
    if (staying.contains(op))
      continue;
    for (Value result : op->getResults()) {
      auto isOutside = [&](OpOperand &use) {
        Operation *user = block->findAncestorOpInBlock(*use.getOwner());
        return user && user != stage && !group.contains(user);
      };
      if (llvm::none_of(result.getUses(), isOutside))
        continue;
      // A later stage gets the value through memory.
      if (!isDeviceElementType(result.getType()))
        return op->emitOpError("yields a value of type ")
               << result.getType() << " to a later stage, expected an element "
               << "type of device memory";
      OpBuilder outside(stage);
      Value memory = memref::AllocOp::create(
          outside, op->getLoc(), MemRefType::get({}, result.getType()));
      memref::StoreOp::create(builder, op->getLoc(), mapping.lookup(result),
                              memory);
      outside.setInsertionPointAfter(last);
      Value loaded = memref::LoadOp::create(outside, op->getLoc(), memory);
      deviceValues.insert(loaded);
      result.replaceUsesWithIf(loaded, isOutside);
    }
  }
  YieldOp::create(builder, stage.getLoc());
  for (Operation *op : llvm::reverse(ops))
    if (!staying.contains(op) || op->use_empty())
      op->erase();
  return success();
}

/// Adds an op to the run. A parallel reduction starts a stage of its own, so
/// that a device can work on one as a whole.
LogicalResult StageFormer::addToRun(Operation *op) {
  if (isa<scf::ParallelOp>(op)) {
    DenseSet<Operation *> dependent;
    size_t end = 0;
    for (auto [position, earlier] : llvm::enumerate(run)) {
      bool depends = isa<scf::ParallelOp>(earlier) ||
                     llvm::any_of(earlier->getOperands(), [&](Value operand) {
                       return dependent.contains(operand.getDefiningOp());
                     });
      if (!depends)
        continue;
      dependent.insert(earlier);
      end = position + 1;
    }
    SmallVector<Operation *> rest(llvm::drop_begin(run, end));
    run.truncate(end);
    if (failed(formRun()))
      return failure();
    run = std::move(rest);
  }
  run.push_back(op);
  return success();
}

//===----------------------------------------------------------------------===//
// All of them
//===----------------------------------------------------------------------===//

LogicalResult StageFormer::form() {
  Block &block = program.getBody().front();
  separateOverlappingCopies(program);
  if (failed(expandSmallCopies(program)))
    return failure();
  for (Operation &op : llvm::make_early_inc_range(block.without_terminator())) {
    FailureOr<Kind> kind = classify(&op);
    if (failed(kind))
      return failure();
    switch (*kind) {
    case Kind::Scalar:
    case Kind::Memory:
      break;
    case Kind::Point:
      if (failed(addToRun(&op)))
        return failure();
      break;
    case Kind::Call:
      if (failed(formRun()))
        return failure();
      break;
    case Kind::Loop:
      if (failed(formRun()) || failed(formLoop(cast<scf::ParallelOp>(op))))
        return failure();
      break;
    case Kind::Copy:
      if (failed(formRun()) || failed(formCopy(cast<memref::CopyOp>(op))))
        return failure();
      break;
    }
  }
  if (failed(formRun()))
    return failure();
  program.walk(
      [](Operation *op) { op->removeAttr(VyreDialect::kStageNameAttrName); });
  return success();
}

LogicalResult vyre::formStages(ProgramOp program) {
  return StageFormer(program).form();
}
