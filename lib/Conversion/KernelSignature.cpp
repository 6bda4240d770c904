//===- KernelSignature.cpp - What a launch passes to its kernel -----------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "vyre/Conversion/KernelSignature.h"
#include "vyre/Dialect/Vyre/IR/Counted.h"

#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;

namespace vyre {

SmallVector<Value> getOrderedBuffers(StageLikeOpInterface stage) {
  SmallVector<Value> buffers;
  llvm::append_range(buffers, stage.getReadBuffers());
  llvm::append_range(buffers, stage.getWrittenBuffers());
  llvm::append_range(buffers, stage.getUpdatedBuffers());
  auto program = stage->getParentOfType<ProgramOp>();
  auto slotOf = [&](Value buffer) {
    return program.getBinding(cast<BlockArgument>(buffer).getArgNumber())
        .getSlot();
  };
  auto rankOf = [](Value buffer) {
    if (isa<BlockArgument>(buffer))
      return 0;
    return isa<IntermediateOp>(buffer.getDefiningOp()) ? 1 : 2;
  };
  llvm::sort(buffers, [&](Value left, Value right) {
    if (rankOf(left) != rankOf(right))
      return rankOf(left) < rankOf(right);
    if (rankOf(left) == 0)
      return slotOf(left) < slotOf(right);
    return left != right &&
           left.getDefiningOp()->isBeforeInBlock(right.getDefiningOp());
  });
  return buffers;
}

int64_t KernelSignature::getPosition(ProgramScalar scalar) const {
  auto known = positions.find({scalar.value, scalar.dimension});
  return known == positions.end() ? -1 : int64_t(known->second);
}

void KernelSignature::addScalar(ProgramScalar scalar) {
  auto [known, isNew] = positions.try_emplace({scalar.value, scalar.dimension},
                                              unsigned(scalars.size()));
  if (isNew)
    scalars.push_back(scalar);
}

LogicalResult KernelSignature::addValue(Value value, Operation *user) {
  ProgramScalar scalar = resolveProgramScalar(value);
  if (!scalar.value) {
    InFlightDiagnostic diag = user->emitOpError(
        "uses an extent that is not known before the dispatch");
    diag.attachNote(value.getLoc()) << "the extent is taken here";
    return diag;
  }
  if (scalar.isExtent() || isa<BlockArgument>(scalar.value)) {
    addScalar(scalar);
    return success();
  }
  Operation *op = scalar.value.getDefiningOp();
  if (op->hasTrait<OpTrait::ConstantLike>())
    return success();
  if (scalar.value.getType().isIndex() &&
      SizeExpressions::isExpressible(scalar.value)) {
    addScalar(scalar);
    return success();
  }
  // Computed again in the kernel.
  for (Value operand : op->getOperands())
    if (failed(addValue(operand, op)))
      return failure();
  return success();
}

FailureOr<KernelSignature> KernelSignature::compute(LaunchOp launch) {
  Block &block = launch.getBody().front();
  auto stage = dyn_cast<StageOp>(block.front());
  if (!stage || !llvm::hasSingleElement(block)) {
    InFlightDiagnostic diag =
        launch.emitOpError("holds ")
        << counted(std::distance(block.begin(), block.end()), "stage")
        << ", expected one with a body";
    diag.attachNote() << "fix: run vyre-merge-stages first";
    return diag;
  }
  KernelSignature signature;
  signature.buffers = getOrderedBuffers(stage);
  for (Value extent : stage.getExtents())
    if (failed(signature.addValue(extent, stage)))
      return failure();
  for (Value buffer : signature.buffers) {
    auto type = cast<MemRefType>(buffer.getType());
    for (unsigned i = 0, e = type.getRank(); i != e; ++i) {
      if (!type.isDynamicDim(i))
        continue;
      ProgramScalar extent = resolveExtent(buffer, i);
      if (!extent.value)
        return emitError(buffer.getLoc(), "has an extent that is not known");
      if (extent.isExtent())
        signature.addScalar(extent);
      else if (failed(signature.addValue(extent.value, stage)))
        return failure();
    }
  }
  Region &body = stage.getBody();
  WalkResult walk = body.walk([&](Operation *op) {
    for (Value operand : op->getOperands()) {
      if (isa<BaseMemRefType>(operand.getType()) ||
          body.isAncestor(operand.getParentRegion()))
        continue;
      if (failed(signature.addValue(operand, op)))
        return WalkResult::interrupt();
    }
    return WalkResult::advance();
  });
  if (walk.wasInterrupted())
    return failure();
  return signature;
}

} // namespace vyre
