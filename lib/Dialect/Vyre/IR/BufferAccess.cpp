//===- BufferAccess.cpp - Which buffers a body touches --------------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "vyre/Dialect/Vyre/IR/BufferAccess.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Interfaces/ViewLikeInterface.h"
#include "vyre/Dialect/Vyre/IR/VyreOps.h"

using namespace mlir;

namespace vyre {

Value getUnderlyingBuffer(Value memref) {
  // The verifier comes here before dominance is checked: views may be in a
  // ring.
  llvm::SmallPtrSet<Operation *, 8> seen;
  while (auto result = dyn_cast<OpResult>(memref)) {
    Operation *op = result.getOwner();
    if (!seen.insert(op).second)
      return Value();
    if (auto view = dyn_cast<ViewLikeOpInterface>(op)) {
      memref = view.getViewSource();
      continue;
    }
    if (auto metadata = dyn_cast<memref::ExtractStridedMetadataOp>(op)) {
      memref = metadata.getSource();
      continue;
    }
    if (auto transpose = dyn_cast<memref::TransposeOp>(op)) {
      memref = transpose.getIn();
      continue;
    }
    bool isBuffer = isa<IntermediateOp, ConstantOp, memref::AllocOp,
                        memref::AllocaOp, memref::GetGlobalOp>(op);
    return isBuffer ? memref : Value();
  }
  // Of block arguments only a function's are buffers; a loop's iteration
  // argument may be one of several.
  auto argument = cast<BlockArgument>(memref);
  Operation *owner = argument.getOwner()->getParentOp();
  return isa_and_nonnull<FunctionOpInterface>(owner) ? memref : Value();
}

std::optional<UnknownAccess>
collectBufferAccesses(Operation *op, SmallVectorImpl<BufferAccess> &accesses) {
  bool isRecursive = op->hasTrait<OpTrait::HasRecursiveMemoryEffects>();
  if (auto interface = dyn_cast<MemoryEffectOpInterface>(op)) {
    SmallVector<MemoryEffects::EffectInstance> effects;
    interface.getEffects(effects);
    for (const MemoryEffects::EffectInstance &effect : effects) {
      bool reads = isa<MemoryEffects::Read>(effect.getEffect());
      bool writes = isa<MemoryEffects::Write>(effect.getEffect());
      if (!reads && !writes)
        continue;
      Value memref = effect.getValue();
      if (!memref)
        return UnknownAccess{op, "touches memory that it does not name"};
      if (!isa<BaseMemRefType>(memref.getType()))
        return UnknownAccess{op, "touches memory that is no memref"};
      Value buffer = getUnderlyingBuffer(memref);
      if (!buffer)
        return UnknownAccess{op, "touches a buffer that is not one known "
                                 "buffer: it was selected, passed through a "
                                 "region or returned by a call"};
      accesses.push_back({op, buffer, reads, writes});
    }
  } else if (!isRecursive) {
    return UnknownAccess{op, "has unknown memory effects"};
  }
  // An op that lists its own effects accounts for its regions with them.
  if (isRecursive)
    for (Region &region : op->getRegions())
      if (auto unknown = collectBufferAccesses(region, accesses))
        return unknown;
  return std::nullopt;
}

std::optional<UnknownAccess>
collectBufferAccesses(Region &region, SmallVectorImpl<BufferAccess> &accesses) {
  for (Block &block : region)
    for (Operation &op : block)
      if (auto unknown = collectBufferAccesses(&op, accesses))
        return unknown;
  return std::nullopt;
}

} // namespace vyre
